/** People and things that prompts name with an @, and who may use them. */

import { Trans, useLingui } from "@lingui/react/macro";
import { Badge, Button, Center, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconUsers } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { address } from "@/api/base";
import { api, type Schemas } from "@/api/client";
import { ErrorLine } from "@/parts/ErrorLine";
import { PageHead } from "@/parts/PageHead";

import { CharacterActions } from "./CharacterActions";
import { ConsentField } from "./ConsentField";
import { NewCharacter } from "./NewCharacter";

type Character = Schemas["UsableCharacter"];

export default function Characters(): ReactNode {
  const found = api.useQuery("get", "/v1/characters");
  const [open, { open: show, close }] = useDisclosure(false);
  const all = found.data?.data ?? [];
  const own = all.filter((character) => character.own);
  const others = all.filter((character) => !character.own);
  return (
    <>
      <PageHead title={<Trans>Characters</Trans>}>
        <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={show}>
          <Trans>New character</Trans>
        </Button>
      </PageHead>
      <ErrorLine error={found.error} />
      {found.isSuccess && all.length === 0 && <Empty />}
      <List characters={own} title={<Trans>Yours</Trans>} />
      <List characters={others} title={<Trans>Of others, who let you use them</Trans>} />
      <NewCharacter opened={open} onClose={close} />
    </>
  );
}

function List({ characters, title }: { characters: readonly Character[]; title: ReactNode }): ReactNode {
  if (characters.length === 0) return null;
  return (
    <Stack component="section" gap="sm" mb="xl">
      <Title order={2} size="h4">
        {title}
      </Title>
      <div className="grid" style={{ "--studio-tile": "18rem" } as React.CSSProperties}>
        {characters.map((character) => (
          <CharacterCard key={character.id} character={character} />
        ))}
      </div>
    </Stack>
  );
}

function CharacterCard({ character }: { character: Character }): ReactNode {
  const { t } = useLingui();
  const { id, name, own } = character;
  return (
    <Paper withBorder p="md" component="article" aria-label={name}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap">
          <Title order={3} size="h5" style={{ overflowWrap: "anywhere" }}>
            <bdi>@{name}</bdi>
          </Title>
          {own ? <CharacterActions id={id} name={name} /> : <Badge variant="default">{t`Of another key`}</Badge>}
        </Group>
        <img
          src={address(`/v1/characters/${id}/picture`)}
          alt={t`What ${name} looks like`}
          className="screen film"
          style={{ width: "100%", aspectRatio: "16 / 9", objectFit: "contain" }}
          loading="lazy"
        />
        {own && <ConsentField id={id} name={name} />}
      </Stack>
    </Paper>
  );
}

function Empty(): ReactNode {
  return (
    <Center mih={260}>
      <Stack align="center" gap="sm">
        <IconUsers size={56} stroke={1} aria-hidden />
        <Text ta="center" maw={440}>
          <Trans>
            A character is a person or a thing that prompts name with an @. Make one of a picture or a film, and say who may
            use it.
          </Trans>
        </Text>
      </Stack>
    </Center>
  );
}
