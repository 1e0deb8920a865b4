/** The films of the library in rows; only those that can be seen are in the document. */

import { useElementSize, useMergedRef } from "@mantine/hooks";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";

import { useDirection } from "@mantine/core";

import { useFilmActions } from "./actions";
import type { Films } from "./films";
import classes from "./Library.module.css";
import { LibraryTile } from "./LibraryTile";
import type { Selection } from "./selection";

const GAP = 16; // px
const NARROWEST = 150;
const USUAL = 230;
const BELOW_PICTURE = 34; // px: the name
const AHEAD = 3; // rows that are rendered beyond what is seen

interface FilmGridProps {
  films: Films;
  selection: Selection;
  inTrash: boolean;
}

export function FilmGrid({ films: found, selection, inTrash }: FilmGridProps): ReactNode {
  const { films, more, readMore } = found;
  const { ref: sizeRef, width } = useElementSize();
  const list = useRef<HTMLDivElement>(null);
  const ref = useMergedRef(sizeRef, list);
  const columns = columnsOf(width);
  const rowHeight = ((width - GAP * (columns - 1)) / columns) * (9 / 16) + BELOW_PICTURE + GAP;
  const count = Math.ceil(films.length / columns);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY), [width]);
  const rows = useWindowVirtualizer({ count, estimateSize: () => rowHeight, overscan: AHEAD, scrollMargin: top });
  useEffect(() => rows.measure(), [rows, rowHeight]);
  const shown = rows.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= count - 1 - AHEAD) readMore();
  }, [more, last, count, films.length, found.waitingForMore]);
  const onKeyDown = useGridKeys({ films, columns, selection, inTrash, reveal: (row) => rows.scrollToIndex(row, { align: "auto" }) });
  return (
    <div ref={ref} onKeyDown={onKeyDown} className={selection.ids.size > 0 ? (classes.ticking ?? "") : ""}>
      <div role="list" style={{ position: "relative", height: rows.getTotalSize() }}>
        {width > 0 &&
          shown.map(({ index, start }) => (
            <div
              key={index}
              role="presentation"
              className={classes.row}
              style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`, transform: `translateY(${start - top}px)` }}
            >
              {films.slice(index * columns, (index + 1) * columns).map((film, column) => (
                <div
                  key={film.id}
                  role="listitem"
                  aria-posinset={index * columns + column + 1}
                  aria-setsize={more ? -1 : films.length}
                  data-film={index * columns + column}
                >
                  <LibraryTile
                    film={film}
                    selected={selection.ids.has(film.id)}
                    selecting={selection.ids.size > 0}
                    toggle={selection.toggle}
                  />
                </div>
              ))}
            </div>
          ))}
      </div>
    </div>
  );
}

function columnsOf(width: number): number {
  const narrow = width < 2 * USUAL + GAP;
  return Math.max(1, Math.floor((width + GAP) / ((narrow ? NARROWEST : USUAL) + GAP)));
}

interface GridKeys {
  films: Films["films"];
  columns: number;
  selection: Selection;
  inTrash: boolean;
  reveal: (row: number) => void;
}

/** Arrows go from film to film; Space selects, with Shift a range; Ctrl+A all; Delete puts them into the trash. */
function useGridKeys({ films, columns, selection, inTrash, reveal }: GridKeys): (event: KeyboardEvent<HTMLElement>) => void {
  const { dir } = useDirection();
  const { trash, ask } = useFilmActions();
  return (event) => {
    if (!(event.target instanceof HTMLAnchorElement)) return;
    const place = Number(event.target.closest<HTMLElement>("[data-film]")?.dataset["film"] ?? Number.NaN);
    const film = films[place];
    if (!film) return;
    const forward = dir === "rtl" ? -1 : 1;
    const steps: Record<string, number> = { ArrowRight: forward, ArrowLeft: -forward, ArrowDown: columns, ArrowUp: -columns };
    const step = steps[event.key];
    if (step !== undefined) {
      const next = Math.max(0, Math.min(films.length - 1, place + step));
      if (event.shiftKey && films[next]) selection.toggle(films[next].id, true);
      reveal(Math.floor(next / columns));
      focusFilm(event.currentTarget, next);
    } else if (event.key === " ") {
      selection.toggle(film.id, event.shiftKey);
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      selection.all();
    } else if (event.key === "Escape" && selection.ids.size > 0) {
      selection.clear();
    } else if (event.key === "Delete") {
      const ids = selection.ids.size > 0 ? [...selection.ids] : [film.id];
      if (inTrash) ask({ kind: "delete", ids });
      else void trash(ids);
    } else {
      return;
    }
    event.preventDefault();
  };
}

/** Moves the focus to a film as soon as its row is in the document. */
function focusFilm(grid: HTMLElement, place: number, tries = 10): void {
  const link = grid.querySelector<HTMLAnchorElement>(`[data-film="${place}"] a`);
  if (link) link.focus();
  else if (tries > 0) window.requestAnimationFrame(() => focusFilm(grid, place, tries - 1));
}
