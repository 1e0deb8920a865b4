import { Trans, useLingui } from "@lingui/react/macro";
import { SegmentedControl, Stack, Text } from "@mantine/core";
import { type ReactNode, useId, useState } from "react";

import { useDraft } from "@/drafts/useDraft";
import { PromptField } from "@/parts/PromptField";

import type { ToolProps } from "../Tools";
import { SecondsField } from "./fields";
import { optionsFor, OrderForm } from "./OrderForm";

/** The film with seconds after its end, or before its beginning. */
export function Extend({ video }: ToolProps): ReactNode {
  const [initial] = useState(() => ({ ...optionsFor(video), prompt: "", seconds: 2, backward: false }));
  const draft = useDraft(`film.${video.id}.extend`, initial);
  const { prompt, seconds, backward } = draft.value;
  const { t } = useLingui();
  const label = useId();
  const data = [
    { value: "forward", label: t`After the end` },
    { value: "backward", label: t`Before the beginning` },
  ];
  return (
    <OrderForm
      mode="extend"
      draft={draft}
      fields={() => ({ video: { id: video.id }, prompt, seconds, backward })}
      action={<Trans>Extend the film</Trans>}
    >
      <Stack gap={4}>
        <Text size="sm" fw={500} id={label}>
          <Trans>Where</Trans>
        </Text>
        <SegmentedControl
          aria-labelledby={label}
          fullWidth
          data={data}
          value={backward ? "backward" : "forward"}
          onChange={(where) => draft.change({ backward: where === "backward" })}
        />
      </Stack>
      <SecondsField label={t`Seconds to add`} value={seconds} onChange={(said) => draft.change({ seconds: said })} min={0.25} />
      <PromptField
        label={t`What the film shows`} model={draft.value.options.model}
        placeholder={video.prompt ?? t`As before`}
        value={prompt}
        onChange={(said) => draft.change({ prompt: said })}
      />
    </OrderForm>
  );
}
