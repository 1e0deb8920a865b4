import { type PointerEvent, type ReactNode, useRef } from "react";
import { createPortal } from "react-dom";

import { between, type Point, type Region, shifted, withCorner } from "../region";
import { useStage } from "../stage";
import "./region.css";

interface RegionBoxProps {
  region: Region | null;
  onChange: (region: Region) => void;
}

/** What the pointer does until it is let go: the next rectangle, by where it is. */
type Drag = (to: Point) => Region;

const CORNERS = [
  { right: false, bottom: false },
  { right: true, bottom: false },
  { right: false, bottom: true },
  { right: true, bottom: true },
] as const;

/** A rectangle over the picture of the player, drawn, moved and stretched with the pointer. Number fields do the same. */
export function RegionBox({ region, onChange }: RegionBoxProps): ReactNode {
  const { overlay, player } = useStage();
  const drag = useRef<Drag | null>(null);
  if (!overlay) return null;
  const pointOf = (event: PointerEvent): Point => {
    const box = overlay.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  };
  const begin =
    (dragged: (from: Point) => Drag) =>
    (event: PointerEvent<HTMLElement>): void => {
      event.stopPropagation();
      event.currentTarget.setPointerCapture(event.pointerId);
      player.current?.pause();
      drag.current = dragged(pointOf(event));
    };
  const follow = (event: PointerEvent): void => {
    if (drag.current) onChange(drag.current(pointOf(event)));
  };
  const end = (): void => {
    drag.current = null;
  };
  const percent = (share: number): string => `${share * 100}%`;
  return createPortal(
    <div
      className="region-field"
      onPointerDown={begin((from) => (to) => between(from, to))}
      onPointerMove={follow}
      onPointerUp={end}
      onPointerCancel={end}
    >
      {region && (
        <div
          className="region-box"
          style={{ left: percent(region.x), top: percent(region.y), width: percent(region.w), height: percent(region.h) }}
          onPointerDown={begin((from) => (to) => shifted(region, { x: to.x - from.x, y: to.y - from.y }))}
        >
          {CORNERS.map((corner) => (
            <div
              key={`${corner.right}${corner.bottom}`}
              className="region-corner"
              style={{
                [corner.right ? "right" : "left"]: 0,
                [corner.bottom ? "bottom" : "top"]: 0,
                cursor: corner.right === corner.bottom ? "nwse-resize" : "nesw-resize",
              }}
              onPointerDown={begin(() => (to) => withCorner(region, corner, to))}
            />
          ))}
        </div>
      )}
    </div>,
    overlay,
  );
}
