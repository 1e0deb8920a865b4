import { type KeyboardEvent, useState } from "react";

import { type Known, type Suggestion, suggestions } from "./suggesting";

export interface Suggesting {
  found: readonly Suggestion[];
  /** Which one has the focus; -1: none. */
  active: number;
  /** Where the caret was when they were looked for. */
  caret: number;
  /** Looks for words that go on from what stands before the caret. */
  look: (text: string, caret: number) => void;
  close: () => void;
  /** Arrows, Enter and Escape, while there are suggestions. */
  onKeyDown: (event: KeyboardEvent) => void;
}

interface Shown {
  found: readonly Suggestion[];
  active: number;
  caret: number;
}

const NOTHING: Shown = { found: [], active: -1, caret: 0 };

export function useSuggestions(known: readonly Known[], onChoose: (one: Suggestion, caret: number) => void): Suggesting {
  const [shown, setShown] = useState(NOTHING);
  const { found, active, caret } = shown;
  const close = (): void => setShown(NOTHING);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (found.length === 0 || event.nativeEvent.isComposing) return;
    const chosen = found[active];
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      const from = active < 0 && step < 0 ? 0 : active;
      setShown({ ...shown, active: (from + step + found.length) % found.length });
    } else if (event.key === "Enter" && chosen) onChoose(chosen, caret);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const look = (text: string, at: number): void => {
    const next = suggestions(text.slice(0, at), known);
    setShown(next.length > 0 ? { found: next, active: -1, caret: at } : NOTHING);
  };
  return { found, active, caret, look, close, onKeyDown };
}
