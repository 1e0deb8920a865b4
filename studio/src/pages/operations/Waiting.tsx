import { Trans, useLingui } from "@lingui/react/macro";
import { Anchor, Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";

import type { Schemas } from "@/api/client";
import { modeName } from "@/parts/modeNames";

import { useKeyNames } from "./keyNames";
import { Moment } from "./Moment";
import { Part } from "./Part";
import classes from "./Waiting.module.css";

const MOST = 6;

/** The films that workers take next. */
export function Waiting({ queue }: { queue: Schemas["QueueOverview"] }): ReactNode {
  const { i18n, t } = useLingui();
  const nameOf = useKeyNames();
  const next = queue.waiting.slice(0, MOST);
  return (
    <Part title={t`Next in the queue`}>
      {next.length === 0 && (
        <Text size="sm" c="dimmed">
          <Trans>The queue is empty.</Trans>
        </Text>
      )}
      <ol className={classes.waiting}>
        {next.map(({ id, position, key, mode, model, size, seconds, created_at: since }) => (
          <li key={id}>
            <Text span fw={650}>
              {i18n.number(position)}
            </Text>
            <div>
              <Group justify="space-between" gap="xs">
                <Text span size="sm">
                  {mode ? modeName(i18n, mode) : model}
                </Text>
                <Text span size="xs" c="dimmed">
                  <Moment at={since} />
                </Text>
              </Group>
              <Text size="xs" c="dimmed">
                {nameOf(key)} · {model} · <bdi>{size}</bdi> · <Trans>{seconds} s</Trans>
              </Text>
            </div>
          </li>
        ))}
      </ol>
      {queue.queued > next.length && (
        <Anchor component={Link} to="?show=queue" replace size="sm" style={{ alignSelf: "start" }}>
          <Trans>Show the whole queue</Trans>
        </Anchor>
      )}
    </Part>
  );
}
