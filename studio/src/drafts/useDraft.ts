/** What somebody is working on: it saves itself, survives a reload, and can be undone. */

import { useHotkeys } from "@mantine/hooks";
import { useCallback, useEffect, useReducer } from "react";

import { useSession } from "@/api/session";

import { type Action, type History, reduce, start } from "./history";

export interface Draft<T> {
  value: T;
  /**
   * Changes some fields, or all by a function of the value before. Changes of one `step` that follow closely are undone at
   * once, such as the letters of a word; texts and numbers are such steps by themselves.
   */
  change: (fields: Partial<T> | ((before: T) => T), step?: string) => void;
  /** Begins again; this cannot be undone. */
  reset: (value?: T) => void;
  undo: () => void;
  redo: () => void;
  canUndo: boolean;
  canRedo: boolean;
}

/**
 * A draft of this key in this browser. `name` tells drafts apart, such as `create` or `film.video_1`; `initial` is what an
 * empty one is, and also says which fields an older one lacks.
 */
export function useDraft<T extends object>(name: string, initial: T): Draft<T> {
  const place = `yozora.draft.${useSession()?.key_id ?? ""}.${name}`;
  const [history, dispatch] = useReducer(reduce as (history: History<T>, action: Action<T>) => History<T>, place, () =>
    start(stored(place, initial)),
  );
  useEffect(() => store(place, history.value, initial), [place, history.value]);
  useHotkeys(
    [
      ["mod+Z", () => dispatch({ type: "undo" })],
      ["mod+shift+Z", () => dispatch({ type: "redo" })],
      ["mod+Y", () => dispatch({ type: "redo" })],
    ],
    [],
  );
  return {
    value: history.value,
    change: useCallback((fields, step = stepOf(fields)) => {
      dispatch({ type: "set", next: changing(fields), at: Date.now(), step });
    }, []),
    reset: useCallback((value = initial) => dispatch({ type: "replace", value }), [initial]),
    undo: useCallback(() => dispatch({ type: "undo" }), []),
    redo: useCallback(() => dispatch({ type: "redo" }), []),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
  };
}

/** Changes the draft of another page, which is not open in this tab; `initial` as in `useDraft`. */
export function useOtherDraft<T extends object>(name: string, initial: T): (next: (before: T) => T) => void {
  const place = `yozora.draft.${useSession()?.key_id ?? ""}.${name}`;
  return (next) => store(place, next(stored(place, initial)), initial);
}

/** Fields, or a function of the value before, as the latter: what is said late counts for the value of that time. */
function changing<T extends object>(fields: Partial<T> | ((before: T) => T)): (before: T) => T {
  return typeof fields === "function" ? fields : (before) => ({ ...before, ...fields });
}

/** The names of fields that somebody is writing into; empty for what is one step by itself. */
function stepOf(fields: object): string {
  const written = typeof fields === "object" && Object.values(fields).every((value) => typeof value !== "object");
  return written ? Object.keys(fields).join() : "";
}

/** What is stored, where it can be read and has the fields of `initial`. */
function stored<T extends object>(place: string, initial: T): T {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(place) ?? "null");
    return found && typeof found === "object" ? { ...initial, ...(found as Partial<T>) } : initial;
  } catch {
    return initial;
  }
}

function store<T>(place: string, value: T, initial: T): void {
  try {
    if (value === initial) localStorage.removeItem(place);
    else localStorage.setItem(place, JSON.stringify(value));
  } catch {
    // The browser has no room: the draft lives as long as the page.
  }
}
