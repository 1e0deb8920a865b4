import { useLingui as useLocale } from "@lingui/react";
import { useLingui } from "@lingui/react/macro";
import { Autocomplete, Select } from "@mantine/core";
import type { ReactNode } from "react";

import { useVocabulary } from "../words";

export interface WordFieldProps {
  kind: "styles" | "cameras";
  label: string;
  value: string;
  onChange: (value: string) => void;
  model: string;
}

/** A style or a camera move: one of those that the model knows. A style may also be in one's own words. */
export function WordField({ kind, label, value, onChange, model }: WordFieldProps): ReactNode {
  const { i18n } = useLocale();
  const { t } = useLingui();
  const words = useVocabulary(model, i18n.locale)?.[kind] ?? [];
  const data = words.map((word) => ({ value: word.value, label: word.label }));
  if (kind === "cameras") {
    return <Select label={label} data={data} value={value || null} onChange={(said) => onChange(said ?? "")} clearable clearButtonProps={{ "aria-label": t`Clear` }} placeholder={t`As it likes`} />;
  }
  const shown = words.find((word) => word.value === value)?.label ?? value;
  const said = (text: string): void => onChange(words.find((word) => word.label === text)?.value ?? text);
  return <Autocomplete label={label} data={words.map((word) => word.label)} value={shown} onChange={said} placeholder={t`As it likes`} />;
}
