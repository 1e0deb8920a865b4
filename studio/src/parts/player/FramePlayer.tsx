/** A player that knows frames: see `Playback`. Its controls stand below the picture, so that nothing hides it. */

import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useEffect, useId, useImperativeHandle, useRef, useState, useSyncExternalStore } from "react";

import { contentAddress } from "@/api/base";

import { ratioOf } from "../FilmProgress";
import type { PlayerProps } from "../Player";
import { Controls } from "./Controls";
import { translateControls } from "./elements";
import { press } from "./keys";
import { Playback } from "./playback";
import "./player.css";

export default function FramePlayer(props: PlayerProps): ReactNode {
  const { id, label, size = "16x9", children, loop = false, address = contentAddress(id), poster = contentAddress(id, "thumbnail") } = props;
  const box = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const name = `player-${useId().replace(/\W/g, "")}`;
  const playback = usePlayback(props, address, { box, video, canvas });
  useState(translateControls);
  const { t } = useLingui();
  return (
    <div ref={box} id={`${name}-box`} className="player film" role="group" aria-label={t`Player: ${label}`}>
      <div className="player-picture" style={{ "--ratio": ratioOf(size) } as React.CSSProperties}>
        <media-controller id={name} nohotkeys noautohide fullscreenelement={`${name}-box`}>
          <video ref={video} slot="media" src={address} poster={poster} preload="auto" playsInline loop={loop} aria-label={label} tabIndex={-1} />
        </media-controller>
        <Exact canvas={canvas} playback={playback} />
        {children}
      </div>
      {playback && <Controls controller={name} playback={playback} />}
    </div>
  );
}

interface Elements {
  box: React.RefObject<HTMLDivElement | null>;
  video: React.RefObject<HTMLVideoElement | null>;
  canvas: React.RefObject<HTMLCanvasElement | null>;
}

/** The playback of the elements, with its keys, and told to whoever wants to know. */
function usePlayback(props: PlayerProps, address: string, { box, video, canvas }: Elements): Playback | undefined {
  const { ref, fps, keys = "inside", exact = false, onFrame } = props;
  const [playback, setPlayback] = useState<Playback>();
  useEffect(() => {
    if (!video.current || !canvas.current) return undefined;
    const made = new Playback(video.current, canvas.current, address, fps);
    setPlayback(made);
    return made.follow();
  }, [address, fps, video, canvas]);
  useEffect(() => {
    if (exact) void playback?.open();
  }, [exact, playback]);
  useEffect(() => {
    const target = keys === "page" ? window : box.current;
    const listener = (event: Event): void => {
      if (!(event instanceof KeyboardEvent) || !playback || !box.current || !video.current) return;
      if (!press(event, playback, box.current, video.current)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    target?.addEventListener("keydown", listener, { capture: true });
    return () => target?.removeEventListener("keydown", listener, { capture: true });
  }, [keys, playback, box, video]);
  useEffect(() => {
    if (!playback || !onFrame) return undefined;
    onFrame(playback.now());
    return playback.watch(() => onFrame(playback.now()));
  }, [playback, onFrame]);
  useImperativeHandle(
    ref,
    () => ({
      seek: (seconds: number) => playback?.seek(seconds),
      pause: () => playback?.pause(),
      now: () => playback?.now(),
    }),
    [playback],
  );
  return playback;
}

function Exact({ canvas, playback }: { canvas: Elements["canvas"]; playback: Playback | undefined }): ReactNode {
  const exact = useSyncExternalStore(playback?.watch ?? never, () => playback?.now().exact ?? false);
  return <canvas ref={canvas} className="player-exact" hidden={!exact} aria-hidden />;
}

const never = () => () => undefined;
