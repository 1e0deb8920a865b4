/** Makes films: a prompt, options, sources, and below them what was made. */

import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Kbd, Paper, SegmentedControl, Stack, Text } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconArrowBackUp, IconArrowForwardUp, IconEraser, IconSparkles } from "@tabler/icons-react";
import { type ReactNode, useCallback } from "react";

import { type Draft, useDraft } from "@/drafts/useDraft";
import { ErrorLine } from "@/parts/ErrorLine";
import { FilmOptions } from "@/parts/FilmOptions";
import { useModelFacts } from "@/parts/options/useModelFacts";
import { PageHead } from "@/parts/PageHead";
import { PromptField } from "@/parts/PromptField";

import classes from "./Create.module.css";
import { type CreateDraft, EMPTY, isComplete, modeOf, MOST_VARIATIONS } from "./draft";
import { Examples } from "./Examples";
import { Results } from "./Results";
import { Sources } from "./Sources";
import { useOrdering } from "./useOrdering";

export default function Create(): ReactNode {
  const draft = useDraft("create", EMPTY);
  const { value, change } = draft;
  const facts = useModelFacts(value.options.model);
  const ordering = useOrdering();
  const { t } = useLingui();
  const ready = isComplete(value, facts);
  const make = (): void => {
    if (ready && !ordering.isPending) ordering.mutate(value);
  };
  useHotkeys([["mod+Enter", make]], []);
  const reuse = (settings: CreateDraft): void => {
    change(() => settings);
    window.scrollTo({ top: 0, behavior: "smooth" });
  };
  return (
    <>
      <PageHead title={<Trans>Create</Trans>}>
        <Steps draft={draft} />
      </PageHead>
      <div className={classes.layout}>
        <Stack gap="md">
          <PromptField
            label={t`Prompt`}
            placeholder={t`What the film shows, in your words and in any language`}
            value={value.prompt}
            onChange={useCallback((prompt: string) => change({ prompt }), [change])}
            model={value.options.model}
            minRows={3}
            menus
          />
          {value.prompt === "" && <Examples onChoose={(prompt) => change({ prompt })} />}
          <Sources draft={value} change={change} facts={facts} />
          <Group gap="md">
            <Group gap="xs">
              <Text size="sm" aria-hidden>
                <Trans>Variations</Trans>
              </Text>
              <SegmentedControl
                aria-label={t`Variations`}
                data={Array.from({ length: MOST_VARIATIONS }, (_, at) => String(at + 1))}
                value={String(value.variations)}
                onChange={(said) => change({ variations: Number(said) })}
              />
            </Group>
            <Button size="md" onClick={make} disabled={!ready} loading={ordering.isPending} leftSection={<IconSparkles size={18} aria-hidden />}>
              <Plural value={value.variations} one="Make the film" other="Make # films" />
            </Button>
            <Text size="xs" c="dimmed" visibleFrom="sm" aria-hidden>
              <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">Enter</Kbd>
            </Text>
          </Group>
          <ErrorLine error={ordering.error} />
        </Stack>
        <Paper withBorder p="md" component="section" aria-label={t`Options`}>
          <FilmOptions value={value.options} onChange={(options) => change({ options })} mode={modeOf(value)} />
        </Paper>
      </div>
      <Results onAgain={(settings) => ordering.mutate(settings)} onReuse={reuse} />
    </>
  );
}

/** Back, forth, and an empty page. */
function Steps({ draft }: { draft: Draft<CreateDraft> }): ReactNode {
  const { t } = useLingui();
  return (
    <>
      <ActionIcon variant="subtle" size="lg" onClick={draft.undo} disabled={!draft.canUndo} aria-label={t`Undo`}>
        <IconArrowBackUp size={20} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="subtle" size="lg" onClick={draft.redo} disabled={!draft.canRedo} aria-label={t`Redo`}>
        <IconArrowForwardUp size={20} aria-hidden />
      </ActionIcon>
      <Button
        variant="subtle"
        size="sm"
        onClick={() => draft.change(() => EMPTY)}
        disabled={draft.value === EMPTY}
        leftSection={<IconEraser size={18} aria-hidden />}
      >
        <Trans>Clear</Trans>
      </Button>
    </>
  );
}
