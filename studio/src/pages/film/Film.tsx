import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { useParams } from "react-router";

import { PageHead } from "@/parts/PageHead";
import { Player } from "@/parts/Player";

export default function Film(): ReactNode {
  const { id = "" } = useParams();
  return (
    <>
      <PageHead title={<Trans>Film</Trans>} />
      <Player id={id} label="x" size="320x192" keys="page" exact />
    </>
  );
}
