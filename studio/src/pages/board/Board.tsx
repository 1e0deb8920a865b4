import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";

import { PageHead } from "@/parts/PageHead";

export default function Board(): ReactNode {
  return <PageHead title={<Trans>Board</Trans>} />;
}
