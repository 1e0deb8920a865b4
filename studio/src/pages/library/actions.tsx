/** What can be done with films of the library: one place for menus, keys, drag and the bar of what is selected. */

import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { createContext, type ReactNode, useContext, useMemo, useState } from "react";

import type { Schemas, Video } from "@/api/client";
import { messageOf } from "@/i18n/errors";

import { changeFilms } from "./films";

export type Folder = Schemas["Folder"];

/** A question that is open. */
export type Question =
  | { kind: "rename"; film: Video }
  /** `current`: the folder that they are in; undefined: they are in several. */
  | { kind: "move"; ids: readonly string[]; current: string | null | undefined }
  | { kind: "delete"; ids: readonly string[] }
  | { kind: "newFolder"; ids: readonly string[] }
  | { kind: "renameFolder"; folder: Folder }
  | { kind: "deleteFolder"; folder: Folder };

export interface FilmActions {
  /** Puts films into a folder; empty: into none. */
  move: (ids: readonly string[], folder: string) => Promise<void>;
  trash: (ids: readonly string[]) => Promise<void>;
  restore: (ids: readonly string[]) => Promise<void>;
  ask: (question: Question | null) => void;
}

const Actions = createContext<FilmActions | null>(null);
export const ActionsProvider = Actions.Provider;

export function useFilmActions(): FilmActions {
  const actions = useContext(Actions);
  if (!actions) throw new Error("not within the library");
  return actions;
}

/** The actions, and the question that is open. `done`: called after each, for the selection. */
export function useActions(done: () => void): [FilmActions, Question | null] {
  const [question, ask] = useState<Question | null>(null);
  const actions = useMemo(() => {
    const change = async (ids: readonly string[], what: Parameters<typeof changeFilms>[1], said: ReactNode): Promise<void> => {
      await saying(changeFilms(ids, what), said);
      done();
    };
    const restore = (ids: readonly string[]): Promise<void> => change(ids, { trashed: false }, <Restored count={ids.length} />);
    return {
      restore,
      move: (ids: readonly string[], folder: string) => change(ids, { folder_id: folder }, <Moved count={ids.length} />),
      trash: (ids: readonly string[]) =>
        change(ids, { trashed: true }, <Trashed count={ids.length} undo={() => void restore(ids)} />),
      ask,
    };
  }, [done]);
  return [actions, question];
}

/** Says what was done, or in one line why it was not. */
async function saying(call: Promise<void>, said: ReactNode): Promise<void> {
  try {
    await call;
    notifications.show({ message: said, closeButtonProps: { "aria-label": i18n._(msg`Close`) } });
  } catch (error) {
    notifications.show({ color: "red", message: messageOf(error), closeButtonProps: { "aria-label": i18n._(msg`Close`) } });
  }
}

function Moved({ count }: { count: number }): ReactNode {
  return <Plural value={count} one="# film was moved." other="# films were moved." />;
}

function Restored({ count }: { count: number }): ReactNode {
  return <Plural value={count} one="# film is out of the trash." other="# films are out of the trash." />;
}

function Trashed({ count, undo }: { count: number; undo: () => void }): ReactNode {
  return (
    <Group justify="space-between" wrap="nowrap">
      <Plural value={count} one="# film is in the trash." other="# films are in the trash." />
      <Button size="compact-sm" variant="light" onClick={undo}>
        <Trans>Undo</Trans>
      </Button>
    </Group>
  );
}
