import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, FileButton, Menu } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconArrowBackUp, IconArrowForwardUp, IconDots } from "@tabler/icons-react";
import { type ReactNode, useRef } from "react";

import { answer, http } from "@/api/client";
import type { Draft } from "@/drafts/useDraft";
import { ErrorLine } from "@/parts/ErrorLine";
import { saveText } from "@/parts/saveText";

import { type BoardDraft, toWire, type WireBoard } from "./board";

export interface BoardMenuProps {
  draft: Draft<BoardDraft>;
  onBoard: (board: WireBoard) => void;
  onScript: () => void;
}

/** Undo, a script, and boards as files. */
export function BoardMenu({ draft, onBoard, onScript }: BoardMenuProps): ReactNode {
  const { t } = useLingui();
  const choose = useRef<() => void>(null);
  const read = useMutation({
    mutationFn: async (file: File) => answer(http.POST("/v1/boards/parse", { body: { yaml: await file.text() } })),
    onSuccess: onBoard,
  });
  const write = useMutation({
    mutationFn: () => answer(http.POST("/v1/boards/format", { body: toWire(draft.value) })),
    onSuccess: ({ yaml }) => saveText(`${draft.value.title || "board"}.yaml`, yaml, "application/yaml"),
  });
  return (
    <>
      <ErrorLine error={read.error ?? write.error} />
      <ActionIcon variant="default" size="lg" aria-label={t`Undo`} onClick={draft.undo} disabled={!draft.canUndo}>
        <IconArrowBackUp size={18} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="default" size="lg" aria-label={t`Redo`} onClick={draft.redo} disabled={!draft.canRedo}>
        <IconArrowForwardUp size={18} aria-hidden />
      </ActionIcon>
      <Button variant="default" onClick={onScript}>
        <Trans>From a script</Trans>
      </Button>
      <FileButton
        onChange={(file) => file && read.mutate(file)}
        accept=".yaml,.yml,.json,application/yaml,application/json"
        inputProps={{ "aria-label": t`Board file`, tabIndex: -1 }}
      >
        {({ onClick }) => {
          choose.current = onClick;
          return null;
        }}
      </FileButton>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size="lg" aria-label={t`More`}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => choose.current?.()}>
            <Trans>Import YAML</Trans>
          </Menu.Item>
          <Menu.Item onClick={() => write.mutate()} disabled={draft.value.cards.length === 0}>
            <Trans>Export YAML</Trans>
          </Menu.Item>
          <Menu.Item onClick={() => draft.reset()}>
            <Trans>New board</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
