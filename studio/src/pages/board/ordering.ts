/** Films of a board: all of it, one card alone, and one card again. */

import { answer, http } from "@/api/client";
import { order } from "@/api/orders";

import { type BoardDraft, type Card, spans, toWire } from "./board";

const PREVIEW = { size: "224x128", steps: 6, seconds: 2 } as const;
const SIZE = "1280x720";

/** Orders the film of a board. What to remember of it: its id, and what its cards were then. */
export async function film(board: BoardDraft): Promise<Pick<BoardDraft, "film" | "filmed" | "filmedPrompts">> {
  const wire = toWire({ ...board, size: board.size || SIZE });
  const made = await order("storyboard", { board: wire, steps: board.steps, model: board.model });
  if (board.title) {
    const path = { video_id: made.id };
    await answer(http.POST("/v1/videos/{video_id}", { params: { path }, body: { title: board.title } }));
  }
  return {
    film: made.id,
    filmed: board.cards.map((card) => card.seconds),
    filmedPrompts: board.cards.map((card) => card.prompt.trim()),
  };
}

/** Orders a small film of one card, and returns its id. The preview before it goes into the trash. */
export async function preview(board: BoardDraft, card: Card): Promise<string> {
  const short = { ...card, seconds: Math.min(card.seconds, PREVIEW.seconds) };
  const wire = toWire({ ...board, size: PREVIEW.size, title: "" }, [short]);
  const made = await order("storyboard", { board: wire, steps: Math.min(board.steps ?? PREVIEW.steps, PREVIEW.steps), model: board.model });
  if (card.preview) await trash(card.preview);
  return made.id;
}

/** Orders the film once more, with another take of one card; everything else stays as it is. */
export async function retake(board: BoardDraft, index: number): Promise<Pick<BoardDraft, "film">> {
  const { from, to } = spans(board.filmed)[index]!;
  const prompt = board.filmedPrompts[index]!;
  const card = board.cards.find((each) => each.prompt.trim() === prompt);
  const words = [prompt, card?.camera, card?.style || board.style].filter(Boolean).join(", ");
  const made = await order("edit", { prompt: words, video: { id: board.film }, from, to, strength: 1, steps: board.steps, model: board.model });
  return { film: made.id };
}

async function trash(id: string): Promise<void> {
  const path = { video_id: id };
  await http.POST("/v1/videos/{video_id}", { params: { path }, body: { trashed: true } }).catch(() => undefined);
}
