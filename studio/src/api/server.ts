import { useSession } from "./session";

/** What this server has. */
export interface ServerFacts {
  feed: boolean;
  director: boolean;
}

/** What this server has; undefined until it is known. */
export function useServer(): ServerFacts | undefined {
  const session = useSession();
  return session ? { feed: true, director: false } : undefined;
}
