import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, NumberInput, SimpleGrid, Stack, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { createPortal } from "react-dom";

import { useDraft } from "@/drafts/useDraft";
import { PromptField } from "@/parts/PromptField";

import { fitted, type Region } from "../region";
import { resized } from "../spans";
import { useStage } from "../stage";
import type { ToolProps } from "../Tools";
import { SecondsField } from "./fields";
import { optionsFor, OrderForm } from "./OrderForm";
import { RegionBox } from "./RegionBox";
import { rulerOf } from "./ruler";
import { Timeline } from "./Timeline";

const CENTRE: Region = { x: 0.25, y: 0.25, w: 0.5, h: 0.5 };

/** A rectangle of the picture, or some seconds of the film, made again; the rest is kept. */
export function RegionEdit({ video }: ToolProps): ReactNode {
  const ruler = rulerOf(video);
  const [initial] = useState(() => ({ ...optionsFor(video), prompt: video.prompt ?? "", region: CENTRE as Region | null, start: 0, stop: ruler.length }));
  const draft = useDraft(`film.${video.id}.edit`, initial);
  const { prompt, region, start, stop } = draft.value;
  const { strip } = useStage();
  const { t } = useLingui();
  const span = [{ start, stop }];
  const resize = (edge: "start" | "stop", seconds: number): void => draft.change(resized(span, 0, edge, seconds, ruler)[0] ?? {});
  return (
    <OrderForm
      mode="edit"
      draft={draft}
      fields={() => ({ video: { id: video.id }, prompt, region, from: start, to: stop })}
      action={<Trans>Edit the film</Trans>}
      incomplete={!prompt.trim()}
    >
      <RegionBox region={region} onChange={(drawn) => draft.change({ region: drawn })} />
      {strip &&
        createPortal(
          <Timeline
            video={video}
            ruler={ruler}
            spans={span}
            onChange={([next]) => draft.change(next ?? {})}
            name={() => t`Seconds that are edited`}
          />,
          strip,
        )}
      <Text size="sm" c="dimmed">
        <Trans>Draw a rectangle over the picture. What is in it is made again; the rest is kept.</Trans>
      </Text>
      <RegionFields region={region} onChange={(said) => draft.change({ region: said })} />
      <Group grow gap="sm">
        <SecondsField label={t`From second`} value={start} step={ruler.frame} max={ruler.length} onChange={(said) => resize("start", said)} />
        <SecondsField label={t`To second`} value={stop} step={ruler.frame} max={ruler.length} onChange={(said) => resize("stop", said)} />
      </Group>
      <PromptField label={t`What the film shows`} model={draft.value.options.model} value={prompt} onChange={(said) => draft.change({ prompt: said })} />
    </OrderForm>
  );
}

interface RegionFieldsProps {
  region: Region | null;
  onChange: (region: Region | null) => void;
}

/** A rectangle in percent of the picture. */
function RegionFields({ region, onChange }: RegionFieldsProps): ReactNode {
  const { t } = useLingui();
  if (!region) {
    return (
      <Button variant="default" size="xs" onClick={() => onChange(CENTRE)}>
        <Trans>Choose a rectangle</Trans>
      </Button>
    );
  }
  const names: [keyof Region, string][] = [
    ["x", t`Left, %`],
    ["y", t`Top, %`],
    ["w", t`Width, %`],
    ["h", t`Height, %`],
  ];
  return (
    <Stack gap="xs">
      <SimpleGrid cols={4} spacing="xs">
        {names.map(([side, label]) => (
          <NumberInput
            key={side}
            label={label}
            size="xs"
            min={0}
            max={100}
            decimalScale={1}
            hideControls
            value={Math.round(region[side] * 1000) / 10}
            onChange={(said) => typeof said === "number" && onChange(fitted({ ...region, [side]: said / 100 }))}
          />
        ))}
      </SimpleGrid>
      <Button variant="subtle" size="compact-sm" onClick={() => onChange(null)}>
        <Trans>The whole picture instead</Trans>
      </Button>
    </Stack>
  );
}
