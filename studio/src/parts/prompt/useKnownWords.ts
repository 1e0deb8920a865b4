import { useLingui } from "@lingui/react";
import { useMemo } from "react";

import { api, type Schemas } from "@/api/client";

import { useVocabulary, type Vocabulary } from "../words";
import type { Known } from "./suggesting";

export const WORD_KINDS = ["nouns", "colors", "actions", "places", "daytimes", "weathers"] as const;
export type WordKind = (typeof WORD_KINDS)[number];
export type UsableCharacter = Schemas["UsableCharacter"];

export interface KnownWords {
  vocabulary: Vocabulary | undefined;
  characters: readonly UsableCharacter[];
  /** All of them, as what is typed is completed. */
  known: readonly Known[];
}

/** The words that can be suggested: those of the model in the prompt's language, and the characters that may be used. */
export function useKnownWords(model: string, language: string | null): KnownWords {
  const { i18n } = useLingui();
  const vocabulary = useVocabulary(model, language ?? i18n.locale);
  const characters = useCharacters();
  const known = useMemo(
    () => [
      ...(vocabulary ? [...WORD_KINDS, "cameras" as const].map((kind) => ({ kind, phrases: vocabulary[kind].flatMap((word) => word.phrases) })) : []),
      { kind: "characters", phrases: characters.map((each) => `@${each.name}`) },
    ],
    [vocabulary, characters],
  );
  return { vocabulary, characters, known };
}

const NONE: readonly UsableCharacter[] = [];

/** The characters that this key may use, its own first. */
export function useCharacters(): readonly UsableCharacter[] {
  return api.useQuery("get", "/v1/characters").data?.data ?? NONE;
}
