/** Fields that several tools have. */

import { Trans, useLingui } from "@lingui/react/macro";
import { NumberInput, SegmentedControl, Stack, Text } from "@mantine/core";
import { type ReactNode, useId } from "react";

interface SecondsProps {
  label: string;
  value: number;
  onChange: (value: number) => void;
  min?: number;
  max?: number;
  step?: number;
}

/** A number of seconds. */
export function SecondsField({ label, value, onChange, min = 0, max = 600, step = 0.25 }: SecondsProps): ReactNode {
  return (
    <NumberInput
      label={label}
      value={value}
      onChange={(said) => typeof said === "number" && onChange(said)}
      min={min}
      max={max}
      step={step}
      decimalScale={3}
      clampBehavior="blur"
    />
  );
}

export const STRENGTHS = ["subtle", "mild", "strong"] as const;
export type Strength = (typeof STRENGTHS)[number] | number;

interface StrengthProps {
  value: Strength;
  onChange: (value: Strength) => void;
}

const HALF = 0.5;

/** How much changes: in a word, or as a number from 0 to 1. */
export function StrengthField({ value, onChange }: StrengthProps): ReactNode {
  const { t } = useLingui();
  const label = useId();
  const names = { subtle: t`Subtle`, mild: t`Mild`, strong: t`Strong` };
  const data = [...STRENGTHS.map((each) => ({ value: each as string, label: names[each] })), { value: "number", label: t`Exact` }];
  const choose = (chosen: string): void => onChange(STRENGTHS.find((each) => each === chosen) ?? HALF);
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500} id={label}>
        <Trans>Strength: how much changes</Trans>
      </Text>
      <SegmentedControl
        aria-labelledby={label}
        data={data}
        value={typeof value === "number" ? "number" : value}
        onChange={choose}
        fullWidth
      />
      {typeof value === "number" && (
        <NumberInput
          aria-label={t`Strength, 0 (nothing) to 1 (everything)`}
          description={t`0: nothing changes. 1: everything does.`}
          value={value}
          onChange={(said) => typeof said === "number" && onChange(said)}
          min={0}
          max={1}
          step={0.05}
          decimalScale={2}
        />
      )}
    </Stack>
  );
}
