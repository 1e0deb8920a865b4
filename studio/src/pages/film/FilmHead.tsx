/** What a film is called, what it is, and what can be done with it as a whole. */

import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Badge, Group, Stack, Text, TextInput, Title, VisuallyHidden } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconCheck, IconPencil, IconX } from "@tabler/icons-react";
import { type FormEvent, type ReactNode, useState } from "react";

import type { Video } from "@/api/client";
import { ErrorLine } from "@/parts/ErrorLine";
import { filmName } from "@/parts/filmName";

import { useChange } from "./changes";
import { FilmMenu } from "./FilmMenu";

const LONGEST = 200;

export function FilmHead({ video }: { video: Video }): ReactNode {
  const [editing, setEditing] = useState(false);
  const { t } = useLingui();
  useDocumentTitle(`${filmName(video)} · Yozora`);
  return (
    <Stack gap={6} mb="md">
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="sm">
        {editing ? (
          <TitleForm video={video} close={() => setEditing(false)} />
        ) : (
          <Group gap={4} wrap="nowrap" align="flex-start" miw={0}>
            <Title order={1} size="h3" dir="auto" lineClamp={2}>
              {filmName(video)}
            </Title>
            <ActionIcon variant="subtle" color="gray" size={32} aria-label={t`Change the title`} onClick={() => setEditing(true)}>
              <IconPencil size={18} aria-hidden />
            </ActionIcon>
          </Group>
        )}
        <FilmMenu video={video} />
      </Group>
      <Facts video={video} />
    </Stack>
  );
}

function TitleForm({ video, close }: { video: Video; close: () => void }): ReactNode {
  const [title, setTitle] = useState(video.title ?? "");
  const change = useChange(video.id);
  const { t } = useLingui();
  const save = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate({ title: title.trim() }, { onSuccess: close });
  };
  return (
    <form onSubmit={save} style={{ flex: 1, maxWidth: "40rem" }}>
      <Group gap={4} wrap="nowrap">
        <TextInput
          aria-label={t`Title`}
          placeholder={video.prompt ?? ""}
          value={title}
          maxLength={LONGEST}
          dir="auto"
          autoFocus
          flex={1}
          onChange={(event) => setTitle(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Escape" && close()}
        />
        <ActionIcon type="submit" size={36} aria-label={t`Save the title`} loading={change.isPending}>
          <IconCheck size={18} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="default" size={36} aria-label={t`Keep the old title`} onClick={close}>
          <IconX size={18} aria-hidden />
        </ActionIcon>
      </Group>
      <ErrorLine error={change.error} />
    </form>
  );
}

function Facts({ video }: { video: Video }): ReactNode {
  const { t } = useLingui();
  const size = video.size.replace("x", " × ");
  const facts: [string, ReactNode][] = [
    [t`Size`, size],
    [t`Frames a second`, video.fps ?? "–"],
    [t`Seconds`, video.seconds],
    [t`Model`, video.model],
    [t`Seed`, video.seed ?? "–"],
  ];
  return (
    <Group gap="md" component="dl" m={0} className="facts">
      <Group gap={6} component="div">
        <VisuallyHidden component="dt">
          <Trans>State</Trans>
        </VisuallyHidden>
        <dd>
          <State video={video} />
        </dd>
      </Group>
      {facts.map(([name, value]) => (
        <Group key={name} gap={6} component="div">
          <Text component="dt" size="sm" c="dimmed">
            {name}
          </Text>
          <Text component="dd" size="sm" m={0}>
            <bdi>{value}</bdi>
          </Text>
        </Group>
      ))}
    </Group>
  );
}

function State({ video }: { video: Video }): ReactNode {
  const colors = { queued: "gray", in_progress: "night", completed: "teal", failed: "red" } as const;
  return (
    <Badge variant="light" color={colors[video.status]} tt="none" c="var(--mantine-color-text)">
      <StateName status={video.status} />
    </Badge>
  );
}

function StateName({ status }: { status: Video["status"] }): ReactNode {
  if (status === "queued") return <Trans>Queued</Trans>;
  if (status === "in_progress") return <Trans>Being made</Trans>;
  if (status === "failed") return <Trans>Failed</Trans>;
  return <Trans>Finished</Trans>;
}
