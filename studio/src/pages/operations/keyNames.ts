import { api } from "@/api/client";

/** The names of keys by their ids, as far as they are known. */
export function useKeyNames(): (id: string) => string {
  const found = api.useQuery("get", "/v1/admin/keys", { params: { query: { limit: 100 } } });
  const names = new Map(found.data?.data.map((key) => [key.id, key.name]));
  return (id) => names.get(id) ?? id;
}
