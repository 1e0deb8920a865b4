/** A storyboard as it is worked on: cards in order, each with its own length. Knows no page and no server. */

/** What a card begins with, beside its words. `ref`: the id of a file or a video. */
export interface CardSource {
  as: "image" | "clip";
  ref: string;
  name: string;
}

export interface Card {
  /** Tells cards apart while they are moved. */
  key: string;
  prompt: string;
  seconds: number;
  transition: Transition;
  camera: string;
  style: string;
  source: CardSource | null;
  /** The id of the film that shows the card alone. */
  preview: string | null;
}

export type Transition = "cut" | "flow";

export interface BoardDraft {
  title: string;
  style: string;
  negative: string;
  size: string;
  seed: number | null;
  /** Of the sampler; null: as the model has it. */
  steps: number | null;
  model: string;
  cards: readonly Card[];
  /** The id of the film that was made of the board, and what its cards were then. */
  film: string | null;
  filmed: readonly number[];
  filmedPrompts: readonly string[];
}

/** A board as the API has it: see docs/storyboard.md. */
export interface WireCard {
  from: number;
  to: number;
  prompt: string;
  image?: string | null;
  clip?: string | null;
  camera?: string | null;
  style?: string | null;
  transition?: Transition;
}

export interface WireBoard {
  title?: string | null;
  style?: string | null;
  negative_prompt?: string | null;
  size?: string | null;
  seed?: number | null;
  cards: WireCard[];
}

export const MAX_CARDS = 64;
export const SHORTEST = 0.5; // seconds of a card
export const LONGEST = 60;
export const STEP = 0.25; // seconds that a card grows by

export const EMPTY: BoardDraft = {
  title: "",
  style: "",
  negative: "",
  size: "",
  seed: null,
  steps: null,
  model: "",
  cards: [],
  film: null,
  filmed: [],
  filmedPrompts: [],
};

let made = 0;

/** A card with what is said of it, and the defaults of everything else. */
export function newCard(fields: Partial<Card> = {}): Card {
  made += 1;
  const plain = { prompt: "", seconds: 2, transition: "cut", camera: "", style: "", source: null, preview: null } as const;
  return { ...plain, ...fields, key: `${Date.now().toString(36)}-${made}` };
}

/** The nearest length that a card may have. */
export function allowed(seconds: number): number {
  const steps = Math.round(seconds / STEP) * STEP;
  return Math.min(LONGEST, Math.max(SHORTEST, Number.isFinite(steps) ? steps : SHORTEST));
}

export function totalSeconds(cards: readonly Card[]): number {
  return cards.reduce((sum, card) => sum + card.seconds, 0);
}

/** Cards with one moved to another place. The first card never flows: nothing is before it. */
export function moved(cards: readonly Card[], from: number, to: number): readonly Card[] {
  const others = cards.filter((_, index) => index !== from);
  const card = cards[from];
  if (!card || to < 0 || to > others.length) return cards;
  return begun([...others.slice(0, to), card, ...others.slice(to)]);
}

export function without(cards: readonly Card[], key: string): readonly Card[] {
  return begun(cards.filter((card) => card.key !== key));
}

export function changedCard(cards: readonly Card[], key: string, fields: Partial<Card>): readonly Card[] {
  return begun(cards.map((card) => (card.key === key ? { ...card, ...fields } : card)));
}

function begun(cards: readonly Card[]): readonly Card[] {
  const [first, ...rest] = cards;
  return first?.transition === "flow" ? [{ ...first, transition: "cut" }, ...rest] : cards;
}

/** Where each card begins and ends, in seconds of the film. */
export function spans(lengths: readonly number[]): readonly { from: number; to: number }[] {
  let end = 0;
  return lengths.map((seconds) => {
    const from = end;
    end = Math.round((from + seconds) * 1000) / 1000;
    return { from, to: end };
  });
}

export function toWire(draft: BoardDraft, cards: readonly Card[] = draft.cards): WireBoard {
  const times = spans(cards.map((card) => card.seconds));
  return {
    ...(draft.title && { title: draft.title }),
    ...(draft.style && { style: draft.style }),
    ...(draft.negative && { negative_prompt: draft.negative }),
    ...(draft.size && { size: draft.size }),
    ...(draft.seed !== null && { seed: draft.seed }),
    cards: cards.map((card, index) => ({
      ...times[index]!,
      prompt: card.prompt.trim(),
      transition: index === 0 ? "cut" : card.transition,
      ...(card.camera && { camera: card.camera }),
      ...(card.style && { style: card.style }),
      ...(card.source && { [card.source.as]: card.source.ref }),
    })),
  };
}

/** Cards of a board that was read. Files that it names by their paths are on somebody's disk: they are left out. */
export function fromWire(board: WireBoard): { draft: Partial<BoardDraft>; leftOut: string[] } {
  const leftOut: string[] = [];
  const cards = board.cards.map((card) => {
    const [as, ref] = card.image ? (["image", card.image] as const) : (["clip", card.clip ?? ""] as const);
    const known = /^(file|video)_/.test(ref);
    if (ref && !known) leftOut.push(ref);
    return newCard({
      prompt: card.prompt,
      seconds: Math.round((card.to - card.from) * 1000) / 1000,
      transition: card.transition ?? "cut",
      camera: card.camera ?? "",
      style: card.style ?? "",
      source: known ? { as, ref, name: ref } : null,
    });
  });
  const { title, style, negative_prompt: negative, size, seed } = board;
  return {
    draft: { title: title ?? "", style: style ?? "", negative: negative ?? "", size: size ?? "", seed: seed ?? null, cards },
    leftOut,
  };
}
