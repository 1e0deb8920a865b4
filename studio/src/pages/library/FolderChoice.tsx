import { Trans, useLingui } from "@lingui/react/macro";
import { Button, ScrollArea, Stack, TextInput } from "@mantine/core";
import { IconCheck, IconFolder, IconFolderOff, IconFolderPlus } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";

import { useFilmActions } from "./actions";
import { useFolders } from "./Folders";

const MANY = 8; // folders from which on one can look for one

interface FolderChoiceProps {
  ids: readonly string[];
  current: string | null | undefined;
  close: () => void;
}

/** Asks for the folder that films are moved to. */
export function FolderChoice({ ids, current, close }: FolderChoiceProps): ReactNode {
  const { move, ask } = useFilmActions();
  const folders = useFolders() ?? [];
  const [typed, setTyped] = useState("");
  const { t } = useLingui();
  const shown = folders.filter(({ name }) => name.toLowerCase().includes(typed.trim().toLowerCase()));
  const choose = (folder: string): void => {
    close();
    void move(ids, folder);
  };
  const look = { variant: "subtle", justify: "start", fullWidth: true } as const;
  return (
    <Stack gap="xs">
      {folders.length > MANY && (
        <TextInput aria-label={t`Name`} placeholder={t`Search`} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
      )}
      <ScrollArea.Autosize mah="40vh" type="auto">
        {shown.map(({ id, name }) => (
          <Button
            key={id}
            {...look}
            disabled={id === current}
            leftSection={<IconFolder size={18} stroke={1.6} aria-hidden />}
            rightSection={id === current && <IconCheck size={16} aria-hidden />}
            onClick={() => choose(id)}
          >
            <bdi>{name}</bdi>
          </Button>
        ))}
        {current !== null && (
          <Button {...look} leftSection={<IconFolderOff size={18} stroke={1.6} aria-hidden />} onClick={() => choose("")}>
            <Trans>Out of the folder</Trans>
          </Button>
        )}
        <Button
          {...look}
          leftSection={<IconFolderPlus size={18} stroke={1.6} aria-hidden />}
          onClick={() => ask({ kind: "newFolder", ids })}
        >
          <Trans>New folder…</Trans>
        </Button>
      </ScrollArea.Autosize>
    </Stack>
  );
}
