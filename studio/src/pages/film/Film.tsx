/** A film: what it is, its player, what can be made of it, and where it comes from. */

import { Trans } from "@lingui/react/macro";
import { Alert, Button, Center, Grid, Group, Loader, Stack, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useParams } from "react-router";

import { api, type Schemas, type Video } from "@/api/client";
import { ApiError } from "@/api/errors";
import { listen } from "@/api/events";
import { changed } from "@/api/queries";
import { NotFound } from "@/app/pages";
import { ErrorLine } from "@/parts/ErrorLine";
import { FilmProgress } from "@/parts/FilmProgress";
import { filmName } from "@/parts/filmName";
import { Player, type PlayerHandle } from "@/parts/Player";

import { useChange } from "./changes";
import "./film.css";
import { FilmHead } from "./FilmHead";
import { MadeFrom } from "./MadeFrom";
import { type Stage, StageContext } from "./stage";
import { Tools } from "./Tools";
import { Waveform } from "./Waveform";

export default function Film(): ReactNode {
  const { id = "" } = useParams();
  return <OneFilm key={id} id={id} />;
}

function OneFilm({ id }: { id: string }): ReactNode {
  const gone = useGone(id);
  const params = { params: { path: { video_id: id } } };
  const { data: video, error } = api.useQuery("get", "/v1/library/{video_id}", params, { enabled: !gone });
  if (gone || (error instanceof ApiError && error.status === 404)) return <NotFound />;
  if (!video) {
    return error ? (
      <ErrorLine error={error} />
    ) : (
      <Center mih="50vh">
        <Loader aria-hidden />
      </Center>
    );
  }
  return (
    <>
      <FilmHead video={video} />
      {video.trashed_at !== null && <InTrash video={video} />}
      {video.status === "completed" ? <Finished video={video} /> : <Unfinished video={video} />}
    </>
  );
}

/** Whether the film was deleted while the page is open. What is made of it, is read again. */
function useGone(id: string): boolean {
  const [gone, setGone] = useState(false);
  useEffect(
    () =>
      listen((kind, video) => {
        if (kind === "deleted" && video.id === id) setGone(true);
        else if (kind !== "progress") changed("/v1/videos/{video_id}/lineage");
      }),
    [id],
  );
  return gone;
}

function Unfinished({ video }: { video: Video }): ReactNode {
  return (
    <Stack maw={760} mx="auto">
      <FilmProgress video={video} />
      <Prompt video={video} />
      <MadeFrom video={video} />
    </Stack>
  );
}

function Finished({ video }: { video: Schemas["LibraryVideoDetails"] }): ReactNode {
  const player = useRef<PlayerHandle>(null);
  const [overlay, setOverlay] = useState<HTMLElement | null>(null);
  const [strip, setStrip] = useState<HTMLElement | null>(null);
  const [hasSound, setHasSound] = useState(false);
  const stage = useMemo<Stage>(() => ({ player, overlay, strip }), [overlay, strip]);
  return (
    <StageContext value={stage}>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7, lg: 8 }}>
          <Stack gap="sm" className="film-stage">
            <Player
              ref={player}
              id={video.id}
              label={filmName(video)}
              size={video.size}
              fps={video.fps ?? undefined}
              loop={video.mode === "loop"}
              keys="page"
              exact
              onFrame={({ hasSound: heard }) => setHasSound(heard ?? false)}
            >
              <div ref={setOverlay} className="stage-overlay" />
            </Player>
            {hasSound && <Waveform video={video} />}
            <div ref={setStrip} />
            <Prompt video={video} />
            <MadeFrom video={video} />
            <Text size="xs" c="dimmed" visibleFrom="sm">
              <Trans>Keys: space plays, the arrows step one frame, J K L play backward, stop and forward, M mutes, F fills the screen.</Trans>
            </Text>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5, lg: 4 }}>
          <Tools video={video} />
        </Grid.Col>
      </Grid>
    </StageContext>
  );
}

function Prompt({ video }: { video: Video }): ReactNode {
  if (!video.prompt || !video.title) return null; // without a title, the prompt is the heading
  return (
    <Text size="sm" dir="auto" style={{ whiteSpace: "pre-wrap" }}>
      {video.prompt}
    </Text>
  );
}

function InTrash({ video }: { video: Video }): ReactNode {
  const restore = useChange(video.id);
  return (
    <Alert icon={<IconTrash aria-hidden />} mb="md" color="yellow" title={<Trans>This film is in the trash</Trans>}>
      <Group justify="space-between">
        <Text size="sm">
          <Trans>It is deleted 30 days after it was put there.</Trans>
        </Text>
        <Button size="xs" variant="default" onClick={() => restore.mutate({ trashed: false })} loading={restore.isPending}>
          <Trans>Take it out</Trans>
        </Button>
      </Group>
      <ErrorLine error={restore.error} />
    </Alert>
  );
}
