/** A storyboard: cards in a row, one of them open, and the film that is made of them. */

import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Center, Group, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconLayoutBoard, IconMovie } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";

import { askForNotices } from "@/app/notices";
import { type Draft, useDraft } from "@/drafts/useDraft";
import { ErrorLine } from "@/parts/ErrorLine";
import { StyleField } from "@/parts/Looks";
import { PageHead } from "@/parts/PageHead";

import { type BoardDraft, type Card, changedCard, EMPTY, fromWire, MAX_CARDS, moved, newCard, totalSeconds, type WireBoard, without } from "./board";
import { BoardFilm } from "./BoardFilm";
import { BoardMenu } from "./BoardMenu";
import { CardEditor } from "./CardEditor";
import { film, preview, retake } from "./ordering";
import { ScriptDialog } from "./ScriptDialog";
import { Strip } from "./Strip";

const SIZES = ["1280x720", "720x1280", "720x720", "854x480", "640x360", "224x128", "128x224"];

export default function Board(): ReactNode {
  const draft = useDraft<BoardDraft>("board", EMPTY);
  const board = draft.value;
  const [chosen, setChosen] = useState(board.cards[0]?.key ?? null);
  const [script, setScript] = useState(false);
  const [leftOut, setLeftOut] = useState<readonly string[]>([]);
  const making = useMutation({ mutationFn: () => film(board), onSuccess: (made) => draft.change(made) });
  const changeCards = cardsOf(draft);
  const add = (): void => {
    const card = newCard();
    changeCards((cards) => [...cards, card]);
    setChosen(card.key);
  };
  const take = (found: WireBoard): void => {
    const read = fromWire(found);
    draft.change(read.draft);
    setLeftOut(read.leftOut);
    setChosen(read.draft.cards?.[0]?.key ?? null);
  };
  const makeFilm = (): void => {
    void askForNotices();
    making.mutate();
  };
  const incomplete = board.cards.length === 0 || board.cards.some((card) => !card.prompt.trim());
  return (
    <>
      <PageHead title={<Trans>Board</Trans>}>
        <BoardMenu draft={draft} onBoard={take} onScript={() => setScript(true)} />
        <Button leftSection={<IconMovie size={18} aria-hidden />} onClick={makeFilm} loading={making.isPending} disabled={incomplete}>
          <Trans>Make the film</Trans>
        </Button>
      </PageHead>
      <Stack>
        <ErrorLine error={making.error} />
        {leftOut.length > 0 && (
          <Alert color="yellow" withCloseButton onClose={() => setLeftOut([])} closeButtonLabel="×">
            <Trans>The board names files that are not on this server: {leftOut.join(", ")}. Choose them again.</Trans>
          </Alert>
        )}
        <WholeBoard draft={draft} />
        {board.cards.length === 0 ? (
          <Empty onAdd={add} onScript={() => setScript(true)} />
        ) : (
          <Strip
            cards={board.cards}
            chosen={chosen}
            onChoose={setChosen}
            onMove={(from, to) => changeCards((cards) => moved(cards, from, to))}
            onStretch={(key, seconds) => changeCards((cards) => changedCard(cards, key, { seconds }), `${key}.seconds`)}
            onAdd={add}
            full={board.cards.length >= MAX_CARDS}
          />
        )}
        <Chosen draft={draft} chosen={chosen} onChoose={setChosen} />
        {board.film && <BoardFilm id={board.film} cards={board.filmedPrompts} onRetake={async (index) => draft.change(await retake(board, index))} />}
      </Stack>
      <ScriptDialog opened={script} onClose={() => setScript(false)} onCards={take} />
    </>
  );
}

/** Changes the cards as they are by then: what was sent may arrive when other cards have been changed. */
function cardsOf(draft: Draft<BoardDraft>): (next: (cards: readonly Card[]) => readonly Card[], step?: string) => void {
  return (next, step = "") => draft.change((now) => ({ ...now, cards: next(now.cards) }), step);
}

