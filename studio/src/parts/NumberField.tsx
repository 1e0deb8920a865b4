import { NumberInput, type NumberInputProps } from "@mantine/core";
import { type ReactNode, useState } from "react";

export interface NumberFieldProps extends Omit<NumberInputProps, "value" | "onChange" | "onBlur"> {
  value: number;
  /** Hears of numbers alone, already within `min` and `max`. */
  onChange: (value: number) => void;
}

/** A number that can be cleared while one writes another; what is left empty becomes the last number again. */
export function NumberField({ value, onChange, min = 0, max = Infinity, ...rest }: NumberFieldProps): ReactNode {
  const [writing, setWriting] = useState<number | string | null>(null);
  const write = (said: number | string): void => {
    setWriting(said);
    if (typeof said === "number") onChange(Math.min(Math.max(said, Number(min)), Number(max)));
  };
  return (
    <NumberInput
      {...rest}
      min={Number(min)}
      {...(Number.isFinite(Number(max)) && { max: Number(max) })}
      clampBehavior="none"
      value={writing ?? value}
      onChange={write}
      onBlur={() => setWriting(null)}
    />
  );
}
