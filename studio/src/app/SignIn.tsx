import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Button, Center, Code, Group, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";

import { signIn } from "@/api/session";
import { messageOf } from "@/i18n/errors";

import { Logo } from "./Logo";
import { Preferences } from "./Preferences";

/** Asks for a key. `problem`: what is wrong with the link that was opened. */
export function SignIn({ problem }: { problem: string | null }): ReactNode {
  const [key, setKey] = useState("");
  const [refused, setRefused] = useState(problem);
  const [busy, setBusy] = useState(false);
  const { t } = useLingui();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    await signIn({ key: key.trim() }).catch((error: unknown) => setRefused(messageOf(error)));
    setBusy(false);
  };
  return (
    <Center mih="100vh" p="md">
      <Paper component="main" withBorder p="xl" w="100%" maw={440} radius="lg">
        <form onSubmit={(event) => void submit(event)}>
          <Stack>
            <Group justify="space-between">
              <Logo />
              <Preferences />
            </Group>
            <Title order={1} size="h3">
              <Trans>Sign in to the studio</Trans>
            </Title>
            <Text size="sm" c="dimmed">
              <Trans>
                Open the link that <Code>yozora serve</Code> prints, or enter a key of this server.
              </Trans>
            </Text>
            {refused && (
              <Alert color="red" role="alert">
                {refused}
              </Alert>
            )}
            <PasswordInput
              label={t`Key`}
              value={key}
              onChange={(event) => setKey(event.currentTarget.value)}
              autoComplete="off"
              required
              visibilityToggleButtonProps={{ "aria-label": t`Show the key`, tabIndex: 0 }}
            />
            <Button type="submit" loading={busy} disabled={!key.trim()}>
              <Trans>Sign in</Trans>
            </Button>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
