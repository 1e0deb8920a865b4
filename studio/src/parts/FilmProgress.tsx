/** A film that is being made: its newest picture, where it stands in the queue, how long it takes, and a way to stop it. */

import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, AspectRatio, Button, Center, Group, Loader, Progress, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";

import type { Video } from "@/api/client";
import { usePreview } from "@/api/events";
import { cancel } from "@/api/orders";
import { messageOfReason } from "@/i18n/errors";

import { ErrorLine } from "./ErrorLine";

/** Width by height of a video. */
export function ratioOf(size: string): number {
  const [width, height] = size.split("x").map(Number);
  return (width ?? 16) / (height ?? 9);
}

export function FilmProgress({ video }: { video: Video }): ReactNode {
  const preview = usePreview(video.id);
  const stop = useMutation({ mutationFn: () => cancel(video.id) });
  const { t } = useLingui();
  if (video.status === "failed") {
    return (
      <Alert color="red" title={<Trans>The film has failed</Trans>}>
        {video.error && messageOfReason(video.error.code, video.error.message)}
      </Alert>
    );
  }
  return (
    <Stack gap="xs">
      <AspectRatio ratio={ratioOf(video.size)} className="screen film">
        {preview ? (
          <img src={preview} alt={t`What has been made so far`} />
        ) : (
          <Center c="gray.4">
            <Loader color="gray.4" aria-hidden />
          </Center>
        )}
      </AspectRatio>
      <Progress value={video.progress} aria-label={t`Progress of the film`} />
      <Group justify="space-between">
        <Text size="sm" role="status">
          <State video={video} />
        </Text>
        <Button size="xs" variant="default" onClick={() => stop.mutate()} loading={stop.isPending}>
          <Trans>Cancel</Trans>
        </Button>
      </Group>
      <ErrorLine error={stop.error} />
    </Stack>
  );
}

function State({ video }: { video: Video }): ReactNode {
  if (video.status === "queued") return <Trans>In the queue</Trans>;
  return <Trans>Being made: {video.progress} %</Trans>;
}
