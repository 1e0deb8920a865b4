/** Camera moves and styles, by the names that the model knows, in the language of the page. */

import { useLingui } from "@lingui/react/macro";
import { Autocomplete, Select } from "@mantine/core";
import type { ReactNode } from "react";

import { api } from "@/api/client";

export interface LooksProps {
  value: string;
  onChange: (value: string) => void;
  /** Empty: the server's default model. */
  model: string;
}

/** The words that a model knows, in the language of the page; undefined until they are known. */
export function useVocabulary(model: string) {
  const { i18n } = useLingui();
  const query = { language: i18n.locale as "en", ...(model && { model }) };
  return api.useQuery("get", "/v1/vocabulary", { params: { query } }, { staleTime: Infinity }).data;
}

export function CameraField({ value, onChange, model }: LooksProps): ReactNode {
  const { t } = useLingui();
  const cameras = useVocabulary(model)?.cameras ?? [];
  return (
    <Select
      style={{ flex: "1 1 10rem" }}
      label={t`Camera`}
      placeholder={t`As written`}
      value={value || null}
      onChange={(camera) => onChange(camera ?? "")}
      data={cameras.map((camera) => ({ value: camera.value, label: camera.label }))}
      clearable
      clearButtonProps={{ "aria-label": t`No camera move` }}
    />
  );
}

/** A style of the model, or other words. */
export function StyleField({ value, onChange, model }: LooksProps): ReactNode {
  const { t } = useLingui();
  const styles = useVocabulary(model)?.styles ?? [];
  const labels = new Map(styles.map((style) => [style.value, style.label]));
  const values = new Map(styles.map((style) => [style.label, style.value]));
  return (
    <Autocomplete
      style={{ flex: "1 1 8rem" }}
      label={t`Style`}
      placeholder={t`None`}
      value={labels.get(value) ?? value}
      onChange={(style) => onChange(values.get(style) ?? style)}
      data={[...labels.values()]}
    />
  );
}
