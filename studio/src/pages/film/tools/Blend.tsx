import { Trans, useLingui } from "@lingui/react/macro";
import { Button, SegmentedControl, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useId, useState } from "react";

import { api } from "@/api/client";
import { useDraft } from "@/drafts/useDraft";
import { filmName } from "@/parts/filmName";
import { PromptField } from "@/parts/PromptField";

import type { ToolProps } from "../Tools";
import { SecondsField } from "./fields";
import { optionsFor, OrderForm } from "./OrderForm";

const FilmPicker = lazy(() => import("@/parts/FilmPicker"));

/** The film and another one, with a transition in which both are seen. */
export function Blend({ video }: ToolProps): ReactNode {
  const [initial] = useState(() => ({ ...optionsFor(video), prompt: "", seconds: 1, other: "", otherName: "", isFirst: true }));
  const draft = useDraft(`film.${video.id}.blend`, initial);
  const { prompt, seconds, other, otherName, isFirst } = draft.value;
  const { t } = useLingui();
  const label = useId();
  const pair = [{ id: video.id }, { id: other }];
  return (
    <OrderForm
      mode="blend"
      draft={draft}
      fields={() => ({ videos: isFirst ? pair : pair.reverse(), prompt, seconds })}
      action={<Trans>Blend the films</Trans>}
      incomplete={!other}
    >
      <OtherFilm
        value={other}
        name={otherName}
        onChange={(id, name) => draft.change({ other: id, otherName: name })}
      />
      <Stack gap={4}>
        <Text size="sm" fw={500} id={label}>
          <Trans>Which comes first</Trans>
        </Text>
        <SegmentedControl
          aria-labelledby={label}
          fullWidth
          data={[
            { value: "this", label: t`This film` },
            { value: "other", label: t`The other one` },
          ]}
          value={isFirst ? "this" : "other"}
          onChange={(first) => draft.change({ isFirst: first === "this" })}
        />
      </Stack>
      <SecondsField label={t`Seconds of the transition`} value={seconds} onChange={(said) => draft.change({ seconds: said })} min={0.25} />
      <PromptField
        label={t`What the transition shows`}
        placeholder={t`Both films`}
        value={prompt}
        onChange={(said) => draft.change({ prompt: said })}
      />
    </OrderForm>
  );
}

interface OtherFilmProps {
  value: string;
  name: string;
  onChange: (id: string, name: string) => void;
}

/** A finished film of the library. */
function OtherFilm({ value, name, onChange }: OtherFilmProps): ReactNode {
  const [choosing, setChoosing] = useState(false);
  const cache = useQueryClient();
  const pick = (id: string): void => {
    setChoosing(false);
    void cache.fetchQuery(api.queryOptions("get", "/v1/library/{video_id}", { params: { path: { video_id: id } } })).then(
      (film) => onChange(id, filmName(film)),
      () => onChange("", ""), // it was deleted meanwhile
    );
  };
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500}>
        <Trans>The other film</Trans>
      </Text>
      {value && (
        <Text size="sm" lineClamp={2} dir="auto" role="status">
          {name}
        </Text>
      )}
      <Button variant="default" onClick={() => setChoosing(true)}>
        {value ? <Trans>Choose another film</Trans> : <Trans>Choose a film</Trans>}
      </Button>
      {choosing && (
        <Suspense>
          <FilmPicker onPick={pick} onClose={() => setChoosing(false)} />
        </Suspense>
      )}
    </Stack>
  );
}
