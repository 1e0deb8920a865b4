import type { I18n, MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import type { ReactNode } from "react";

import type { Schemas } from "@/api/client";

import { duration } from "./amounts";
import { Part } from "./Part";
import classes from "./Stages.module.css";

const NAMES: Record<string, MessageDescriptor> = {
  queue: msg`Queue`,
  encode: msg`Encoding`,
  denoise: msg`Denoising`,
  decode: msg`Decoding`,
  finish: msg`Finishing`,
  upload: msg`Storing`,
};

function nameOf(i18n: I18n, stage: string): string {
  const known = NAMES[stage];
  return known ? i18n._(known) : stage;
}

/** How long the stages of the newest films took: medians, as bars of one scale. */
export function Stages({ stages }: { stages: readonly Schemas["StageOverview"][] }): ReactNode {
  const { i18n, t } = useLingui();
  const longest = Math.max(...stages.map((stage) => stage.median_seconds), 1e-6);
  return (
    <Part title={t`Stages of a film`}>
      {stages.length === 0 && (
        <Text size="sm" c="dimmed">
          <Trans>No film has been completed yet.</Trans>
        </Text>
      )}
      <dl className={classes.stages}>
        {stages.map((stage) => (
          <Stage key={stage.name} name={nameOf(i18n, stage.name)} stage={stage} share={stage.median_seconds / longest} />
        ))}
      </dl>
    </Part>
  );
}

function Stage({ name, stage, share }: { name: string; stage: Schemas["StageOverview"]; share: number }): ReactNode {
  const { i18n } = useLingui();
  const [median, most] = [duration(i18n, stage.median_seconds), duration(i18n, stage.p95_seconds)];
  return (
    <div>
      <dt>{name}</dt>
      <dd aria-hidden className={classes.bar}>
        <span style={{ width: `${share * 100}%` }} />
      </dd>
      <dd>
        <bdi>{median}</bdi>{" "}
        <Text span size="xs" c="dimmed">
          <Trans>95 % within {most}</Trans>
        </Text>
      </dd>
    </div>
  );
}
