/** Which known words may be meant by what stands before the caret. Knows no page. */

export interface Suggestion {
  /** What is written. */
  text: string;
  /** What kind of word it is: a list of the vocabulary, or `characters`. */
  kind: string;
  /** How many characters before the caret it takes the place of. */
  replaced: number;
}

export interface Known {
  kind: string;
  phrases: readonly string[];
}

const MOST = 6;
const LEAST = 2; // letters that were typed
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const LETTER = /[\p{L}\p{M}\p{N}]/u;

/** The phrases that go on from the last words before the caret, the longest match first. */
export function suggestions(before: string, known: readonly Known[]): Suggestion[] {
  const typed = before.toLocaleLowerCase();
  const found: Suggestion[] = [];
  for (const { kind, phrases } of known) {
    for (const text of phrases) {
      const replaced = overlap(typed, text.toLocaleLowerCase());
      if (replaced > 0) found.push({ text, kind, replaced });
    }
  }
  const unique = found.filter((one, at) => found.findIndex((each) => each.text === one.text) === at);
  return unique.sort((one, other) => other.replaced - one.replaced || one.text.length - other.text.length).slice(0, MOST);
}

/** How many of the last characters of `typed` are the beginning of a longer phrase; they begin a word. */
function overlap(typed: string, phrase: string): number {
  for (let length = Math.min(typed.length, phrase.length - 1); length > 0; length -= 1) {
    const start = typed.length - length;
    const begins = phrase.startsWith(typed.slice(start));
    if (begins && enough(typed.slice(start)) && startsWord(typed, start)) return length;
  }
  return 0;
}

function enough(part: string): boolean {
  return part.startsWith("@") || UNSPACED.test(part) || part.trim().length >= LEAST;
}

function startsWord(text: string, at: number): boolean {
  return at === 0 || UNSPACED.test(text.charAt(at)) || text.charAt(at) === "@" || !LETTER.test(text.charAt(at - 1));
}

/** A text in which `word` was written at the caret instead of `replaced` characters, and where the caret is then. */
export function written(text: string, caret: number, word: string, replaced: number): { text: string; caret: number } {
  const before = text.slice(0, caret - replaced);
  const after = text.slice(caret);
  const spaced = UNSPACED.test(word) || before === "" || /\s$/u.test(before) ? "" : " ";
  const gap = UNSPACED.test(word) || /^[\s.,;:!?]/u.test(after) ? "" : " ";
  const made = `${before}${replaced > 0 ? "" : spaced}${word}${gap}`;
  return { text: made + after, caret: made.length };
}
