import { Trans, useLingui } from "@lingui/react/macro";
import { Anchor, Badge, Button, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { api, http, type Schemas } from "@/api/client";
import { changed } from "@/api/queries";
import { useServer } from "@/api/server";
import { ErrorLine } from "@/parts/ErrorLine";

import { useKeyNames } from "./keyNames";
import { Listing } from "./Listing";
import { Moment } from "./Moment";
import { SLOWLY } from "./often";

type Reported = Schemas["ReportedPost"];

/** What keys have reported of the feed. */
export function Reports(): ReactNode {
  const { t } = useLingui();
  const nameOf = useKeyNames();
  const feed = useServer()?.feed ?? false;
  const found = api.useQuery("get", "/v1/admin/reports", {}, { ...SLOWLY, enabled: feed });
  const hide = useMutation({
    mutationFn: ({ id, hidden }: { id: string; hidden: boolean }) =>
      http.POST("/v1/admin/feed/{video_id}", { params: { path: { video_id: id } }, body: { hidden } }),
    onSettled: () => changed("/v1/admin/reports", "/v1/admin/overview", "/v1/feed"),
  });
  return (
    <Stack>
      <ErrorLine error={hide.error} />
      <Listing
        label={t`Reports of films in the feed`}
        rows={feed ? found.data?.data : []}
        error={found.error}
        keyOf={(row) => `${row.video_id} ${row.key_id}`}
        empty={feed ? <Trans>Nothing was reported.</Trans> : <Trans>This server has no feed. Start it with --feed to have one.</Trans>}
        columns={[
          { title: t`Film`, cell: (row) => <Film row={row} /> },
          { title: t`What is wrong with it`, cell: (row) => <bdi>{row.reason}</bdi> },
          { title: t`Reported by`, cell: (row) => nameOf(row.key_id) },
          { title: t`Time`, cell: (row) => <Moment at={row.created_at} /> },
          {
            title: t`Action`,
            cell: (row) =>
              row.published && (
                <Button size="compact-sm" variant="default" onClick={() => hide.mutate({ id: row.video_id, hidden: !row.hidden })}>
                  {row.hidden ? <Trans>Show again</Trans> : <Trans>Hide from the feed</Trans>}
                </Button>
              ),
          },
        ]}
      />
    </Stack>
  );
}

/** The film that was reported; it can be looked at as long as it is in the feed. */
function Film({ row }: { row: Reported }): ReactNode {
  const name = row.title ?? row.prompt ?? row.video_id;
  if (row.published && !row.hidden) {
    return (
      <Anchor component={Link} to={`/feed?film=${row.video_id}`} size="sm">
        <bdi>{name}</bdi>
      </Anchor>
    );
  }
  return (
    <>
      <bdi>{name}</bdi>{" "}
      <Badge variant="default" size="sm">
        {row.hidden ? <Trans>Hidden</Trans> : <Trans>Taken back</Trans>}
      </Badge>
    </>
  );
}
