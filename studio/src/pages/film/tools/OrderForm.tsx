/** The form of a tool that orders a film: its fields, the options of every film, and why a model cannot do it. */

import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Alert, Button, Collapse, Group, NumberInput, Select, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { IconArrowBackUp, IconArrowForwardUp } from "@tabler/icons-react";
import { type FormEvent, type ReactNode, useId } from "react";
import { useNavigate } from "react-router";

import type { Video } from "@/api/client";
import { type Fields, type Mode, order } from "@/api/orders";
import { askForNotices } from "@/app/notices";
import type { Draft } from "@/drafts/useDraft";
import { ErrorLine } from "@/parts/ErrorLine";

import { useAbility } from "./ability";
import { fieldsOf, type OrderOptions } from "./options";

const MAX_SEED = 2 ** 31 - 1;

interface OrderFormProps<T extends OrderOptions> {
  video: Video;
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

export function OrderForm<T extends OrderOptions>(props: OrderFormProps<T>): ReactNode {
  const { video, mode, draft, fields, action, incomplete = false, children } = props;
  const ability = useAbility(mode, draft.value.model || video.model);
  const navigate = useNavigate();
  const ordered = useMutation({
    mutationFn: () => order(mode, { ...fields(), ...fieldsOf(draft.value, ability.model) }),
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
        <More draft={draft} models={ability.models} model={ability.model} mustChoose={Boolean(ability.reason)} />
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

interface MoreProps<T extends OrderOptions> {
  draft: Draft<T>;
  models: string[];
  model: string;
  mustChoose: boolean;
}

function More<T extends OrderOptions>({ draft, models, model, mustChoose }: MoreProps<T>): ReactNode {
  const [open, { toggle }] = useDisclosure(mustChoose);
  const { t } = useLingui();
  const panel = useId();
  const shown = open || mustChoose;
  const change = (changes: Partial<OrderOptions>): void => draft.change((before) => ({ ...before, ...changes }));
  const whole = (value: string | number): number | "" => (typeof value === "number" ? value : "");
  return (
    <div>
      <Button variant="subtle" size="compact-sm" onClick={toggle} aria-expanded={shown} aria-controls={panel} mb={4}>
        {shown ? <Trans>Fewer options</Trans> : <Trans>More options</Trans>}
      </Button>
      <Collapse expanded={shown} id={panel} keepMounted={false}>
        <Stack gap="sm">
          <Select
            label={t`Model`}
            data={models}
            value={model}
            onChange={(chosen) => change({ model: chosen ?? "" })}
            allowDeselect={false}
          />
          <Group grow gap="sm">
            <NumberInput
              label={t`Seed`}
              placeholder={t`drawn`}
              min={0}
              max={MAX_SEED}
              allowDecimal={false}
              value={draft.value.seed}
              onChange={(value) => change({ seed: whole(value) })}
            />
            <NumberInput
              label={t`Steps`}
              placeholder={t`the model’s`}
              min={1}
              max={200}
              allowDecimal={false}
              value={draft.value.steps}
              onChange={(value) => change({ steps: whole(value) })}
            />
          </Group>
        </Stack>
      </Collapse>
    </div>
  );
}
