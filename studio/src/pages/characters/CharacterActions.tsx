import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { http } from "@/api/client";
import { changed } from "@/api/queries";
import { ErrorLine } from "@/parts/ErrorLine";

/** Deletes a character, after a question. */
export function CharacterActions({ id, name }: { id: string; name: string }): ReactNode {
  const [open, { open: ask, close }] = useDisclosure(false);
  const { t } = useLingui();
  const remove = useMutation({
    mutationFn: () => http.DELETE("/v1/videos/characters/{character_id}", { params: { path: { character_id: id } } }),
    onSuccess: () => {
      close();
      changed("/v1/videos/characters", "/v1/characters");
    },
  });
  return (
    <>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t`Delete ${name}`} onClick={ask}>
        <IconTrash size={18} aria-hidden />
      </ActionIcon>
      <Modal opened={open} onClose={close} title={t`Delete ${name}?`} closeButtonProps={{ "aria-label": t`Close` }}>
        <Stack>
          <Text size="sm">
            <Trans>No one can make new films with this character then. Films that are finished stay.</Trans>
          </Text>
          <ErrorLine error={remove.error} />
          <Group justify="end">
            <Button variant="default" onClick={close} data-autofocus>
              <Trans>Keep it</Trans>
            </Button>
            <Button color="red" onClick={() => remove.mutate()} loading={remove.isPending}>
              <Trans>Delete</Trans>
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
