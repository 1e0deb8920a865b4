import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";

import { PageHead } from "@/parts/PageHead";

export default function Film(): ReactNode {
  return <PageHead title={<Trans>Film</Trans>} />;
}
