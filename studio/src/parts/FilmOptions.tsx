/** What a film is to be, beside its prompt and its sources: model, shape, length, looks, and how it is denoised. */

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Collapse, Select, SimpleGrid, Stack, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";

import type { Mode } from "@/api/orders";

import { CameraField, StyleField } from "./Looks";
import { Loras } from "./options/Loras";
import { ModelField } from "./options/ModelField";
import { SeedField, WholeField } from "./options/numbers";
import { SizeFields } from "./options/SizeFields";
import { useModelFacts } from "./options/useModelFacts";
import { type FilmOptionsValue, type OptionName, QUALITIES, usualSeconds } from "./options";

export interface FilmOptionsProps {
  value: FilmOptionsValue;
  onChange: (value: FilmOptionsValue) => void;
  mode: Mode;
  /** The options that are shown; all that the mode has where this is left out. */
  only?: readonly OptionName[];
}

const RARELY_USED: readonly OptionName[] = ["seed", "steps", "guidance", "quality", "negative_prompt", "loras"];

export function FilmOptions({ value, onChange, mode, only }: FilmOptionsProps): ReactNode {
  const facts = useModelFacts(value.model);
  const [open, { toggle }] = useDisclosure(false);
  const panel = useId();
  const has = (name: OptionName): boolean => only?.includes(name) ?? true;
  const change = (fields: Partial<FilmOptionsValue>): void => onChange({ ...value, ...fields });
  const set =
    <N extends OptionName>(name: N) =>
    (said: FilmOptionsValue[N]): void =>
      onChange({ ...value, [name]: said });
  const all = { value, change, facts, mode };
  return (
    <Stack gap="sm">
      {has("model") && <ModelField value={value.model} onChange={set("model")} facts={facts} />}
      {has("size") && <SizeFields {...all} />}
      {has("seconds") && usualSeconds(mode) !== undefined && <Seconds {...all} />}
      <SimpleGrid cols={2} spacing="sm">
        {has("style") && <StyleField value={value.style} onChange={set("style")} model={value.model} />}
        {has("camera") && mode !== "storyboard" && (
          <CameraField value={value.camera} onChange={set("camera")} model={value.model} />
        )}
      </SimpleGrid>
      {RARELY_USED.some(has) && (
        <Button
          variant="subtle"
          size="compact-sm"
          justify="flex-start"
          onClick={toggle}
          aria-expanded={open}
          aria-controls={panel}
          leftSection={open ? <IconChevronUp size={16} aria-hidden /> : <IconChevronDown size={16} aria-hidden />}
        >
          {open ? <Trans>Fewer options</Trans> : <Trans>More options</Trans>}
        </Button>
      )}
      <Collapse expanded={open} id={panel} keepMountedMode="display-none">
        <Rare {...all} has={has} />
      </Collapse>
    </Stack>
  );
}

interface PartProps {
  value: FilmOptionsValue;
  change: (fields: Partial<FilmOptionsValue>) => void;
  facts: ReturnType<typeof useModelFacts>;
  mode: Mode;
}

function Seconds({ value, change, facts, mode }: PartProps): ReactNode {
  const { t } = useLingui();
  const label = mode === "extend" ? t`Seconds to add` : mode === "generate" ? t`Seconds` : t`Seconds of the transition`;
  return (
    <WholeField
      label={label}
      value={value.seconds ?? usualSeconds(mode) ?? null}
      onChange={(seconds) => change({ seconds })}
      min={0.25}
      max={facts?.max_seconds ?? 600}
      step={0.5}
      decimals={2}
    />
  );
}

function Rare({ value, change, facts, has }: PartProps & { has: (name: OptionName) => boolean }): ReactNode {
  const { t } = useLingui();
  const qualities = { exact: t`Exact: every step`, balanced: t`Balanced: faster`, fast: t`Fast: differs a little more` };
  return (
    <Stack gap="sm">
      {has("seed") && <SeedField value={value.seed} onChange={(seed) => change({ seed })} />}
      <SimpleGrid cols={2} spacing="sm">
        {has("steps") && (
          <WholeField
            label={t`Steps`}
            value={value.steps}
            onChange={(steps) => change({ steps })}
            min={1}
            max={200}
            placeholder={facts && String(facts.steps)}
          />
        )}
        {has("guidance") && (
          <WholeField
            label={t`Guidance scale`}
            value={value.guidance}
            onChange={(guidance) => change({ guidance })}
            min={0}
            max={30}
            step={0.5}
            decimals={2}
            placeholder={facts && String(facts.guidance)}
          />
        )}
      </SimpleGrid>
      {has("quality") && (
        <Select
          label={t`Quality`}
          data={QUALITIES.map((each) => ({ value: each, label: qualities[each] }))}
          value={value.quality}
          onChange={(quality) => change({ quality: QUALITIES.find((each) => each === quality) ?? "exact" })}
          allowDeselect={false}
        />
      )}
      {has("negative_prompt") && (
        <Textarea
          label={t`Negative prompt`}
          placeholder={t`What the film should not show`}
          value={value.negative_prompt}
          onChange={(event) => change({ negative_prompt: event.currentTarget.value })}
          autosize
          minRows={1}
          maxRows={4}
          dir="auto"
        />
      )}
      {has("loras") && <Loras value={value.loras} onChange={(loras) => change({ loras })} facts={facts} />}
    </Stack>
  );
}
