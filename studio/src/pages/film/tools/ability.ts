/** Which model a tool asks, and whether that can do it. */

import { api } from "@/api/client";
import type { Mode } from "@/api/orders";
import { useModelFacts } from "@/parts/options/useModelFacts";

export interface Ability {
  /** The model that is asked: the one that is wanted, else the server's default (empty). */
  model: string;
  /** Why it cannot do it; empty where it can, undefined until that is known. */
  reason: string | undefined;
}

/** `wanted`: a model that this server may no longer have. */
export function useAbility(mode: Mode, wanted: string): Ability {
  const models = api.useQuery("get", "/v1/models").data?.data;
  const model = models?.some(({ id }) => id === wanted) ? wanted : "";
  const facts = useModelFacts(model);
  const found = facts?.modes.find((each) => each.mode === mode);
  return { model, reason: facts && (!found || found.possible ? "" : found.reason) };
}
