/** Choose, drop or paste a still or a clip, or pick a film of the library. What is sent is sent at once. */

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, FileButton, Group, Paper, Progress, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPhotoPlus, IconPhotoVideo, IconUpload } from "@tabler/icons-react";
import { type DragEvent, lazy, type ReactNode, Suspense, useCallback, useEffect, useRef, useState } from "react";

import { ErrorLine } from "./ErrorLine";
import classes from "./SourcePicker.module.css";
import { type Accepts, endingsOf, filesOf, isClip, send, type Source } from "./sources";

const FilmPicker = lazy(() => import("./FilmPicker"));

export interface SourcePickerProps {
  onPick: (source: Source) => void;
  /** What it is for; said to screen readers and shown where there is room. */
  label: string;
  accepts?: Accepts;
  /** Takes what is pasted anywhere on the page; for one picker of a page. */
  pasted?: boolean;
  /** One line without a frame: the buttons alone. It can still be dropped on. */
  compact?: boolean;
}

export function SourcePicker({ onPick, label, accepts = "any", pasted = false, compact = false }: SourcePickerProps): ReactNode {
  const { take, sending, error } = useSending(onPick, accepts);
  const [over, setOver] = useState(false);
  const [choosing, { open, close }] = useDisclosure(false);
  const { t } = useLingui();
  usePasted(pasted, take);
  const drop = (event: DragEvent): void => {
    setOver(false);
    const files = filesOf(event.dataTransfer);
    if (files.length === 0) return;
    event.preventDefault();
    take(files);
  };
  return (
    <Paper
      className={classes.zone}
      data-over={over || undefined}
      data-compact={compact || undefined}
      role="group"
      aria-label={label}
      onDragOver={(event) => event.dataTransfer.types.includes("Files") && (event.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Group gap="xs">
        {!compact && <IconPhotoPlus size={22} stroke={1.5} aria-hidden />}
        {!compact && (
          <Text size="sm" c="dimmed" style={{ flex: "1 1 9rem" }}>
            <What accepts={accepts} pasted={pasted} />
          </Text>
        )}
        <FileButton onChange={(files) => take(files)} accept={endingsOf(accepts)} multiple inputProps={{ "aria-label": t`Choose a file` }}>
          {(props) => (
            <Button {...props} variant="default" size="xs" leftSection={<IconUpload size={16} aria-hidden />}>
              <Trans>Choose a file</Trans>
            </Button>
          )}
        </FileButton>
        <Button variant="default" size="xs" onClick={open} leftSection={<IconPhotoVideo size={16} aria-hidden />}>
          <Trans>From the library</Trans>
        </Button>
      </Group>
      {sending && <Sending {...sending} />}
      <ErrorLine error={error} />
      <Suspense>
        {choosing && (
          <FilmPicker
            onClose={close}
            onPick={(id) => {
              close();
              onPick({ kind: "video", id });
            }}
          />
        )}
      </Suspense>
    </Paper>
  );
}

function What({ accepts, pasted }: { accepts: Accepts; pasted: boolean }): ReactNode {
  if (accepts === "still") return pasted ? <Trans>Drop or paste a still here</Trans> : <Trans>Drop a still here</Trans>;
  if (accepts === "clip") return pasted ? <Trans>Drop or paste a clip here</Trans> : <Trans>Drop a clip here</Trans>;
  return pasted ? <Trans>Drop or paste a still or a clip here</Trans> : <Trans>Drop a still or a clip here</Trans>;
}

interface SendingState {
  name: string;
  /** From 0 to 1. */
  share: number;
  stop: () => void;
}

function Sending({ name, share, stop }: SendingState): ReactNode {
  const { t } = useLingui();
  return (
    <Group gap="xs" wrap="nowrap" mt="xs">
      <Text size="xs" truncate maw="40%" dir="auto">
        {name}
      </Text>
      <Progress value={share * 100} style={{ flex: 1 }} animated={share >= 1} aria-label={t`Sending ${name}`} />
      <Button size="compact-xs" variant="subtle" onClick={stop}>
        <Trans>Cancel</Trans>
      </Button>
    </Group>
  );
}

interface Senders {
  take: (files: readonly File[]) => void;
  sending: SendingState | null;
  error: unknown;
}

/** Sends files one after the other, and gives each to `onPick` as it is there. */
function useSending(onPick: (source: Source) => void, accepts: Accepts): Senders {
  const [sending, setSending] = useState<SendingState | null>(null);
  const [error, setError] = useState<unknown>(null);
  const { t } = useLingui();
  const latest = useRef(onPick);
  useEffect(() => void (latest.current = onPick), [onPick]);
  const take = useCallback(
    async (files: readonly File[]): Promise<void> => {
      setError(null);
      for (const file of files) {
        if (accepts === "clip" && !isClip(file)) {
          setError(new Error(t`${file.name} is a still, and a clip is needed.`));
          continue;
        }
        const abort = new AbortController();
        const stop = (): void => abort.abort();
        setSending({ name: file.name, share: 0, stop });
        try {
          const sent = await send(file, (share) => setSending({ name: file.name, share, stop }), abort.signal);
          latest.current(sent);
        } catch (problem) {
          if (!abort.signal.aborted) setError(problem);
        }
      }
      setSending(null);
    },
    [accepts, t],
  );
  return { take: (files) => void take(files), sending, error };
}

/** Takes pictures and clips that are pasted; pasting text stays as it is. */
function usePasted(on: boolean, take: (files: readonly File[]) => void): void {
  const latest = useRef(take);
  useEffect(() => void (latest.current = take), [take]);
  useEffect(() => {
    if (!on) return undefined;
    const paste = (event: ClipboardEvent): void => {
      const files = filesOf(event.clipboardData);
      if (files.length === 0) return;
      event.preventDefault();
      latest.current(files);
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  }, [on]);
}
