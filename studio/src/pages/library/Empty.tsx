import { Stack, Text } from "@mantine/core";
import { IconMovie } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface EmptyProps {
  says: ReactNode;
  symbol?: ReactNode;
  /** What to do. */
  children?: ReactNode;
}

/** Why nothing is shown, and what to do. */
export function Empty({ says, symbol = <IconMovie size={56} stroke={1} aria-hidden />, children }: EmptyProps): ReactNode {
  return (
    <Stack align="center" gap="sm" my="12vh" ta="center" role="status">
      {symbol}
      <Text fw={600}>{says}</Text>
      {children}
    </Stack>
  );
}
