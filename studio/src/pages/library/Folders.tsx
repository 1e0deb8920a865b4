/** The folders of the library: places to look into, and to drop films on. */

import { useDroppable } from "@dnd-kit/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Box, Button, Group, Menu, NavLink, ScrollArea, Skeleton, Text } from "@mantine/core";
import { IconDots, IconFolder, IconFolderPlus, IconFolderQuestion, IconPhotoVideo, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { api } from "@/api/client";

import { type Folder, useFilmActions } from "./actions";
import { type Filters, NO_FILTERS, NO_FOLDER, written } from "./filters";
import classes from "./Library.module.css";

/** Where a film is dropped: a folder's id, or one of these. */
export const TRASH = "trash";

export function useFolders(): Folder[] | undefined {
  return api.useQuery("get", "/v1/folders").data?.data;
}

export function Folders({ filters }: { filters: Filters }): ReactNode {
  const folders = useFolders();
  const { ask } = useFilmActions();
  const { t } = useLingui();
  const here = filters.trash ? TRASH : filters.folder;
  return (
    <nav aria-label={t`Folders`}>
      <Place place="" here={here} name={<Trans>All films</Trans>} symbol={<IconPhotoVideo size={18} stroke={1.6} aria-hidden />} />
      <Place
        place={NO_FOLDER}
        here={here}
        name={<Trans>In no folder</Trans>}
        symbol={<IconFolderQuestion size={18} stroke={1.6} aria-hidden />}
      />
      <ScrollArea.Autosize mah="50vh" type="auto" viewportProps={{ tabIndex: -1 }}>
        {folders === undefined && <Skeleton h={30} my={4} aria-busy />}
        {folders?.map((folder) => (
          <FolderPlace key={folder.id} folder={folder} here={here} />
        ))}
      </ScrollArea.Autosize>
      <Place place={TRASH} here={here} name={<Trans>Trash</Trans>} symbol={<IconTrash size={18} stroke={1.6} aria-hidden />} />
      <Button
        variant="subtle"
        size="compact-sm"
        mt="xs"
        leftSection={<IconFolderPlus size={18} stroke={1.6} aria-hidden />}
        onClick={() => ask({ kind: "newFolder", ids: [] })}
      >
        <Trans>New folder</Trans>
      </Button>
    </nav>
  );
}

interface PlaceProps {
  /** Empty: all films. */
  place: string;
  here: string;
  name: ReactNode;
  symbol: ReactNode;
  count?: number;
}

function Place({ place, here, name, symbol, count }: PlaceProps): ReactNode {
  const { setNodeRef, isOver } = useDroppable({ id: `place:${place}`, data: { place }, disabled: place === "" || place === here });
  const filters = { ...NO_FILTERS, ...(place === TRASH ? { trash: true } : { folder: place }) };
  const active = place === here;
  return (
    <div ref={setNodeRef} className={classes.place} data-over={isOver || undefined}>
      <NavLink
        component={Link}
        to={{ pathname: "/library", search: `${written(filters)}` }}
        active={active}
        aria-current={active ? "page" : undefined}
        label={
          <Text size="sm" span dir="auto" lineClamp={1}>
            {name}
          </Text>
        }
        leftSection={symbol}
        rightSection={count ? <Text size="xs" span>{count}</Text> : null}
        py={6}
        className={classes.placeLink ?? ""}
      />
    </div>
  );
}

function FolderPlace({ folder, here }: { folder: Folder; here: string }): ReactNode {
  const { ask } = useFilmActions();
  const { t } = useLingui();
  return (
    <Group gap={0} wrap="nowrap">
      <Box flex={1} miw={0}>
        <Place place={folder.id} here={here} name={folder.name} count={folder.videos} symbol={<IconFolder size={18} stroke={1.6} aria-hidden />} />
      </Box>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t`What can be done with the folder ${folder.name}`}>
            <IconDots size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => ask({ kind: "renameFolder", folder })}>
            <Trans>Rename</Trans>
          </Menu.Item>
          <Menu.Item className={classes.danger ?? ""} onClick={() => ask({ kind: "deleteFolder", folder })}>
            <Trans>Delete</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
