import { Textarea } from "@mantine/core";
import type { ReactNode } from "react";

export interface PromptFieldProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
  placeholder?: string;
  /** Whose words are checked; empty: the server's default model. */
  model?: string;
}

/** A prompt, in any language. */
export function PromptField({ value, onChange, label, placeholder }: PromptFieldProps): ReactNode {
  return (
    <Textarea
      label={label}
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autosize
      minRows={2}
      maxRows={10}
      dir="auto"
    />
  );
}
