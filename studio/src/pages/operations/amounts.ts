/** Amounts in the language of the page, with units that keep them short. */

import type { I18n } from "@lingui/core";

const SIZES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const TIMES = [
  { unit: "day", seconds: 86_400 },
  { unit: "hour", seconds: 3_600 },
  { unit: "minute", seconds: 60 },
] as const;

export function bytes(i18n: I18n, amount: number): string {
  const power = amount < 1 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log10(amount) / 3));
  return measured(i18n, amount / 1000 ** power, SIZES[power]!);
}

/** A time; from two minutes on in minutes, and so on. */
export function duration(i18n: I18n, seconds: number): string {
  const found = TIMES.find((time) => seconds >= 2 * time.seconds);
  return measured(i18n, seconds / (found?.seconds ?? 1), found?.unit ?? "second");
}

function measured(i18n: I18n, value: number, unit: string): string {
  return i18n.number(value, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: value < 10 ? 1 : 0 });
}
