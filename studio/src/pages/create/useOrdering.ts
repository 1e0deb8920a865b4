import { useMutation, type UseMutationResult } from "@tanstack/react-query";

import { order } from "@/api/orders";
import { askForNotices } from "@/app/notices";
import { randomSeed } from "@/parts/options";
import { useCharacters } from "@/parts/prompt/useKnownWords";

import { useBatches } from "./batches";
import { type CreateDraft, fieldsOf, modeOf, seedsOf } from "./draft";

/** Orders the variations of a draft, one after the other, so that they are made in turn. */
export function useOrdering(): UseMutationResult<void, Error, CreateDraft> {
  const characters = useCharacters();
  const { save } = useBatches();
  return useMutation({
    mutationFn: async (draft: CreateDraft) => {
      void askForNotices();
      const [at, seed] = [Date.now(), draft.options.seed ?? randomSeed()];
      const fields = await fieldsOf(draft, characters);
      const ids: string[] = [];
      for (const each of seedsOf(seed, draft.variations)) {
        const video = await order(modeOf(draft), { ...fields, seed: each });
        ids.push(video.id);
        save({ at, ids: [...ids], draft, seed });
      }
    },
  });
}
