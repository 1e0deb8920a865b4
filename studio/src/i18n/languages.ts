/** The languages of the studio. Catalogues are loaded when they are chosen. */

import { i18n, type Messages } from "@lingui/core";

export const LANGUAGES = { en: "English", es: "Español", zh: "中文", ar: "العربية" } as const;
export type Language = keyof typeof LANGUAGES;

const RIGHT_TO_LEFT = new Set<Language>(["ar"]);
const STORED = "yozora.language";
const CATALOGUES: Record<Language, () => Promise<{ messages: Messages }>> = {
  en: () => import("../locales/en.po"),
  es: () => import("../locales/es.po"),
  zh: () => import("../locales/zh.po"),
  ar: () => import("../locales/ar.po"),
};

export function direction(language: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(language as Language) ? "rtl" : "ltr";
}

/** The language that was chosen before, else the first of the browser's that there is. */
export function firstLanguage(): Language {
  const wanted = [localStorage.getItem(STORED) ?? "", ...navigator.languages].map((each) => each.split("-")[0]!);
  return (wanted.find((each) => each in LANGUAGES) as Language | undefined) ?? "en";
}

/** Loads a catalogue and shows it. Errors: that of the import, where the server is gone. */
export async function chooseLanguage(language: Language, store = false): Promise<void> {
  const { messages } = await CATALOGUES[language]();
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = language;
  document.documentElement.dir = direction(language);
  if (store) localStorage.setItem(STORED, language);
}
