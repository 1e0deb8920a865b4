import { i18n } from "@lingui/core";

const MINUTE = 60;
const HOUR = 3_600;

/** Seconds, in the language of the page and as exactly as is of use: "40 sec", "3 min", "2 hr". */
export function timeText(seconds: number): string {
  const [value, unit] =
    seconds < 1.5 * MINUTE
      ? [Math.max(1, Math.round(seconds)), "second"]
      : seconds < 1.5 * HOUR
        ? [Math.round(seconds / MINUTE), "minute"]
        : [Math.round(seconds / HOUR), "hour"];
  return new Intl.NumberFormat(i18n.locale, { style: "unit", unit: String(unit), unitDisplay: "short" }).format(Number(value));
}
