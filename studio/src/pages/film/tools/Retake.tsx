import { Trans, useLingui } from "@lingui/react/macro";
import { Select, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";

import { useDraft } from "@/drafts/useDraft";
import { clock } from "@/parts/player/times";
import { PromptField } from "@/parts/PromptField";

import { cardsOf } from "../cards";
import { useStage } from "../stage";
import type { ToolProps } from "../Tools";
import { optionsFor, OrderForm } from "./OrderForm";

const ALL_OF_IT = 1;

/** One card of a storyboard again, with other words or another seed; the other cards stay. */
export function Retake({ video }: ToolProps): ReactNode {
  const cards = cardsOf(video);
  const [initial] = useState(() => ({ ...optionsFor(video), card: 0, prompt: cards[0]?.prompt ?? "" }));
  const draft = useDraft(`film.${video.id}.retake`, initial);
  const { prompt, card } = draft.value;
  const { player } = useStage();
  const { t } = useLingui();
  const chosen = cards[card] ?? cards[0];
  const choose = (at: number): void => {
    draft.change({ card: at, prompt: cards[at]?.prompt ?? "" });
    player.current?.seek(cards[at]?.from ?? 0);
  };
  const labels = cards.map(({ from, to, prompt: said }, at) => ({
    value: String(at),
    label: `${at + 1} · ${clock(from, false)}–${clock(to, false)} · ${said}`,
  }));
  return (
    <OrderForm
      mode="edit"
      draft={draft}
      fields={() => ({ video: { id: video.id }, prompt, from: chosen?.from, to: chosen?.to, strength: ALL_OF_IT })}
      action={<Trans>Retake the card</Trans>}
      incomplete={!prompt.trim() || !chosen}
    >
      <Text size="sm" c="dimmed">
        <Trans>One card is made again. The other cards stay as they are.</Trans>
      </Text>
      <Select
        label={t`Card`}
        data={labels}
        value={String(card)}
        onChange={(at) => choose(Number(at))}
        allowDeselect={false}
        dir="auto"
      />
      <PromptField
        label={t`What the card shows`}
        model={draft.value.options.model}
        value={prompt}
        onChange={(said) => draft.change({ prompt: said })}
      />
    </OrderForm>
  );
}
