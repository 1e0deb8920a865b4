/** Where unknown words are in a prompt that has changed since it was checked. Knows no page. */

export interface MarkedWord {
  text: string;
  /** UTF-16 code units. */
  start: number;
  end: number;
  suggestions: readonly string[];
}

/** The words where they are now; those that were changed are left out. */
export function moved(words: readonly MarkedWord[], checked: string, now: string): MarkedWord[] {
  if (checked === now) return [...words];
  const same = sharedStart(checked, now);
  const most = Math.min(checked.length, now.length) - same;
  let tail = 0;
  while (tail < most && checked.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const shift = now.length - checked.length;
  return words.flatMap((word) => {
    const kept = word.end <= same ? word : word.start >= checked.length - tail ? shifted(word, shift) : null;
    return kept && now.slice(kept.start, kept.end) === kept.text ? [kept] : [];
  });
}

function shifted(word: MarkedWord, by: number): MarkedWord {
  return { ...word, start: word.start + by, end: word.end + by };
}

function sharedStart(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}

/** The words that are not in the name of a character that the prompt names. */
export function withoutNames(words: readonly MarkedWord[], prompt: string, names: readonly string[]): MarkedWord[] {
  const text = prompt.toLocaleLowerCase();
  const spans = names.flatMap((name) => spansOf(text, `@${name.toLocaleLowerCase()}`));
  return words.filter((word) => !spans.some(([start, end]) => start <= word.start && word.end <= end));
}

function spansOf(text: string, part: string): [number, number][] {
  const found: [number, number][] = [];
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) found.push([at, at + part.length]);
  return found;
}

export interface Piece {
  text: string;
  marked: boolean;
}

/** A prompt cut into pieces, marked and others. */
export function pieces(text: string, words: readonly MarkedWord[]): Piece[] {
  const cut: Piece[] = [];
  let at = 0;
  for (const word of [...words].sort((one, other) => one.start - other.start)) {
    if (word.start < at) continue;
    cut.push({ text: text.slice(at, word.start), marked: false }, { text: text.slice(word.start, word.end), marked: true });
    at = word.end;
  }
  return [...cut, { text: text.slice(at), marked: false }].filter((piece) => piece.text !== "");
}
