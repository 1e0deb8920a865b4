import type { ReactNode } from "react";

export function Overview(): ReactNode {
  return null;
}
