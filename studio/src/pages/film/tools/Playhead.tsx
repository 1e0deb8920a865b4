import { type ReactNode, useEffect, useRef } from "react";

import { useStage } from "../stage";

/** Where the player is, over a timeline of `length` seconds. */
export function Playhead({ length }: { length: number }): ReactNode {
  const line = useRef<HTMLDivElement>(null);
  const { player } = useStage();
  useEffect(() => {
    let frame = 0;
    const follow = (): void => {
      const seconds = player.current?.now()?.seconds ?? 0;
      if (line.current) line.current.style.left = `${(seconds / length) * 100}%`;
      frame = requestAnimationFrame(follow);
    };
    follow();
    return () => cancelAnimationFrame(frame);
  }, [player, length]);
  return <div ref={line} className="timeline-head" aria-hidden />;
}
