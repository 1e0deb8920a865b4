/** A film that is being made: its newest picture, where it stands in the queue, how long it takes, and a way to stop it. */

import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, AspectRatio, Button, Center, Group, Loader, Progress, Stack, Text, VisuallyHidden } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";

import type { Video } from "@/api/client";
import { usePreview } from "@/api/events";
import { cancel } from "@/api/orders";
import { messageOfReason } from "@/i18n/errors";

import { ErrorLine } from "./ErrorLine";
import { timeText } from "./timeLeft";

/** Width by height of a video. */
export function ratioOf(size: string): number {
  const [width, height] = size.split("x").map(Number);
  return (width ?? 16) / (height ?? 9);
}

export function FilmProgress({ video }: { video: Video }): ReactNode {
  const stop = useMutation({ mutationFn: () => cancel(video.id) });
  if (video.status === "failed") return <Failed video={video} />;
  return (
    <Stack gap="xs">
      <Screen video={video} />
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" component="div" style={{ fontVariantNumeric: "tabular-nums" }}>
          <State video={video} />
        </Text>
        <Button size="compact-sm" variant="default" onClick={() => stop.mutate()} loading={stop.isPending} style={{ flexShrink: 0 }}>
          <Trans>Cancel</Trans>
        </Button>
      </Group>
      <ErrorLine error={stop.error} />
    </Stack>
  );
}

function Screen({ video }: { video: Video }): ReactNode {
  const preview = usePreview(video.id);
  const { t } = useLingui();
  return (
    <div className="screen" style={{ position: "relative" }}>
      <AspectRatio ratio={ratioOf(video.size)} className="film" mah="60vh">
        {preview ? (
          <img src={preview} alt={t`What has been made so far`} style={{ objectFit: "contain" }} />
        ) : (
          <Center c="gray.4">{video.status === "in_progress" && <Loader color="gray.4" aria-hidden />}</Center>
        )}
      </AspectRatio>
      <Progress
        value={video.progress}
        radius={0}
        size="sm"
        aria-label={t`Progress of the film`}
        style={{ position: "absolute", insetInline: 0, bottom: 0 }}
      />
    </div>
  );
}

/** Where a film is; screen readers are told in quarters. */
function State({ video }: { video: Video }): ReactNode {
  const { t } = useLingui();
  const { queue_position: place, seconds_left: left, progress, status } = video;
  const quarter = Math.floor(progress / 25) * 25;
  const queued = place === null ? t`In the queue` : place === 1 ? t`Next in the queue` : t`In the queue: place ${place}`;
  const said = status === "queued" ? queued : t`Being made: ${quarter} %`;
  return (
    <>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
      <span aria-hidden>{status === "queued" ? queued : t`Being made: ${progress} %`}</span>
      {left !== null && left !== undefined && (
        <Text size="xs" c="dimmed" span display="block">
          <Trans>About {timeText(left)} left</Trans>
        </Text>
      )}
    </>
  );
}

function Failed({ video }: { video: Video }): ReactNode {
  const code = video.error?.code;
  const cancelled = code === "cancelled";
  return (
    <Alert
      color={cancelled ? "gray" : "red"}
      title={cancelled ? <Trans>Cancelled</Trans> : <Trans>The film has failed</Trans>}
      styles={{ message: { overflowWrap: "anywhere" } }}
    >
      {!cancelled && video.error && messageOfReason(video.error_reason ?? code, video.error.message)}
    </Alert>
  );
}
