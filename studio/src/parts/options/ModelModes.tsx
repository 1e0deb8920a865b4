import { useLingui } from "@lingui/react";
import { Trans } from "@lingui/react/macro";
import { Button, Collapse, List, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCheck, IconX } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";

import { modeName } from "../modeNames";
import type { ModelFacts } from "../words";

/** What a model can make. What it cannot is grey, with the reason. */
export function ModelModes({ facts }: { facts: ModelFacts }): ReactNode {
  const [open, { toggle }] = useDisclosure(false);
  const list = useId();
  const { i18n } = useLingui();
  return (
    <>
      <Button variant="subtle" size="compact-xs" mt={2} onClick={toggle} aria-expanded={open} aria-controls={list}>
        <Trans>What it can make</Trans>
      </Button>
      <Collapse expanded={open} id={list} keepMountedMode="display-none">
        <List size="xs" spacing={4} mt={4} center>
          {facts.modes.map(({ mode, possible, reason }) => (
            <List.Item key={mode} icon={possible ? <IconCheck size={14} aria-hidden /> : <IconX size={14} aria-hidden />}>
              <Text size="xs" span {...(!possible && { c: "dimmed" })}>
                {modeName(i18n, mode)}
                {reason && `: ${reason}`}
              </Text>
            </List.Item>
          ))}
        </List>
      </Collapse>
    </>
  );
}
