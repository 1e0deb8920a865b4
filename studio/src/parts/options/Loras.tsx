import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Group, NumberInput, Select, Stack, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";

import type { Lora } from "../options";
import type { ModelFacts } from "../words";

export interface LorasProps {
  value: readonly Lora[];
  onChange: (value: readonly Lora[]) => void;
  facts: ModelFacts | undefined;
}

/** LoRAs of the server and their strengths; where there are none for the model, it says why. */
export function Loras({ value, onChange, facts }: LorasProps): ReactNode {
  const { t } = useLingui();
  if (!facts) return null;
  const left = facts.loras.filter((name) => !value.some((lora) => lora.name === name));
  const add = (name: string | null): void => onChange(name ? [...value, { name, strength: 1 }] : value);
  return (
    <Stack gap="xs">
      <Select
        label={t`LoRA`}
        description={<WhyNot facts={facts} />}
        data={left}
        value={null}
        onChange={add}
        disabled={left.length === 0}
        placeholder={t`Add one`}
        searchable
      />
      {value.map((lora) => (
        <Group key={lora.name} gap="xs" wrap="nowrap">
          <Text size="sm" truncate style={{ flex: 1 }}>
            {lora.name}
          </Text>
          <NumberInput
            aria-label={t`Strength of ${lora.name}`}
            value={lora.strength}
            onChange={(said) =>
              onChange(value.map((each) => (each === lora ? { ...each, strength: Number(said) || 0 } : each)))
            }
            step={0.1}
            min={-4}
            max={4}
            decimalScale={2}
            w={84}
          />
          <ActionIcon
            variant="subtle"
            aria-label={t`Remove ${lora.name}`}
            onClick={() => onChange(value.filter((each) => each !== lora))}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
    </Stack>
  );
}

function WhyNot({ facts }: { facts: ModelFacts }): ReactNode {
  if (!facts.takes_loras) return <Trans>{facts.preset} takes no LoRA.</Trans>;
  if (facts.loras.length === 0) return <Trans>This server has none. Its operator can add a folder of them.</Trans>;
  return null;
}
