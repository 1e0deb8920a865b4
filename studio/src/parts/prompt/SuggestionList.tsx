import { Plural } from "@lingui/react/macro";
import { Paper, VisuallyHidden } from "@mantine/core";
import type { CSSProperties, ReactNode } from "react";

import classes from "../PromptField.module.css";
import type { Suggestion } from "./suggesting";

export interface SuggestionListProps {
  id: string;
  found: readonly Suggestion[];
  active: number;
  label: string;
  style: CSSProperties;
  onChoose: (one: Suggestion) => void;
}

export const optionId = (list: string, at: number): string => `${list}-${at}`;

/** Words to choose from under the caret. The field keeps the focus. */
export function SuggestionList({ id, found, active, label, style, onChoose }: SuggestionListProps): ReactNode {
  return (
    <>
      <VisuallyHidden role="status">
        {found.length > 0 && <Plural value={found.length} one="# suggestion" other="# suggestions" />}
      </VisuallyHidden>
      {found.length > 0 && (
        <Paper shadow="md" withBorder id={id} role="listbox" aria-label={label} className={classes.list ?? ""} style={style}>
          {found.map((one, at) => (
            <div
              key={one.text}
              id={optionId(id, at)}
              role="option"
              aria-selected={at === active}
              className={classes.option}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => onChoose(one)}
              dir="auto"
            >
              {one.text}
            </div>
          ))}
        </Paper>
      )}
    </>
  );
}
