import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";

import { useDraft } from "@/drafts/useDraft";
import { PromptField } from "@/parts/PromptField";

import type { ToolProps } from "../Tools";
import { type Strength, StrengthField } from "./fields";
import { optionsFor, OrderForm } from "./OrderForm";

/** The film again, changed as a prompt says. */
export function Remix({ video }: ToolProps): ReactNode {
  const [initial] = useState(() => ({ ...optionsFor(video), prompt: video.prompt ?? "", strength: "mild" as Strength }));
  const draft = useDraft(`film.${video.id}.remix`, initial);
  const { prompt, strength } = draft.value;
  const { t } = useLingui();
  return (
    <OrderForm
      mode="remix"
      draft={draft}
      fields={() => ({ video: video.id, prompt, strength })}
      action={<Trans>Make the remix</Trans>}
      incomplete={!prompt.trim()}
    >
      <PromptField label={t`What the film shows`} model={draft.value.options.model} value={prompt} onChange={(said) => draft.change({ prompt: said })} />
      <StrengthField value={strength} onChange={(said) => draft.change({ strength: said })} />
    </OrderForm>
  );
}
