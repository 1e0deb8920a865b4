import { api, type Schemas } from "@/api/client";

import { OFTEN } from "./often";

export type State = Schemas["Overview"];

/** The state of the installation, read every few seconds while it is looked at. */
export function useOverview(): { data: State | undefined; error: unknown } {
  return api.useQuery("get", "/v1/admin/overview", {}, OFTEN);
}
