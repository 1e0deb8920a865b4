/** Frames and times of a film. Knows no element and no file. */

/** When each frame begins, in seconds, where all are equally long. */
export function evenTimes(fps: number, seconds: number): number[] {
  const count = Math.max(1, Math.round(seconds * fps));
  return Array.from({ length: count }, (_, frame) => frame / fps);
}

/** The frame that is shown at a time: the last one that has begun. Times rise and are not empty. */
export function frameAt(times: readonly number[], seconds: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (times[middle]! <= seconds + 1e-6) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The middle of a frame: where an element shows this one and no neighbour, however it rounds. */
export function middleOf(times: readonly number[], frame: number, end: number): number {
  const start = times[frame] ?? 0;
  return (start + Math.max(times[frame + 1] ?? end, start)) / 2;
}

/** As `1:02.345`; without the thousandths where `exact` is false. */
export function clock(seconds: number, exact = true): string {
  const whole = exact ? Math.round(Math.max(0, seconds) * 1000) : Math.floor(Math.max(0, seconds)) * 1000;
  const minutes = Math.floor(whole / 60_000);
  const rest = String(Math.floor(whole / 1000) % 60).padStart(2, "0");
  return `${minutes}:${rest}${exact ? `.${String(whole % 1000).padStart(3, "0")}` : ""}`;
}
