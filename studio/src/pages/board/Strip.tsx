/** The cards of a board in a row, as long as they last: drag them to order, their ends to stretch. */

import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { horizontalListSortingStrategy, SortableContext, sortableKeyboardCoordinates } from "@dnd-kit/sortable";
import { Trans, useLingui } from "@lingui/react/macro";
import { Button, ScrollArea } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";

import type { Card } from "./board";
import { StripCard } from "./StripCard";
import classes from "./Strip.module.css";

export interface StripProps {
  cards: readonly Card[];
  chosen: string | null;
  onChoose: (key: string) => void;
  onMove: (from: number, to: number) => void;
  onStretch: (key: string, seconds: number) => void;
  onAdd: () => void;
  full: boolean;
}

export function Strip({ cards, chosen, onChoose, onMove, onStretch, onAdd, full }: StripProps): ReactNode {
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const keys = cards.map((card) => card.key);
  const drop = ({ active, over }: DragEndEvent): void => {
    if (over && active.id !== over.id) onMove(keys.indexOf(String(active.id)), keys.indexOf(String(over.id)));
  };
  return (
    <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={drop} accessibility={useSpoken(keys)}>
      <SortableContext items={keys} strategy={horizontalListSortingStrategy}>
        <ScrollArea type="auto" offsetScrollbars="x" viewportProps={{ tabIndex: 0 }}>
          <ol className={classes.strip} dir="ltr">
            {cards.map((card, index) => (
              <StripCard
                key={card.key}
                card={card}
                number={index + 1}
                chosen={card.key === chosen}
                onChoose={() => onChoose(card.key)}
                onStretch={(seconds) => onStretch(card.key, seconds)}
              />
            ))}
            <li className={classes.add}>
              <Button variant="default" h="100%" leftSection={<IconPlus size={18} aria-hidden />} onClick={onAdd} disabled={full}>
                <Trans>Add a card</Trans>
              </Button>
            </li>
          </ol>
        </ScrollArea>
      </SortableContext>
    </DndContext>
  );
}

/** What a screen reader is told while a card is dragged by keys. */
function useSpoken(keys: readonly string[]): NonNullable<Parameters<typeof DndContext>[0]["accessibility"]> {
  const { t } = useLingui();
  const place = (id: string | number): number => keys.indexOf(String(id)) + 1;
  return {
    screenReaderInstructions: {
      draggable: t`Press space to pick the card up, the arrow keys to move it, space to drop it, and escape to leave it where it was.`,
    },
    announcements: {
      onDragStart: ({ active }) => t`Card ${place(active.id)} is picked up.`,
      onDragOver: ({ over }) => (over ? t`It is over place ${place(over.id)}.` : undefined),
      onDragEnd: ({ over }) => (over ? t`It is dropped at place ${place(over.id)}.` : t`It is dropped.`),
      onDragCancel: () => t`It is back where it was.`,
    },
  };
}
