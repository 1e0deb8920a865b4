/** The cards of a film that was made of a board, as the API tells them. */

import type { Schemas } from "@/api/client";

export interface Card {
  from: number;
  to: number;
  prompt: string;
}

/** None for a film that was not made of a board. */
export function cardsOf({ options }: Pick<Schemas["LibraryVideoDetails"], "options">): Card[] {
  const board: unknown = options["board"];
  const cards = isObject(board) ? board["cards"] : [];
  return Array.isArray(cards) ? cards.filter(isCard) : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isCard(value: unknown): value is Card {
  return (
    isObject(value) &&
    typeof value["from"] === "number" &&
    typeof value["to"] === "number" &&
    typeof value["prompt"] === "string"
  );
}
