import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { api, http } from "@/api/client";
import { changed } from "@/api/queries";
import { ErrorLine } from "@/parts/ErrorLine";

import { useKeyNames } from "./keyNames";
import { Listing } from "./Listing";
import { Moment } from "./Moment";
import { OFTEN } from "./often";

/** Events on their way to webhooks. */
export function Deliveries(): ReactNode {
  const { t } = useLingui();
  const nameOf = useKeyNames();
  const found = api.useQuery("get", "/v1/admin/deliveries", { params: { query: { limit: 100 } } }, OFTEN);
  const again = useMutation({
    mutationFn: (id: string) =>
      http.POST("/v1/admin/deliveries/{delivery_id}/redeliver", { params: { path: { delivery_id: id } } }),
    onSettled: () => changed("/v1/admin/deliveries"),
  });
  const states = { pending: t`Waiting`, delivered: t`Delivered`, failed: t`Failed` };
  return (
    <Stack>
      <ErrorLine error={again.error} />
      <Listing
        label={t`Deliveries to webhooks`}
        rows={found.data?.data}
        error={found.error}
        keyOf={(row) => row.id}
        empty={<Trans>No event was sent to a webhook in the last 30 days.</Trans>}
        columns={[
          { title: t`State`, cell: (row) => states[row.status] },
          { title: t`Event`, cell: (row) => row.event_type },
          { title: t`Key`, cell: (row) => nameOf(row.key) },
          { title: t`Attempts`, cell: (row) => row.attempts, end: true },
          { title: t`Last answer`, cell: (row) => row.status_code ?? "–" },
          { title: t`Time`, cell: (row) => <Moment at={row.created_at} /> },
          {
            title: t`Action`,
            cell: (row) => (
              <Button size="compact-sm" variant="default" onClick={() => again.mutate(row.id)} disabled={row.status === "pending"}>
                <Trans>Send again</Trans>
              </Button>
            ),
          },
        ]}
      />
    </Stack>
  );
}
