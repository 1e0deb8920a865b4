import { Text } from "@mantine/core";
import type { ReactNode } from "react";

import { messageOf } from "@/i18n/errors";

/** What is wrong, in one line that a screen reader says at once; nothing where nothing is. */
export function ErrorLine({ error }: { error: unknown }): ReactNode {
  if (!error) return null;
  return (
    <Text size="sm" className="error" role="alert">
      {messageOf(error)}
    </Text>
  );
}
