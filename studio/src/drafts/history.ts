/** A value and what it was before: undo and redo. Knows no page and no storage. */

export interface History<T> {
  readonly past: readonly T[];
  readonly value: T;
  readonly future: readonly T[];
  /** When it was last changed, in ms; what follows closely is one step. */
  readonly at: number;
}

export type Action<T> =
  | { type: "set"; next: (before: T) => T; at: number }
  | { type: "undo" }
  | { type: "redo" }
  | { type: "replace"; value: T };

const ONE_STEP_MS = 600;
const MOST_STEPS = 100;

export function start<T>(value: T): History<T> {
  return { past: [], value, future: [], at: 0 };
}

export function reduce<T>(history: History<T>, action: Action<T>): History<T> {
  const { past, value, future, at } = history;
  switch (action.type) {
    case "set": {
      const joins = action.at - at < ONE_STEP_MS && past.length > 0;
      return { past: joins ? past : [...past, value].slice(-MOST_STEPS), value: action.next(value), future: [], at: action.at };
    }
    case "undo":
      if (past.length === 0) return history;
      return { past: past.slice(0, -1), value: past.at(-1)!, future: [value, ...future], at: 0 };
    case "redo":
      if (future.length === 0) return history;
      return { past: [...past, value], value: future[0]!, future: future.slice(1), at: 0 };
    case "replace":
      return start(action.value);
  }
}
