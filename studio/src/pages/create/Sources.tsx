import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";

import type { Draft } from "@/drafts/useDraft";
import { SourcePicker } from "@/parts/SourcePicker";
import { type Source, sourceKey } from "@/parts/sources";
import type { ModelFacts } from "@/parts/words";

import classes from "./Create.module.css";
import { type CreateDraft, firstUse, type UsedSource } from "./draft";
import { SourceCard } from "./SourceCard";

export interface SourcesProps {
  draft: CreateDraft;
  change: Draft<CreateDraft>["change"];
  facts: ModelFacts | undefined;
}

/** Stills and clips that the film is made from. */
export function Sources({ draft, change, facts }: SourcesProps): ReactNode {
  const { t } = useLingui();
  const add = (source: Source): void =>
    change((before) => {
      if (before.sources.some((used) => sourceKey(used.source) === sourceKey(source))) return before;
      return { ...before, sources: [...before.sources, { source, use: firstUse(before.sources, source, facts) }] };
    });
  const set = (at: number, fields: Partial<UsedSource>): void =>
    change((before) => ({ ...before, sources: before.sources.map((used, index) => (index === at ? { ...used, ...fields } : used)) }));
  const without = (before: CreateDraft, at: number): readonly UsedSource[] => before.sources.filter((_, index) => index !== at);
  return (
    <>
      <SourcePicker label={t`Stills and clips`} onPick={add} pasted />
      {draft.sources.length > 0 && (
        <div className={classes.sources}>
          {draft.sources.map(({ source }, at) => (
            <SourceCard
              key={sourceKey(source)}
              draft={draft}
              at={at}
              facts={facts}
              onUse={(use) => set(at, { use })}
              onStrength={(strength) => change({ strength })}
              onRemove={() => change((before) => ({ ...before, sources: without(before, at) }))}
              onCharacter={(name) =>
                change((before) => ({ ...before, sources: without(before, at), prompt: `@${name} ${before.prompt}`.trim() }))
              }
            />
          ))}
        </div>
      )}
    </>
  );
}
