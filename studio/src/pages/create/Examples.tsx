import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** Prompts of words that the default model knows, for an empty page. */
export function Examples({ onChoose }: { onChoose: (prompt: string) => void }): ReactNode {
  const { t } = useLingui();
  const prompts = [
    t`A red car drives on a city street at night`,
    t`A white dog runs on a beach at sunset`,
    t`A yellow balloon rises in the mountains`,
  ];
  return (
    <Group gap={6}>
      <Text size="sm" c="dimmed">
        <Trans>Such as:</Trans>
      </Text>
      {prompts.map((prompt) => (
        <Button key={prompt} size="compact-sm" variant="default" fw={400} onClick={() => onChoose(prompt)} styles={{ label: { whiteSpace: "normal", lineHeight: 1.5, overflow: "visible" } }} h="auto" mih={28}>
          {prompt}
        </Button>
      ))}
    </Group>
  );
}
