/** A value and what it was before: undo and redo. Knows no page and no storage. */

export interface History<T> {
  readonly past: readonly T[];
  readonly value: T;
  readonly future: readonly T[];
  /** When it was last changed, in ms, and by which step: the same one soon after is still one step. */
  readonly at: number;
  readonly step: string;
}

export type Action<T> =
  | { type: "set"; next: (before: T) => T; at: number; step: string }
  | { type: "undo" }
  | { type: "redo" }
  | { type: "replace"; value: T };

const ONE_STEP_MS = 600;
const MOST_STEPS = 100;

export function start<T>(value: T): History<T> {
  return { past: [], value, future: [], at: 0, step: "" };
}

export function reduce<T>(history: History<T>, action: Action<T>): History<T> {
  const { past, value, future } = history;
  switch (action.type) {
    case "set": {
      const { at, step } = action;
      const joins = step !== "" && step === history.step && at - history.at < ONE_STEP_MS;
      return { past: joins ? past : [...past, value].slice(-MOST_STEPS), value: action.next(value), future: [], at, step };
    }
    case "undo":
      if (past.length === 0) return history;
      return { past: past.slice(0, -1), value: past.at(-1)!, future: [value, ...future], at: 0, step: "" };
    case "redo":
      if (future.length === 0) return history;
      return { past: [...past, value], value: future[0]!, future: future.slice(1), at: 0, step: "" };
    case "replace":
      return start(action.value);
  }
}
