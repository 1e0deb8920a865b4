/** The import that runs, if one does: it goes on while other pages are shown. Knows no page. */

import { useSyncExternalStore } from "react";

import { type Schemas, sendForm } from "@/api/client";
import { ApiError } from "@/api/errors";
import { changed } from "@/api/queries";
import { messageOf } from "@/i18n/errors";

import type { FoundFile } from "./archives";
import { findFilms, type FoundFilm } from "./finding";

export interface ImportItem {
  name: string;
  state: "waiting" | "sending" | "done" | "known" | "failed";
  /** How much of it was sent, 0 to 1. */
  share: number;
  /** Why it failed. */
  problem?: string;
  id?: string;
}

export interface ImportState {
  /** "empty": no film was found; "bad": an archive cannot be read. */
  phase: "none" | "looking" | "running" | "over" | "empty" | "bad";
  items: readonly ImportItem[];
}

const NONE: ImportState = { phase: "none", items: [] };
const TRIES = 5; // of a film, where the server asks to wait

let state = NONE;
let stop = new AbortController();
const watchers = new Set<() => void>();

export function useImport(): ImportState {
  return useSyncExternalStore(watch, () => state);
}

/** Imports all films of files, folders and archives, one after the other. What fails does not stop the rest. */
export async function startImport(files: FoundFile[] | Promise<FoundFile[]>): Promise<void> {
  if (state.phase === "looking" || state.phase === "running") return;
  stop = new AbortController();
  become({ phase: "looking", items: [] });
  let films: FoundFilm[];
  try {
    films = await findFilms(await files);
  } catch {
    return become({ phase: "bad", items: [] });
  }
  if (films.length === 0) return become({ phase: "empty", items: [] });
  become({ phase: "running", items: films.map(({ name }) => ({ name, state: "waiting", share: 0 })) });
  for (const [index, film] of films.entries()) {
    if (!stop.signal.aborted) await importOne(index, film);
  }
  become({ phase: "over", items: state.items.filter((item) => item.state !== "waiting") });
  changed("/v1/folders");
}

export function stopImport(): void {
  stop.abort();
}

export function forgetImport(): void {
  if (state.phase !== "looking" && state.phase !== "running") become(NONE);
}

async function importOne(index: number, film: FoundFilm): Promise<void> {
  change(index, { state: "sending" });
  try {
    const video = await send(film, (share) => change(index, { share }));
    change(index, { state: video.existed ? "known" : "done", share: 1, id: video.id });
  } catch (error) {
    if (stop.signal.aborted) change(index, { state: "waiting", share: 0 });
    else change(index, { state: "failed", problem: messageOf(error) });
  }
}

async function send(film: FoundFilm, told: (share: number) => void): Promise<Schemas["ImportedVideo"]> {
  const form = new FormData();
  form.append("video", await film.open(), film.name);
  const metadata = await film.metadata();
  if (metadata) form.append("metadata", JSON.stringify(metadata));
  for (let tries = 1; ; tries += 1) {
    try {
      return await sendForm<Schemas["ImportedVideo"]>("/v1/library/import", form, told, stop.signal);
    } catch (error) {
      const wait = error instanceof ApiError ? error.retryAfter : null;
      if (wait === null || tries === TRIES) throw error;
      await new Promise((resolve) => window.setTimeout(resolve, wait * 1000));
    }
  }
}

function change(index: number, changes: Partial<ImportItem>): void {
  become({ ...state, items: state.items.map((item, at) => (at === index ? { ...item, ...changes } : item)) });
}

function become(next: ImportState): void {
  state = next;
  watchers.forEach((watcher) => watcher());
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}
