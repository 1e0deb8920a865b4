/** What the stream tells: it keeps the cache current, and says whether the server answers. */

import { useSyncExternalStore } from "react";

import type { Video } from "./client";
import { keep, queries, readAgain, videoKey } from "./queries";
import { type Heard, listenTo } from "./stream";

/** A video as an event has it. */
export type Told = Video & { preview_url?: string | null };
export type Connection = "connecting" | "connected" | "gone";

const KINDS = ["created", "progress", "completed", "failed", "renamed", "moved", "deleted"] as const;
const FOLDERS = "folders";
export type EventKind = (typeof KINDS)[number];
export type EventListener = (kind: EventKind, video: Told) => void;
const QUIET_MS = 250; // several events of one moment are one reading of the lists

let state: Connection = "connecting";
let reading: number | undefined;
const previews = new Map<string, string>();
const watchers = new Set<() => void>();
const listeners = new Set<EventListener>();

/** Follows all videos of a key until what it returns is called. */
export function follow(keyId: string): () => void {
  return listenTo([...KINDS, FOLDERS], keyId, hear);
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

function hear(heard: Heard): void {
  if (heard.type === "state") become(heard.connected ? "connected" : "gone");
  else if (heard.type === "again") readAll();
  else if (heard.type === "event" && heard.kind === FOLDERS) readAgain("/v1/folders");
  else if (heard.type === "event") take(heard.kind as EventKind, JSON.parse(heard.data) as Told);
}

function take(kind: EventKind, video: Told): void {
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
