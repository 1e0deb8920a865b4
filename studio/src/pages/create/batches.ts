/** What was ordered on this page: kept in the browser, so that a reload and other tabs show it. Films are on the server. */

import { useSyncExternalStore } from "react";

import { useSession } from "@/api/session";

import { type CreateDraft, EMPTY } from "./draft";

/** Films of one click, and what they were ordered with. */
export interface Batch {
  /** When it was ordered, in ms: tells batches apart. */
  at: number;
  ids: readonly string[];
  draft: CreateDraft;
  /** Of the first film; those after it have the next ones. */
  seed: number;
}

const MOST = 12;
const NONE: readonly Batch[] = [];
const watchers = new Set<() => void>();
const read = new Map<string, { text: string; batches: readonly Batch[] }>();

export interface Batches {
  /** The newest first. */
  batches: readonly Batch[];
  /** Puts one in the place of that of the same moment, or before all others. */
  save: (batch: Batch) => void;
  hide: (at: number) => void;
}

export function useBatches(): Batches {
  const place = `yozora.batches.${useSession()?.key_id ?? ""}`;
  const batches = useSyncExternalStore(watch, () => stored(place));
  return {
    batches,
    save: (batch) => {
      const others = stored(place).filter(({ at }) => at !== batch.at);
      store(place, [batch, ...others].sort((one, other) => other.at - one.at).slice(0, MOST));
    },
    hide: (at) => store(place, stored(place).filter((batch) => batch.at !== at)),
  };
}

/** What is stored; the same list for the same text. */
function stored(place: string): readonly Batch[] {
  const text = localStorage.getItem(place) ?? "";
  const before = read.get(place);
  if (before?.text === text) return before.batches;
  const batches = parsed(text);
  read.set(place, { text, batches });
  return batches;
}

function parsed(text: string): readonly Batch[] {
  try {
    const found: unknown = JSON.parse(text || "[]");
    return Array.isArray(found) ? found.filter(isBatch).map(whole) : NONE;
  } catch {
    return NONE;
  }
}

function isBatch(found: unknown): found is Batch {
  return typeof found === "object" && found !== null && "at" in found && "draft" in found && "ids" in found && Array.isArray(found.ids);
}

/** Fields that an older page did not store are as in an empty draft. */
function whole(batch: Batch): Batch {
  return { ...batch, draft: { ...EMPTY, ...batch.draft, options: { ...EMPTY.options, ...batch.draft.options } } };
}

function store(place: string, batches: readonly Batch[]): void {
  try {
    localStorage.setItem(place, JSON.stringify(batches));
  } catch {
    // The browser has no room: the films are in the library.
  }
  watchers.forEach((watcher) => watcher());
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  window.addEventListener("storage", watcher);
  return () => {
    watchers.delete(watcher);
    window.removeEventListener("storage", watcher);
  };
}
