/** What can be done with a film of the feed: each a small form. */

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, SegmentedControl, Stack, Text, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useNavigate } from "react-router";

import { http } from "@/api/client";
import { order } from "@/api/orders";
import { changed } from "@/api/queries";
import { askForNotices } from "@/app/notices";
import { ErrorLine } from "@/parts/ErrorLine";
import { PromptField } from "@/parts/PromptField";

import type { Post } from "./Feed";

interface ActionProps {
  post: Post;
  onDone?: () => void;
}

const pathOf = (post: Post): { path: { video_id: string } } => ({ path: { video_id: post.id } });

export function RemixPost({ post }: ActionProps): ReactNode {
  const { t } = useLingui();
  const navigate = useNavigate();
  const [prompt, setPrompt] = useState(post.prompt ?? "");
  const [strength, setStrength] = useState("mild");
  const remix = useMutation({
    mutationFn: () => order("remix", { video: post.id, prompt, strength }),
    onSuccess: (video) => navigate(`/films/${video.id}`),
  });
  const submit = (): void => {
    void askForNotices();
    remix.mutate();
  };
  return (
    <Stack gap="sm">
      <PromptField label={t`What the film shows`} value={prompt} onChange={setPrompt} />
      <SegmentedControl
        aria-label={t`How much changes`}
        value={strength}
        onChange={setStrength}
        data={[
          { value: "subtle", label: t`A little` },
          { value: "mild", label: t`Some` },
          { value: "strong", label: t`Much` },
        ]}
      />
      <ErrorLine error={remix.error} />
      <Button onClick={submit} loading={remix.isPending} disabled={!prompt.trim()} style={{ alignSelf: "start" }}>
        <Trans>Make the remix</Trans>
      </Button>
    </Stack>
  );
}

export function ReportPost({ post }: ActionProps): ReactNode {
  const { t } = useLingui();
  const [reason, setReason] = useState("");
  const report = useMutation({
    mutationFn: () => http.POST("/v1/feed/{video_id}/report", { params: pathOf(post), body: { reason } }),
    onSuccess: () => changed("/v1/feed", "/v1/admin/reports"),
  });
  if (report.isSuccess) {
    return (
      <Text size="sm" role="status">
        <Trans>Thank you. The operator of this server sees your report.</Trans>
      </Text>
    );
  }
  return (
    <Stack gap="sm">
      <Textarea
        label={t`What is wrong with it`}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={500}
        autosize
        minRows={2}
        dir="auto"
      />
      <ErrorLine error={report.error} />
      <Button onClick={() => report.mutate()} loading={report.isPending} disabled={!reason.trim()} style={{ alignSelf: "start" }}>
        <Trans>Send the report</Trans>
      </Button>
    </Stack>
  );
}

export function TakeBackPost({ post, onDone }: ActionProps): ReactNode {
  const remove = useMutation({
    mutationFn: () => http.DELETE("/v1/videos/{video_id}/publish", { params: pathOf(post) }),
    onSuccess: () => {
      onDone?.();
      changed("/v1/feed");
    },
  });
  return (
    <Stack gap="sm">
      <Text size="sm">
        <Trans>No one sees it in the feed then. It stays in your library.</Trans>
      </Text>
      <ErrorLine error={remove.error} />
      <Button variant="default" onClick={() => remove.mutate()} loading={remove.isPending} style={{ alignSelf: "start" }}>
        <Trans>Take it back</Trans>
      </Button>
    </Stack>
  );
}

export function HidePost({ post, onDone }: ActionProps): ReactNode {
  const hide = useMutation({
    mutationFn: () => http.POST("/v1/admin/feed/{video_id}", { params: pathOf(post), body: { hidden: true } }),
    onSuccess: () => {
      onDone?.();
      changed("/v1/feed");
    },
  });
  return (
    <Stack gap="sm">
      <Text size="sm">
        <Trans>No one sees it in the feed then. Its owner keeps the film.</Trans>
      </Text>
      <ErrorLine error={hide.error} />
      <Button color="red" onClick={() => hide.mutate()} loading={hide.isPending} style={{ alignSelf: "start" }}>
        <Trans>Hide it from the feed</Trans>
      </Button>
    </Stack>
  );
}
