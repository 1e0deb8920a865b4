/** Camera moves and styles, by the names that the model knows, in the language of the page. */

import { useLingui } from "@lingui/react/macro";
import { Autocomplete, Select } from "@mantine/core";
import type { ReactNode } from "react";

import { useVocabulary } from "./words";

export interface LooksProps {
  value: string;
  onChange: (value: string) => void;
  /** Empty: the server's default model. */
  model: string;
}

export function CameraField({ value, onChange, model }: LooksProps): ReactNode {
  const { t, i18n } = useLingui();
  const cameras = useVocabulary(model, i18n.locale)?.cameras ?? [];
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
  const { t, i18n } = useLingui();
  const styles = useVocabulary(model, i18n.locale)?.styles ?? [];
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
