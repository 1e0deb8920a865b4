import { Trans } from "@lingui/react/macro";
import type { ReactNode } from "react";

import { PageHead } from "@/parts/PageHead";

export default function Characters(): ReactNode {
  return <PageHead title={<Trans>Characters</Trans>} />;
}
