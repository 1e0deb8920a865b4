import { Plural, Trans } from "@lingui/react/macro";
import { Alert, Anchor, List, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";

import type { Schemas } from "@/api/client";
import { useSession } from "@/api/session";
import { useVideo } from "@/api/videos";
import { filmName } from "@/parts/filmName";

type Film = Schemas["ConsentFilm"];

/** What a change of the consent has stopped, and which finished films still show the character. */
export function Outcome({ said }: { said: Schemas["ChangedConsent"] }): ReactNode {
  const { failed, finished } = said;
  return (
    <Alert color={failed.length + finished.length > 0 ? "yellow" : "teal"} role="status" p="sm">
      {failed.length > 0 && (
        <Text size="sm">
          <Plural value={failed.length} one="# film was stopped." other="# films were stopped." />
        </Text>
      )}
      {finished.length > 0 && (
        <>
          <Text size="sm">
            <Trans>Finished films that still show it:</Trans>
          </Text>
          <List size="sm">
            {finished.map((film) => (
              <List.Item key={film.video_id}>
                <Named film={film} />
              </List.Item>
            ))}
          </List>
        </>
      )}
      {failed.length + finished.length === 0 && (
        <Text size="sm">
          <Trans>Saved. No film is affected.</Trans>
        </Text>
      )}
    </Alert>
  );
}

/** A film of one's own by its name; of another key, the ids alone are known. */
function Named({ film }: { film: Film }): ReactNode {
  const own = useSession()?.key_id === film.key_id;
  const video = useVideo(own ? film.video_id : null);
  if (!own) {
    return (
      <span style={{ overflowWrap: "anywhere" }}>
        <Trans>
          {film.video_id}, of the key {film.key_id}
        </Trans>
      </span>
    );
  }
  return (
    <Anchor component={Link} to={`/films/${film.video_id}`} size="sm" underline="always">
      <bdi>{video ? filmName(video) : film.video_id}</bdi>
    </Anchor>
  );
}
