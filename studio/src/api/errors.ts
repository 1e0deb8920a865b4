/** A refusal of the API, or no answer at all. Knows no page. */

/** A refusal: `reason` is a code of docs/errors.md, `param` the field at fault. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    readonly param: string | null,
    message: string,
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
}

/** The server did not answer: it is stopped, or the network is gone. */
export class ServerGone extends Error {}

/** What a response that is not OK says. A proxy's own pages have no JSON: then the status alone counts. */
export async function errorOf(response: Response): Promise<Error> {
  const said: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  const error = (said as { error?: { message?: string; code?: string; reason?: string; param?: string } } | null)?.error;
  if (!error && response.status >= 502) return new ServerGone(`${response.status}`);
  const wait = Number(response.headers.get("retry-after"));
  return new ApiError(
    response.status,
    error?.reason ?? error?.code ?? `http_${response.status}`,
    error?.param ?? null,
    error?.message ?? response.statusText,
    Number.isFinite(wait) && wait > 0 ? wait : null,
  );
}

export const isSignedOut = (error: unknown): boolean => error instanceof ApiError && error.status === 401;