/** What holds for every card. */
function WholeBoard({ draft }: { draft: Draft<BoardDraft> }): ReactNode {
  const { t, i18n } = useLingui();
  const { value: board, change } = draft;
  const seconds = i18n.number(totalSeconds(board.cards));
  return (
    <Group align="end" gap="sm">
      <TextInput label={t`Title`} value={board.title} onChange={(event) => change({ title: event.currentTarget.value })} maxLength={200} dir="auto" style={{ flex: "1 1 12rem" }} />
      <StyleField value={board.style} onChange={(style) => change({ style })} model={board.model} />
      <Select
        label={t`Size`}
        data={SIZES.includes(board.size) || !board.size ? SIZES : [board.size, ...SIZES]}
        value={board.size || SIZES[0]!}
        onChange={(size) => change({ size: size ?? "" })}
        allowDeselect={false}
        w={140}
      />
      <WholeNumber label={t`Seed`} empty={t`Random`} value={board.seed} onChange={(seed) => change({ seed })} />
      <WholeNumber label={t`Steps`} empty={t`As the model`} value={board.steps} onChange={(steps) => change({ steps })} />
      <Text size="sm" c="dimmed" mb={8}>
        <Trans>{seconds} s in all</Trans>
      </Text>
    </Group>
  );
}

interface WholeNumberProps {
  label: string;
  /** What stands there where no number does. */
  empty: string;
  value: number | null;
  onChange: (value: number | null) => void;
}

function WholeNumber({ label, empty, value, onChange }: WholeNumberProps): ReactNode {
  return (
    <NumberInput
      label={label}
      placeholder={empty}
      value={value ?? ""}
      onChange={(said) => onChange(said === "" ? null : Number(said))}
      min={0}
      allowDecimal={false}
      hideControls
      w={120}
    />
  );
}

function Chosen({ draft, chosen, onChoose }: { draft: Draft<BoardDraft>; chosen: string | null; onChoose: (key: string | null) => void }): ReactNode {
  const { cards, model } = draft.value;
  const changeCards = cardsOf(draft);
  const index = cards.findIndex((card) => card.key === chosen);
  const card = cards[index];
  if (!card) return null;
  const copy = (): void => {
    const { key: _, preview: __, ...fields } = card;
    const twin = newCard(fields);
    changeCards((now) => now.flatMap((each) => (each.key === card.key ? [each, twin] : [each])));
    onChoose(twin.key);
  };
  const remove = (): void => {
    changeCards((now) => without(now, card.key));
    onChoose((cards[index + 1] ?? cards[index - 1])?.key ?? null);
  };
  const order = async (): Promise<void> => {
    const made = await preview(draft.value, card);
    changeCards((now) => changedCard(now, card.key, { preview: made }));
  };
  return (
    <CardEditor
      key={card.key}
      card={card}
      number={index + 1}
      count={cards.length}
      model={model}
      onChange={(fields) => changeCards((now) => changedCard(now, card.key, fields), `${card.key}.${Object.keys(fields).join()}`)}
      onMove={(by) => changeCards((now) => moved(now, index, index + by))}
      onCopy={copy}
      onRemove={remove}
      onPreview={order}
    />
  );
}

function Empty({ onAdd, onScript }: { onAdd: () => void; onScript: () => void }): ReactNode {
  return (
    <Center mih={280}>
      <Stack align="center" gap="sm">
        <IconLayoutBoard size={56} stroke={1} aria-hidden />
        <Text ta="center" maw={420}>
          <Trans>A storyboard says what the film shows, card by card. Begin with a card, or let a script become cards.</Trans>
        </Text>
        <Group>
          <Button variant="default" onClick={onAdd}>
            <Trans>Add a card</Trans>
          </Button>
          <Button variant="default" onClick={onScript}>
            <Trans>Begin with a script</Trans>
          </Button>
        </Group>
      </Stack>
    </Center>
  );
}
