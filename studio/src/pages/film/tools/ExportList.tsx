import { useLingui as useLanguage } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Anchor, Group, Progress, Stack, Text } from "@mantine/core";
import { IconDownload, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { messageOfReason } from "@/i18n/errors";

import { type Export, exportAddress, isUnfinished, useDeleteExport, useExports } from "../exports";

const KILOBYTE = 1000;

/** The other versions of a film that there are, and those that are being made. */
export function ExportList({ video }: { video: string }): ReactNode {
  const found = useExports(video) ?? [];
  if (found.length === 0) return null;
  return (
    <Stack gap={6} component="ul" m={0} p={0} className="plain-list">
      {found.map((one) => (
        <li key={one.id}>
          <ExportRow export={one} />
        </li>
      ))}
    </Stack>
  );
}

function ExportRow({ export: one }: { export: Export }): ReactNode {
  const { t } = useLingui();
  const remove = useDeleteExport(one);
  const name = [formatName(one.format), one.size?.replace("x", " × "), one.fps && t`${one.fps} frames a second`].filter(Boolean).join(", ");
  return (
    <Group gap="xs" wrap="nowrap" justify="space-between">
      <Stack gap={2} flex={1} miw={0}>
        <Text size="sm" truncate>
          {name}
        </Text>
        <State export={one} name={name} />
      </Stack>
      {one.status === "completed" && !one.library && (
        <ActionIcon component="a" href={exportAddress(one)} download variant="default" size={32} aria-label={t`Download ${name}`}>
          <IconDownload size={18} aria-hidden />
        </ActionIcon>
      )}
      <ActionIcon variant="subtle" color="gray" size={32} onClick={() => remove.mutate()} aria-label={t`Delete ${name}`}>
        <IconX size={16} aria-hidden />
      </ActionIcon>
    </Group>
  );
}

function State({ export: one, name }: { export: Export; name: string }): ReactNode {
  const { i18n } = useLanguage();
  if (isUnfinished(one)) return <Progress value={one.progress} aria-label={name} />;
  if (one.error) {
    return (
      <Text size="xs" className="error">
        {messageOfReason(one.error_reason ?? one.error.code, one.error.message)}
      </Text>
    );
  }
  if (one.result_video_id) {
    return (
      <Anchor component={Link} to={`/films/${one.result_video_id}`} size="sm" underline="always" lh="24px">
        <Trans>Open the film</Trans>
      </Anchor>
    );
  }
  const size = one.bytes === null ? "" : i18n.number(one.bytes / KILOBYTE, { maximumFractionDigits: 0 });
  return (
    <Text size="xs" c="dimmed" role="status">
      <Trans>Ready, {size} kB</Trans>
    </Text>
  );
}

function formatName(format: Export["format"]): string {
  return { mp4: "MP4", webm: "WebM", gif: "GIF", frames: "PNG (ZIP)" }[format];
}
