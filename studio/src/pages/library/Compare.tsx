/** Two films beside each other, or one over the other, played together. */

import { Trans, useLingui } from "@lingui/react/macro";
import { Center, Loader, SegmentedControl } from "@mantine/core";
import { type ReactNode } from "react";
import { useSearchParams } from "react-router";

import { api, type Video } from "@/api/client";
import { ErrorLine } from "@/parts/ErrorLine";
import { PageHead } from "@/parts/PageHead";

import { ComparedFilms } from "./ComparedFilms";
import { Empty } from "./Empty";

export default function Compare(): ReactNode {
  const [params, setParams] = useSearchParams();
  const { t } = useLingui();
  const over = params.get("view") === "over";
  const choose = (view: string): void => {
    setParams((before) => {
      before.set("view", view);
      return before;
    }, { replace: true });
  };
  return (
    <>
      <PageHead title={<Trans>Compare</Trans>}>
        <SegmentedControl
          value={over ? "over" : "beside"}
          onChange={choose}
          aria-label={t`How the films are shown`}
          data={[
            { value: "beside", label: t`Side by side` },
            { value: "over", label: t`One over the other` },
          ]}
        />
      </PageHead>
      <Both a={params.get("a") ?? ""} b={params.get("b") ?? ""} over={over} />
    </>
  );
}

function Both({ a, b, over }: { a: string; b: string; over: boolean }): ReactNode {
  const one = useFilm(a);
  const other = useFilm(b);
  if (!a || !b) return <Empty says={<Trans>Select two films in the library, and then “Compare”.</Trans>} />;
  const error = one.error ?? other.error;
  if (error) return <ErrorLine error={error} />;
  if (!one.data || !other.data) {
    return (
      <Center mih="30vh">
        <Loader aria-hidden />
      </Center>
    );
  }
  const films: [Video, Video] = [one.data, other.data];
  if (films.some(({ status }) => status !== "completed")) return <Empty says={<Trans>Both films have to be finished first.</Trans>} />;
  return <ComparedFilms key={`${a} ${b}`} films={films} over={over} />;
}

function useFilm(id: string): { data: Video | undefined; error: unknown } {
  return api.useQuery("get", "/v1/library/{video_id}", { params: { path: { video_id: id } } }, { enabled: id !== "" });
}
