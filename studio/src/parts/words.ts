/** The words that models know, and prompts made of them. */

import { useQuery } from "@tanstack/react-query";

import { answer, api, http, type Schemas } from "@/api/client";
import { queries } from "@/api/queries";

export type Vocabulary = Schemas["ModelVocabulary"];
export type Word = Schemas["VocabularyWord"];
export type ModelFacts = Schemas["ModelFacts"];

const HOUR_MS = 3_600_000;

const vocabularyQuery = (model: string, language: string) =>
  api.queryOptions("get", "/v1/vocabulary", { params: { query: { model: model || null, language } } }, { staleTime: HOUR_MS });

/** The words of a model in a language; undefined until they are known. `model` empty: the server's default. */
export function useVocabulary(model: string, language: string): Vocabulary | undefined {
  return useQuery(vocabularyQuery(model, language)).data;
}

/** A prompt with the words of a camera move, in the prompt's language. */
export async function promptOf(prompt: string, camera: string, model: string): Promise<string> {
  if (!camera) return prompt;
  const check = await answer(http.POST("/v1/prompts/check", { body: { prompt: prompt || ".", ...(model && { model }) } }));
  const vocabulary = await queries.fetchQuery(vocabularyQuery(model, check.language ?? "en"));
  const phrase = vocabulary.cameras.find((each) => each.value === camera)?.label;
  return phrase ? joined(prompt, phrase, vocabulary.language) : prompt;
}

const COMMAS: Record<string, string> = { zh: "，", ja: "、", ar: "، " };

/** A prompt and a phrase after it. */
export function joined(prompt: string, phrase: string, language: string): string {
  const before = prompt.replace(/[\s.。،,，、]+$/u, "");
  return before ? `${before}${COMMAS[language] ?? ", "}${phrase}` : phrase;
}
