/** The search and the filters of the library. */

import { useLingui } from "@lingui/react";
import { Trans, useLingui as useMacro } from "@lingui/react/macro";
import { Button, CloseButton, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback, useDisclosure } from "@mantine/hooks";
import { IconFilter, IconSearch } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState } from "react";

import { api } from "@/api/client";
import { MODE_NAMES, modeName } from "@/parts/modeNames";

import { type Filters, narrows, NO_FILTERS } from "./filters";
import classes from "./Library.module.css";

const TYPING_MS = 250;

interface FilterBarProps {
  filters: Filters;
  change: (changes: Partial<Filters>, how?: { replace: boolean }) => void;
}

export function FilterBar({ filters, change }: FilterBarProps): ReactNode {
  const { i18n } = useLingui();
  const { t } = useMacro();
  const models = api.useQuery("get", "/v1/models").data?.data.map(({ id }) => id) ?? [];
  const modes = Object.keys(MODE_NAMES).map((value) => ({ value, label: modeName(i18n, value) }));
  const states = [
    { value: "queued", label: t`In the queue` },
    { value: "in_progress", label: t`Being made` },
    { value: "completed", label: t`Completed` },
    { value: "failed", label: t`Failed` },
  ];
  const times = [
    { value: "1", label: t`Today` },
    { value: "7", label: t`Last 7 days` },
    { value: "30", label: t`Last 30 days` },
  ];
  const [open, { toggle }] = useDisclosure(narrows({ ...filters, q: "" }));
  return (
    <div role="search" aria-label={t`Search the library`} className={classes.filters} data-open={open || undefined}>
      <Search key={`${filters.folder}${filters.trash}`} value={filters.q} change={(q) => change({ q }, { replace: true })} />
      <Button
        hiddenFrom="sm"
        variant="default"
        leftSection={<IconFilter size={16} aria-hidden />}
        aria-expanded={open}
        onClick={toggle}
      >
        <Trans>Filters</Trans>
      </Button>
      <Choice label={t`State`} any={t`Any state`} value={filters.status} options={states} onChange={(status) => change({ status })} />
      <Choice label={t`Made as`} any={t`Any way`} value={filters.mode} options={modes} onChange={(mode) => change({ mode })} />
      <Choice
        label={t`Model`}
        any={t`Any model`}
        value={filters.model}
        options={[...new Set([...models, ...(filters.model ? [filters.model] : [])])].map((value) => ({ value, label: value }))}
        onChange={(model) => change({ model })}
      />
      <Choice label={t`Time`} any={t`Any time`} value={filters.since} options={times} onChange={(since) => change({ since })} />
      {narrows(filters) && (
        <Button variant="subtle" size="xs" onClick={() => change({ ...NO_FILTERS, folder: filters.folder, trash: filters.trash })}>
          <Trans>Clear the filters</Trans>
        </Button>
      )}
    </div>
  );
}

/** A field that is looked for once one has stopped typing. */
function Search({ value, change }: { value: string; change: (value: string) => void }): ReactNode {
  const [typed, setTyped] = useState(value);
  const { t } = useMacro();
  const sent = useRef(value);
  const say = useDebouncedCallback((next: string) => {
    sent.current = next;
    change(next);
  }, TYPING_MS);
  useEffect(() => {
    if (value !== sent.current) setTyped((sent.current = value)); // "back", or the filters were cleared
  }, [value]);
  const type = (next: string): void => {
    setTyped(next);
    say(next);
  };
  return (
    <TextInput
      type="search"
      aria-label={t`Words of the title or the prompt`}
      placeholder={t`Search`}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={typed && <CloseButton size="sm" aria-label={t`Empty the search`} onClick={() => type("")} />}
      className={classes.search ?? ""}
      dir="auto"
    />
  );
}

interface ChoiceProps {
  label: string;
  any: string;
  value: string;
  options: { value: string; label: string }[];
  onChange: (value: string) => void;
}

function Choice({ label, any, value, options, onChange }: ChoiceProps): ReactNode {
  return (
    <NativeSelect
      aria-label={label}
      value={value}
      data={[{ value: "", label: any }, ...options]}
      onChange={(event) => onChange(event.currentTarget.value)}
      className={classes.choice ?? ""}
    />
  );
}
