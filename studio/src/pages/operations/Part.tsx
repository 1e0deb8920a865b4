import { Paper, Stack, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** A part of the overview, below a title. */
export function Part({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Stack gap="sm">
        <Title order={2} size="h5">
          {title}
        </Title>
        {children}
      </Stack>
    </Paper>
  );
}
