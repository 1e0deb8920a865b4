/** One stream of events for the whole page: it keeps the cache current, and says whether the server answers. */

import { useSyncExternalStore } from "react";

import { address } from "./base";
import type { Video } from "./client";
import { hasEnded, readSession } from "./session";
import { keep, queries, readAgain, videoKey } from "./queries";

/** A video as an event has it. */
export type Told = Video & { preview_url?: string | null };
export type Connection = "connecting" | "connected" | "gone";

const KINDS = ["created", "progress", "completed", "failed", "renamed", "moved", "deleted"] as const;
export type EventKind = (typeof KINDS)[number];
export type EventListener = (kind: EventKind, video: Told) => void;
const QUIET_MS = 250; // several events of one moment are one reading of the lists
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 4_000;

let source: EventSource | null = null;
let retryMs = FIRST_RETRY_MS;
let state: Connection = "connecting";
let lastId = "";
let reading: number | undefined;
const previews = new Map<string, string>();
const watchers = new Set<() => void>();
const listeners = new Set<EventListener>();

/** Opens the stream, once. It is opened again whenever it breaks, and then tells what has happened meanwhile. */
export function follow(): () => void {
  open();
  return () => {
    source?.close();
    source = null;
  };
}

/** Hears of every event. */
export function listen(listener: EventListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether the server answers. */
export function useConnection(): Connection {
  return useSyncExternalStore(watch, () => state);
}

/** The address of the newest picture of a video that is being made. */
export function usePreview(id: string): string | undefined {
  return useSyncExternalStore(watch, () => previews.get(id));
}

function open(): void {
  source = new EventSource(address("/v1/events"));
  source.addEventListener("ready", (event) => {
    retryMs = FIRST_RETRY_MS;
    if (lastId === "" || state === "gone") readAll();
    remember(event);
    become("connected");
  });
  source.addEventListener("reset", (event) => {
    remember(event);
    become("connected");
    readAll();
  });
  source.addEventListener("folders", (event) => {
    remember(event);
    readAgain("/v1/folders");
  });
  for (const kind of KINDS) source.addEventListener(kind, (event) => take(kind, event as MessageEvent<string>));
  source.onerror = () => {
    become("gone");
    source?.close();
    retryLater();
  };
}

/** Asks who is signed in before the stream is opened again: a stream does not say why it was refused. */
function retryLater(): void {
  const closed = source;
  window.setTimeout(async () => {
    const session = await readSession().catch(() => undefined);
    if (source !== closed || source === null) return;
    if (session === undefined) retryLater();
    else if (session === null) hasEnded();
    else open();
  }, retryMs);
  retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
}

function take(kind: EventKind, event: MessageEvent<string>): void {
  remember(event);
  const video = JSON.parse(event.data) as Told;
  if (kind === "deleted") {
    previews.delete(video.id);
    queries.removeQueries({ queryKey: videoKey(video.id) });
  } else {
    const { preview_url: preview, ...plain } = video;
    if (preview && kind === "progress") previews.set(video.id, preview);
    keep(plain as Video);
  }
  if (kind === "completed" || kind === "failed") previews.delete(video.id);
  tell();
  listeners.forEach((listener) => listener(kind, video));
  if (kind !== "progress") readListsSoon();
}

function remember(event: Event): void {
  lastId = (event as MessageEvent).lastEventId || lastId;
}

function readListsSoon(): void {
  window.clearTimeout(reading);
  reading = window.setTimeout(() => readAgain("/v1/library", "/v1/folders", "/v1/feed"), QUIET_MS);
}

function readAll(): void {
  previews.clear();
  void queries.invalidateQueries();
}

function become(now: Connection): void {
  if (state === now) return;
  state = now;
  tell();
}

function tell(): void {
  watchers.forEach((watcher) => watcher());
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
