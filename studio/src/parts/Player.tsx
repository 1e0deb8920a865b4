import type { ReactNode } from "react";

import { contentAddress } from "@/api/base";

/** Plays a finished film. `label`: what it is called. */
export function Player({ id, label }: { id: string; label: string }): ReactNode {
  return <video className="screen" src={contentAddress(id)} controls playsInline aria-label={label} />;
}
