import { Trans, useLingui } from "@lingui/react/macro";
import { Group, Progress, Text } from "@mantine/core";
import type { ReactNode } from "react";

import type { Schemas } from "@/api/client";

import { bytes } from "./amounts";
import classes from "./Disk.module.css";
import { Part } from "./Part";

const TIGHT = 0.9;

interface Share {
  name: string;
  amount: number;
  color: string;
}

/** What is stored, and how much room is left. A bucket has no end: then the bar is missing. */
export function Disk({ disk }: { disk: Schemas["DiskOverview"] }): ReactNode {
  const { i18n, t } = useLingui();
  const { used_bytes: used, free_bytes: free } = disk;
  const own: Share[] = [
    { name: t`Films`, amount: disk.videos_bytes, color: "night.5" },
    { name: t`Uploaded files`, amount: disk.files_bytes, color: "teal.6" },
    { name: t`Database`, amount: disk.database_bytes ?? 0, color: "grape.5" },
  ];
  const mine = own.reduce((sum, share) => sum + share.amount, 0);
  const others: Share[] = used === null ? [] : [{ name: t`Everything else`, amount: Math.max(0, used - mine), color: "gray.5" }];
  const shares = [...own, ...others];
  return (
    <Part title={t`Disk`}>
      {used !== null && free !== null && (
        <>
          <Text size="sm" className={used / (used + free) > TIGHT ? "error" : undefined}>
            <Trans>
              {bytes(i18n, used)} are used, {bytes(i18n, free)} are free.
            </Trans>
          </Text>
          <Progress.Root size="lg" aria-hidden>
            {shares.map(({ name, amount, color }) => (
              <Progress.Section key={name} value={(100 * amount) / (used + free)} color={color} aria-hidden />
            ))}
          </Progress.Root>
        </>
      )}
      <Group gap="lg" component="ul" className={classes.legend}>
        {shares.map(({ name, amount, color }) => (
          <li key={name}>
            <span aria-hidden style={{ background: `var(--mantine-color-${color.replace(".", "-")})` }} />
            <Text span size="sm">
              {name}
            </Text>{" "}
            <Text span size="sm" c="dimmed">
              {bytes(i18n, amount)}
            </Text>
          </li>
        ))}
      </Group>
    </Part>
  );
}
