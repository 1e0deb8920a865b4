/** The form of a tool that orders a film: its fields, the options of every film, and why a model cannot do it. */

import { useLingui } from "@lingui/react/macro";
import { ActionIcon, Alert, Button, Group, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconArrowBackUp, IconArrowForwardUp } from "@tabler/icons-react";
import type { FormEvent, ReactNode } from "react";
import { useNavigate } from "react-router";

import type { Video } from "@/api/client";
import { type Fields, type Mode, order } from "@/api/orders";
import { askForNotices } from "@/app/notices";
import type { Draft } from "@/drafts/useDraft";
import { ErrorLine } from "@/parts/ErrorLine";
import { FilmOptions } from "@/parts/FilmOptions";
import { type FilmOptionsValue, optionFields, type OptionName, USUAL_OPTIONS } from "@/parts/options";

import { useAbility } from "./ability";

const OFFERED: readonly OptionName[] = ["model", "seed", "steps", "guidance", "quality", "negative_prompt", "loras"];

/** What the draft of every tool that orders a film has beside its own fields. */
export interface OrderDraft {
  options: FilmOptionsValue;
}

/** The options that a tool begins with: the model of the film, and all else as the server does. */
export function optionsFor(video: Video): OrderDraft {
  return { options: { ...USUAL_OPTIONS, model: video.model } };
}

interface OrderFormProps<T extends OrderDraft> {
  mode: Mode;
  draft: Draft<T>;
  /** The mode's own fields. */
  fields: () => Fields;
  /** What the button says. */
  action: ReactNode;
  /** Whether something is missing still. */
  incomplete?: boolean;
  children: ReactNode;
}

export function OrderForm<T extends OrderDraft>(props: OrderFormProps<T>): ReactNode {
  const { mode, draft, fields, action, incomplete = false, children } = props;
  const { options } = draft.value;
  const ability = useAbility(mode, options.model);
  const navigate = useNavigate();
  const ordered = useMutation({
    mutationFn: () => order(mode, { ...optionFields({ ...options, model: ability.model }, mode), ...fields() }),
    onSuccess: (made) => navigate(`/films/${made.id}`),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void askForNotices();
    ordered.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {ability.reason && (
          <Alert color="yellow" p="xs">
            {ability.reason}
          </Alert>
        )}
        <fieldset className="tool" disabled={Boolean(ability.reason)}>
          <Stack gap="sm">{children}</Stack>
        </fieldset>
        <FilmOptions
          value={{ ...options, model: ability.model }}
          onChange={(next) => draft.change((before) => ({ ...before, options: next }))}
          mode={mode}
          only={OFFERED}
        />
        <ErrorLine error={ordered.error} />
        <Group justify="space-between" wrap="nowrap">
          <Button type="submit" loading={ordered.isPending} disabled={ability.reason !== "" || incomplete}>
            {action}
          </Button>
          <Steps draft={draft} />
        </Group>
      </Stack>
    </form>
  );
}

function Steps<T extends object>({ draft }: { draft: Draft<T> }): ReactNode {
  const { t } = useLingui();
  if (!draft.canUndo && !draft.canRedo) return null;
  return (
    <Group gap={4} wrap="nowrap">
      <ActionIcon variant="subtle" color="gray" size={32} aria-label={t`Undo`} disabled={!draft.canUndo} onClick={draft.undo}>
        <IconArrowBackUp size={18} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" size={32} aria-label={t`Redo`} disabled={!draft.canRedo} onClick={draft.redo}>
        <IconArrowForwardUp size={18} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
