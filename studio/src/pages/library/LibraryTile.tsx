/** A film of the library: it can be selected, dragged onto a folder, and has a menu. */

import { useDraggable } from "@dnd-kit/core";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Checkbox, Menu } from "@mantine/core";
import {
  IconDots,
  IconDownload,
  IconFolder,
  IconPencil,
  IconPlayerPlay,
  IconRestore,
  IconSitemap,
  IconTrash,
  IconTrashX,
} from "@tabler/icons-react";
import type { MouseEvent, ReactNode } from "react";
import { Link } from "react-router";

import type { Video } from "@/api/client";
import { FilmTile } from "@/parts/FilmTile";
import { filmName } from "@/parts/filmName";

import { useFilmActions } from "./actions";
import { download } from "./download";
import classes from "./Library.module.css";

export interface LibraryTileProps {
  film: Video;
  selected: boolean;
  /** Whether any film is: then a click selects. */
  selecting: boolean;
  toggle: (id: string, range: boolean) => void;
}

export function LibraryTile({ film, selected, selecting, toggle }: LibraryTileProps): ReactNode {
  const { t } = useLingui();
  const name = filmName(film);
  const { setNodeRef, listeners, isDragging } = useDraggable({ id: film.id, data: { film } });
  const click = (event: MouseEvent): void => {
    const byPointer = event.detail > 0;
    if (!byPointer || !(selecting || event.shiftKey || event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    toggle(film.id, event.shiftKey);
  };
  return (
    <div ref={setNodeRef} className={classes.cell} data-dragged={isDragging || undefined} {...listeners}>
      <FilmTile
        film={film}
        selected={selected}
        onClick={click}
        corner={
          <Checkbox
            className={classes.tick ?? ""}
            size="md"
            checked={selected}
            onChange={() => undefined}
            onClick={(event) => toggle(film.id, event.shiftKey)}
            aria-label={t`Select ${name}`}
          />
        }
        actions={<FilmMenu film={film} name={name} />}
      />
    </div>
  );
}

function FilmMenu({ film, name }: { film: Video; name: string }): ReactNode {
  const { t } = useLingui();
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t`What can be done with ${name}`}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>{film.trashed_at === null ? <Kept film={film} /> : <Trashed film={film} />}</Menu.Dropdown>
    </Menu>
  );
}

function Kept({ film }: { film: Video }): ReactNode {
  const { trash, ask } = useFilmActions();
  return (
    <>
      <Menu.Item component={Link} to={`/films/${film.id}`} leftSection={<IconPlayerPlay size={16} aria-hidden />}>
        <Trans>Open</Trans>
      </Menu.Item>
      <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => ask({ kind: "rename", film })}>
        <Trans>Rename</Trans>
      </Menu.Item>
      <Menu.Item
        leftSection={<IconFolder size={16} aria-hidden />}
        onClick={() => ask({ kind: "move", ids: [film.id], current: film.folder_id })}
      >
        <Trans>Move to a folder</Trans>
      </Menu.Item>
      <Menu.Item component={Link} to={`/films/${film.id}/lineage`} leftSection={<IconSitemap size={16} aria-hidden />}>
        <Trans>Lineage</Trans>
      </Menu.Item>
      {film.status === "completed" && (
        <Menu.Item leftSection={<IconDownload size={16} aria-hidden />} onClick={() => void download([film])}>
          <Trans>Download</Trans>
        </Menu.Item>
      )}
      <Menu.Item className={classes.danger ?? ""} leftSection={<IconTrash size={16} aria-hidden />} onClick={() => void trash([film.id])}>
        <Trans>Move to the trash</Trans>
      </Menu.Item>
    </>
  );
}

function Trashed({ film }: { film: Video }): ReactNode {
  const { restore, ask } = useFilmActions();
  return (
    <>
      <Menu.Item leftSection={<IconRestore size={16} aria-hidden />} onClick={() => void restore([film.id])}>
        <Trans>Restore</Trans>
      </Menu.Item>
      <Menu.Item className={classes.danger ?? ""} leftSection={<IconTrashX size={16} aria-hidden />} onClick={() => ask({ kind: "delete", ids: [film.id] })}>
        <Trans>Delete for ever</Trans>
      </Menu.Item>
    </>
  );
}
