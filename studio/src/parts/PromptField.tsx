/** A prompt, in any language: words that the model does not know are marked, and those that it knows are suggested. */

import { useLingui } from "@lingui/react/macro";
import { Textarea } from "@mantine/core";
import { type CSSProperties, type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";

import classes from "./PromptField.module.css";
import { type MarkedWord, type Piece, pieces, withoutNames } from "./prompt/marks";
import { optionId, SuggestionList } from "./prompt/SuggestionList";
import { type Suggestion, written } from "./prompt/suggesting";
import { UnknownWords } from "./prompt/UnknownWords";
import { useKnownWords } from "./prompt/useKnownWords";
import { usePromptCheck } from "./prompt/usePromptCheck";
import { useSuggestions } from "./prompt/useSuggestions";
import { WordMenus } from "./prompt/WordMenus";

export interface PromptFieldProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
  placeholder?: string;
  /** Whose words are checked; empty: the server's default model. */
  model?: string;
  /** Lines that it has at least. */
  minRows?: number;
  /** Shows menus of the words that the model knows. */
  menus?: boolean;
}

export function PromptField({ value, onChange, label, placeholder, model = "", menus = false, minRows = 2 }: PromptFieldProps): ReactNode {
  const { unknown: marked, language } = usePromptCheck(value, model);
  const words = useKnownWords(model, language);
  const unknown = withoutNames(marked, value, words.characters.map((each) => each.name));
  const field = useRef<HTMLTextAreaElement>(null);
  const caretAfter = useRef<number | null>(null);
  const list = useId();
  const { t } = useLingui();
  const write = (word: string, caret: number, replaced: number): void => {
    const made = written(value, caret, word, replaced);
    caretAfter.current = made.caret;
    onChange(made.text);
    suggesting.close();
    field.current?.focus();
  };
  const suggesting = useSuggestions(words.known, (one, caret) => write(one.text, caret, one.replaced));
  const { found, active, caret } = suggesting;
  useLayoutEffect(() => {
    if (caretAfter.current === null) return;
    field.current?.setSelectionRange(caretAfter.current, caretAfter.current);
    caretAfter.current = null;
  }, [value]);
  const replace = (word: MarkedWord, by: string): void => {
    onChange(value.slice(0, word.start) + by + value.slice(word.end));
    field.current?.focus();
  };
  const mirror = useMirror(value, caret);
  return (
    <div>
      <Textarea
        ref={field}
        label={label}
        placeholder={placeholder ?? ""}
        value={value}
        classNames={{ input: classes.input ?? "", wrapper: classes.wrapper ?? "" }}
        rows={1}
        onChange={({ currentTarget: { value: text, selectionStart } }) => {
          onChange(text);
          suggesting.look(text, selectionStart);
        }}
        onKeyDown={suggesting.onKeyDown}
        onBlur={suggesting.close}
        onScroll={mirror.follow}
        dir="auto"
        aria-autocomplete="list"
        {...(found.length > 0 && { "aria-controls": list })}
        {...(active >= 0 && { "aria-activedescendant": optionId(list, active) })}
        inputContainer={(input) => (
          <div className={classes.field} style={{ "--rows": minRows }}>
            {input}
            <Mirror value={value} unknown={unknown} caret={found.length > 0 ? caret : null} held={mirror} />
            <SuggestionList
              id={list}
              found={found}
              active={active}
              label={t`Suggestions`}
              style={mirror.place}
              onChoose={(one: Suggestion) => write(one.text, caret, one.replaced)}
            />
          </div>
        )}
      />
      <UnknownWords words={unknown} onReplace={replace} />
      {menus && <WordMenus words={words} onChoose={(word) => write(word, field.current?.selectionStart ?? value.length, 0)} />}
    </div>
  );
}

interface HeldMirror {
  mirror: React.RefObject<HTMLDivElement | null>;
  mark: React.RefObject<HTMLSpanElement | null>;
  /** Where suggestions are: under the caret. */
  place: CSSProperties;
  follow: (event: React.UIEvent<HTMLTextAreaElement>) => void;
}

const LIST_WIDTH = 220;

function useMirror(value: string, caret: number): HeldMirror {
  const mirror = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLSpanElement>(null);
  const [place, setPlace] = useState<CSSProperties>({});
  useLayoutEffect(() => {
    const span = mark.current;
    const box = mirror.current;
    if (!span || !box) return;
    const left = Math.max(0, Math.min(span.offsetLeft, box.clientWidth - LIST_WIDTH));
    setPlace({ top: span.offsetTop + span.offsetHeight - box.scrollTop + 4, left });
  }, [value, caret]);
  const follow = (event: React.UIEvent<HTMLTextAreaElement>): void => {
    if (mirror.current) mirror.current.scrollTop = event.currentTarget.scrollTop;
  };
  return { mirror, mark, place, follow };
}

interface MirrorProps {
  value: string;
  unknown: readonly MarkedWord[];
  caret: number | null;
  held: HeldMirror;
}

/** The same text over the field, transparent but for the lines under unknown words. It gives the field its height, and
 * says where the caret is. */
function Mirror({ value, unknown, caret, held }: MirrorProps): ReactNode {
  const cut = caret ?? value.length;
  const after = unknown.filter((word) => word.start >= cut);
  return (
    <div ref={held.mirror} className={classes.mirror} aria-hidden dir="auto">
      <Pieces of={pieces(value.slice(0, cut), unknown.filter((word) => word.end <= cut))} />
      <span ref={held.mark}>{"\u200b"}</span>
      <Pieces of={pieces(value.slice(cut), after.map((word) => ({ ...word, start: word.start - cut, end: word.end - cut })))} />
    </div>
  );
}

function Pieces({ of }: { of: readonly Piece[] }): ReactNode {
  return of.map((piece, at) => (piece.marked ? <mark key={at}>{piece.text}</mark> : <span key={at}>{piece.text}</span>));
}
