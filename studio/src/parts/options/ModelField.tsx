import { Trans, useLingui } from "@lingui/react/macro";
import { Select, Text } from "@mantine/core";
import type { ReactNode } from "react";

import { api } from "@/api/client";
import { useServer } from "@/api/server";

import type { ModelFacts } from "../words";
import { ModelModes } from "./ModelModes";

export interface ModelFieldProps {
  value: string;
  onChange: (value: string) => void;
  facts: ModelFacts | undefined;
}

/** The model, with its licence and what it takes. */
export function ModelField({ value, onChange, facts }: ModelFieldProps): ReactNode {
  const usual = useServer()?.model;
  const models = api.useQuery("get", "/v1/models").data?.data ?? [];
  const { t } = useLingui();
  return (
    <div>
      <Select
        label={t`Model`}
        data={models.map((model) => model.id)}
        value={value || (usual ?? null)}
        onChange={(model) => onChange(model === usual ? "" : (model ?? ""))}
        allowDeselect={false}
      />
      {facts && (
        <Text size="xs" c="dimmed" mt={4}>
          {facts.preset !== facts.id && `${facts.preset} · `}
          <Trans>
            Licence: {facts.licence} · {gigabytes(facts.memory_bytes)} GB of memory
          </Trans>
        </Text>
      )}
      {facts && <ModelModes facts={facts} />}
    </div>
  );
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
