/** What a film is to be, beside its prompt and its sources: values, defaults and the fields of a call. Knows no page. */

import { type Fields, type Mode } from "@/api/orders";

export interface Lora {
  name: string;
  strength: number;
}

/** Empty texts and null: as the server does where nothing is said. */
export interface FilmOptionsValue {
  model: string;
  /** Such as `1280x720`. */
  size: string;
  seconds: number | null;
  style: string;
  /** A camera move of the vocabulary, such as `pan left`. It becomes words of the prompt: `promptOf`. */
  camera: string;
  seed: number | null;
  steps: number | null;
  guidance: number | null;
  quality: Quality;
  negative_prompt: string;
  loras: readonly Lora[];
}
export type OptionName = keyof FilmOptionsValue;
export type Quality = (typeof QUALITIES)[number];

export const QUALITIES = ["exact", "balanced", "fast"] as const;
export const USUAL_OPTIONS: FilmOptionsValue = {
  model: "",
  size: "",
  seconds: null,
  style: "",
  camera: "",
  seed: null,
  steps: null,
  guidance: null,
  quality: "exact",
  negative_prompt: "",
  loras: [],
};

export const MAX_SEED = 2 ** 31 - 1;
const WITHOUT_SOURCE: readonly Mode[] = ["generate", "storyboard"];
const SECONDS: Partial<Record<Mode, number>> = { generate: 4, extend: 4, loop: 1, blend: 1 };
export const USUAL_SIZE = "1280x720";

/** The seconds that a mode has where nothing is said; undefined where they follow from its sources or cards. */
export function usualSeconds(mode: Mode): number | undefined {
  return SECONDS[mode];
}

/** The size that a mode has where nothing is said; empty: that of its sources. */
export function usualSize(mode: Mode): string {
  return WITHOUT_SOURCE.includes(mode) ? USUAL_SIZE : "";
}

/** The fields of a call, without the prompt and without the camera, which belongs into the prompt. */
export function optionFields(value: FilmOptionsValue, mode: Mode): Fields {
  const { camera: _camera, loras, quality, size, seconds, ...rest } = value;
  return {
    ...rest,
    size: size || usualSize(mode),
    seconds: usualSeconds(mode) === undefined ? null : (seconds ?? usualSeconds(mode)),
    quality: quality === "exact" ? null : quality,
    loras: loras.length > 0 ? loras.map(({ name, strength }) => `${name}:${strength}`) : null,
  };
}

export function randomSeed(): number {
  return Math.floor(Math.random() * MAX_SEED);
}

// --- sizes

export const ASPECTS = { "16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1, "4:3": 4 / 3, "21:9": 21 / 9 } as const;
export type Aspect = keyof typeof ASPECTS;
const SHORT_SIDES = [480, 720, 1080] as const;

function sides(size: string): [number, number] {
  const [width = 16, height = 9] = size.split("x").map(Number);
  return [width, height];
}

/** A size as it is shown; its sides keep their order in a text from right to left. */
export function sizeText(size: string): string {
  return `\u2066${size.replace("x", " × ")}\u2069`;
}

/** The aspect that is closest to that of a size. */
export function aspectOf(size: string): Aspect {
  const [width, height] = sides(size);
  const far = (aspect: Aspect): number => Math.abs(Math.log(width / height / ASPECTS[aspect]));
  return (Object.keys(ASPECTS) as Aspect[]).reduce((best, each) => (far(each) < far(best) ? each : best));
}

/** The sizes that are offered for an aspect: the closest that the model was made for, then usual ones. */
export function sizesOf(aspect: Aspect, own: readonly string[]): string[] {
  const ratio = ASPECTS[aspect];
  const near = own.filter((size) => aspectOf(size) === aspect);
  const usual = SHORT_SIDES.map((short) => {
    const even = (side: number): number => Math.round(side / 2) * 2;
    return ratio >= 1 ? `${even(short * ratio)}x${short}` : `${short}x${even(short / ratio)}`;
  });
  return [...new Set([...near, ...usual])];
}

/** A size of another aspect that has about as many rows. */
export function turned(size: string, aspect: Aspect, own: readonly string[]): string {
  const short = Math.min(...sides(size));
  const offered = sizesOf(aspect, own);
  const far = (each: string): number => Math.abs(Math.min(...sides(each)) - short);
  return offered.reduce((best, each) => (far(each) < far(best) ? each : best), offered[0] ?? size);
}
