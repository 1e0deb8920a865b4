/** What an operator wants to see at a glance. */

import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Alert, Loader, SimpleGrid, Stack } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { useServer } from "@/api/server";
import { ErrorLine } from "@/parts/ErrorLine";

import { duration } from "./amounts";
import { Disk } from "./Disk";
import { Figure } from "./Figure";
import { Stages } from "./Stages";
import { type State, useOverview } from "./useOverview";
import { Waiting } from "./Waiting";

export function Overview(): ReactNode {
  const { data, error } = useOverview();
  if (!data) return error ? <ErrorLine error={error} /> : <Loader aria-hidden />;
  return (
    <Stack gap="lg">
      {data.problems.length > 0 && (
        <Alert color="red" role="alert" icon={<IconAlertTriangle aria-hidden />} title={<Trans>The workers of this machine have a problem</Trans>}>
          {data.problems.map((problem) => (
            <div key={problem}>{problem}</div>
          ))}
        </Alert>
      )}
      <Figures state={data} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Waiting queue={data.queue} />
        <Stages stages={data.stages} />
      </SimpleGrid>
      <Disk disk={data.disk} />
    </Stack>
  );
}

function Figures({ state: { queue, workers, deliveries, reports } }: { state: State }): ReactNode {
  const { i18n, t } = useLingui();
  const feed = useServer()?.feed ?? false;
  const waited = duration(i18n, queue.oldest_seconds);
  const late = duration(i18n, deliveries.oldest_seconds);
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: feed ? 5 : 4 }} spacing="sm">
      <Figure title={t`In the queue`} value={queue.queued} section="queue">
        {queue.queued > 0 ? <Trans>The first has waited {waited}.</Trans> : <Trans>No film is waiting.</Trans>}
      </Figure>
      <Figure title={t`Being made`} value={queue.in_progress} section="queue">
        <Trans>
          {i18n.number(queue.completed)} completed, {i18n.number(queue.failed)} failed
        </Trans>
      </Figure>
      <Figure title={t`Workers`} value={workers.alive} section="workers" alarming={workers.alive === 0}>
        <Trans>
          {i18n.number(workers.busy)} busy, {i18n.number(workers.draining)} stopping
        </Trans>
      </Figure>
      <Figure title={t`Webhooks waiting`} value={deliveries.pending} section="deliveries" alarming={deliveries.failed > 0}>
        {deliveries.failed > 0 ? (
          <Plural value={deliveries.failed} one="# has failed." other="# have failed." />
        ) : deliveries.pending > 0 ? (
          <Trans>The first has waited {late}.</Trans>
        ) : (
          <Trans>None has failed.</Trans>
        )}
      </Figure>
      {feed && (
        <Figure title={t`Open reports`} value={reports.open} section="reports" alarming={reports.open > 0}>
          <Plural value={reports.hidden_posts} one="# film is hidden." other="# films are hidden." />
        </Figure>
      )}
    </SimpleGrid>
  );
}
