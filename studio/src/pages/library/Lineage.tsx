/** What a film was made from, and what was made from it: as a graph, and as lists. */

import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Center, Loader, Stack } from "@mantine/core";
import { IconArrowBack } from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense } from "react";
import { Link, useParams } from "react-router";

import { api } from "@/api/client";
import { ErrorLine } from "@/parts/ErrorLine";
import { PageHead } from "@/parts/PageHead";
import { type LineageData, nodeName } from "@/parts/lineage";

import { Empty } from "./Empty";
import classes from "./Lineage.module.css";
import { LineageList } from "./LineageList";

const LineageGraph = lazy(() => import("./LineageGraph"));

export default function Lineage(): ReactNode {
  const { id = "" } = useParams();
  const found = api.useQuery("get", "/v1/videos/{video_id}/lineage", { params: { path: { video_id: id } } }, { staleTime: 0 });
  const node = found.data?.nodes.find((each) => each.id === id);
  return (
    <>
      <PageHead title={node ? <LineageTitle name={nodeName(node)} /> : <Trans>Lineage</Trans>}>
        <Button component={Link} to={`/films/${id}`} variant="default" leftSection={<IconArrowBack size={16} aria-hidden />}>
          <Trans>To the film</Trans>
        </Button>
      </PageHead>
      <ErrorLine error={found.error} />
      {found.isPending && (
        <Center mih="30vh">
          <Loader aria-hidden />
        </Center>
      )}
      {found.data && <Found lineage={found.data} />}
    </>
  );
}

function LineageTitle({ name }: { name: string }): ReactNode {
  return (
    <Trans>
      Lineage of <bdi>{name}</bdi>
    </Trans>
  );
}

function Found({ lineage }: { lineage: LineageData }): ReactNode {
  const { t } = useLingui();
  if (lineage.edges.length === 0) {
    return <Empty says={<Trans>This film was made from no other one, and none was made from it yet.</Trans>} />;
  }
  return (
    <Stack gap="md">
      {!lineage.complete && (
        <Alert color="yellow">
          <Trans>There is more than is shown here.</Trans>
        </Alert>
      )}
      <section className={classes.graph} aria-label={t`Graph`}>
        <Suspense
          fallback={
            <Center h="100%">
              <Loader aria-hidden />
            </Center>
          }
        >
          <LineageGraph key={lineage.video_id} lineage={lineage} />
        </Suspense>
      </section>
      <LineageList lineage={lineage} />
    </Stack>
  );
}
