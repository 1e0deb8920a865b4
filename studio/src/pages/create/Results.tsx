/** What was ordered here, the newest first: the variations of one order side by side. */

import { Trans } from "@lingui/react/macro";
import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

import { api } from "@/api/client";

import { type Batch, useBatches } from "./batches";
import { BatchFilms } from "./BatchFilms";
import type { CreateDraft } from "./draft";

export interface ResultsProps {
  onAgain: (draft: CreateDraft) => void;
  onReuse: (draft: CreateDraft) => void;
}

const RECENT = { params: { query: { limit: 100 } } } as const;

export function Results({ onAgain, onReuse }: ResultsProps): ReactNode {
  const { batches, hide } = useBatches();
  const library = api.useQuery("get", "/v1/library", RECENT, { enabled: batches.length > 0 });
  if (batches.length === 0) return null;
  const listed = library.data && { films: library.data.data, at: library.dataUpdatedAt };
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        <Trans>Newest results</Trans>
      </Title>
      <Stack gap="xl">
        {batches.map((batch: Batch) => (
          <BatchFilms
            key={batch.at}
            batch={batch}
            listed={listed}
            onAgain={() => onAgain({ ...batch.draft, options: { ...batch.draft.options, seed: null } })}
            onReuse={() => onReuse({ ...batch.draft, options: { ...batch.draft.options, seed: batch.seed } })}
            onHide={() => hide(batch.at)}
          />
        ))}
      </Stack>
      <Text size="sm" c="dimmed" mt="xl">
        <Trans>Older films are in the library.</Trans>
      </Text>
    </section>
  );
}
