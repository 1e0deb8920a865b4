import { Trans } from "@lingui/react/macro";
import { Menu } from "@mantine/core";
import { IconCheck, IconFolder, IconFolderOff, IconFolderPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { useFolders } from "./Folders";
import classes from "./Library.module.css";

interface FolderItemsProps {
  /** The folder that films are in now; undefined: in several. */
  current?: string | null;
  /** Empty: out of every folder. */
  choose: (folder: string) => void;
  make: () => void;
}

/** Entries of a menu: the folders that films may be moved to. */
export function FolderItems({ current, choose, make }: FolderItemsProps): ReactNode {
  const folders = useFolders() ?? [];
  return (
    <div className={classes.folderItems}>
      {folders.map(({ id, name }) => (
        <Menu.Item
          key={id}
          leftSection={<IconFolder size={16} aria-hidden />}
          rightSection={id === current && <IconCheck size={16} aria-hidden />}
          disabled={id === current}
          onClick={() => choose(id)}
        >
          <bdi>{name}</bdi>
        </Menu.Item>
      ))}
      {current !== null && (
        <Menu.Item leftSection={<IconFolderOff size={16} aria-hidden />} onClick={() => choose("")}>
          <Trans>Out of the folder</Trans>
        </Menu.Item>
      )}
      <Menu.Item leftSection={<IconFolderPlus size={16} aria-hidden />} onClick={make}>
        <Trans>New folder…</Trans>
      </Menu.Item>
    </div>
  );
}
