/**
 * Who may use a character. The server enforces it; what it has stopped is said here. A choice counts when it is saved:
 * arrow keys pass others on their way.
 */

import { Trans, useLingui } from "@lingui/react/macro";
import { Button, Collapse, Group, Radio, Stack, TagsInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconHandStop } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";

import { answer, api, http, type Schemas } from "@/api/client";
import { changed, queries } from "@/api/queries";
import { ErrorLine } from "@/parts/ErrorLine";

import { Outcome } from "./Outcome";

type Consent = Schemas["CharacterConsent"]["consent"];
const PATH = "/v1/videos/characters/{character_id}/consent";
const CHOICES: readonly Consent[] = ["owner", "keys", "everyone", "none"];

export function ConsentField({ id, name }: { id: string; name: string }): ReactNode {
  const params = { path: { character_id: id } };
  const found = api.useQuery("get", PATH, { params });
  const [picked, setPicked] = useState<Consent | null>(null);
  const [keys, setKeys] = useState<string[] | null>(null);
  const { t } = useLingui();
  const save = useMutation({
    mutationFn: (said: { consent: Consent; keys: string[] }) =>
      answer(http.POST(PATH, { params, body: said })),
    onSuccess: ({ consent, keys: named }) => {
      queries.setQueryData(["get", PATH, { params }], (known: object) => ({ ...known, consent, keys: named }));
      setKeys(null);
      changed(PATH, "/v1/characters", "/v1/library");
    },
    onSettled: () => setPicked(null),
  });
  if (!found.data) return <ErrorLine error={found.error} />;
  const consent = picked ?? found.data.consent;
  const named = keys ?? found.data.keys;
  const changes = consent !== found.data.consent || (consent === "keys" && keys !== null);
  const saveIt = (said: Consent): void => save.mutate({ consent: said, keys: said === "keys" ? named : [] });
  return (
    <Stack gap="sm">
      <Radio.Group
        label={t`Who may use @${name}`}
        value={consent}
        onChange={(value) => setPicked(CHOICES.find((choice) => choice === value) ?? null)}
      >
        <Stack gap={6} mt={6}>
          <Radio value="owner" label={t`Only me`} />
          <Radio value="keys" label={t`Keys that I name`} />
          <Radio value="everyone" label={t`Everyone with a key`} />
          <Radio value="none" label={t`No one, not even me`} />
        </Stack>
      </Radio.Group>
      <Collapse expanded={consent === "keys"}>
        <TagsInput
          label={t`Ids of keys`}
          description={t`Everyone finds their own in the account menu.`}
          placeholder={named.length === 0 ? "key_…" : undefined}
          value={named}
          onChange={setKeys}
          acceptValueOnBlur
          clearButtonProps={{ "aria-label": t`Remove all` }}
        />
      </Collapse>
      <Group gap="xs">
        <Button size="xs" onClick={() => saveIt(consent)} loading={save.isPending} disabled={!changes}>
          <Trans>Save</Trans>
        </Button>
        {found.data.consent !== "none" && (
          <Button
            variant="default"
            className="error"
            size="xs"
            leftSection={<IconHandStop size={16} aria-hidden />}
            onClick={() => saveIt("none")}
          >
            <Trans>Revoke now</Trans>
          </Button>
        )}
      </Group>
      <ErrorLine error={save.error} />
      {save.data && <Outcome said={save.data} />}
    </Stack>
  );
}
