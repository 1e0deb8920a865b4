import { Plural, useLingui } from "@lingui/react/macro";
import { Button, Group, Text, VisuallyHidden } from "@mantine/core";
import { IconArrowNarrowRight } from "@tabler/icons-react";
import { Fragment, type ReactNode } from "react";

import classes from "../PromptField.module.css";
import type { MarkedWord } from "./marks";

export interface UnknownWordsProps {
  words: readonly MarkedWord[];
  /** Puts a known word in the place of one that is not. */
  onReplace: (word: MarkedWord, by: string) => void;
}

/** The words that the model does not know, each with known ones that are spelled alike. Screen readers are told. */
export function UnknownWords({ words, onReplace }: UnknownWordsProps): ReactNode {
  const { t } = useLingui();
  const once = words.filter((word, at) => words.findIndex((each) => each.text === word.text) === at);
  return (
    <>
      <VisuallyHidden role="status">
        {once.length > 0 && t`The model does not know: ${once.map((word) => word.text).join(", ")}`}
      </VisuallyHidden>
      {once.length > 0 && (
        <Group gap={6} mt={6}>
          <Text size="sm" c="dimmed">
            <Plural value={once.length} one="A word that the model does not know:" other="Words that the model does not know:" />
          </Text>
          {once.map((word) => (
            <Fragment key={word.start}>
              <Text size="sm" component="span" className={classes.unknown ?? ""} dir="auto">
                {word.text}
              </Text>
              {word.suggestions.map((by) => (
                <Button
                  key={by}
                  size="compact-sm"
                  variant="default"
                  onClick={() => onReplace(word, by)}
                  leftSection={<IconArrowNarrowRight size={14} aria-hidden className={classes.arrow ?? ""} />}
                  aria-label={t`Write ${by} instead of ${word.text}`}
                >
                  {by}
                </Button>
              ))}
            </Fragment>
          ))}
        </Group>
      )}
    </>
  );
}
