import { useSortable } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { useLingui } from "@lingui/react/macro";
import { ActionIcon, UnstyledButton } from "@mantine/core";
import { IconArrowNarrowRight, IconCut, IconGripVertical, IconMovie, IconPhoto, IconTypography } from "@tabler/icons-react";
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef } from "react";

import { address, contentAddress } from "@/api/base";
import { useVideo } from "@/api/videos";

import { allowed, type Card, LONGEST, SHORTEST, STEP } from "./board";
import classes from "./Strip.module.css";

const WIDTH_OF_A_SECOND = 84; // pixels

export interface StripCardProps {
  card: Card;
  number: number;
  chosen: boolean;
  onChoose: () => void;
  onStretch: (seconds: number) => void;
}

export function StripCard({ card, number, chosen, onChoose, onStretch }: StripCardProps): ReactNode {
  const { t, i18n } = useLingui();
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition, isDragging } = useSortable({
    id: card.key,
  });
  const Joint = card.transition === "flow" ? IconArrowNarrowRight : IconCut;
  const style = { transform: CSS.Translate.toString(transform), transition, width: card.seconds * WIDTH_OF_A_SECOND };
  const seconds = i18n.number(card.seconds);
  return (
    <li
      ref={setNodeRef}
      className={classes.card}
      style={style}
      data-chosen={chosen || undefined}
      data-dragging={isDragging || undefined}
    >
      <UnstyledButton
        className={classes.face}
        onClick={onChoose}
        aria-pressed={chosen}
        aria-label={t`Card ${number}, ${seconds} s: ${card.prompt || t`no words yet`}`}
      >
        <span className={classes.picture}>
          <Picture card={card} />
        </span>
        <span className={classes.words} dir="auto">
          {card.prompt || "…"}
        </span>
      </UnstyledButton>
      <div className={classes.foot}>
        <ActionIcon
          ref={setActivatorNodeRef}
          variant="subtle"
          color="gray"
          size={26}
          aria-label={t`Move card ${number}`}
          style={{ cursor: "grab", touchAction: "none" }}
          {...attributes}
          {...listeners}
        >
          <IconGripVertical size={16} aria-hidden />
        </ActionIcon>
        {number > 1 && <Joint size={14} aria-hidden />}
        <span>{seconds} s</span>
      </div>
      <End seconds={card.seconds} label={t`Length of card ${number}`} onStretch={onStretch} />
    </li>
  );
}

/** The end of a card: dragged, or moved by the arrow keys. */
function End({ seconds, label, onStretch }: { seconds: number; label: string; onStretch: (seconds: number) => void }): ReactNode {
  const from = useRef<{ x: number; seconds: number } | null>(null);
  const { t } = useLingui();
  const press = (event: PointerEvent<HTMLDivElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, seconds };
  };
  const drag = (event: PointerEvent): void => {
    if (from.current) onStretch(allowed(from.current.seconds + (event.clientX - from.current.x) / WIDTH_OF_A_SECOND));
  };
  const pressKey = (event: KeyboardEvent): void => {
    const by = { ArrowRight: STEP, ArrowUp: STEP, ArrowLeft: -STEP, ArrowDown: -STEP }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    onStretch(allowed(seconds + by));
  };
  return (
    <div
      className={classes.end}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={SHORTEST}
      aria-valuemax={LONGEST}
      aria-valuenow={seconds}
      aria-valuetext={t`${seconds} seconds`}
      onPointerDown={press}
      onPointerMove={drag}
      onPointerUp={() => (from.current = null)}
      onPointerCancel={() => (from.current = null)}
      onKeyDown={pressKey}
    />
  );
}

/** What a card looks like: its preview, else what it begins with, else a sign of its kind. */
function Picture({ card }: { card: Card }): ReactNode {
  const preview = useVideo(card.preview);
  const { source } = card;
  if (preview?.status === "completed") return <img src={contentAddress(preview.id, "thumbnail")} alt="" />;
  if (source?.ref.startsWith("video_")) return <img src={contentAddress(source.ref, "thumbnail")} alt="" />;
  if (source?.as === "image") return <img src={address(`/v1/files/${source.ref}/content`)} alt="" />;
  const Sign = source === null ? IconTypography : source.as === "clip" ? IconMovie : IconPhoto;
  return <Sign size={28} stroke={1.2} aria-hidden />;
}
