/** Dialogs of the library: a name for a film or a folder, and whether something may be deleted for ever. */

import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";

import { answer, http } from "@/api/client";
import { changed } from "@/api/queries";
import { ErrorLine } from "@/parts/ErrorLine";

import { type Question, useFilmActions } from "./actions";
import { changeFilms, renameFilm } from "./films";
import { FolderChoice } from "./FolderChoice";

const LONGEST_TITLE = 200;
const LONGEST_FOLDER = 80;

/** The dialog of a question, until it is answered. `deleted`: called once films or a folder are gone. */
export function Questions({ question, deleted }: { question: Question | null; deleted: (folder?: string) => void }): ReactNode {
  const { ask } = useFilmActions();
  const close = (): void => ask(null);
  const { t } = useLingui();
  return (
    <Modal
      opened={question !== null}
      onClose={close}
      title={question && <Title question={question} />}
      closeButtonProps={{ "aria-label": t`Close` }}
      centered
    >
      {question && <Body question={question} close={close} deleted={deleted} />}
    </Modal>
  );
}

function Title({ question }: { question: Question }): ReactNode {
  switch (question.kind) {
    case "rename":
      return <Trans>Rename the film</Trans>;
    case "delete":
      return <Trans>Delete for ever?</Trans>;
    case "move":
      return <Trans>Move to a folder</Trans>;
    case "newFolder":
      return <Trans>New folder</Trans>;
    case "renameFolder":
      return <Trans>Rename the folder</Trans>;
    case "deleteFolder":
      return <Trans>Delete the folder?</Trans>;
  }
}

interface BodyProps<T> {
  question: T;
  close: () => void;
  deleted: (folder?: string) => void;
}

function Body({ question, close, deleted }: BodyProps<Question>): ReactNode {
  const { t } = useLingui();
  const { move } = useFilmActions();
  switch (question.kind) {
    case "rename": {
      const { id, title } = question.film;
      return (
        <Naming label={t`Title`} start={title ?? ""} longest={LONGEST_TITLE} action={(name) => renameFilm(id, name)} close={close} mayBeEmpty />
      );
    }
    case "move":
      return <FolderChoice ids={question.ids} current={question.current} close={close} />;
    case "newFolder":
      return <Naming label={t`Name`} start="" longest={LONGEST_FOLDER} action={(name) => makeFolder(name, question.ids, move)} close={close} />;
    case "renameFolder": {
      const { id, name } = question.folder;
      return <Naming label={t`Name`} start={name} longest={LONGEST_FOLDER} action={(next) => renameFolder(id, next)} close={close} />;
    }
    case "delete":
      return (
        <Confirming action={() => changeFilms(question.ids, { deleted: true })} close={close} done={() => deleted()}>
          <Plural
            value={question.ids.length}
            one="# film will be deleted. This cannot be undone."
            other="# films will be deleted. This cannot be undone."
          />
        </Confirming>
      );
    case "deleteFolder": {
      const { id, name } = question.folder;
      return (
        <Confirming action={() => deleteFolder(id)} close={close} done={() => deleted(id)}>
          <Trans>The folder “{name}” will be deleted. Its films stay in the library.</Trans>
        </Confirming>
      );
    }
  }
}

async function makeFolder(name: string, ids: readonly string[], move: (ids: readonly string[], folder: string) => Promise<void>): Promise<void> {
  const folder = await answer(http.POST("/v1/folders", { body: { name } }));
  changed("/v1/folders");
  if (ids.length > 0) await move(ids, folder.id);
}

async function renameFolder(id: string, name: string): Promise<void> {
  await http.POST("/v1/folders/{folder_id}", { params: { path: { folder_id: id } }, body: { name } });
  changed("/v1/folders");
}

async function deleteFolder(id: string): Promise<void> {
  await http.DELETE("/v1/folders/{folder_id}", { params: { path: { folder_id: id } } });
  changed("/v1/folders");
}

interface NamingProps {
  label: string;
  start: string;
  longest: number;
  action: (name: string) => Promise<void>;
  close: () => void;
  mayBeEmpty?: boolean;
}

function Naming({ label, start, longest, action, close, mayBeEmpty = false }: NamingProps): ReactNode {
  const [name, setName] = useState(start);
  const { run, error, busy } = useRun(action, close);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void run(name.trim());
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={label}
          value={name}
          maxLength={longest}
          onChange={(event) => setName(event.currentTarget.value)}
          onFocus={(event) => event.currentTarget.select()}
          dir="auto"
          data-autofocus
        />
        <ErrorLine error={error} />
        <Buttons close={close}>
          <Button type="submit" loading={busy} disabled={!mayBeEmpty && !name.trim()}>
            <Trans>Save</Trans>
          </Button>
        </Buttons>
      </Stack>
    </form>
  );
}

interface ConfirmingProps {
  action: () => Promise<void>;
  close: () => void;
  done: () => void;
  children: ReactNode;
}

function Confirming({ action, close, done, children }: ConfirmingProps): ReactNode {
  const { run, error, busy } = useRun(action, () => {
    done();
    close();
  });
  return (
    <Stack>
      <Text>{children}</Text>
      <ErrorLine error={error} />
      <Buttons close={close}>
        <Button color="red" loading={busy} onClick={() => void run()}>
          <Trans>Delete</Trans>
        </Button>
      </Buttons>
    </Stack>
  );
}

function Buttons({ close, children }: { close: () => void; children: ReactNode }): ReactNode {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={close}>
        <Trans>Cancel</Trans>
      </Button>
      {children}
    </Group>
  );
}

/** Runs a call once at a time, and says what went wrong. */
function useRun<A extends unknown[]>(action: (...said: A) => Promise<void>, done: () => void): {
  run: (...said: A) => Promise<void>;
  error: unknown;
  busy: boolean;
} {
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: null });
  const run = async (...said: A): Promise<void> => {
    setState({ busy: true, error: null });
    try {
      await action(...said);
      done();
    } catch (error) {
      setState({ busy: false, error });
    }
  };
  return { run, ...state };
}
