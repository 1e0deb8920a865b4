/** The cache of what the API has answered: one for the whole page. */

import { QueryClient } from "@tanstack/react-query";

import type { Video } from "./client";
import { ApiError } from "./errors";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: "always", // loopback works without a network
      staleTime: 30_000,
      retry: (count, error) => !(error instanceof ApiError) && count < 2,
    },
    mutations: { networkMode: "always" },
  },
});

export const videoKey = (id: string): unknown[] => [
  "get",
  "/v1/library/{video_id}",
  { params: { path: { video_id: id } } },
];

/**
 * Puts a video into the cache, so that a page that opens it has it at once. What events and lists tell lacks the details:
 * it only changes a video that is known.
 */
export function keep(video: Video): void {
  queries.setQueryData(videoKey(video.id), (known: Video | undefined) =>
    known || "options" in video ? { ...known, ...video } : undefined,
  );
}

/** Reads lists again that may have changed: a film was made, renamed, moved or deleted. */
export function readAgain(...paths: string[]): void {
  for (const path of paths) void queries.invalidateQueries({ queryKey: ["get", path] });
}

const tabs = new BroadcastChannel("yozora.changed");
tabs.onmessage = ({ data }: MessageEvent<string[]>) => readAgain(...data);

/** What this page has changed on the server: it is read again here and in the other tabs of this browser. */
export function changed(...paths: string[]): void {
  readAgain(...paths);
  tabs.postMessage(paths);
}
