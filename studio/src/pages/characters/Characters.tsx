/** People and things that prompts name with an @, and who may use them. */

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Center, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconUsers } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { api, type Schemas } from "@/api/client";
import { ErrorLine } from "@/parts/ErrorLine";
import { PageHead } from "@/parts/PageHead";

import { CharacterCard, type Shown } from "./CharacterCard";
import { NewCharacter } from "./NewCharacter";

type Named = Pick<Schemas["UsableCharacter"], "id" | "name">;

const OFTEN = { refetchInterval: 10_000 } as const; // no event tells what other keys allow

export default function Characters(): ReactNode {
  const mine = api.useQuery("get", "/v1/videos/characters", { params: { query: { order: "desc" } } }, OFTEN);
  const usable = api.useQuery("get", "/v1/characters", {}, OFTEN);
  const [open, { open: show, close }] = useDisclosure(false);
  const own = mine.data?.data ?? [];
  const allowed = usable.data?.data ?? [];
  const others = allowed.filter((character) => !character.own);
  return (
    <>
      <PageHead title={<Trans>Characters</Trans>}>
        <Button leftSection={<IconPlus size={18} aria-hidden />} onClick={show}>
          <Trans>New character</Trans>
        </Button>
      </PageHead>
      <ErrorLine error={mine.error ?? usable.error} />
      {mine.isSuccess && usable.isSuccess && own.length + others.length === 0 && <Empty />}
      <List title={<Trans>Yours</Trans>} characters={named(own, allowed)} own />
      <List title={<Trans>Of others, who let you use them</Trans>} characters={named(others, allowed)} own={false} />
      <NewCharacter opened={open} onClose={close} />
    </>
  );
}

/** Characters, each with what a prompt that has its name means: of two with one name, the first that may be used. */
function named(characters: readonly Named[], usable: readonly Named[]): Shown[] {
  const meantBy = ({ name }: Named): Named | undefined =>
    usable.find((one) => one.name.toLocaleLowerCase() === name.toLocaleLowerCase());
  return characters.map((one) => {
    const meant = meantBy(one)?.id;
    return { id: one.id, name: one.name, meant: meant === one.id ? "this" : meant ? "another" : "none" };
  });
}

function List({ characters, title, own }: { characters: readonly Shown[]; title: ReactNode; own: boolean }): ReactNode {
  const { t } = useLingui();
  if (characters.length === 0) return null;
  return (
    <Stack component="section" gap="sm" mb="xl" aria-label={own ? t`Yours` : t`Of others`}>
      <Title order={2} size="h4">
        {title}
      </Title>
      <div className="grid" style={{ "--studio-tile": "19rem", alignItems: "start" } as React.CSSProperties}>
        {characters.map((character) => (
          <CharacterCard key={character.id} character={character} own={own} />
        ))}
      </div>
    </Stack>
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
