import { Trans, useLingui } from "@lingui/react/macro";
import { Button, FileInput, Group, Modal, Progress, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { type Schemas, sendForm } from "@/api/client";
import { changed } from "@/api/queries";
import { ErrorLine } from "@/parts/ErrorLine";

/** Makes a character of a picture or of the first frame of a clip. */
export function NewCharacter({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactNode {
  const [name, setName] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const [share, setShare] = useState(0);
  const { t } = useLingui();
  const make = useMutation({
    mutationFn: async () => {
      const form = new FormData();
      form.append("name", name.trim().replace(/^@/, ""));
      form.append("video", file!);
      return sendForm<Schemas["Character"]>("/v1/videos/characters", form, setShare);
    },
    onSuccess: () => {
      changed("/v1/videos/characters", "/v1/characters");
      setName("");
      setFile(null);
      onClose();
    },
  });
  return (
    <Modal opened={opened} onClose={onClose} title={t`New character`} closeButtonProps={{ "aria-label": t`Close` }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <Stack>
          <TextInput
            label={t`Name`}
            description={t`Prompts use it after an @.`}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={80}
            required
            data-autofocus
          />
          <FileInput
            label={t`Picture or film`}
            description={t`The character alone, seen whole. Of a film, its first frame counts.`}
            placeholder={t`Choose a file`}
            value={file}
            onChange={setFile}
            accept="image/*,video/*"
            required
          />
          <Text size="sm" c="dimmed">
            <Trans>Only use people who have agreed to it.</Trans>
          </Text>
          {make.isPending && <Progress value={share * 100} aria-label={t`Upload`} />}
          <ErrorLine error={make.error} />
          <Group justify="end">
            <Button type="submit" loading={make.isPending} disabled={!name.trim() || !file}>
              <Trans>Make the character</Trans>
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
