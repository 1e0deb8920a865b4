import { useMutation, type UseMutationResult } from "@tanstack/react-query";

import { answer, http, type Schemas, type Video } from "@/api/client";
import { changed, keep } from "@/api/queries";

/** Changes the title, the folder or the place in the trash of a film. */
export function useChange(id: string): UseMutationResult<Video, Error, Schemas["ChangeVideo"]> {
  return useMutation({
    mutationFn: async (body: Schemas["ChangeVideo"]) =>
      answer(http.POST("/v1/videos/{video_id}", { params: { path: { video_id: id } }, body })),
    onSuccess: (video) => {
      keep(video);
      changed("/v1/library", "/v1/folders");
    },
  });
}
