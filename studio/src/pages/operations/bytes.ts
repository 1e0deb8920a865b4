import type { I18n } from "@lingui/core";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** An amount of bytes in the language of the page, with a unit that keeps it short. */
export function bytes(i18n: I18n, amount: number): string {
  const power = amount < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(amount) / 3));
  const value = amount / 1000 ** power;
  return i18n.number(value, { style: "unit", unit: UNITS[power]!, maximumFractionDigits: value < 10 ? 1 : 0 });
}
