/** What can be done with a film as a whole: a folder, the trash, deleting it. */

import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Menu, Modal, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconDots, IconFolder, IconRestore, IconTrash, IconTrashX } from "@tabler/icons-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { useNavigate } from "react-router";

import { answer, api, http, type Video } from "@/api/client";
import { changed } from "@/api/queries";
import { ErrorLine } from "@/parts/ErrorLine";

import { useChange } from "./changes";

const LONGEST_FOLDER = 80;
const NEW = "new";
const NONE = "none";

export function FilmMenu({ video }: { video: Video }): ReactNode {
  const [asked, ask] = useState<"folder" | "delete">();
  const change = useChange(video.id);
  const { t } = useLingui();
  const inTrash = video.trashed_at !== null;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={t`What can be done with the film`}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconFolder size={16} aria-hidden />} onClick={() => ask("folder")}>
            <Trans>Put into a folder</Trans>
          </Menu.Item>
          <Menu.Item
            leftSection={inTrash ? <IconRestore size={16} aria-hidden /> : <IconTrash size={16} aria-hidden />}
            onClick={() => change.mutate({ trashed: !inTrash })}
          >
            {inTrash ? <Trans>Take out of the trash</Trans> : <Trans>Move to the trash</Trans>}
          </Menu.Item>
          <Menu.Item className="error" leftSection={<IconTrashX size={16} aria-hidden />} onClick={() => ask("delete")}>
            <Trans>Delete for ever</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={asked === "folder"}
        onClose={() => ask(undefined)}
        title={<Trans>Put into a folder</Trans>}
        closeButtonProps={{ "aria-label": t`Close` }}
        centered
      >
        <FolderForm video={video} close={() => ask(undefined)} />
      </Modal>
      <Modal
        opened={asked === "delete"}
        onClose={() => ask(undefined)}
        title={<Trans>Delete for ever?</Trans>}
        closeButtonProps={{ "aria-label": t`Close` }}
        centered
      >
        <DeleteForm video={video} close={() => ask(undefined)} />
      </Modal>
    </>
  );
}

function FolderForm({ video, close }: { video: Video; close: () => void }): ReactNode {
  const folders = api.useQuery("get", "/v1/folders").data?.data ?? [];
  const [folder, setFolder] = useState(video.folder_id ?? NONE);
  const [name, setName] = useState("");
  const { t } = useLingui();
  const change = useChange(video.id);
  const save = useMutation({
    mutationFn: async () => {
      const id = folder === NEW ? (await answer(http.POST("/v1/folders", { body: { name: name.trim() } }))).id : folder;
      await change.mutateAsync({ folder_id: id === NONE ? "" : id });
      changed("/v1/folders");
    },
    onSuccess: close,
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  const data = [
    { value: NONE, label: t`In no folder` },
    ...folders.map(({ id, name: label }) => ({ value: id, label })),
    { value: NEW, label: t`A new folder` },
  ];
  return (
    <form onSubmit={submit}>
      <Stack>
        <Select label={t`Folder`} data={data} value={folder} onChange={(id) => setFolder(id ?? NONE)} allowDeselect={false} />
        {folder === NEW && (
          <TextInput
            label={t`Name of the folder`}
            value={name}
            maxLength={LONGEST_FOLDER}
            dir="auto"
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        <ErrorLine error={save.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending} disabled={folder === NEW && !name.trim()}>
            <Trans>Save</Trans>
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function DeleteForm({ video, close }: { video: Video; close: () => void }): ReactNode {
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => http.DELETE("/v1/videos/{video_id}", { params: { path: { video_id: video.id } } }),
    onSuccess: () => {
      changed("/v1/library");
      void navigate("/library");
    },
  });
  return (
    <Stack>
      <Text>
        <Trans>The film and its files will be deleted. This cannot be undone.</Trans>
      </Text>
      <ErrorLine error={remove.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={close} data-autofocus>
          <Trans>Keep it</Trans>
        </Button>
        <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
          <Trans>Delete</Trans>
        </Button>
      </Group>
    </Stack>
  );
}
