import { i18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";

import { modeName } from "./modeNames";

/** What a film is called: its title, else its prompt, else how it was made. */
export function filmName(film: { title: string | null; prompt: string | null; mode?: string | null }): string {
  return film.title || film.prompt || (film.mode ? modeName(i18n, film.mode) : i18n._(msg`Untitled film`));
}

/** The length of a film, as it is shown on its picture. `seconds`: as the API has it. */
export function filmLength(seconds: string): string {
  const said = Number(seconds);
  const shown = { style: "unit", unit: "second", unitDisplay: "narrow", maximumFractionDigits: 1 } as const;
  return Number.isFinite(said) ? new Intl.NumberFormat(i18n.locale, shown).format(said) : seconds;
}
