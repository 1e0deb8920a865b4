/** Where the API is: the index has a `<base>` that names the folder of a proxy. */
export const ROOT = new URL(document.baseURI).pathname.replace(/\/$/, "");

/** The address of a path of the API, such as `/v1/models`. */
export function address(path: string): string {
  return `${ROOT}${path}`;
}

/** The address of a video's file or picture. Pictures never change, so they may be cached. */
export function contentAddress(id: string, variant: "video" | "thumbnail" | "spritesheet" = "video"): string {
  return address(`/v1/videos/${id}/content?variant=${variant}`);
}
