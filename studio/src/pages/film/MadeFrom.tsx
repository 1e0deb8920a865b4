import { Trans } from "@lingui/react/macro";
import { Anchor, Group, Text } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";

import type { Schemas, Video } from "@/api/client";
import { nodeAddress, nodeName } from "@/parts/lineage";

import { useRelatives } from "./lineage";

/** The way back to the films that this one was made from. */
export function MadeFrom({ video }: { video: Video }): ReactNode {
  const sources = useRelatives(video.id)?.sources ?? [];
  if (sources.length === 0) return null;
  return (
    <Group gap="xs" wrap="wrap">
      <IconArrowBackUp size={18} aria-hidden />
      <Text size="sm" c="dimmed">
        <Trans>Made from</Trans>
      </Text>
      {sources.map((source) => (
        <RelativeLink key={source.id} node={source} />
      ))}
    </Group>
  );
}

/** A film, a character or a file of a lineage: a link, or its name where it leads nowhere. */
export function RelativeLink({ node }: { node: Schemas["LineageNode"] }): ReactNode {
  const address = nodeAddress(node);
  if (!address) {
    return (
      <Text size="sm" c="dimmed" span>
        {nodeName(node)}
      </Text>
    );
  }
  return (
    <Anchor component={Link} to={address} size="sm" lineClamp={1} underline="always" dir="auto" lh="24px">
      {nodeName(node)}
    </Anchor>
  );
}
