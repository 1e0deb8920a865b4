/** Everything that one card says. */

import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Paper, SegmentedControl, SimpleGrid, Stack, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconChevronLeft, IconChevronRight, IconCopy, IconEye, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { useVideo } from "@/api/videos";
import { ErrorLine } from "@/parts/ErrorLine";
import { FilmProgress } from "@/parts/FilmProgress";
import { CameraField, StyleField } from "@/parts/Looks";
import { NumberField } from "@/parts/NumberField";
import { Player } from "@/parts/Player";
import { PromptField } from "@/parts/PromptField";

import { allowed, type Card, LONGEST, SHORTEST, STEP, type Transition } from "./board";
import { CardSourceField } from "./CardSourceField";

export interface CardEditorProps {
  card: Card;
  /** From 1. */
  number: number;
  count: number;
  model: string;
  onChange: (fields: Partial<Card>) => void;
  onMove: (by: -1 | 1) => void;
  onCopy: () => void;
  onRemove: () => void;
  /** Makes a film of this card alone; it ends when that is ordered. */
  onPreview: () => Promise<void>;
}

export function CardEditor(props: CardEditorProps): ReactNode {
  const { card, number, model, onChange } = props;
  const { t } = useLingui();
  return (
    <Paper withBorder p="md" component="section" aria-label={t`Card ${number}`}>
      <Head {...props} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Stack gap="sm">
          <PromptField label={t`What the card shows`} value={card.prompt} onChange={(prompt) => onChange({ prompt })} model={model} />
          <CardSourceField source={card.source} onChange={(source) => onChange({ source })} />
          <Group align="start" gap="sm">
            <NumberField
              w={90}
              label={t`Seconds`}
              value={card.seconds}
              onChange={(seconds) => onChange({ seconds: allowed(seconds) })}
              min={SHORTEST}
              max={LONGEST}
              step={STEP}
              hideControls
            />
            <CameraField value={card.camera} onChange={(camera) => onChange({ camera })} model={model} />
            <StyleField value={card.style} onChange={(style) => onChange({ style })} model={model} />
          </Group>
          {number > 1 && <JointField value={card.transition} onChange={(transition) => onChange({ transition })} />}
        </Stack>
        <Preview {...props} />
      </SimpleGrid>
    </Paper>
  );
}

function Head({ number, count, onMove, onCopy, onRemove }: CardEditorProps): ReactNode {
  const { t } = useLingui();
  const actions = [
    { label: t`Move the card earlier`, Sign: IconChevronLeft, run: () => onMove(-1), off: number === 1 },
    { label: t`Move the card later`, Sign: IconChevronRight, run: () => onMove(1), off: number === count },
    { label: t`Copy the card`, Sign: IconCopy, run: onCopy, off: false },
    { label: t`Remove the card`, Sign: IconTrash, run: onRemove, off: false },
  ];
  return (
    <Group justify="space-between" mb="sm">
      <Title order={2} size="h4">
        <Trans>
          Card {number} of {count}
        </Trans>
      </Title>
      <Group gap={4} dir="ltr">
        {actions.map(({ label, Sign, run, off }) => (
          <ActionIcon key={label} variant="default" size="lg" aria-label={label} onClick={run} disabled={off}>
            <Sign size={18} aria-hidden />
          </ActionIcon>
        ))}
      </Group>
    </Group>
  );
}

/** How a card follows the one before. */
function JointField({ value, onChange }: { value: Transition; onChange: (value: Transition) => void }): ReactNode {
  const { t } = useLingui();
  return (
    <SegmentedControl
      aria-label={t`How it follows the card before`}
      value={value}
      onChange={(joint) => onChange(joint as Transition)}
      data={[
        { value: "cut", label: t`Cut: a new take` },
        { value: "flow", label: t`Flow: the same take goes on` },
      ]}
    />
  );
}

function Preview({ card, onPreview }: CardEditorProps): ReactNode {
  const video = useVideo(card.preview);
  const order = useMutation({ mutationFn: onPreview });
  const { t } = useLingui();
  const going = video?.status === "queued" || video?.status === "in_progress";
  return (
    <Stack gap="xs">
      {video && (video.status === "completed" ? <Player id={video.id} label={t`Preview of the card`} /> : <FilmProgress video={video} />)}
      {!going && (
        <Button
          variant="light"
          leftSection={<IconEye size={18} aria-hidden />}
          onClick={() => order.mutate()}
          loading={order.isPending}
          disabled={!card.prompt.trim()}
          style={{ alignSelf: "start" }}
        >
          <Trans>Preview this card</Trans>
        </Button>
      )}
      <ErrorLine error={order.error} />
    </Stack>
  );
}
