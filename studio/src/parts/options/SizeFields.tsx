import { Trans, useLingui } from "@lingui/react/macro";
import { Select, SimpleGrid } from "@mantine/core";
import type { ReactNode } from "react";

import type { Mode } from "@/api/orders";

import { type Aspect, ASPECTS, aspectOf, type FilmOptionsValue, sizesOf, sizeText, turned, usualSize } from "../options";
import type { ModelFacts } from "../words";

export interface SizeFieldsProps {
  value: FilmOptionsValue;
  change: (fields: Partial<FilmOptionsValue>) => void;
  facts: ModelFacts | undefined;
  mode: Mode;
}

const AS_SOURCE = "source";

/** The aspect and the size of a film; where it has sources, it may also be as these are. */
export function SizeFields({ value, change, facts, mode }: SizeFieldsProps): ReactNode {
  const { t } = useLingui();
  const own = facts?.sizes ?? [];
  const size = value.size || usualSize(mode);
  const names: Record<Aspect, string> = {
    "16:9": t`16:9 wide`,
    "9:16": t`9:16 tall`,
    "1:1": t`1:1 square`,
    "4:3": t`4:3 classic`,
    "21:9": t`21:9 cinema`,
  };
  const aspects = Object.keys(ASPECTS) as Aspect[];
  const asSource = usualSize(mode) ? [] : [{ value: AS_SOURCE, label: t`As the source` }];
  const choose = (aspect: string | null): void => {
    const chosen = aspects.find((each) => each === aspect);
    change({ size: chosen ? turned(size || "1280x720", chosen, own) : "" });
  };
  return (
    <SimpleGrid cols={2} spacing="sm">
      <Select
        label={t`Aspect`}
        data={[...asSource, ...aspects.map((each) => ({ value: each, label: names[each] }))]}
        value={size ? aspectOf(size) : AS_SOURCE}
        onChange={choose}
        allowDeselect={false}
      />
      {size && (
        <Select
          label={<Trans>Size</Trans>}
          data={[...new Set([...sizesOf(aspectOf(size), own), size])].map((each) => ({ value: each, label: named(each, own, t`model’s own`) }))}
          value={size}
          onChange={(said) => change({ size: said ?? "" })}
          allowDeselect={false}
        />
      )}
    </SimpleGrid>
  );
}

function named(size: string, own: readonly string[], note: string): string {
  return own.includes(size) ? `${sizeText(size)} (${note})` : sizeText(size);
}
