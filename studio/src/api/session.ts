/** Who is signed in. The cookie is out of reach of scripts; nothing of the key is kept by the page. */

import { useSyncExternalStore } from "react";

import { answer, http, onSignedOut, type Session, setToken } from "./client";
import { queries } from "./queries";

let session: Session | null | undefined; // undefined: not known yet
const watchers = new Set<() => void>();

/** The session; null where nobody is signed in, undefined until that is known. */
export function useSession(): Session | null | undefined {
  return useSyncExternalStore(watch, () => session);
}

/** Asks the server who is signed in. Throws `ServerGone`. */
export async function readSession(): Promise<Session | null> {
  const { session: found } = await answer(http.GET("/v1/sessions"));
  if (found) setToken(found.csrf_token);
  return found;
}

/** Begins: with the code of the link in the address, if there is one, else with the cookie. */
export async function begin(): Promise<void> {
  const code = new URLSearchParams(window.location.hash.slice(1)).get("code");
  if (code === null) return become(await readSession());
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
  await signIn({ code });
}

/** Makes a session of a key or a code. Throws `ApiError` 401. */
export async function signIn(by: { key: string } | { code: string }): Promise<void> {
  const made = await answer(http.POST("/v1/sessions", { body: by }));
  setToken(made.csrf_token);
  become(made);
}

export async function signOut(): Promise<void> {
  await http.DELETE("/v1/sessions/current");
  hasEnded();
}

/** The session is no more: the page forgets all that it was told. */
export function hasEnded(): void {
  queries.clear();
  become(null);
}

/** Whether a key may do something: a scope of docs/operations.md. */
export function allows(found: Session | null | undefined, scope: string): boolean {
  return found?.scopes.includes(scope) ?? false;
}

onSignedOut(() => session && hasEnded());

function become(now: Session | null): void {
  session = now;
  watchers.forEach((watcher) => watcher());
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
