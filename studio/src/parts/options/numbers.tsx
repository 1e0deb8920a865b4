/** Fields of numbers that may be empty, where the model's own value counts. */

import { useLingui } from "@lingui/react/macro";
import { ActionIcon, Group, NumberInput } from "@mantine/core";
import { IconArrowsShuffle } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { MAX_SEED, randomSeed } from "../options";

export interface WholeFieldProps {
  label: string;
  value: number | null;
  onChange: (value: number | null) => void;
  min: number;
  max: number;
  step?: number;
  /** How many decimals it may have. */
  decimals?: number;
  placeholder?: string | undefined;
}

export function WholeField({ label, value, onChange, min, max, step = 1, decimals = 0, placeholder }: WholeFieldProps): ReactNode {
  return (
    <NumberInput
      label={label}
      value={value ?? ""}
      onChange={(said) => onChange(typeof said === "number" ? said : null)}
      min={min}
      max={max}
      step={step}
      decimalScale={decimals}
      placeholder={placeholder ?? ""}
      stepHoldDelay={500}
      stepHoldInterval={80}
      style={{ flex: 1 }}
    />
  );
}

export function SeedField({ value, onChange }: Pick<WholeFieldProps, "value" | "onChange">): ReactNode {
  const { t } = useLingui();
  return (
    <Group gap="xs" align="flex-end" wrap="nowrap">
      <WholeField label={t`Seed`} value={value} onChange={onChange} min={0} max={MAX_SEED} placeholder={t`A new one each time`} />
      <ActionIcon variant="default" size={36} onClick={() => onChange(randomSeed())} aria-label={t`Draw a seed`}>
        <IconArrowsShuffle size={18} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
