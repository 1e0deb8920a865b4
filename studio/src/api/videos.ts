import { api, type Video } from "./client";

/** A video of the library, kept current by the stream of events; undefined while it is not known, or for null. */
export function useVideo(id: string | null): Video | undefined {
  const path = { video_id: id ?? "" };
  return api.useQuery("get", "/v1/library/{video_id}", { params: { path } }, { enabled: id !== null }).data;
}
