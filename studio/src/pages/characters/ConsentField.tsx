/** Who may use a character. The server enforces it; what it has stopped is said here. */

import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { Alert, Anchor, Button, Collapse, List, Radio, Stack, TagsInput, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";

import { answer, api, http, type Schemas } from "@/api/client";
import { changed } from "@/api/queries";
import { useSession } from "@/api/session";
import { ErrorLine } from "@/parts/ErrorLine";

type Consent = Schemas["CharacterConsent"]["consent"];

export function ConsentField({ id, name }: { id: string; name: string }): ReactNode {
  const params = { path: { character_id: id } };
  const found = api.useQuery("get", "/v1/videos/characters/{character_id}/consent", { params });
  const [picked, setPicked] = useState<Consent | null>(null);
  const [keys, setKeys] = useState<string[] | null>(null);
  const { t } = useLingui();
  const save = useMutation({
    mutationFn: (said: { consent: Consent; keys: string[] }) =>
      answer(http.POST("/v1/videos/characters/{character_id}/consent", { params, body: said })),
    onSuccess: () => {
      setPicked(null);
      setKeys(null);
      changed("/v1/videos/characters/{character_id}/consent");
    },
  });
  if (!found.data) return <ErrorLine error={found.error} />;
  const consent = picked ?? found.data.consent;
  const named = keys ?? found.data.keys;
  const pick = (value: string): void => {
    setPicked(value as Consent);
    if (value !== "keys") save.mutate({ consent: value as Consent, keys: [] });
  };
  return (
    <Stack gap="xs">
      <Radio.Group label={t`Who may use ${name}`} value={consent} onChange={pick}>
        <Stack gap={6} mt={6}>
          <Radio value="owner" label={t`Only I`} />
          <Radio value="keys" label={t`Keys that I name`} />
          <Radio value="everyone" label={t`Everyone with a key`} />
          <Radio value="none" label={t`Nobody, not even I`} />
        </Stack>
      </Radio.Group>
      <Collapse expanded={consent === "keys"}>
        <Stack gap="xs">
          <TagsInput
            label={t`Ids of keys`}
            description={t`Everyone finds their own in the account menu.`}
            placeholder="key_…"
            value={named}
            onChange={setKeys}
          />
          <Button
            size="xs"
            style={{ alignSelf: "start" }}
            onClick={() => save.mutate({ consent: "keys", keys: named })}
            disabled={picked === null && keys === null}
          >
            <Trans>Save</Trans>
          </Button>
        </Stack>
      </Collapse>
      {consent !== "none" && (
        <Button variant="light" color="red" size="xs" onClick={() => pick("none")} style={{ alignSelf: "start" }}>
          <Trans>Revoke at once</Trans>
        </Button>
      )}
      <ErrorLine error={save.error} />
      {save.data && <Outcome said={save.data} />}
    </Stack>
  );
}

/** What the change has stopped, and which finished films show the character still. */
function Outcome({ said }: { said: Schemas["ChangedConsent"] }): ReactNode {
  const { failed, finished } = said;
  const mine = useSession()?.key_id;
  if (failed.length + finished.length === 0) return null;
  return (
    <Alert color="yellow" role="status">
      {failed.length > 0 && (
        <Text size="sm">
          <Plural value={failed.length} one="# film was stopped." other="# films were stopped." />
        </Text>
      )}
      {finished.length > 0 && (
        <>
          <Text size="sm">
            <Trans>Finished films that show it:</Trans>
          </Text>
          <List size="sm">
            {finished.map((film) => (
              <List.Item key={film.video_id}>
                {film.key_id === mine ? (
                  <Anchor component={Link} to={`/films/${film.video_id}`}>
                    {film.video_id}
                  </Anchor>
                ) : (
                  <Trans>
                    {film.video_id}, of the key {film.key_id}
                  </Trans>
                )}
              </List.Item>
            ))}
          </List>
        </>
      )}
    </Alert>
  );
}
