/** Films that were made elsewhere, or an export, become films of the library. */

import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Anchor, Button, FileButton, Group, List, Loader, Modal, Progress, ScrollArea, Stack, Text } from "@mantine/core";
import { IconFiles, IconFolderOpen } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { chosenFiles } from "./finding";
import { forgetImport, type ImportItem, type ImportState, startImport, stopImport, useImport } from "./imports";

const ACCEPTED = ".mp4,.mov,.m4v,.json,.zip,.tar";
const FOLDER = { webkitdirectory: "" }; // not among the attributes that React's types know

export default function ImportDialog({ opened, close }: { opened: boolean; close: () => void }): ReactNode {
  const state = useImport();
  const { t } = useLingui();
  const runs = state.phase === "looking" || state.phase === "running";
  const leave = (): void => {
    forgetImport();
    close();
  };
  return (
    <Modal opened={opened} onClose={leave} title={<Trans>Import films</Trans>} size="lg" closeButtonProps={{ "aria-label": t`Close` }}>
      <Stack>
        {!runs && <Choice />}
        <Found state={state} />
        {state.items.length > 0 && <Items items={state.items} close={leave} />}
        {runs && (
          <Group justify="flex-end">
            <Button variant="default" onClick={stopImport}>
              <Trans>Stop</Trans>
            </Button>
          </Group>
        )}
      </Stack>
    </Modal>
  );
}

function Choice(): ReactNode {
  const choose = (files: File[]): void => {
    if (files.length > 0) void startImport(chosenFiles(files));
  };
  const { t } = useLingui();
  return (
    <>
      <Text size="sm">
        <Trans>
          Choose MP4 or MOV files, a folder, or an export as ZIP or TAR, or drop them on the page. Titles and prompts are
          read from the JSON beside a film.
        </Trans>
      </Text>
      <Group>
        <FileButton onChange={choose} multiple accept={ACCEPTED} inputProps={{ "aria-label": t`Files to import` }}>
          {(props) => (
            <Button {...props} leftSection={<IconFiles size={18} aria-hidden />}>
              <Trans>Choose files</Trans>
            </Button>
          )}
        </FileButton>
        <FileButton onChange={choose} multiple inputProps={{ ...FOLDER, "aria-label": t`Folder to import` }}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconFolderOpen size={18} aria-hidden />}>
              <Trans>Choose a folder</Trans>
            </Button>
          )}
        </FileButton>
      </Group>
    </>
  );
}

/** How far the import is, in a line that a screen reader says. */
function Found({ state: { phase, items } }: { state: ImportState }): ReactNode {
  const over = items.filter(({ state }) => state !== "waiting" && state !== "sending").length;
  const count = (wanted: ImportItem["state"]): number => items.filter(({ state }) => state === wanted).length;
  const [known, failed] = [count("known"), count("failed")];
  return (
    <Text size="sm" role="status" fw={600} component="div">
      {phase === "looking" && (
        <Group gap="xs">
          <Loader size="xs" aria-hidden />
          <Trans>Looking for films</Trans>
        </Group>
      )}
      {phase === "empty" && <Trans>There is no MP4 or MOV in it.</Trans>}
      {phase === "bad" && <Trans>The archive cannot be read. Unpack it, and choose the folder.</Trans>}
      {phase === "running" && (
        <Trans>
          {over} of {items.length} films
        </Trans>
      )}
      {phase === "over" && <Plural value={count("done")} one="# film was imported." other="# films were imported." />}
      {known > 0 && (
        <>
          {" "}
          <Plural value={known} one="# was there already." other="# were there already." />
        </>
      )}
      {failed > 0 && (
        <>
          {" "}
          <Plural value={failed} one="# could not be imported." other="# could not be imported." />
        </>
      )}
    </Text>
  );
}

function Items({ items, close }: { items: readonly ImportItem[]; close: () => void }): ReactNode {
  return (
    <ScrollArea.Autosize mah="40vh" type="auto" viewportProps={{ tabIndex: 0 }}>
      <List listStyleType="none" size="sm" spacing={4} styles={{ itemWrapper: { display: "block" }, itemLabel: { display: "block" } }}>
        {items.map((item, index) => (
          <List.Item key={index}>
            <Item item={item} close={close} />
          </List.Item>
        ))}
      </List>
    </ScrollArea.Autosize>
  );
}

function Item({ item: { name, state, share, problem, id }, close }: { item: ImportItem; close: () => void }): ReactNode {
  const { t } = useLingui();
  return (
    <>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" truncate dir="auto" span>
          {id ? (
            <Anchor component={Link} to={`/films/${id}`} onClick={close} size="sm">
              {name}
            </Anchor>
          ) : (
            name
          )}
        </Text>
        <Text size="xs" c="dimmed" span style={{ flex: "none" }}>
          {state === "waiting" && <Trans>Waits</Trans>}
          {state === "done" && <Trans>Imported</Trans>}
          {state === "known" && <Trans>Was there already</Trans>}
          {state === "failed" && <Trans>Failed</Trans>}
        </Text>
      </Group>
      {state === "sending" && <Progress value={share * 100} size="sm" aria-label={t`How much of ${name} was sent`} />}
      {problem && (
        <Text size="xs" className="error">
          {problem}
        </Text>
      )}
    </>
  );
}
