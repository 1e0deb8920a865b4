/** Where the pictures are on a film's spritesheet. Its longer sides are those of server/work/finish.py. */

const SHOT_SIDE = 320; // pixels, at most
const QUICKEST_MS = 90;
const SLOWEST_MS = 300;

export interface SheetGrid {
  columns: number;
  rows: number;
}

/** Columns and rows of a sheet of `width` x `height` pixels of a film of such a size ("1280x720"). */
export function gridOf(size: string, width: number, height: number): SheetGrid {
  const sides = size.split("x").map(Number);
  const [wide = 16, high = 9] = sides;
  const scale = Math.min(1, SHOT_SIDE / Math.max(wide, high));
  return {
    columns: Math.max(1, Math.round(width / Math.max(1, wide * scale))),
    rows: Math.max(1, Math.round(height / Math.max(1, high * scale))),
  };
}

/** How long each of `shots` pictures is shown: as in the film, within what is good to look at. */
export function shotMs(seconds: string, shots: number): number {
  const each = (Number(seconds) * 1000) / shots;
  return Math.min(SLOWEST_MS, Math.max(QUICKEST_MS, each || SLOWEST_MS));
}
