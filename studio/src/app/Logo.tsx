import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** The name of the project, in both scripts. */
export function Logo(): ReactNode {
  return (
    <Group gap={8} wrap="nowrap">
      <img src="icon.svg" width={28} height={28} alt="" />
      <Text fw={650} fz="lg" component="span">
        Yozora
      </Text>
      <Text c="dimmed" component="span" lang="ja" visibleFrom="xs">
        夜空
      </Text>
    </Group>
  );
}
