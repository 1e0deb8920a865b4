import { Trans } from "@lingui/react/macro";
import { Anchor, List, SimpleGrid, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { i18n } from "@lingui/core";

import { type LineageData, type LineageNode, nodeAddress, nodeName, reached } from "@/parts/lineage";
import { modeName } from "@/parts/modeNames";

/** The lineage in words: what the film was made from, and what was made from it, nearest first. */
export function LineageList({ lineage }: { lineage: LineageData }): ReactNode {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Names title={<Trans>Made from</Trans>} nodes={reached(lineage, lineage.video_id, "sources")} />
      <Names title={<Trans>Made from it</Trans>} nodes={reached(lineage, lineage.video_id, "results")} />
    </SimpleGrid>
  );
}

function Names({ title, nodes }: { title: ReactNode; nodes: LineageNode[] }): ReactNode {
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        {title}
      </Title>
      {nodes.length === 0 && (
        <Text size="sm" c="dimmed">
          <Trans>Nothing</Trans>
        </Text>
      )}
      <List size="sm" spacing={6} listStyleType="none">
        {nodes.map((node) => (
          <List.Item key={node.id}>
            <Name node={node} />
            {node.mode && (
              <Text span size="xs" c="dimmed">
                {" · "}
                {modeName(i18n, node.mode)}
              </Text>
            )}
          </List.Item>
        ))}
      </List>
    </section>
  );
}

function Name({ node }: { node: LineageNode }): ReactNode {
  const address = nodeAddress(node);
  const name = <bdi>{nodeName(node)}</bdi>;
  if (!address) return <Text span c="dimmed" size="sm">{name}</Text>;
  return (
    <Anchor component={Link} to={address}>
      {name}
    </Anchor>
  );
}
