import { useLingui as useLanguage } from "@lingui/react";
import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Group, Loader, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { api, type Schemas } from "@/api/client";
import { useSession } from "@/api/session";
import { ErrorLine } from "@/parts/ErrorLine";
import { modeName } from "@/parts/modeNames";

import { useRelatives } from "../lineage";
import { RelativeLink } from "../MadeFrom";
import type { ToolProps } from "../Tools";

type Verdict = Schemas["Verdict"];

/** Who made the film, with what, out of which films, and whether its mark is there. */
export function Origin({ video }: ToolProps): ReactNode {
  const params = { params: { path: { video_id: video.id } } };
  const { data, error } = api.useQuery("get", "/v1/videos/{video_id}/provenance", params, { staleTime: Infinity });
  if (error) return <ErrorLine error={error} />;
  return (
    <Stack gap="sm">
      {data ? (
        <Verified video={video} verdict={data} />
      ) : (
        <Group gap="xs" role="status">
          <Loader size="sm" aria-hidden />
          <Text size="sm">
            <Trans>The film is being looked at…</Trans>
          </Text>
        </Group>
      )}
      <Relatives id={video.id} />
    </Stack>
  );
}

function Verified({ video, verdict }: ToolProps & { verdict: Verdict }): ReactNode {
  const session = useSession();
  const { i18n } = useLanguage();
  const { t } = useLingui();
  const { credentials, watermark } = verdict;
  const film = credentials?.film ?? {};
  const said = (name: string): ReactNode => (film[name] === undefined ? null : String(film[name]));
  const made = typeof film["made"] === "string" ? new Date(film["made"]) : new Date(video.created_at * 1000);
  const signer = credentials && [credentials.signer.name, credentials.signer.organization].filter(Boolean).join(", ");
  const facts: [string, ReactNode][] = [
    [t`Made by`, session?.key_name || session?.key_id],
    [t`Signed by`, signer],
    [t`With`, credentials?.tool],
    [t`Model`, said("model") ?? video.model],
    [t`Made as`, modeName(i18n, String(film["mode"] ?? video.mode ?? ""))],
    [t`Seed`, said("seed") ?? video.seed],
    [t`When`, i18n.date(made, { dateStyle: "medium", timeStyle: "short" })],
    [t`Watermark`, watermark?.present ? t`It is in the frames` : t`None was found`],
    [t`Number`, verdict.identifier],
    [t`Out of`, credentials?.ancestors.map(({ title }) => title).join(", ")],
  ];
  return (
    <>
      <StateLine state={verdict.state} />
      <dl className="origin">
        {facts.map(([name, value]) =>
          value === null || value === undefined || value === "" ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <bdi>{value}</bdi>
              </dd>
            </div>
          ),
        )}
      </dl>
    </>
  );
}

function StateLine({ state }: { state: Verdict["state"] }): ReactNode {
  const good = state === "intact";
  return (
    <Alert
      p="xs"
      color={good ? "teal" : "yellow"}
      icon={good ? <IconCircleCheck aria-hidden /> : <IconAlertTriangle aria-hidden />}
      role="status"
    >
      <Text size="sm">
        <StateText state={state} />
      </Text>
    </Alert>
  );
}

function StateText({ state }: { state: Verdict["state"] }): ReactNode {
  switch (state) {
    case "intact":
      return <Trans>Made and signed here, and unchanged since.</Trans>;
    case "changed":
      return <Trans>Signed here, and changed since.</Trans>;
    case "stripped":
      return <Trans>The watermark of this server is in it, but its credentials are gone.</Trans>;
    case "foreign":
      return <Trans>Signed by somebody else.</Trans>;
    case "nothing":
      return <Trans>It has no credentials, and no watermark of this server.</Trans>;
  }
}

/** Films and characters that it was made from, and films that were made of it. */
function Relatives({ id }: { id: string }): ReactNode {
  const relatives = useRelatives(id);
  if (!relatives) return null;
  const { sources, results } = relatives;
  return (
    <>
      {sources.length > 0 && (
        <Stack gap={2}>
          <Text size="sm" fw={500}>
            <Trans>Made from</Trans>
          </Text>
          {sources.map((node) => (
            <RelativeLink key={node.id} node={node} />
          ))}
        </Stack>
      )}
      {results.length > 0 && (
        <Stack gap={2}>
          <Text size="sm" fw={500}>
            <Trans>Made of it</Trans>
          </Text>
          {results.map((node) => (
            <RelativeLink key={node.id} node={node} />
          ))}
        </Stack>
      )}
    </>
  );
}
