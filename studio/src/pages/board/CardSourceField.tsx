/** What a card is: words alone, or words that begin with a still or a clip. */

import { useLingui } from "@lingui/react/macro";
import { Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";

import { useVideo } from "@/api/videos";
import { filmName } from "@/parts/filmName";
import { SourcePicker } from "@/parts/SourcePicker";
import type { Source } from "@/parts/sources";

import type { CardSource } from "./board";

type Kind = "text" | CardSource["as"];

export interface CardSourceFieldProps {
  source: CardSource | null;
  onChange: (source: CardSource | null) => void;
}

export function CardSourceField({ source, onChange }: CardSourceFieldProps): ReactNode {
  const { t } = useLingui();
  const [kind, setKind] = useState<Kind>(source?.as ?? "text");
  const choose = (next: string): void => {
    setKind(next as Kind);
    if (next === "text") onChange(null);
    else if (source) onChange({ ...source, as: next as CardSource["as"] });
  };
  const pick = (found: Source): void => {
    if (kind === "text") return;
    const named = found.kind === "file" ? { ref: found.file_id, name: found.name } : { ref: found.id, name: "" };
    onChange({ as: kind, ...named });
  };
  return (
    <Stack gap="xs">
      <SegmentedControl
        aria-label={t`What the card begins with`}
        value={kind}
        onChange={choose}
        data={[
          { value: "text", label: t`Words alone` },
          { value: "image", label: t`A still` },
          { value: "clip", label: t`A clip` },
        ]}
      />
      {kind !== "text" && (
        <Group gap="xs">
          <SourcePicker label={t`What the card begins with`} accepts={kind === "image" ? "still" : "clip"} onPick={pick} compact />
          {source && <Chosen source={source} />}
        </Group>
      )}
    </Stack>
  );
}

/** The name of what was chosen. */
function Chosen({ source }: { source: CardSource }): ReactNode {
  const video = useVideo(source.ref.startsWith("video_") ? source.ref : null);
  return (
    <Text size="sm" c="dimmed" truncate maw={240} dir="auto">
      {video ? filmName(video) : source.name}
    </Text>
  );
}
