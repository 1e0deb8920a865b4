import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";

const TODAY_SECONDS = 20 * 3600;

/** A time in the language of the page; the day is left out where it is today's. `at`: Unix seconds. */
export function Moment({ at }: { at: number }): ReactNode {
  const { i18n } = useLingui();
  const date = new Date(at * 1000);
  const near = Date.now() / 1000 - at < TODAY_SECONDS;
  const shown = i18n.date(date, near ? { timeStyle: "medium" } : { dateStyle: "medium", timeStyle: "short" });
  return <time dateTime={date.toISOString()}>{shown}</time>;
}
