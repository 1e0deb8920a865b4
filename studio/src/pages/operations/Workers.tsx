import { Trans, useLingui } from "@lingui/react/macro";
import { Badge, Button, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { api, http, type Schemas } from "@/api/client";
import { changed } from "@/api/queries";
import { ErrorLine } from "@/parts/ErrorLine";

import { bytes } from "./amounts";
import { Listing } from "./Listing";
import { Moment } from "./Moment";
import { OFTEN } from "./often";

type Worker = Schemas["WorkerStatus"];

export function Workers(): ReactNode {
  const { t, i18n } = useLingui();
  const found = api.useQuery("get", "/v1/admin/workers", {}, OFTEN);
  const drain = useMutation({
    mutationFn: ({ id, draining }: { id: string; draining: boolean }) =>
      http.POST("/v1/admin/workers/{worker_id}/drain", { params: { path: { worker_id: id } }, body: { draining } }),
    onSettled: () => changed("/v1/admin/workers"),
  });
  return (
    <Stack>
      <ErrorLine error={drain.error} />
      <Listing
        label={t`Workers`}
        rows={found.data?.data}
        error={found.error}
        keyOf={(worker) => worker.id}
        empty={<Trans>No worker has reported. Films wait until one is started with: yozora worker</Trans>}
        columns={[
          { title: t`State`, cell: (worker) => <State worker={worker} /> },
          { title: t`Host`, cell: (worker) => t`${worker.host}, process ${worker.pid}` },
          { title: t`Models`, cell: (worker) => worker.presets?.join(", ") ?? t`All` },
          { title: t`Memory`, cell: (worker) => (worker.memory ? bytes(i18n, worker.memory) : "–"), end: true },
          { title: t`Film`, cell: (worker) => worker.video ?? "–" },
          { title: t`Since`, cell: (worker) => <Moment at={worker.started_at} /> },
          {
            title: t`Action`,
            cell: (worker) => (
              <Button
                size="compact-sm"
                variant="default"
                disabled={!worker.alive}
                onClick={() => drain.mutate({ id: worker.id, draining: !worker.draining })}
              >
                {worker.draining ? <Trans>Take films again</Trans> : <Trans>Take no new films</Trans>}
              </Button>
            ),
          },
        ]}
      />
    </Stack>
  );
}

function State({ worker }: { worker: Worker }): ReactNode {
  const { t } = useLingui();
  const state = !worker.alive ? t`Silent` : worker.draining ? t`Stopping` : worker.video ? t`Busy` : t`Ready`;
  return <Badge variant="default">{state}</Badge>;
}
