/** Amounts in the language of the page, with units that keep them short. */

import type { I18n } from "@lingui/core";

const SIZES = ["kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const TIMES = [
  { unit: "day", seconds: 86_400 },
  { unit: "hour", seconds: 3_600 },
  { unit: "minute", seconds: 60 },
] as const;

export function bytes(i18n: I18n, amount: number): string {
  const power = amount < 1000 ? 1 : Math.min(SIZES.length, Math.floor(Math.log10(amount) / 3));
  return measured(i18n, amount / 1000 ** power, SIZES[power - 1]!);
}

/** A time; from two minutes on in minutes, and so on. */
export function duration(i18n: I18n, seconds: number): string {
  const found = TIMES.find((time) => seconds >= 2 * time.seconds);
  return measured(i18n, seconds / (found?.seconds ?? 1), found?.unit ?? "second");
}

function measured(i18n: I18n, value: number, unit: string): string {
  const digits = value < 0.1 ? 2 : value < 10 ? 1 : 0;
  return i18n.number(value, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits });
}
