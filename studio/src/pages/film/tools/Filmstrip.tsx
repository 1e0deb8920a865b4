import { useElementSize } from "@mantine/hooks";
import { type ReactNode, useState } from "react";

import { contentAddress } from "@/api/base";
import type { Video } from "@/api/client";
import { ratioOf } from "@/parts/FilmProgress";
import { gridOf, type SheetGrid } from "@/parts/sheetGrid";

const HEIGHT = 52;

/** Pictures of a film side by side, in the order of time. */
export function Filmstrip({ video }: { video: Video }): ReactNode {
  const { ref, width } = useElementSize();
  const [grid, setGrid] = useState<SheetGrid>();
  const src = contentAddress(video.id, "spritesheet");
  const shots = grid ? grid.columns * grid.rows : 0;
  const cells = Math.max(1, Math.round(width / (HEIGHT * ratioOf(video.size))));
  return (
    <div ref={ref} className="filmstrip" style={{ height: HEIGHT }} aria-hidden>
      <img
        src={src}
        alt=""
        hidden
        onLoad={({ currentTarget: sheet }) => setGrid(gridOf(video.size, sheet.naturalWidth, sheet.naturalHeight))}
      />
      {grid &&
        Array.from({ length: cells }, (_, cell) => (
          <div key={cell} style={shotStyle(src, grid, Math.floor(((cell + 0.5) / cells) * shots))} />
        ))}
    </div>
  );
}

function shotStyle(src: string, { columns, rows }: SheetGrid, shot: number): React.CSSProperties {
  const left = columns > 1 ? ((shot % columns) / (columns - 1)) * 100 : 0;
  const top = rows > 1 ? (Math.floor(shot / columns) / (rows - 1)) * 100 : 0;
  return {
    backgroundImage: `url("${src}")`,
    backgroundSize: `${columns * 100}% ${rows * 100}%`,
    backgroundPosition: `${left}% ${top}%`,
  };
}
