/** Plays a finished film, frame by frame. Its code is loaded when a player is first shown. */

import { useLingui } from "@lingui/react";
import { lazy, type ReactNode, type Ref, Suspense } from "react";

import type { PlaybackState } from "./player/playback";

const FramePlayer = lazy(() => import("./player/FramePlayer"));

/** What others do with a player. */
export interface PlayerHandle {
  /** Stands still at the frame of this second. */
  seek: (seconds: number) => void;
  pause: () => void;
  now: () => PlaybackState | undefined;
}

export interface PlayerProps {
  id: string;
  /** What the film is called. */
  label: string;
  /** As `1280x720`: the room that it takes before it is loaded. */
  size?: string;
  /** Frames a second; read from the film where it is not given. */
  fps?: number | undefined;
  loop?: boolean;
  /** Where its keys work: all over the page, or while the player has the focus. */
  keys?: "page" | "inside";
  /** Reads the frames of the film at once, and not only when somebody steps. */
  exact?: boolean;
  /** Another address than that of the film of this key. */
  address?: string;
  poster?: string;
  ref?: Ref<PlayerHandle>;
  onFrame?: (state: PlaybackState) => void;
  /** What is shown over the picture, at its full size. */
  children?: ReactNode;
}

/** Made again when the language changes: its controls say their words once. */
export function Player(props: PlayerProps): ReactNode {
  const { i18n } = useLingui();
  const waiting = <div className="screen" style={{ aspectRatio: props.size?.replace("x", " / ") ?? "16 / 9" }} />;
  return (
    <Suspense fallback={waiting}>
      <FramePlayer key={i18n.locale} {...props} />
    </Suspense>
  );
}
