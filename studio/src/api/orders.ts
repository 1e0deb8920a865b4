/** Orders films: one function for every mode. Knows no page. */

import { answer, http, type Schemas, sendForm, type Video } from "./client";
import { changed, keep } from "./queries";

/** The modes, by the routes that make films with them. */
export const ROUTES = {
  generate: "/v1/videos",
  extend: "/v1/videos/extensions",
  loop: "/v1/videos/loops",
  blend: "/v1/videos/blends",
  edit: "/v1/videos/edits",
  recut: "/v1/videos/recuts",
  storyboard: "/v1/videos/storyboards",
} as const;
export type Mode = keyof typeof ROUTES | "remix";

/** The fields of a call; docs/api.md says which a mode has. Empty ones are left out, files make it a form. */
export type Fields = Record<string, unknown>;

/** Orders a film. `remix` needs the field `video`. Throws `ApiError`. */
export async function order(mode: Mode, fields: Fields): Promise<Video> {
  const { path, rest } = placed(mode, fields);
  const said = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const form = new FormData();
  const hasFile = said.some(([, value]) => value instanceof Blob);
  for (const [name, value] of said) {
    form.append(name, value instanceof Blob || typeof value === "string" ? value : JSON.stringify(value));
  }
  const made = hasFile
    ? await sendForm<Schemas["Video"]>(path, form)
    : await answer(http.POST(path as "/v1/videos", { body: Object.fromEntries(said) as Schemas["CreateVideo"] }));
  const video = await answer(http.GET("/v1/library/{video_id}", { params: { path: { video_id: made.id } } }));
  keep(video);
  changed("/v1/library");
  return video;
}

function placed(mode: Mode, fields: Fields): { path: string; rest: Fields } {
  if (mode !== "remix") return { path: ROUTES[mode], rest: fields };
  const { video, ...rest } = fields;
  return { path: `/v1/videos/${String(video)}/remix`, rest };
}

/** Stops a film that is queued or being made. */
export async function cancel(id: string): Promise<void> {
  await http.POST("/v1/videos/{video_id}/cancel", { params: { path: { video_id: id } } });
}
