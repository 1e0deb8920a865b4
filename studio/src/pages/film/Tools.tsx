/** What can be made of a film: one tool is open at a time, and the address says which. */

import { useLingui } from "@lingui/react";
import { Trans } from "@lingui/react/macro";
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Accordion, Text, VisuallyHidden } from "@mantine/core";
import {
  type Icon,
  IconArrowsRightLeft,
  IconCards,
  IconAdjustments,
  IconBrush,
  IconDownload,
  IconFingerprint,
  IconLink,
  IconMovie,
  IconRepeat,
  IconRss,
  IconScissors,
  IconSelectAll,
  IconUserPlus,
} from "@tabler/icons-react";
import type { ComponentType, ReactNode } from "react";
import { useSearchParams } from "react-router";

import type { Schemas } from "@/api/client";
import { useServer } from "@/api/server";

import { cardsOf } from "./cards";
import { Blend } from "./tools/Blend";
import { Download } from "./tools/Download";
import { Extend } from "./tools/Extend";
import { Finish } from "./tools/Finish";
import { Loop } from "./tools/Loop";
import { MakeCharacter } from "./tools/MakeCharacter";
import { Origin } from "./tools/Origin";
import { Publish } from "./tools/Publish";
import { Recut } from "./tools/Recut";
import { RegionEdit } from "./tools/RegionEdit";
import { Remix } from "./tools/Remix";
import { Retake } from "./tools/Retake";
import { Share } from "./tools/Share";

export interface ToolProps {
  video: Schemas["LibraryVideoDetails"];
}

interface Tool {
  key: string;
  name: MessageDescriptor;
  Symbol: Icon;
  Panel: ComponentType<ToolProps>;
  /** Whether there is such a tool for a film on this server. */
  has?: (video: ToolProps["video"], server: ReturnType<typeof useServer>) => boolean;
}

const GROUPS: readonly { key: string; name: MessageDescriptor; tools: readonly Tool[] }[] = [
  {
    key: "make",
    name: msg`Make another film of it`,
    tools: [
      { key: "remix", name: msg`Remix`, Symbol: IconBrush, Panel: Remix },
      { key: "extend", name: msg`Extend`, Symbol: IconArrowsRightLeft, Panel: Extend },
      { key: "loop", name: msg`Loop`, Symbol: IconRepeat, Panel: Loop },
      { key: "blend", name: msg`Blend`, Symbol: IconMovie, Panel: Blend },
      { key: "recut", name: msg`Re-cut`, Symbol: IconScissors, Panel: Recut },
      { key: "edit", name: msg`Edit a region`, Symbol: IconSelectAll, Panel: RegionEdit },
      { key: "retake", name: msg`Retake a card`, Symbol: IconCards, Panel: Retake, has: (video) => cardsOf(video).length > 0 },
      { key: "finish", name: msg`Finishing`, Symbol: IconAdjustments, Panel: Finish },
    ],
  },
  {
    key: "use",
    name: msg`Use it`,
    tools: [
      { key: "download", name: msg`Download`, Symbol: IconDownload, Panel: Download },
      { key: "character", name: msg`Make a character`, Symbol: IconUserPlus, Panel: MakeCharacter },
      { key: "share", name: msg`Share link`, Symbol: IconLink, Panel: Share },
      { key: "publish", name: msg`Feed`, Symbol: IconRss, Panel: Publish, has: (_, server) => server?.feed ?? false },
      { key: "origin", name: msg`Provenance`, Symbol: IconFingerprint, Panel: Origin },
    ],
  },
];

export function Tools({ video }: ToolProps): ReactNode {
  const [search, setSearch] = useSearchParams();
  const server = useServer();
  const { _ } = useLingui();
  const open = search.get("tool");
  const choose = (tool: string | null): void =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (tool) after.set("tool", tool);
        else after.delete("tool");
        return after;
      },
      { replace: true },
    );
  return (
    <section aria-labelledby="tools">
      <VisuallyHidden>
        <h2 id="tools">
          <Trans>Tools</Trans>
        </h2>
      </VisuallyHidden>
      <Accordion className="tools" variant="separated" order={3} value={open} onChange={choose} keepMounted={false} chevronPosition="right">
        {GROUPS.map(({ key, name, tools }) => (
          <div key={key} className="tool-group">
            <Text size="xs" fw={600} c="dimmed" mb={4}>
              {_(name)}
            </Text>
            {tools
              .filter(({ has }) => has?.(video, server) ?? true)
              .map((tool) => (
                <Accordion.Item key={tool.key} value={tool.key}>
                  <Accordion.Control icon={<tool.Symbol size={17} stroke={1.7} aria-hidden />}>{_(tool.name)}</Accordion.Control>
                  <Accordion.Panel>{open === tool.key && <tool.Panel video={video} />}</Accordion.Panel>
                </Accordion.Item>
              ))}
          </div>
        ))}
      </Accordion>
    </section>
  );
}
