/** The library: all films of a key, with folders, a search, and a trash. */

import { DndContext, type DragEndEvent, DragOverlay, type DragStartEvent, type Modifier, MouseSensor, pointerWithin, TouchSensor, useSensor, useSensors } from "@dnd-kit/core";
import { getEventCoordinates } from "@dnd-kit/utilities";
import { Plural, Trans } from "@lingui/react/macro";
import { Badge, Button, Center, Loader, Stack, Text } from "@mantine/core";
import { IconSearchOff, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { Link } from "react-router";

import type { Video } from "@/api/client";
import { ErrorLine } from "@/parts/ErrorLine";
import { FilmPicture } from "@/parts/FilmPicture";
import { PageHead } from "@/parts/PageHead";

import { ActionsProvider, type FilmActions, useActions } from "./actions";
import { Empty } from "./Empty";
import { FilmGrid } from "./FilmGrid";
import { useFilms } from "./films";
import { FilterBar } from "./FilterBar";
import { type Filters, narrows, NO_FILTERS, NO_FOLDER, useFilters } from "./filters";
import { Folders, TRASH } from "./Folders";
import { Importing } from "./importing/Importing";
import { PlaceButton } from "./PlaceButton";
import classes from "./Library.module.css";
import { Questions } from "./Questions";
import { SelectionBar } from "./SelectionBar";
import { useSelection } from "./selection";

const BESIDE = 12; // px

export default function Library(): ReactNode {
  const [filters, change] = useFilters();
  const found = useFilms(filters);
  const order = useMemo(() => found.films.map(({ id }) => id), [found.films]);
  const selection = useSelection(order);
  const [actions, question] = useActions(selection.clear);
  const selected = useMemo(() => found.films.filter(({ id }) => selection.ids.has(id)), [found.films, selection.ids]);
  const deleted = useCallback(
    (folder?: string) => {
      selection.clear();
      if (folder && folder === filters.folder) change({ folder: "" });
    },
    [selection.clear, filters.folder, change],
  );
  return (
    <ActionsProvider value={actions}>
      <Dragging actions={actions} selected={selected}>
        <PageHead title={<Trans>Library</Trans>}>
          <PlaceButton filters={filters} />
          <Importing />
        </PageHead>
        <div className={classes.layout}>
          <aside className={classes.side}>
            <Folders filters={filters} />
          </aside>
          <Stack gap="md" miw={0}>
            {selected.length > 0 ? (
              <SelectionBar films={selected} clear={selection.clear} inTrash={filters.trash} />
            ) : (
              <FilterBar filters={filters} change={change} />
            )}
            <ErrorLine error={found.error} />
            {found.waiting && !found.error && (
              <Center mih="30vh">
                <Loader aria-hidden />
              </Center>
            )}
            {!found.waiting && found.films.length === 0 && <Nothing filters={filters} change={change} />}
            {found.films.length > 0 && <FilmGrid films={found} selection={selection} inTrash={filters.trash} />}
            {found.waitingForMore && (
              <Center>
                <Loader size="sm" aria-hidden />
              </Center>
            )}
          </Stack>
        </div>
      </Dragging>
      <Questions question={question} deleted={deleted} />
    </ActionsProvider>
  );
}

/** Films are dragged onto folders: all that are selected, where the one that is dragged is among them. */
function Dragging({ actions, selected, children }: { actions: FilmActions; selected: readonly Video[]; children: ReactNode }): ReactNode {
  const [film, setFilm] = useState<Video | null>(null);
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: 8 } }),
    useSensor(TouchSensor, { activationConstraint: { delay: 300, tolerance: 8 } }),
  );
  const carried = film && selected.some(({ id }) => id === film.id) ? selected : film ? [film] : [];
  const start = ({ active }: DragStartEvent): void => setFilm((active.data.current?.["film"] as Video | undefined) ?? null);
  const end = ({ over }: DragEndEvent): void => {
    setFilm(null);
    const place = over?.data.current?.["place"] as string | undefined;
    if (place === undefined) return;
    const ids = carried.map(({ id }) => id);
    if (place === TRASH) void actions.trash(ids);
    else void actions.move(ids, place === NO_FOLDER ? "" : place);
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={pointerWithin}
      modifiers={[besidePointer]}
      onDragStart={start}
      onDragEnd={end}
      onDragCancel={() => setFilm(null)}
      accessibility={{ announcements: SILENT, screenReaderInstructions: { draggable: "" } }}
    >
      {children}
      <DragOverlay dropAnimation={null}>
        {film && (
          <div className={classes.carried}>
            <FilmPicture film={film} plays={false} />
            {carried.length > 1 && (
              <Badge mt={4}>
                <Plural value={carried.length} one="# film" other="# films" />
              </Badge>
            )}
          </div>
        )}
      </DragOverlay>
    </DndContext>
  );
}

/** What is carried does not hide the folder that it is over. */
const besidePointer: Modifier = ({ activatorEvent, activeNodeRect, transform }) => {
  const at = activatorEvent && getEventCoordinates(activatorEvent);
  if (!at || !activeNodeRect) return transform;
  const x = transform.x + at.x - activeNodeRect.left + BESIDE;
  return { ...transform, x, y: transform.y + at.y - activeNodeRect.top + BESIDE };
};

/** What is done is said by notices; menus do the same by keyboard. */
const SILENT = { onDragStart: () => undefined, onDragOver: () => undefined, onDragEnd: () => undefined, onDragCancel: () => undefined };

/** Why no film is shown, and what to do. */
function Nothing({ filters, change }: { filters: Filters; change: (changes: Partial<Filters>) => void }): ReactNode {
  if (narrows(filters)) {
    const clear = (): void => change({ ...NO_FILTERS, folder: filters.folder, trash: filters.trash });
    return (
      <Empty symbol={<IconSearchOff size={56} stroke={1} aria-hidden />} says={<Trans>No film is like that</Trans>}>
        <Button variant="light" onClick={clear}>
          <Trans>Show all films</Trans>
        </Button>
      </Empty>
    );
  }
  if (filters.trash) {
    return (
      <Empty symbol={<IconTrash size={56} stroke={1} aria-hidden />} says={<Trans>The trash is empty</Trans>}>
        <Text c="dimmed" size="sm">
          <Trans>Films that you move here are kept for 30 days.</Trans>
        </Text>
      </Empty>
    );
  }
  if (filters.folder) {
    return (
      <Empty says={<Trans>No films here yet</Trans>}>
        <Text c="dimmed" size="sm">
          <Trans>Drag films onto the folder, or use “Move to a folder” in a film’s menu.</Trans>
        </Text>
      </Empty>
    );
  }
  return (
    <Empty says={<Trans>No films yet</Trans>}>
      <Button component={Link} to="/">
        <Trans>Create the first one</Trans>
      </Button>
    </Empty>
  );
}
