import { Trans, useLingui } from "@lingui/react/macro";
import { SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";

import { api } from "@/api/client";
import { useDraft } from "@/drafts/useDraft";
import { filmName } from "@/parts/filmName";
import { PromptField } from "@/parts/PromptField";

import type { ToolProps } from "../Tools";
import { SecondsField } from "./fields";
import { NO_OPTIONS } from "./options";
import { OrderForm } from "./OrderForm";

const LISTED = 50;
const TYPING_MS = 250;

/** The film and another one, with a transition in which both are seen. */
export function Blend({ video }: ToolProps): ReactNode {
  const [initial] = useState({ ...NO_OPTIONS, prompt: "", seconds: 1, other: "", otherName: "", isFirst: true });
  const draft = useDraft(`film.${video.id}.blend`, initial);
  const { prompt, seconds, other, otherName, isFirst } = draft.value;
  const { t } = useLingui();
  const label = useId();
  const pair = [{ id: video.id }, { id: other }];
  return (
    <OrderForm
      video={video}
      mode="blend"
      draft={draft}
      fields={() => ({ videos: isFirst ? pair : pair.reverse(), prompt, seconds })}
      action={<Trans>Blend the films</Trans>}
      incomplete={!other}
    >
      <OtherFilm
        without={video.id}
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
  without: string;
  value: string;
  name: string;
  onChange: (id: string, name: string) => void;
}

/** A finished film of the library, found by the words of its title or prompt. */
function OtherFilm({ without, value, name, onChange }: OtherFilmProps): ReactNode {
  const [typed, setTyped] = useState("");
  const [words] = useDebouncedValue(typed === name ? "" : typed, TYPING_MS);
  const query = { status: "completed", limit: LISTED, ...(words && { q: words }) } as const;
  const { data } = api.useQuery("get", "/v1/library", { params: { query } }, { placeholderData: keepPreviousData });
  const { t } = useLingui();
  const films = (data?.data ?? []).filter(({ id }) => id !== without).map((film) => ({ value: film.id, label: filmName(film) }));
  const known = !value || films.some((film) => film.value === value);
  return (
    <Select
      label={t`The other film`}
      placeholder={t`Search the library`}
      data={known ? films : [{ value, label: name }, ...films]}
      value={value || null}
      onChange={(id, film) => onChange(id ?? "", film?.label ?? "")}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options }) => options}
      nothingFoundMessage={<Trans>No film of the library has these words.</Trans>}
      maxDropdownHeight={280}
    />
  );
}
