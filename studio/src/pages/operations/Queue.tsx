import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Progress, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { api, http } from "@/api/client";
import { changed } from "@/api/queries";
import { ErrorLine } from "@/parts/ErrorLine";

import { useKeyNames } from "./keyNames";
import { Listing } from "./Listing";
import { Moment } from "./Moment";
import { OFTEN } from "./often";
import { useOverview } from "./useOverview";

/** Films of all keys that are queued or being made. */
export function Queue(): ReactNode {
  const { t } = useLingui();
  const nameOf = useKeyNames();
  const running = api.useQuery("get", "/v1/admin/videos", { params: { query: { status: "in_progress", limit: 100 } } }, OFTEN);
  const queued = api.useQuery("get", "/v1/admin/videos", { params: { query: { status: "queued", limit: 100 } } }, OFTEN);
  const stop = useMutation({
    mutationFn: (id: string) => http.POST("/v1/admin/videos/{video_id}/cancel", { params: { path: { video_id: id } } }),
    onSettled: () => changed("/v1/admin/videos", "/v1/admin/overview"),
  });
  const waiting = useOverview().data?.queue.waiting;
  const places = new Map(waiting?.map(({ id, position }) => [id, position]));
  const placeOf = (id: string): number => places.get(id) ?? Infinity;
  const rows =
    running.data && queued.data && waiting
      ? [...running.data.data, ...[...queued.data.data].reverse().sort((one, other) => placeOf(one.id) - placeOf(other.id) || 0)]
      : undefined;
  return (
    <Stack>
      <ErrorLine error={stop.error} />
      <Listing
        label={t`Films that are queued or being made`}
        rows={rows}
        error={running.error ?? queued.error}
        keyOf={(row) => row.id}
        empty={<Trans>The queue is empty.</Trans>}
        columns={[
          { title: t`State`, cell: (row) => <State status={row.status} progress={row.progress} place={places.get(row.id)} /> },
          { title: t`Prompt`, cell: (row) => <bdi>{row.prompt}</bdi> },
          { title: t`Key`, cell: (row) => nameOf(row.key) },
          { title: t`Model`, cell: (row) => row.model },
          { title: t`Size`, cell: (row) => t`${row.size}, ${row.seconds} s` },
          { title: t`Since`, cell: (row) => <Moment at={row.created_at} /> },
          {
            title: t`Action`,
            cell: (row) => (
              <Button size="compact-sm" variant="default" aria-label={t`Cancel ${row.prompt ?? row.id}`} onClick={() => stop.mutate(row.id)}>
                <Trans>Cancel</Trans>
              </Button>
            ),
          },
        ]}
      />
    </Stack>
  );
}

/** How much of it is made, or its place in the queue: the order in which workers take films. */
function State({ status, progress, place }: { status: string; progress: number; place: number | undefined }): ReactNode {
  if (status !== "queued") {
    return (
      <>
        <Text size="sm">
          <Trans>{progress} %</Trans>
        </Text>
        <Progress value={progress} w={72} size="sm" aria-hidden />
      </>
    );
  }
  return place === undefined ? <Trans>Queued</Trans> : <Trans>Place {place}</Trans>;
}
