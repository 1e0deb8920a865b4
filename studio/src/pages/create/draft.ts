/** What is to be made on this page: a prompt, options, sources and what they are used as; and the calls it becomes. */

import type { Fields } from "@/api/orders";
import { type FilmOptionsValue, MAX_SEED, optionFields, USUAL_OPTIONS } from "@/parts/options";
import type { UsableCharacter } from "@/parts/prompt/useKnownWords";
import { pictureReference, type Source } from "@/parts/sources";
import { type ModelFacts, promptOf } from "@/parts/words";

/** What a source is to the film. `before`: seconds are added before it. */
export const USES = ["first", "last", "extend", "before", "remix", "character"] as const;
export type Use = (typeof USES)[number];
export const STRENGTHS = ["subtle", "mild", "strong"] as const;
export type Strength = (typeof STRENGTHS)[number];

export interface UsedSource {
  source: Source;
  use: Use;
}

export interface CreateDraft {
  prompt: string;
  options: FilmOptionsValue;
  /** How many films, each with a seed of its own. */
  variations: number;
  sources: readonly UsedSource[];
  /** How much a remix changes. */
  strength: Strength;
}

export const EMPTY: CreateDraft = { prompt: "", options: USUAL_OPTIONS, variations: 1, sources: [], strength: "mild" };
export const MOST_VARIATIONS = 4;
const OF_CLIPS: readonly Use[] = ["extend", "before", "remix"];

export type CreateMode = "generate" | "extend" | "remix";

export function modeOf({ sources }: Pick<CreateDraft, "sources">): CreateMode {
  if (sources.some(({ use }) => use === "remix")) return "remix";
  return sources.some(({ use }) => use === "extend" || use === "before") ? "extend" : "generate";
}

/** Why a source cannot be used so: a reason of the model in its own words, or one of ours. */
export type Hindrance = { why: "still" | "alone" | "taken" | "characters" } | { why: "model"; said: string };

/** What stands in the way of using the source at `at` as `use`; null where nothing does. */
export function hindrance(sources: readonly UsedSource[], at: number, use: Use, facts: ModelFacts | undefined): Hindrance | null {
  const others = sources.filter((_, index) => index !== at && sources[index]?.use !== "character");
  const ofClip = OF_CLIPS.includes(use);
  if (ofClip && sources[at]?.source.kind === "file") return { why: "still" };
  if (use === "character") return facts && facts.max_characters < 1 ? { why: "characters" } : null;
  if (others.some((other) => other.use === use)) return { why: "taken" };
  if (others.some((other) => ofClip || OF_CLIPS.includes(other.use))) return { why: "alone" };
  const said = facts && reasonOf(facts, use, others);
  return said ? { why: "model", said } : null;
}

/** Why a model cannot; empty where it can. */
function reasonOf(facts: ModelFacts, use: Use, others: readonly UsedSource[]): string {
  if (OF_CLIPS.includes(use)) return facts.modes.find(({ mode }) => mode === (use === "remix" ? "remix" : "extend"))?.reason ?? "";
  const uses = [use, ...others.map((other) => other.use)];
  const wanted = [uses.includes("first") && "input_reference", uses.includes("last") && "last"].filter(Boolean).join();
  return facts.mode_sources.find(({ mode, sources }) => mode === "generate" && sources.join() === wanted)?.reason ?? "";
}

/** What a new source is used as at first: the first use that nothing hinders. */
export function firstUse(sources: readonly UsedSource[], source: Source, facts: ModelFacts | undefined): Use {
  const wanted: readonly Use[] = source.kind === "file" ? ["first", "last", "character"] : ["extend", "first", "last", "character"];
  const all = [...sources, { source, use: "first" as const }];
  return wanted.find((use) => hindrance(all, sources.length, use, facts) === null) ?? "first";
}

/** Whether a film can be ordered of it. */
export function isComplete(draft: CreateDraft, facts: ModelFacts | undefined): boolean {
  const { sources } = draft;
  const hindered = sources.some(({ use }, at) => use === "character" || hindrance(sources, at, use, facts) !== null);
  return !hindered && (draft.prompt.trim() !== "" || modeOf(draft) === "extend");
}

/** The fields of a call, but for the seed. */
export async function fieldsOf(draft: CreateDraft, characters: readonly UsableCharacter[]): Promise<Fields> {
  const { options, sources, strength } = draft;
  const mode = modeOf(draft);
  const of = (...uses: Use[]): UsedSource | undefined => sources.find(({ use }) => uses.includes(use));
  const clip = of("extend", "before", "remix")?.source;
  const [first, last] = [of("first")?.source, of("last")?.source];
  const prompt = await promptOf(draft.prompt.trim(), options.camera, options.model);
  const named = mentioned(prompt, characters);
  return {
    ...optionFields(options, mode),
    prompt,
    characters: named.length > 0 ? named.map(({ id }) => ({ id })) : null,
    ...(mode === "generate" && { input_reference: first && pictureReference(first), last: last && pictureReference(last) }),
    ...(mode === "extend" && clip?.kind === "video" && { video: { id: clip.id }, backward: of("before") ? true : null }),
    ...(mode === "remix" && clip?.kind === "video" && { video: clip.id, strength }),
  };
}

/** The characters that a prompt names with an @: of two with one name the first, and the longest name that fits. */
export function mentioned(prompt: string, characters: readonly UsableCharacter[]): UsableCharacter[] {
  const longest = [...characters].sort((one, other) => other.name.length - one.name.length);
  let left = prompt.toLocaleLowerCase();
  return longest.filter(({ name }) => {
    const said = `@${name.toLocaleLowerCase()}`;
    if (!left.includes(said)) return false;
    left = left.replaceAll(said, " ");
    return true;
  });
}

/** The seeds of the variations: one after the other. */
export function seedsOf(first: number, variations: number): number[] {
  return Array.from({ length: variations }, (_, at) => (first + at) % MAX_SEED);
}
