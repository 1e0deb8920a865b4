/** Other versions of a film: files, and films of the library. */

import { useMutation, type UseMutationResult } from "@tanstack/react-query";

import { address } from "@/api/base";
import { answer, api, http, type Schemas } from "@/api/client";
import { changed } from "@/api/queries";

export type Export = Schemas["Export"];
export const FORMATS = ["mp4", "webm", "gif", "frames"] as const;
export type Format = (typeof FORMATS)[number];

const LISTED = 100;
const POLL_MS = 700;

export const isUnfinished = ({ status }: Export): boolean => status === "queued" || status === "in_progress";

/** The exports of a film; read again and again while one of them is being made. */
export function useExports(video: string): Export[] | undefined {
  const params = { params: { path: { video_id: video }, query: { limit: LISTED } } };
  return api.useQuery("get", "/v1/videos/{video_id}/exports", params, {
    refetchInterval: ({ state }) => (state.data?.data.some(isUnfinished) ? POLL_MS : false),
  }).data?.data;
}

export function useMakeExport(video: string): UseMutationResult<Export, Error, Schemas["CreateExport"]> {
  return useMutation({
    mutationFn: async (body: Schemas["CreateExport"]) =>
      answer(http.POST("/v1/videos/{video_id}/exports", { params: { path: { video_id: video } }, body })),
    onSuccess: () => changed("/v1/videos/{video_id}/exports"),
  });
}

export function useDeleteExport({ id, video_id }: Export): UseMutationResult<unknown, Error, void> {
  return useMutation({
    mutationFn: () =>
      http.DELETE("/v1/videos/{video_id}/exports/{export_id}", { params: { path: { video_id, export_id: id } } }),
    onSettled: () => changed("/v1/videos/{video_id}/exports"),
  });
}

export function exportAddress({ id, video_id }: Export): string {
  return address(`/v1/videos/${video_id}/exports/${id}/content`);
}
