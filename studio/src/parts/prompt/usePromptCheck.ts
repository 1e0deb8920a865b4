import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";

import { api, type Schemas } from "@/api/client";

import { type MarkedWord, moved } from "./marks";

type Check = Schemas["PromptCheck"];
const PAUSE_MS = 350; // after the last key, so that a word that is being written is not marked

export interface CheckedPrompt {
  unknown: readonly MarkedWord[];
  /** Of the prompt; null where it is not known, or the model knows any words. */
  language: string | null;
}

/** What a model does not know of a prompt. Marks stay with their words until the next answer. */
export function usePromptCheck(prompt: string, model: string): CheckedPrompt {
  const [asked] = useDebouncedValue(prompt, PAUSE_MS);
  const [last, setLast] = useState<{ asked: string; model: string; check: Check } | null>(null);
  const body = { prompt: asked, ...(model && { model }) };
  const { data } = api.useQuery("post", "/v1/prompts/check", { body }, { enabled: asked.trim() !== "", staleTime: Infinity, retry: false });
  if (data && data !== last?.check) setLast({ asked, model, check: data });
  if (!last || last.model !== model || !prompt.trim()) return { unknown: [], language: null };
  return { unknown: moved(last.check.unknown, last.asked, prompt), language: last.check.language };
}
