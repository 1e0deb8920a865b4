import { Trans, useLingui } from "@lingui/react/macro";
import { Alert, Anchor, Button, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { Link } from "react-router";

import { answer, http } from "@/api/client";
import { changed } from "@/api/queries";
import { useDraft } from "@/drafts/useDraft";
import { ErrorLine } from "@/parts/ErrorLine";

import type { ToolProps } from "../Tools";

const LONGEST = 80;

/** Who or what the first frame shows becomes a character, whom prompts name. */
export function MakeCharacter({ video }: ToolProps): ReactNode {
  const [initial] = useState({ name: "" });
  const draft = useDraft(`film.${video.id}.character`, initial);
  const { t } = useLingui();
  const name = draft.value.name.trim().replace(/^@/, "");
  const made = useMutation({
    mutationFn: async () => answer(http.POST("/v1/videos/characters", { body: { name, video: { id: video.id } } })),
    onSuccess: () => {
      changed("/v1/videos/characters", "/v1/characters");
      draft.reset();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    made.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          <Trans>
            A character is the person or thing in the first frame. Prompts name it after an @. Only show people who have allowed it.
          </Trans>
        </Text>
        <TextInput
          label={t`Name`}
          placeholder={t`For example: Rex`}
          value={draft.value.name}
          maxLength={LONGEST}
          dir="auto"
          onChange={(event) => draft.change({ name: event.currentTarget.value })}
        />
        <ErrorLine error={made.error} />
        {made.data && (
          <Alert color="teal" role="status" p="xs">
            <Trans>
              @{made.data.name} can be named in prompts now.{" "}
              <Anchor component={Link} to="/characters" size="sm" underline="always">
                Say who may use it
              </Anchor>
            </Trans>
          </Alert>
        )}
        <Button type="submit" loading={made.isPending} disabled={!name} style={{ alignSelf: "flex-start" }}>
          <Trans>Make a character</Trans>
        </Button>
      </Stack>
    </form>
  );
}
