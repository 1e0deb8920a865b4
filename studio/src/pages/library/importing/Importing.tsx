/** The way to import films: a button, and the whole page to drop files on. */

import { Trans } from "@lingui/react/macro";
import { Button, Overlay, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUpload } from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";

import { droppedFiles } from "./finding";
import { startImport, useImport } from "./imports";

const ImportDialog = lazy(() => import("./ImportDialog"));

export function Importing(): ReactNode {
  const { phase, items } = useImport();
  const [opened, { open, close }] = useDisclosure(false);
  const over = useDrops((transfer) => {
    void startImport(droppedFiles(transfer));
    open();
  });
  const sent = items.filter(({ state }) => state !== "waiting" && state !== "sending").length;
  return (
    <>
      <Button variant="default" leftSection={<IconUpload size={18} aria-hidden />} onClick={open}>
        {phase === "running" ? (
          <Trans>
            Importing: {sent} of {items.length}
          </Trans>
        ) : (
          <Trans>Import</Trans>
        )}
      </Button>
      <Suspense>{opened && <ImportDialog opened close={close} />}</Suspense>
      {over && (
        <Overlay fixed center zIndex={400} backgroundOpacity={0.7}>
          <Text c="white" fw={600} size="xl">
            <Trans>Drop films, folders or an export here</Trans>
          </Text>
        </Overlay>
      )}
    </>
  );
}

/** Whether files are held over the page; `drop` is called where they are let go. */
function useDrops(drop: (transfer: DataTransfer) => void): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    const on = (kind: string, called: (event: DragEvent, transfer: DataTransfer) => void): void =>
      window.addEventListener(
        kind,
        (event) => {
          if (!(event instanceof DragEvent) || !event.dataTransfer?.types.includes("Files")) return;
          event.preventDefault();
          called(event, event.dataTransfer);
        },
        { signal: stop.signal },
      );
    on("dragover", () => setOver(true));
    on("dragleave", (event) => setOver(event.relatedTarget !== null));
    on("drop", (_, transfer) => {
      setOver(false);
      drop(transfer);
    });
    return () => stop.abort();
  }, [drop]);
  return over;
}
