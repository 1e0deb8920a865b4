/** What a film was made from and what was made of it, one step each way. */

import { api, type Schemas } from "@/api/client";

type Node = Schemas["LineageNode"];

export interface Relatives {
  sources: Node[];
  results: Node[];
}

/** Undefined until it is known. */
export function useRelatives(id: string): Relatives | undefined {
  const { data } = api.useQuery("get", "/v1/videos/{video_id}/lineage", { params: { path: { video_id: id } } });
  if (!data) return undefined;
  const nodes = new Map(data.nodes.map((node) => [node.id, node]));
  const named = (ids: string[]): Node[] => [...new Set(ids)].flatMap((each) => nodes.get(each) ?? []);
  return {
    sources: named(data.edges.filter(({ target }) => target === id).map(({ source }) => source)),
    results: named(data.edges.filter(({ source }) => source === id).map(({ target }) => target)),
  };
}
