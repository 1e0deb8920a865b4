/** A film from its beginning to its end, with spans that are moved and stretched, by pointer or by keys. */

import { useLingui } from "@lingui/react/macro";
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef } from "react";

import type { Video } from "@/api/client";
import { clock } from "@/parts/player/times";

import { type Edge, moved, resized, type Ruler, type Span } from "../spans";
import { useStage } from "../stage";
import { Filmstrip } from "./Filmstrip";
import { Playhead } from "./Playhead";
import "./timeline.css";

interface TimelineProps {
  video: Video;
  ruler: Ruler;
  spans: readonly Span[];
  onChange: (spans: Span[]) => void;
  /** What a span is called; its number counts from 1. */
  name: (number: number) => string;
}

type Grip = Edge | "all";

export function Timeline({ video, ruler, spans, onChange, name }: TimelineProps): ReactNode {
  const track = useRef<HTMLDivElement>(null);
  const { player } = useStage();
  const secondsOf = (event: PointerEvent): number => {
    const box = track.current?.getBoundingClientRect();
    return box ? ((event.clientX - box.left) / box.width) * ruler.length : 0;
  };
  const put = (at: number, grip: Grip, seconds: number): void => {
    onChange(grip === "all" ? moved(spans, at, seconds, ruler) : resized(spans, at, grip, seconds, ruler));
    player.current?.seek(Math.min(seconds, ruler.length - ruler.frame));
  };
  return (
    <div className="timeline film" ref={track} onPointerDown={(event) => player.current?.seek(secondsOf(event))}>
      <Filmstrip video={video} />
      {spans.map((span, at) => (
        <SpanBox key={at} span={span} ruler={ruler} name={name(at + 1)} secondsOf={secondsOf} put={(grip, to) => put(at, grip, to)} />
      ))}
      <Playhead length={ruler.length} />
    </div>
  );
}

interface SpanBoxProps {
  span: Span;
  ruler: Ruler;
  name: string;
  secondsOf: (event: PointerEvent) => number;
  put: (grip: Grip, seconds: number) => void;
}

function SpanBox({ span, ruler, name, secondsOf, put }: SpanBoxProps): ReactNode {
  const { t } = useLingui();
  const share = (seconds: number): string => `${(seconds / ruler.length) * 100}%`;
  const all = { secondsOf, put, ruler, span };
  return (
    <>
      <Handle {...all} grip="all" label={name} style={{ left: share(span.start), width: share(span.stop - span.start) }} />
      <Handle {...all} grip="start" label={t`${name}: beginning`} style={{ left: share(span.start) }} />
      <Handle {...all} grip="stop" label={t`${name}: end`} style={{ left: share(span.stop) }} />
    </>
  );
}

interface HandleProps extends Omit<SpanBoxProps, "name"> {
  grip: Grip;
  label: string;
  style: React.CSSProperties;
}

/** A span or one of its edges: dragged, or moved by a frame with the arrows and by ten with Shift. */
function Handle({ grip, label, span, ruler, secondsOf, put, style }: HandleProps): ReactNode {
  const { t } = useLingui();
  const held = useRef<number | null>(null); // how far from its own place it was taken hold of
  const place = grip === "stop" ? span.stop : span.start;
  const press = (event: PointerEvent<HTMLDivElement>): void => {
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    held.current = secondsOf(event) - place;
  };
  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    if (held.current !== null) put(grip, secondsOf(event) - held.current);
  };
  const release = (): void => {
    held.current = null;
  };
  const key = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    put(grip, place + by * ruler.frame * (event.shiftKey ? 10 : 1));
  };
  const [from, to] = [clock(span.start), clock(span.stop)];
  return (
    <div
      className="timeline-handle"
      data-grip={grip}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={ruler.length}
      aria-valuenow={place}
      aria-valuetext={grip === "all" ? t`from ${from} to ${to}` : clock(place)}
      style={style}
      onPointerDown={press}
      onPointerMove={drag}
      onPointerUp={release}
      onPointerCancel={release}
      onKeyDown={key}
    />
  );
}
