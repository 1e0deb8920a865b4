import { Trans, useLingui } from "@lingui/react/macro";
import { Anchor, Group, Select, Stack } from "@mantine/core";
import { type ReactNode, useState } from "react";

import { address } from "@/api/base";
import { api } from "@/api/client";

import { useKeyNames } from "./keyNames";
import { Listing } from "./Listing";
import { SLOWLY } from "./often";

const DAY = 86_400;

/** What each key has used. */
export function Usage(): ReactNode {
  const { t, i18n } = useLingui();
  const [days, setDays] = useState("30");
  const nameOf = useKeyNames();
  const start = Math.floor(Date.now() / 1000 / DAY - Number(days) + 1) * DAY;
  const query = { group_by: ["key", "model"], start_time: start, limit: 200 };
  const found = api.useQuery("get", "/v1/usage", { params: { query } }, SLOWLY);
  return (
    <Stack>
      <Group justify="space-between" align="end">
        <Select
          label={t`Time`}
          value={days}
          onChange={(value) => setDays(value ?? "30")}
          allowDeselect={false}
          data={[
            { value: "1", label: t`Today` },
            { value: "7", label: t`7 days` },
            { value: "30", label: t`30 days` },
            { value: "365", label: t`A year` },
          ]}
          w={160}
        />
        <Anchor href={address(`/v1/usage?format=csv&group_by=key,model,status&start_time=${start}`)} download>
          <Trans>Download as CSV</Trans>
        </Anchor>
      </Group>
      <Listing
        label={t`Usage by key`}
        rows={typeof found.data === "object" ? found.data.data : undefined}
        error={found.error}
        keyOf={(row) => `${row.key} ${row.model}`}
        empty={<Trans>No film has ended in this time.</Trans>}
        columns={[
          { title: t`Key`, cell: (row) => nameOf(row.key ?? "") },
          { title: t`Model`, cell: (row) => row.model },
          { title: t`Films`, cell: (row) => i18n.number(row.videos), end: true },
          { title: t`Seconds of film`, cell: (row) => i18n.number(row.seconds), end: true },
          { title: t`Seconds of work`, cell: (row) => i18n.number(Math.round(row.compute_seconds)), end: true },
        ]}
      />
    </Stack>
  );
}
