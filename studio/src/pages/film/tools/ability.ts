/** What a model can do with films, and which model a tool takes at first. */

import { api, type Schemas } from "@/api/client";
import type { Mode } from "@/api/orders";

export interface Ability {
  /** The models of this server. */
  models: string[];
  /** The one that is asked: that of the draft, else that of the film, else the first. */
  model: string;
  /** Why it cannot do it; empty where it can, undefined until that is known. */
  reason: string | undefined;
}

export function useAbility(mode: Mode, wanted: string): Ability {
  const models = api.useQuery("get", "/v1/models").data?.data.map(({ id }) => id) ?? [];
  const model = models.includes(wanted) ? wanted : (models[0] ?? "");
  const { data } = api.useQuery("get", "/v1/models/{model}", { params: { path: { model } } }, { enabled: model !== "" });
  return { models, model, reason: data && reasonOf(data, mode) };
}

function reasonOf({ modes }: Schemas["ModelFacts"], mode: Mode): string {
  const found = modes.find((each) => each.mode === mode);
  return !found || found.possible ? "" : found.reason;
}
