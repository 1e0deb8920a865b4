import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Group, Paper, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { IconPhotoOff, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { api } from "@/api/client";
import { useVideo } from "@/api/videos";
import { filmName } from "@/parts/filmName";
import { pictureAddress, type Source } from "@/parts/sources";
import type { ModelFacts } from "@/parts/words";

import { CharacterMaker } from "./CharacterMaker";
import classes from "./Create.module.css";
import { type CreateDraft, type Hindrance, hindrance, STRENGTHS, type Strength, type Use, USES } from "./draft";

export interface SourceCardProps {
  draft: CreateDraft;
  at: number;
  facts: ModelFacts | undefined;
  onUse: (use: Use) => void;
  onStrength: (strength: Strength) => void;
  onRemove: () => void;
  /** A character was made of it. */
  onCharacter: (name: string) => void;
}

/** A still or a clip, and what it is to the film. What cannot be is grey, with the reason. */
export function SourceCard({ draft, at, facts, onUse, onStrength, onRemove, onCharacter }: SourceCardProps): ReactNode {
  const used = draft.sources[at]!;
  const { name, gone } = useSourceState(used.source);
  const { t } = useLingui();
  const names: Record<Use, string> = {
    first: t`First frame`,
    last: t`Last frame`,
    extend: t`Extend after its end`,
    before: t`Extend before its start`,
    remix: t`Remix`,
    character: t`A character`,
  };
  const hindrances = Object.fromEntries(USES.map((use) => [use, hindrance(draft.sources, at, use, facts)]));
  const inTheWay = hindrances[used.use];
  return (
    <Paper withBorder p="xs">
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <Thumbnail source={used.source} gone={gone} />
        <Stack gap={6} style={{ flex: 1, minWidth: 0 }}>
          <Group justify="space-between" wrap="nowrap" gap="xs">
            <Text size="sm" truncate dir="auto">
              {name}
            </Text>
            <ActionIcon variant="subtle" size="sm" aria-label={t`Remove ${name}`} onClick={onRemove}>
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </Group>
          <Select
            aria-label={t`What it is`}
            size="xs"
            data={USES.map((use) => ({ value: use, label: names[use], disabled: Boolean(hindrances[use]) && use !== used.use }))}
            value={used.use}
            onChange={(said) => onUse(USES.find((use) => use === said) ?? used.use)}
            allowDeselect={false}
            comboboxProps={{ width: 280, position: "bottom-start" }}
            maxDropdownHeight={440}
            styles={{ option: { opacity: 1 } }}
            renderOption={({ option }) => (
              <div>
                <Text size="sm" {...(hindrances[option.value] && { c: "dimmed" })}>
                  {option.label}
                </Text>
                {hindrances[option.value] && (
                  <Text size="xs" c="dimmed">
                    <Why hindrance={hindrances[option.value]!} />
                  </Text>
                )}
              </div>
            )}
          />
          {used.use === "remix" && <StrengthField value={draft.strength} onChange={onStrength} />}
          {used.use === "character" && !gone && <CharacterMaker source={used.source} onMade={onCharacter} />}
          {gone && (
            <Text size="xs" className="error" role="alert">
              <Trans>It is no longer on the server. Remove it and choose it again.</Trans>
            </Text>
          )}
          {inTheWay && (
            <Text size="xs" className="error" role="alert">
              <Why hindrance={inTheWay} />
            </Text>
          )}
        </Stack>
      </Group>
    </Paper>
  );
}

function Why({ hindrance: found }: { hindrance: Hindrance }): ReactNode {
  switch (found.why) {
    case "still":
      return <Trans>This needs a clip.</Trans>;
    case "alone":
      return <Trans>A film that is extended or remixed has no other source.</Trans>;
    case "taken":
      return <Trans>Another source is that already.</Trans>;
    case "characters":
      return <Trans>This model takes no characters.</Trans>;
    case "model":
      return found.said;
  }
}

function StrengthField({ value, onChange }: { value: Strength; onChange: (value: Strength) => void }): ReactNode {
  const { t } = useLingui();
  const names: Record<Strength, string> = { subtle: t`Subtle`, mild: t`Mild`, strong: t`Strong` };
  return (
    <SegmentedControl
      size="xs"
      aria-label={t`How much changes`}
      data={STRENGTHS.map((each) => ({ value: each, label: names[each] }))}
      value={value}
      onChange={(said) => onChange(STRENGTHS.find((each) => each === said) ?? "mild")}
    />
  );
}

function Thumbnail({ source, gone }: { source: Source; gone: boolean }): ReactNode {
  return (
    <div className={classes.thumbnail}>
      {gone ? <IconPhotoOff size={28} stroke={1.2} aria-hidden /> : <img src={pictureAddress(source)} alt="" />}
    </div>
  );
}

/** What a source is called, and whether the server has it no more. */
function useSourceState(source: Source): { name: string; gone: boolean } {
  const isFile = source.kind === "file";
  const files = api.useQuery("get", "/v1/files", {}, { enabled: isFile }).data;
  const video = useVideo(isFile ? null : source.id);
  const { t } = useLingui();
  if (!isFile) return { name: video ? filmName(video) : t`A film`, gone: false };
  const gone = files !== undefined && !files.has_more && !files.data.some(({ id }) => id === source.file_id);
  return { name: source.name, gone };
}
