import { api, type Schemas } from "./client";
import { useSession } from "./session";

export type ServerFacts = Schemas["ServerFacts"];

/** What this server is and has; undefined until it is known. */
export function useServer(): ServerFacts | undefined {
  const session = useSession();
  return api.useQuery("get", "/v1/server", {}, { enabled: Boolean(session), staleTime: 300_000 }).data;
}
