/** Typed calls of the API. Types are generated from the server's OpenAPI document by `make studio`. */

import createFetch, { type Middleware } from "openapi-fetch";
import createQueries from "openapi-react-query";

import { ROOT } from "./base";
import { ApiError, errorOf, ServerGone } from "./errors";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Video = Schemas["LibraryVideo"];
export type Session = Schemas["Session"];

const READS = new Set(["GET", "HEAD"]);
let csrfToken = "";
let signedOut: () => void = () => undefined;

/** The session whose token calls that write send. It is kept in memory alone. */
export function setToken(token: string): void {
  csrfToken = token;
}

/** What is called when the session has ended. */
export function onSignedOut(called: () => void): void {
  signedOut = called;
}

const middleware: Middleware = {
  onRequest({ request }) {
    if (!READS.has(request.method)) request.headers.set("yozora-csrf", csrfToken);
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) return undefined;
    if (response.status === 401) signedOut();
    const error = await errorOf(response);
    // Another tab has signed in with another key: this one begins again with that session.
    if (error instanceof ApiError && error.reason === "csrf_token_invalid") window.location.reload();
    throw error;
  },
  onError({ error }) {
    return error instanceof TypeError ? new ServerGone(error.message) : (error as Error);
  },
};

export const http = createFetch<paths>({ baseUrl: ROOT || window.location.origin });
http.use(middleware);

/** Hooks of TanStack Query: `api.useQuery("get", "/v1/models")`. */
export const api = createQueries(http);

/** What a call answers. An error is thrown before this is reached. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}

/** Sends a form with files; `told` hears how much of it was sent, from 0 to 1. */
export function sendForm<T>(path: string, form: FormData, told?: (share: number) => void, stop?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch does not tell how much was sent
    request.open("POST", `${ROOT}${path}`);
    request.setRequestHeader("yozora-csrf", csrfToken);
    request.upload.onprogress = (event) => told?.(event.loaded / event.total);
    request.onerror = () => reject(new ServerGone("no answer"));
    request.onabort = () => reject(new DOMException("stopped", "AbortError"));
    request.onload = () => {
      const retryAfter = request.getResponseHeader("retry-after");
      const response = new Response(request.responseText || null, {
        status: request.status,
        headers: retryAfter ? { "retry-after": retryAfter } : {},
      });
      if (!response.ok) void errorOf(response).then(reject);
      else resolve(JSON.parse(request.responseText) as T);
    };
    stop?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}
