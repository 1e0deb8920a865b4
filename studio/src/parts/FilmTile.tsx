import { Text } from "@mantine/core";
import { type MouseEvent, type ReactNode, useState } from "react";
import { Link } from "react-router";

import { filmName } from "./filmName";
import { FilmPicture, type FilmPictureProps } from "./FilmPicture";
import classes from "./FilmTile.module.css";

export interface FilmTileProps extends Omit<FilmPictureProps, "plays"> {
  /** Where it leads; without it, to the film's own page. */
  to?: string;
  /** What can be done with it: buttons beside its name. */
  actions?: ReactNode;
  /** Stands in the corner of its picture, such as a box to tick. */
  corner?: ReactNode;
  selected?: boolean;
  /** Before the link is followed; `preventDefault` keeps it from that. */
  onClick?: (event: MouseEvent) => void;
}

/** A film of a grid: it plays while it is pointed at or has the focus, and leads to its page. */
export function FilmTile({ film, address, to, actions, corner, selected, onClick }: FilmTileProps): ReactNode {
  const [plays, setPlays] = useState(false);
  const start = (): void => setPlays(true);
  const stop = (): void => setPlays(false);
  return (
    <article className={classes.tile} data-selected={selected || undefined} onPointerEnter={start} onPointerLeave={stop}>
      {corner && <div className={classes.corner}>{corner}</div>}
      <Link
        className={classes.link ?? ""}
        to={to ?? `/films/${film.id}`}
        draggable={false}
        onClick={onClick}
        onFocus={start}
        onBlur={stop}
      >
        <FilmPicture film={film} plays={plays} {...(address && { address })} />{" "}
        <span className={classes.name} data-actions={Boolean(actions) || undefined}>
          <Text size="sm" truncate dir="auto" component="span" display="block">
            {filmName(film)}
          </Text>
        </span>
      </Link>
      {actions && <div className={classes.actions}>{actions}</div>}
    </article>
  );
}
