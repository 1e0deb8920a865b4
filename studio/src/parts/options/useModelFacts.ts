import { api } from "@/api/client";
import { useServer } from "@/api/server";

import type { ModelFacts } from "../words";

/** What a model is and can do; undefined until it is known. `model` empty: the server's default. */
export function useModelFacts(model: string): ModelFacts | undefined {
  const usual = useServer()?.model;
  const id = model || usual;
  return api.useQuery(
    "get",
    "/v1/models/{model}",
    { params: { path: { model: id ?? "" } } },
    { enabled: id !== undefined, staleTime: 300_000 },
  ).data;
}
