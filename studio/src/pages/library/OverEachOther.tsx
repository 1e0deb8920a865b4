import { useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Handle, HandleRoot, Item, Provider, Root } from "react-compare-slider/components";
import { useReactCompareSlider } from "react-compare-slider/hooks";

import classes from "./Compare.module.css";

interface OverEachOtherProps {
  first: ReactNode;
  second: ReactNode;
  ratio: number;
}

/** Two films in one place: a line that can be dragged divides them. */
export default function OverEachOther({ first, second, ratio }: OverEachOtherProps): ReactNode {
  const { t } = useLingui();
  const slider = useReactCompareSlider({});
  return (
    <Provider {...slider}>
      <Root className={`film ${classes.over ?? ""}`} style={{ aspectRatio: ratio }}>
        <Item item="itemOne">{first}</Item>
        <Item item="itemTwo">{second}</Item>
        <HandleRoot aria-label={t`Where the films meet`}>
          <Handle />
        </HandleRoot>
      </Root>
    </Provider>
  );
}
