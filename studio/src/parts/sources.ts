/** What a film is made from: a file that was sent, or a film of the library. Sends files; shows nothing. */

import { address, contentAddress } from "@/api/base";
import { type Schemas, sendForm, type Video } from "@/api/client";
import { changed, keep } from "@/api/queries";

/** A still is a file; a clip that is sent becomes a film of the library. */
export type Source = { kind: "file"; file_id: string; name: string } | { kind: "video"; id: string };
/** What may be chosen. A film also stands for a still: its first frame. */
export type Accepts = "still" | "clip" | "any";

const ENDINGS: Record<Exclude<Accepts, "any">, string> = {
  still: "image/*,.heic,.heif,.avif",
  clip: ".mp4,.mov,.m4v", // what can be imported
};

/** What a file dialog shows. */
export function endingsOf(accepts: Accepts): string {
  return accepts === "any" ? `${ENDINGS.still},${ENDINGS.clip}` : ENDINGS[accepts];
}

export function isClip(file: File): boolean {
  return file.type.startsWith("video/") || file.type === "image/gif" || /\.(mp4|mov|webm|mkv|m4v|gif)$/i.test(file.name);
}

/** Sends a still or a clip; `told` hears how much of it was sent, from 0 to 1. Throws `ApiError`. */
export async function send(file: File, told: (share: number) => void, stop: AbortSignal): Promise<Source> {
  const form = new FormData();
  if (isClip(file)) {
    form.append("video", file, file.name);
    form.append("title", file.name.replace(/\.\w+$/, ""));
    const video = await sendForm<Video>("/v1/library/import", form, told, stop);
    keep(video);
    changed("/v1/library");
    return { kind: "video", id: video.id };
  }
  form.append("file", file, file.name);
  form.append("purpose", "user_data");
  const sent = await sendForm<Schemas["File"]>("/v1/files", form, told, stop);
  changed("/v1/files");
  return { kind: "file", file_id: sent.id, name: sent.filename };
}

/** What it is called by, wherever two are told apart. */
export function sourceKey(source: Source): string {
  return source.kind === "file" ? source.file_id : source.id;
}

/** The address of its picture. */
export function pictureAddress(source: Source): string {
  return source.kind === "file" ? address(`/v1/files/${source.file_id}/content`) : contentAddress(source.id, "thumbnail");
}

/** How a call refers to it as a picture. */
export function pictureReference(source: Source): { file_id: string } | { video_id: string } {
  return source.kind === "file" ? { file_id: source.file_id } : { video_id: source.id };
}

/** The files of something that was dropped or pasted. */
export function filesOf(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])].filter((file) => file.type.startsWith("image/") || isClip(file) || /\.hei[cf]$/i.test(file.name));
}
