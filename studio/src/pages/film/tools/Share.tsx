import { useLingui as useLanguage } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, CopyButton, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconCheck, IconCopy, IconLinkOff } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";

import { ROOT } from "@/api/base";
import { answer, api, http, type Schemas } from "@/api/client";
import { changed } from "@/api/queries";
import { useDraft } from "@/drafts/useDraft";
import { ErrorLine } from "@/parts/ErrorLine";

import type { ToolProps } from "../Tools";

const DAY = 86_400;

/** Links that show the film to anyone who has them, until they end. */
export function Share({ video }: ToolProps): ReactNode {
  const [initial] = useState({ seconds: 7 * DAY });
  const draft = useDraft(`film.${video.id}.share`, initial);
  const { t } = useLingui();
  const made = useMutation({
    mutationFn: async () =>
      answer(
        http.POST("/v1/videos/{video_id}/links", {
          params: { path: { video_id: video.id } },
          body: { expires_in: draft.value.seconds },
        }),
      ),
    onSuccess: () => changed("/v1/links"),
  });
  const choices = [
    { value: String(DAY / 24), label: t`One hour` },
    { value: String(DAY), label: t`One day` },
    { value: String(7 * DAY), label: t`One week` },
    { value: String(30 * DAY), label: t`30 days` },
    { value: String(365 * DAY), label: t`One year` },
  ];
  return (
    <Stack gap="sm">
      <Group align="flex-end" wrap="nowrap" gap="xs">
        <Select
          label={t`The link ends after`}
          data={choices}
          value={String(draft.value.seconds)}
          onChange={(seconds) => draft.change({ seconds: Number(seconds) })}
          allowDeselect={false}
          flex={1}
        />
        <Button onClick={() => made.mutate()} loading={made.isPending}>
          <Trans>Make a link</Trans>
        </Button>
      </Group>
      <ErrorLine error={made.error} />
      {made.data && <NewLink path={made.data.path} />}
      <Links video={video.id} />
    </Stack>
  );
}

/** The address of a new link. It is shown once: the server keeps only a hash of it. */
function NewLink({ path }: { path: string }): ReactNode {
  const { t } = useLingui();
  const url = new URL(path.startsWith(`${ROOT}/`) ? path : `${ROOT}${path}`, window.location.origin).href;
  return (
    <Group align="flex-end" wrap="nowrap" gap="xs">
      <TextInput
        label={t`New link`}
        description={t`Copy it now: it is not shown again.`}
        value={url}
        readOnly
        dir="ltr"
        flex={1}
        onFocus={(event) => event.currentTarget.select()}
      />
      <CopyButton value={url}>
        {({ copied, copy }) => (
          <ActionIcon variant="default" size={36} onClick={copy} aria-label={copied ? t`Copied` : t`Copy the link`}>
            {copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
          </ActionIcon>
        )}
      </CopyButton>
    </Group>
  );
}

function Links({ video }: { video: string }): ReactNode {
  const { data, error } = api.useQuery("get", "/v1/links", { params: { query: { video, limit: 100 } } });
  if (error) return <ErrorLine error={error} />;
  if (!data || data.data.length === 0) return null;
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500}>
        <Trans>Open links</Trans>
      </Text>
      {data.data.map((link) => (
        <LinkRow key={link.id} link={link} />
      ))}
    </Stack>
  );
}

function LinkRow({ link }: { link: Schemas["ShareLink"] }): ReactNode {
  const { i18n } = useLanguage();
  const { t } = useLingui();
  const revoked = useMutation({
    mutationFn: () => http.DELETE("/v1/links/{link_id}", { params: { path: { link_id: link.id } } }),
    onSettled: () => changed("/v1/links"),
  });
  const show = (seconds: number): string => i18n.date(new Date(seconds * 1000), { dateStyle: "medium", timeStyle: "short" });
  const [made, ends] = [show(link.created_at), show(link.expires_at)];
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm">
        <Trans>
          Made {made}, ends {ends}
        </Trans>
      </Text>
      <ActionIcon
        variant="subtle"
        color="red"
        size={30}
        loading={revoked.isPending}
        onClick={() => revoked.mutate()}
        aria-label={t`Revoke the link that was made ${made}`}
      >
        <IconLinkOff size={18} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
