import { api, type Schemas } from "./client";
import { useSession } from "./session";

/** What this server is and allows; undefined until it is known. */
export function useServer(): Schemas["ServerFacts"] | undefined {
  const session = useSession();
  return api.useQuery("get", "/v1/server", {}, { enabled: Boolean(session), staleTime: Infinity }).data;
}
