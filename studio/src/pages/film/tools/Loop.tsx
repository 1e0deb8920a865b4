import { Trans, useLingui } from "@lingui/react/macro";
import { Text } from "@mantine/core";
import { type ReactNode, useState } from "react";

import { useDraft } from "@/drafts/useDraft";
import { PromptField } from "@/parts/PromptField";

import type { ToolProps } from "../Tools";
import { SecondsField } from "./fields";
import { optionsFor, OrderForm } from "./OrderForm";

/** The film with a transition from its end to its beginning. */
export function Loop({ video }: ToolProps): ReactNode {
  const [initial] = useState(() => ({ ...optionsFor(video), prompt: "", seconds: 1 }));
  const draft = useDraft(`film.${video.id}.loop`, initial);
  const { prompt, seconds } = draft.value;
  const { t } = useLingui();
  return (
    <OrderForm
      mode="loop"
      draft={draft}
      fields={() => ({ video: { id: video.id }, prompt, seconds })}
      action={<Trans>Make the loop</Trans>}
    >
      <Text size="sm" c="dimmed">
        <Trans>A transition is made from the end of the film to its beginning, so that it plays without a seam.</Trans>
      </Text>
      <SecondsField label={t`Seconds of the transition`} value={seconds} onChange={(said) => draft.change({ seconds: said })} min={0.25} />
      <PromptField
        label={t`What the film shows`} model={draft.value.options.model}
        placeholder={video.prompt ?? t`As before`}
        value={prompt}
        onChange={(said) => draft.change({ prompt: said })}
      />
    </OrderForm>
  );
}
