import { Trans, useLingui } from "@lingui/react/macro";
import { Badge, Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconSparkles } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";

import { address } from "@/api/base";
import { useOtherDraft } from "@/drafts/useDraft";

import { CharacterActions } from "./CharacterActions";
import { ConsentField } from "./ConsentField";

export interface Shown {
  id: string;
  name: string;
  /** Which character a prompt with its name means. */
  meant: "this" | "another" | "none";
}

export function CharacterCard({ character, own }: { character: Shown; own: boolean }): ReactNode {
  const { t } = useLingui();
  const { id, name, meant } = character;
  return (
    <Paper withBorder p="md" component="article" aria-label={own ? t`@${name}, yours` : t`@${name}, of another key`}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap">
          <Title order={3} size="h5" style={{ overflowWrap: "anywhere" }}>
            <bdi>@{name}</bdi>
          </Title>
          {own ? (
            <CharacterActions id={id} name={name} />
          ) : (
            <Badge variant="default" style={{ flexShrink: 0 }}>
              <Trans>Of another key</Trans>
            </Badge>
          )}
        </Group>
        <img
          src={address(`/v1/characters/${id}/picture`)}
          alt={t`What ${name} looks like`}
          style={{
            width: "100%",
            aspectRatio: "16 / 9",
            objectFit: "contain",
            borderRadius: "var(--mantine-radius-md)",
            background: "var(--mantine-color-default-hover)",
          }}
          loading="lazy"
        />
        {meant === "this" && <UseButton name={name} />}
        {meant === "another" && (
          <Text size="sm" c="dimmed">
            {own ? <Trans>Prompts with @{name} mean another character now.</Trans> : <Trans>Prompts with @{name} mean your own.</Trans>}
          </Text>
        )}
        {own && <ConsentField id={id} name={name} />}
      </Stack>
    </Paper>
  );
}

/** Opens the page that makes films, with the character in the prompt there. */
function UseButton({ name }: { name: string }): ReactNode {
  const navigate = useNavigate();
  const change = useOtherDraft("create", { prompt: "" });
  const use = (): void => {
    change((before) => ({ ...before, prompt: withName(before.prompt, `@${name}`) }));
    void navigate("/");
  };
  return (
    <Button variant="default" size="sm" leftSection={<IconSparkles size={16} aria-hidden />} onClick={use} style={{ alignSelf: "start" }}>
      <Trans>Use in a film</Trans>
    </Button>
  );
}

function withName(prompt: string, name: string): string {
  if (prompt.includes(name)) return prompt;
  return prompt.trim() ? `${prompt.trimEnd()} ${name} ` : `${name} `;
}
