import type { Video } from "@/api/client";

import type { Ruler } from "../spans";

const USUAL_FPS = 24;

/** How long a film and one of its frames are. */
export function rulerOf(video: Video): Ruler {
  const frame = 1 / (video.fps ?? USUAL_FPS);
  return { length: video.frames ? video.frames * frame : Number(video.seconds), frame };
}
