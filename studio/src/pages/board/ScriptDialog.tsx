/** A script becomes cards: by the rules of its language, or by a language model that the server's operator has set up. */

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Modal, SegmentedControl, Stack, Text, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { answer, http } from "@/api/client";
import { useServer } from "@/api/server";
import { ErrorLine } from "@/parts/ErrorLine";
import { NumberField } from "@/parts/NumberField";

import type { WireBoard } from "./board";

export interface ScriptDialogProps {
  opened: boolean;
  onClose: () => void;
  onCards: (board: WireBoard) => void;
}

export function ScriptDialog({ opened, onClose, onCards }: ScriptDialogProps): ReactNode {
  const [script, setScript] = useState("");
  const [seconds, setSeconds] = useState(8);
  const [by, setBy] = useState<"rules" | "director">("rules");
  const hasDirector = useServer()?.director ?? false;
  const { t } = useLingui();
  const split = useMutation({
    mutationFn: () => answer(http.POST("/v1/boards/split", { body: { prompt: script, seconds, by } })),
    onSuccess: (board) => {
      onCards(board);
      onClose();
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title={t`Cards from a script`} size="lg" closeButtonProps={{ "aria-label": t`Close` }}>
      <Stack>
        <Text size="sm" c="dimmed">
          <Trans>One card for each take. “Then” goes on in the same take, “cut to” begins a new one. The cards replace those of the board.</Trans>
        </Text>
        <Textarea
          label={t`Script`}
          value={script}
          onChange={(event) => setScript(event.currentTarget.value)}
          placeholder={t`A red dog runs left in a park. A cat sleeps. Cut to: a blue boat at sea.`}
          autosize
          minRows={5}
          maxRows={14}
          dir="auto"
          data-autofocus
        />
        <Group align="end">
          <NumberField label={t`Seconds in all`} value={seconds} onChange={setSeconds} min={1} max={600} w={140} />
          {hasDirector && (
            <SegmentedControl
              aria-label={t`Who makes the cards`}
              value={by}
              onChange={(value) => setBy(value as "rules" | "director")}
              data={[
                { value: "rules", label: t`Rules` },
                { value: "director", label: t`Language model` },
              ]}
            />
          )}
          <Button onClick={() => split.mutate()} loading={split.isPending} disabled={!script.trim()}>
            <Trans>Make cards</Trans>
          </Button>
        </Group>
        <ErrorLine error={split.error} />
      </Stack>
    </Modal>
  );
}
