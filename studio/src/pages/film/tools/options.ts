/** What every tool that orders a film has beside its own fields. */

import type { Fields } from "@/api/orders";

export interface OrderOptions {
  /** Empty: that of the film. */
  model: string;
  seed: number | "";
  steps: number | "";
}

export const NO_OPTIONS: OrderOptions = { model: "", seed: "", steps: "" };

export function fieldsOf({ seed, steps }: OrderOptions, model: string): Fields {
  return { model, seed, steps };
}
