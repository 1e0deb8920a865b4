/**
 * One stream of the server's events for all tabs of a key. A browser allows six connections to a host: with a stream for
 * each tab, the seventh tab would wait for ever. One tab holds the stream and passes on what it hears; when it is closed,
 * another takes its place. Knows nothing of videos.
 */

import { address, ROOT } from "./base";
import { hasEnded, readSession } from "./session";

/** What a tab hears. `again`: something may have been missed, so all that was read has to be read again. */
export type Heard =
  | { type: "event"; kind: string; data: string }
  | { type: "again" }
  | { type: "state"; connected: boolean }
  | { type: "hello" };

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 4_000;
const AGAIN = new Set(["ready", "reset"]);

/** Hears of these kinds of events until what it returns is called. */
export function listenTo(kinds: readonly string[], keyId: string, hear: (heard: Heard) => void): () => void {
  const name = `yozora.events.${ROOT}.${keyId}`;
  const channel = new BroadcastChannel(name);
  const over = new AbortController();
  let stream: Stream | null = null;
  const say = (heard: Heard): void => {
    hear(heard);
    channel.postMessage(heard);
  };
  channel.onmessage = ({ data }: MessageEvent<Heard>) => {
    if (data.type !== "hello") hear(data);
    else if (stream) channel.postMessage({ type: "state", connected: stream.connected });
  };
  const lead = (): Promise<void> => {
    stream = new Stream(kinds, say);
    return new Promise((resolve) => over.signal.addEventListener("abort", () => resolve()));
  };
  channel.postMessage({ type: "hello" });
  // Without a secure context there are no locks: every tab then has a stream of its own.
  if ("locks" in navigator) void navigator.locks.request(name, { signal: over.signal }, lead).catch(() => undefined);
  else void lead();
  return () => {
    over.abort();
    stream?.close();
    channel.close();
  };
}

/** The connection. It is opened again whenever it breaks. */
class Stream {
  connected = false;
  #source: EventSource | null = null;
  #retryMs = FIRST_RETRY_MS;
  #isOpen = true;

  constructor(
    readonly kinds: readonly string[],
    readonly say: (heard: Heard) => void,
  ) {
    this.#connect();
  }

  close(): void {
    this.#isOpen = false;
    this.#source?.close();
  }

  #connect(): void {
    this.#source = new EventSource(address("/v1/events"));
    for (const kind of [...AGAIN, ...this.kinds]) {
      this.#source.addEventListener(kind, (event) => this.#take(kind, (event as MessageEvent<string>).data));
    }
    this.#source.onerror = () => {
      this.#source?.close();
      this.#become(false);
      this.#retryLater();
    };
  }

  #take(kind: string, data: string): void {
    if (!AGAIN.has(kind)) return this.say({ type: "event", kind, data });
    this.#retryMs = FIRST_RETRY_MS;
    this.#become(true);
    this.say({ type: "again" });
  }

  #become(connected: boolean): void {
    this.connected = connected;
    this.say({ type: "state", connected });
  }

  /** Asks who is signed in before it connects again: a stream does not say why it was refused. */
  #retryLater(): void {
    window.setTimeout(async () => {
      const session = await readSession().catch(() => undefined);
      if (!this.#isOpen) return;
      if (session === undefined) this.#retryLater();
      else if (session === null) hasEnded();
      else this.#connect();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }
}
