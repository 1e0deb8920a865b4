/** The keys of a player. They do nothing while somebody types, or where a control needs them itself. */

import type { Playback } from "./playback";

const TYPING =
  "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], [role=textbox], [role=combobox], " +
  "[role=listbox], [role=menu], [role=dialog]";
const OWN_SPACE =
  "button, a, summary, input, [role=button], [role=tab], [role=switch], [role=slider], " +
  "media-mute-button, media-play-button, media-fullscreen-button";
const OWN_ARROWS = "input, [role=tablist], [role=slider], [role=radiogroup], [data-arrows]";

/** Does what a key says. True where it did something. */
export function press(event: KeyboardEvent, playback: Playback, screen: HTMLElement, video: HTMLVideoElement): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return false;
  if (matches(event, TYPING)) return false;
  const action = actionOf(event, playback, screen, video);
  action?.();
  return action !== undefined;
}

function actionOf(
  event: KeyboardEvent,
  playback: Playback,
  screen: HTMLElement,
  video: HTMLVideoElement,
): (() => void) | undefined {
  const arrows = !matches(event, OWN_ARROWS);
  switch (keyOf(event)) {
    case " ":
      return matches(event, OWN_SPACE) ? undefined : () => playback.toggle();
    case "ArrowLeft":
      return arrows ? () => playback.step(-1) : undefined;
    case "ArrowRight":
      return arrows ? () => playback.step(1) : undefined;
    case "Home":
      return arrows ? () => playback.step(-Infinity) : undefined;
    case "End":
      return arrows ? () => playback.step(Infinity) : undefined;
    case "j":
      return () => playback.backward();
    case "k":
      return () => playback.pause();
    case "l":
      return () => playback.forward();
    case "m":
      return () => void (video.muted = !video.muted);
    case "f":
      return () => void toggleFullscreen(screen);
    default:
      return undefined;
  }
}

/** A letter by its place where the keyboard has no Latin ones. */
function keyOf({ key, code }: KeyboardEvent): string {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  return key.length === 1 && code.startsWith("Key") ? code.slice(3).toLowerCase() : key;
}

function matches(event: KeyboardEvent, selector: string): boolean {
  return event.target instanceof Element && event.target.closest(selector) !== null;
}

async function toggleFullscreen(screen: HTMLElement): Promise<void> {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await screen.requestFullscreen();
}
