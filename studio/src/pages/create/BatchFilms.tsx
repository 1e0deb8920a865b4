import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, Group, Skeleton, Text } from "@mantine/core";
import { IconAdjustments, IconDice5, IconPlayerPlayFilled, IconX } from "@tabler/icons-react";
import { type ReactNode, useRef, useState } from "react";
import { Link } from "react-router";

import { contentAddress } from "@/api/base";
import { api, type Video } from "@/api/client";
import { filmLength, filmName } from "@/parts/filmName";
import { FilmProgress, ratioOf } from "@/parts/FilmProgress";
import { sizeText } from "@/parts/options";

import type { Batch } from "./batches";
import classes from "./Create.module.css";
import { seedsOf } from "./draft";

/** Films of the library as they were read, and when, in ms. */
export interface Listed {
  films: readonly Video[];
  at: number;
}

export interface BatchFilmsProps {
  batch: Batch;
  /** Undefined while it is not known. */
  listed: Listed | undefined;
  onAgain: () => void;
  onReuse: () => void;
  onHide: () => void;
}

/** The films of one order, side by side, and what can be done with what they were ordered with. */
export function BatchFilms({ batch, listed, onAgain, onReuse, onHide }: BatchFilmsProps): ReactNode {
  const { t } = useLingui();
  const seeds = seedsOf(batch.seed, batch.ids.length);
  const prompt = batch.draft.prompt.trim() || t`Untitled film`;
  return (
    <article aria-label={prompt}>
      <Group justify="space-between" align="flex-start" gap="xs" mb="xs">
        <Text dir="auto" lineClamp={2} style={{ flex: "1 1 16rem" }}>
          {prompt}
        </Text>
        <Group gap={6} wrap="nowrap">
          <Button size="compact-sm" variant="default" onClick={onAgain} leftSection={<IconDice5 size={16} aria-hidden />}>
            <Trans>Another seed</Trans>
          </Button>
          <Button size="compact-sm" variant="default" onClick={onReuse} leftSection={<IconAdjustments size={16} aria-hidden />}>
            <Trans>Reuse</Trans>
          </Button>
          <ActionIcon variant="subtle" onClick={onHide} aria-label={t`Hide this result`}>
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Group>
      </Group>
      <div className={classes.variations} data-count={batch.ids.length}>
        {batch.ids.map((id, at) => (
          <Variation key={id} id={id} seed={seeds[at]!} size={batch.draft.options.size} listed={listed} />
        ))}
      </div>
    </article>
  );
}

interface VariationProps {
  id: string;
  seed: number;
  /** Until the film is known. */
  size: string;
  listed: Listed | undefined;
}

function Variation({ id, seed, size, listed }: VariationProps): ReactNode {
  const { film, gone } = useListedFilm(id, listed);
  const { t } = useLingui();
  if (gone) return null;
  if (!film) return <Skeleton style={{ aspectRatio: ratioOf(size || "16x9") }} />;
  return (
    <div role="group" aria-label={t`Seed ${seed}`}>
      {film.status === "completed" ? <Finished film={film} /> : <FilmProgress video={film} />}
      <Group justify="space-between" gap="xs" mt={4}>
        <Text size="xs" c="dimmed">
          <Trans>Seed {seed}</Trans>
        </Text>
        {film.status === "completed" && (
          <Group gap="sm">
            <Text size="xs" c="dimmed">
              {sizeText(film.size)} · {filmLength(film.seconds)}
            </Text>
            <Button component={Link} to={`/films/${film.id}`} size="compact-xs" variant="light">
              <Trans>Open</Trans>
            </Button>
          </Group>
        )}
      </Group>
    </div>
  );
}

/** A finished film: its poster with a button, until it is played for the first time. */
function Finished({ film }: { film: Video }): ReactNode {
  const [played, setPlayed] = useState(false);
  const screen = useRef<HTMLVideoElement>(null);
  const { t } = useLingui();
  const play = (): void => {
    screen.current?.focus();
    void screen.current?.play();
  };
  return (
    <div className={`film ${classes.finished}`}>
      <video
        ref={screen}
        className={`screen ${classes.screen}`}
        src={contentAddress(film.id)}
        poster={contentAddress(film.id, "thumbnail")}
        style={{ aspectRatio: ratioOf(film.size) }}
        controls={played}
        tabIndex={0}
        loop
        playsInline
        preload="none"
        aria-label={filmName(film)}
        onPlay={() => setPlayed(true)}
      />
      {!played && (
        <ActionIcon className={classes.play ?? ""} size={56} radius="xl" onClick={play} aria-label={t`Play`}>
          <IconPlayerPlayFilled size={26} aria-hidden />
        </ActionIcon>
      )}
    </div>
  );
}

/** A film by what is newer: the list, or an event since. `gone`: it was deleted, or is in the trash. */
function useListedFilm(id: string, listed: Listed | undefined): { film: Video | undefined; gone: boolean } {
  const known = api.useQuery("get", "/v1/library/{video_id}", { params: { path: { video_id: id } } }, { enabled: false });
  const inList = listed?.films.find((film) => film.id === id);
  const isNewer = known.data !== undefined && (!listed || known.dataUpdatedAt >= listed.at);
  const film = isNewer ? known.data : inList;
  return { film, gone: listed !== undefined && film === undefined };
}
