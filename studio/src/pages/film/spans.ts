/** Spans of a film in seconds, on a timeline: kept apart, in order, and on frames. Knows no page. */

export interface Span {
  readonly start: number;
  readonly stop: number;
}

/** A film as a timeline has it. `frame`: the length of one, in seconds. */
export interface Ruler {
  readonly length: number;
  readonly frame: number;
}

export type Edge = "start" | "stop";

/** A second on the nearest border of two frames, within the film. */
export function snapped(seconds: number, { length, frame }: Ruler): number {
  return rounded(Math.min(Math.max(Math.round(seconds / frame) * frame, 0), length));
}

/** A span with one edge elsewhere: it keeps a frame at least, and stops at its neighbours. */
export function resized(spans: readonly Span[], at: number, edge: Edge, seconds: number, ruler: Ruler): Span[] {
  const span = spans[at];
  if (!span) return [...spans];
  const [low, high] = room(spans, at, ruler);
  const wanted = snapped(seconds, ruler);
  const moved =
    edge === "start"
      ? { ...span, start: rounded(Math.max(low, Math.min(wanted, span.stop - ruler.frame))) }
      : { ...span, stop: rounded(Math.min(high, Math.max(wanted, span.start + ruler.frame))) };
  return spans.map((each, index) => (index === at ? moved : each));
}

/** A span elsewhere, as long as it was, between its neighbours. */
export function moved(spans: readonly Span[], at: number, start: number, ruler: Ruler): Span[] {
  const span = spans[at];
  if (!span) return [...spans];
  const [low, high] = room(spans, at, ruler);
  const long = span.stop - span.start;
  const begin = Math.max(low, Math.min(snapped(start, ruler), high - long));
  const next = { start: rounded(begin), stop: rounded(begin + long) };
  return spans.map((each, index) => (index === at ? next : each));
}

/** One more span, in the middle of the widest gap. The same where there is no room. */
export function added(spans: readonly Span[], ruler: Ruler): Span[] {
  const edges = [0, ...spans.flatMap(({ start, stop }) => [start, stop]), ruler.length];
  const gaps = Array.from({ length: spans.length + 1 }, (_, at) => ({ start: edges[2 * at]!, stop: edges[2 * at + 1]! }));
  const widest = gaps.reduce((best, gap) => (gap.stop - gap.start > best.stop - best.start ? gap : best));
  const third = (widest.stop - widest.start) / 3;
  const start = snapped(widest.start + third, ruler);
  const stop = snapped(widest.stop - third, ruler);
  return stop - start < ruler.frame / 2 ? [...spans] : [...spans, { start, stop }].sort((a, b) => a.start - b.start);
}

/** What is between the spans: what is made again. */
export function gaps(spans: readonly Span[], { length, frame }: Ruler): Span[] {
  const edges = [0, ...spans.flatMap(({ start, stop }) => [start, stop]), length];
  return Array.from({ length: spans.length + 1 }, (_, at) => ({ start: edges[2 * at]!, stop: edges[2 * at + 1]! })).filter(
    ({ start, stop }) => stop - start > frame / 2,
  );
}

/** From the end of the span before to the start of the next one. */
function room(spans: readonly Span[], at: number, ruler: Ruler): [number, number] {
  return [spans[at - 1]?.stop ?? 0, spans[at + 1]?.start ?? ruler.length];
}

const rounded = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;
