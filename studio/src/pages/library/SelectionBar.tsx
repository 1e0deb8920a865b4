/** What can be done with the films that are selected. */

import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Paper, Text } from "@mantine/core";
import { IconColumns, IconDownload, IconFolder, IconRestore, IconTrash, IconTrashX, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";

import type { Video } from "@/api/client";

import { useFilmActions } from "./actions";
import { download } from "./download";
import classes from "./Library.module.css";

interface SelectionBarProps {
  films: readonly Video[];
  clear: () => void;
  inTrash: boolean;
}

export function SelectionBar({ films, clear, inTrash }: SelectionBarProps): ReactNode {
  const { t } = useLingui();
  return (
    <Paper withBorder shadow="sm" p={4} ps="sm" className={classes.bar ?? ""} component="section" aria-label={t`What is selected`}>
      <Group gap="xs">
        <Text size="sm" role="status" fw={600}>
          <Plural value={films.length} one="# selected" other="# selected" />
        </Text>
        {inTrash ? <InTrash films={films} /> : <InLibrary films={films} />}
        <ActionIcon variant="subtle" color="gray" size="lg" onClick={clear} aria-label={t`Select nothing`}>
          <IconX size={18} aria-hidden />
        </ActionIcon>
      </Group>
    </Paper>
  );
}

function InTrash({ films }: { films: readonly Video[] }): ReactNode {
  const { restore, ask } = useFilmActions();
  const ids = films.map(({ id }) => id);
  return (
    <>
      <Button size="xs" variant="default" leftSection={<IconRestore size={16} aria-hidden />} onClick={() => void restore(ids)}>
        <Trans>Restore</Trans>
      </Button>
      <Button size="xs" color="red" leftSection={<IconTrashX size={16} aria-hidden />} onClick={() => ask({ kind: "delete", ids })}>
        <Trans>Delete for ever</Trans>
      </Button>
    </>
  );
}

function InLibrary({ films }: { films: readonly Video[] }): ReactNode {
  const { trash, ask } = useFilmActions();
  const navigate = useNavigate();
  const ids = films.map(({ id }) => id);
  const done = films.filter(({ status }) => status === "completed");
  const [a, b] = done;
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconFolder size={16} aria-hidden />}
        onClick={() => ask({ kind: "move", ids, current: films.length === 1 ? (films[0]?.folder_id ?? null) : undefined })}
      >
        <Trans>Move to a folder</Trans>
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={films.length !== 2 || done.length !== 2}
        leftSection={<IconColumns size={16} aria-hidden />}
        onClick={() => a && b && void navigate(`/library/compare?a=${a.id}&b=${b.id}`)}
      >
        <Trans>Compare</Trans>
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={done.length === 0}
        leftSection={<IconDownload size={16} aria-hidden />}
        onClick={() => void download(done)}
      >
        <Trans>Download</Trans>
      </Button>
      <Button size="xs" variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => void trash(ids)}>
        <Trans>Move to the trash</Trans>
      </Button>
    </>
  );
}
