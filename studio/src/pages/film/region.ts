/** A rectangle of a picture, in fractions of its width and height. Knows no page. */

export interface Region {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const LEAST = 0.02;

/** The rectangle between two points, within the picture. */
export function between(a: Point, b: Point): Region {
  const [left, right] = [clamped(Math.min(a.x, b.x)), clamped(Math.max(a.x, b.x))];
  const [top, bottom] = [clamped(Math.min(a.y, b.y)), clamped(Math.max(a.y, b.y))];
  return fitted({ x: left, y: top, w: right - left, h: bottom - top });
}

/** The same rectangle with a new corner; the opposite one stays. */
export function withCorner(region: Region, corner: { right: boolean; bottom: boolean }, to: Point): Region {
  const across = { x: corner.right ? region.x : region.x + region.w, y: corner.bottom ? region.y : region.y + region.h };
  return between(across, to);
}

export function shifted(region: Region, by: Point): Region {
  const x = Math.min(Math.max(region.x + by.x, 0), 1 - region.w);
  const y = Math.min(Math.max(region.y + by.y, 0), 1 - region.h);
  return fitted({ ...region, x, y });
}

/** Within the picture, of some size, and to three digits. */
export function fitted({ x, y, w, h }: Region): Region {
  const width = Math.min(Math.max(w, LEAST), 1);
  const height = Math.min(Math.max(h, LEAST), 1);
  const left = Math.min(clamped(x), 1 - width);
  const top = Math.min(clamped(y), 1 - height);
  return { x: digits(left), y: digits(top), w: digits(width), h: digits(height) };
}

const clamped = (value: number): number => Math.min(Math.max(value, 0), 1);
const digits = (value: number): number => Math.round(value * 1000) / 1000;
