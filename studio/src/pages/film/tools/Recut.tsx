import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, NumberInput, Stack, Text } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { createPortal } from "react-dom";

import { useDraft } from "@/drafts/useDraft";
import { PromptField } from "@/parts/PromptField";

import { added, gaps, resized, type Span } from "../spans";
import { useStage } from "../stage";
import type { ToolProps } from "../Tools";
import { optionsFor, OrderForm } from "./OrderForm";
import { rulerOf } from "./ruler";
import { Timeline } from "./Timeline";

/** The spans of a film that are kept, on a timeline; what is between them is made again. */
export function Recut({ video }: ToolProps): ReactNode {
  const ruler = rulerOf(video);
  const [initial] = useState(() => ({ ...optionsFor(video), prompt: "", keep: added([], ruler) }));
  const draft = useDraft(`film.${video.id}.recut`, initial);
  const { prompt, keep } = draft.value;
  const { strip } = useStage();
  const { t } = useLingui();
  const set = (spans: Span[]): void => draft.change({ keep: spans });
  const again = gaps(keep, ruler);
  const incomplete = keep.length === 0 || again.length === 0;
  return (
    <OrderForm
      mode="recut"
      draft={draft}
      fields={() => ({ video: { id: video.id }, keep: keep.map(({ start, stop }) => [start, stop]), prompt })}
      action={<Trans>Re-cut the film</Trans>}
      incomplete={incomplete}
    >
      {strip &&
        createPortal(<Timeline video={video} ruler={ruler} spans={keep} onChange={set} name={(number) => t`Kept span ${number}`} />, strip)}
      <Text size="sm" c="dimmed">
        <Trans>What is marked on the timeline below the film is kept. The rest is made again.</Trans>
      </Text>
      <Stack gap="xs">
        {keep.map((span, at) => (
          <SpanRow
            key={at}
            number={at + 1}
            span={span}
            frame={ruler.frame}
            change={(edge, seconds) => set(resized(keep, at, edge, seconds, ruler))}
            remove={() => set(keep.filter((_, index) => index !== at))}
          />
        ))}
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => set(added(keep, ruler))}
          disabled={again.length === 0}
        >
          <Trans>Keep another span</Trans>
        </Button>
      </Stack>
      {keep.length > 0 && again.length === 0 && (
        <Text size="sm" role="status">
          <Trans>All of the film is kept. Shorten a span.</Trans>
        </Text>
      )}
      <PromptField
        label={t`What the film shows`} model={draft.value.options.model}
        placeholder={video.prompt ?? t`As before`}
        value={prompt}
        onChange={(said) => draft.change({ prompt: said })}
      />
    </OrderForm>
  );
}

interface SpanRowProps {
  number: number;
  span: Span;
  frame: number;
  change: (edge: "start" | "stop", seconds: number) => void;
  remove: () => void;
}

/** A kept span in numbers. */
function SpanRow({ number, span, frame, change, remove }: SpanRowProps): ReactNode {
  const { t } = useLingui();
  const field = (edge: "start" | "stop", label: string): ReactNode => (
    <NumberInput
      aria-label={label}
      size="xs"
      value={span[edge]}
      step={frame}
      min={0}
      decimalScale={3}
      suffix=" s"
      flex={1}
      miw={0}
      onChange={(said) => typeof said === "number" && change(edge, said)}
    />
  );
  return (
    <Group gap="xs" wrap="nowrap">
      {field("start", t`Kept span ${number}: from, in seconds`)}
      <Text size="sm" aria-hidden>
        –
      </Text>
      {field("stop", t`Kept span ${number}: to, in seconds`)}
      <ActionIcon variant="subtle" color="gray" size={30} onClick={remove} aria-label={t`Do not keep span ${number}`}>
        <IconX size={16} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
