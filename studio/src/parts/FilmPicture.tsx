/** The picture of a film on its tile: its thumbnail, its pictures in turn, or what has been made of it so far. */

import { useLingui } from "@lingui/react/macro";
import { Loader, Progress } from "@mantine/core";
import { IconMovie, IconMovieOff } from "@tabler/icons-react";
import { type CSSProperties, type ReactNode, useEffect, useState } from "react";

import { contentAddress } from "@/api/base";
import type { Video } from "@/api/client";
import { usePreview } from "@/api/events";

import { ratioOf } from "./FilmProgress";
import { filmLength } from "./filmName";
import classes from "./FilmTile.module.css";
import { gridOf, type SheetGrid, shotMs } from "./sheetGrid";

/** What is shown of a film. Without a status it is completed. */
export type ShownFilm = Pick<Video, "id" | "size" | "seconds" | "title" | "prompt"> &
  Partial<Pick<Video, "status" | "progress" | "mode">>;

export interface FilmPictureProps {
  film: ShownFilm;
  /** Whether its pictures are shown in turn. */
  plays: boolean;
  /** Where its pictures are, where it is not a film of one's own. */
  address?: (id: string, variant: "thumbnail" | "spritesheet") => string;
}

const SCREEN = 16 / 9;

export function FilmPicture({ film, plays, address = contentAddress }: FilmPictureProps): ReactNode {
  const { status = "completed" } = film;
  return (
    <div className={classes.screen}>
      {status === "completed" ? (
        <div className={classes.film} style={fitted(film.size)}>
          <Still src={address(film.id, "thumbnail")} />
          {plays && <Moving film={film} src={address(film.id, "spritesheet")} />}
        </div>
      ) : (
        <Unfinished film={film} status={status} />
      )}
      {status === "completed" && <span className={classes.badge}>{filmLength(film.seconds)}</span>}
    </div>
  );
}

/** As large as the screen allows. */
function fitted(size: string): CSSProperties {
  const ratio = ratioOf(size);
  return { aspectRatio: ratio, ...(ratio >= SCREEN ? { width: "100%" } : { height: "100%" }) };
}

/** A thumbnail; a symbol where it was deleted meanwhile. */
function Still({ src }: { src: string }): ReactNode {
  const [gone, setGone] = useState(false);
  if (gone) return <IconMovie size={40} stroke={1} aria-hidden />;
  return <img src={src} alt="" loading="lazy" decoding="async" draggable={false} onError={() => setGone(true)} />;
}

/** The pictures of the spritesheet in turn, over the thumbnail. Nothing until it is loaded. */
function Moving({ film, src }: { film: ShownFilm; src: string }): ReactNode {
  const [grid, setGrid] = useState<SheetGrid>();
  const [shot, setShot] = useState(0);
  const shots = grid ? grid.columns * grid.rows : 0;
  useEffect(() => {
    if (shots < 2) return undefined;
    const timer = window.setInterval(() => setShot((now) => (now + 1) % shots), shotMs(film.seconds, shots));
    return () => window.clearInterval(timer);
  }, [shots, film.seconds]);
  return (
    <img
      className={classes.sheet}
      src={src}
      alt=""
      draggable={false}
      data-shot={grid && shot}
      onLoad={({ currentTarget: sheet }) => setGrid(gridOf(film.size, sheet.naturalWidth, sheet.naturalHeight))}
      style={grid ? placed(grid, shot) : { visibility: "hidden" }}
    />
  );
}

/** Moves a sheet so that one of its pictures fills the film. */
function placed({ columns, rows }: SheetGrid, shot: number): CSSProperties {
  const left = ((shot % columns) / columns) * 100;
  const top = (Math.floor(shot / columns) / rows) * 100;
  return { width: `${columns * 100}%`, height: `${rows * 100}%`, transform: `translate(-${left}%, -${top}%)` };
}

function Unfinished({ film, status }: { film: ShownFilm; status: Video["status"] }): ReactNode {
  const preview = usePreview(film.id);
  const { t } = useLingui();
  if (status === "failed") {
    return (
      <>
        <IconMovieOff size={40} stroke={1} aria-hidden />
        <span className={classes.badge}>{t`Failed`}</span>
      </>
    );
  }
  const said = status === "queued" ? t`In the queue` : t`Being made`;
  return (
    <>
      {preview ? (
        <div className={classes.film} style={fitted(film.size)}>
          <img src={preview} alt="" draggable={false} />
        </div>
      ) : (
        <Loader color="gray.4" size="sm" aria-hidden />
      )}
      <Progress className={classes.state ?? ""} value={film.progress ?? 0} size="xs" radius={0} aria-hidden />
      <span className={classes.badge}>{said}</span>
    </>
  );
}
