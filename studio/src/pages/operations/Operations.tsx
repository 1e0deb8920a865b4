/** For the operator of the server: what it is doing, for whom, and what went wrong. */

import { Trans } from "@lingui/react/macro";
import { Tabs } from "@mantine/core";
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";

import { allows, useSession } from "@/api/session";
import { NotFound } from "@/app/pages";
import { PageHead } from "@/parts/PageHead";

import { Deliveries } from "./Deliveries";
import { Overview } from "./Overview";
import { Queue } from "./Queue";
import { Reports } from "./Reports";
import { Usage } from "./Usage";
import { Workers } from "./Workers";

const SECTIONS = [
  { name: "overview", title: <Trans>Overview</Trans>, Section: Overview },
  { name: "queue", title: <Trans>Queue</Trans>, Section: Queue },
  { name: "workers", title: <Trans>Workers</Trans>, Section: Workers },
  { name: "usage", title: <Trans>Usage</Trans>, Section: Usage },
  { name: "deliveries", title: <Trans>Webhooks</Trans>, Section: Deliveries },
  { name: "reports", title: <Trans>Reports</Trans>, Section: Reports },
];

export default function Operations(): ReactNode {
  const [params, setParams] = useSearchParams();
  if (!allows(useSession(), "admin")) return <NotFound />;
  return (
    <>
      <PageHead title={<Trans>Operations</Trans>} />
      <Tabs
        value={params.get("show") ?? "overview"}
        onChange={(name) => setParams(name && name !== "overview" ? { show: name } : {}, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {SECTIONS.map(({ name, title }) => (
            <Tabs.Tab key={name} value={name}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {SECTIONS.map(({ name, Section }) => (
          <Tabs.Panel key={name} value={name}>
            <Section />
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
