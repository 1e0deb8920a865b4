/** Saves finished films on the disk of the person who looks at the page. */

import { contentAddress } from "@/api/base";
import type { Video } from "@/api/client";
import { filmName } from "@/parts/filmName";

const BETWEEN_MS = 400; // browsers drop downloads that follow at once
const LONGEST_NAME = 80;

/** One after the other, each with its title as its name. */
export async function download(films: readonly Video[]): Promise<void> {
  for (const [index, film] of films.entries()) {
    if (index > 0) await new Promise((resolve) => window.setTimeout(resolve, BETWEEN_MS));
    const link = document.createElement("a");
    link.href = contentAddress(film.id);
    link.download = `${fileName(film)}.mp4`;
    link.click();
  }
}

/** A title without what file systems do not take. */
function fileName(film: Video): string {
  const plain = filmName(film).replace(/[\p{Cc}<>:"/\\|?*.]+/gu, " ").trim();
  return plain.slice(0, LONGEST_NAME).trim() || film.id;
}
