import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { ReactCompareSlider, ReactCompareSliderHandle } from "react-compare-slider";

import classes from "./Compare.module.css";

interface OverEachOtherProps {
  first: ReactNode;
  second: ReactNode;
  ratio: number;
}

/** Two films in one place: a line that can be dragged divides them. */
export default function OverEachOther({ first, second, ratio }: OverEachOtherProps): ReactNode {
  const { t } = useLingui();
  return (
    <ReactCompareSlider
      className={`film ${classes.over ?? ""}`}
      style={{ aspectRatio: ratio }}
      itemOne={first}
      itemTwo={second}
      handle={<ReactCompareSliderHandle aria-label={t`Where the films meet`} />}
    />
  );
}
