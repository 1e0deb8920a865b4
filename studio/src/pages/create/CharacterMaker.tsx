import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Group, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";

import { answer, http, type Schemas, sendForm } from "@/api/client";
import { changed } from "@/api/queries";
import { ErrorLine } from "@/parts/ErrorLine";
import { pictureAddress, type Source } from "@/parts/sources";

/** Makes a character of a still or of the first frame of a film. */
export function CharacterMaker({ source, onMade }: { source: Source; onMade: (name: string) => void }): ReactNode {
  const [name, setName] = useState("");
  const { t } = useLingui();
  const make = useMutation({
    mutationFn: () => made(name.trim(), source),
    onSuccess: (character) => {
      changed("/v1/characters", "/v1/videos/characters");
      onMade(character.name);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Group gap="xs" wrap="nowrap">
        <TextInput
          size="xs"
          aria-label={t`Name of the character`}
          placeholder={t`Name`}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={80}
          style={{ flex: 1 }}
        />
        <Button type="submit" size="xs" variant="light" disabled={!name.trim()} loading={make.isPending}>
          <Trans>Make the character</Trans>
        </Button>
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        <Trans>Only show people who allow it.</Trans>
      </Text>
      <ErrorLine error={make.error} />
    </form>
  );
}

/** A file is sent again, because a character has a picture of its own that stays when the file is deleted. */
async function made(name: string, source: Source): Promise<Schemas["Character"]> {
  if (source.kind === "video") {
    const body = { name, video: { id: source.id } };
    return answer(http.POST("/v1/videos/characters", { body }));
  }
  const form = new FormData();
  form.append("name", name);
  form.append("video", await (await fetch(pictureAddress(source))).blob(), source.name);
  return sendForm("/v1/videos/characters", form);
}
