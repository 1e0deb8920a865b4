/** Two films with one scrubber and one button to play. */

import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Anchor, Group, Loader, NativeSelect, Stack, Text } from "@mantine/core";
import {
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
} from "@tabler/icons-react";
import { type KeyboardEvent, lazy, type ReactNode, Suspense, useEffect, useState, useSyncExternalStore } from "react";
import { Link } from "react-router";

import { contentAddress } from "@/api/base";
import type { Video } from "@/api/client";
import { ratioOf } from "@/parts/FilmProgress";
import { filmName } from "@/parts/filmName";
import { canRead } from "@/parts/player/reader";
import { clock } from "@/parts/player/times";

import classes from "./Compare.module.css";
import { Together } from "./together";

const OverEachOther = lazy(() => import("./OverEachOther"));

interface ComparedFilmsProps {
  films: [Video, Video];
  /** One over the other, instead of beside each other. */
  over: boolean;
}

export function ComparedFilms({ films, over }: ComparedFilmsProps): ReactNode {
  const [together] = useState(() => new Together());
  const [sound, setSound] = useState("");
  const { t } = useLingui();
  useFrameTimes(together, films);
  const [one, other] = films;
  const first = <ComparedFilm key={one.id} film={one} together={together} muted={sound !== "a"} />;
  const second = <ComparedFilm key={other.id} film={other} together={together} muted={sound !== "b"} />;
  return (
    <Stack gap="sm" role="group" aria-label={t`Two films`} onKeyDown={(event) => press(event, together)}>
      {over ? (
        <Suspense fallback={<Loader aria-hidden />}>
          <OverEachOther first={first} second={second} ratio={ratioOf(one.size)} />
        </Suspense>
      ) : (
        <div className={classes.beside}>
          {first}
          {second}
        </div>
      )}
      <div className={classes.names}>
        <FilmLink film={one} />
        <FilmLink film={other} />
      </div>
      <Controls together={together}>
        <NativeSelect
          aria-label={t`Sound`}
          size="xs"
          value={sound}
          onChange={(event) => setSound(event.currentTarget.value)}
          data={[
            { value: "", label: t`No sound` },
            { value: "a", label: t`Sound of the first` },
            { value: "b", label: t`Sound of the second` },
          ]}
        />
      </Controls>
    </Stack>
  );
}

function ComparedFilm({ film, together, muted }: { film: Video; together: Together; muted: boolean }): ReactNode {
  return (
    <video
      ref={together.add}
      className={classes.film}
      src={contentAddress(film.id)}
      poster={contentAddress(film.id, "thumbnail")}
      preload="auto"
      playsInline
      muted={muted}
      aria-label={filmName(film)}
      style={{ aspectRatio: ratioOf(film.size) }}
    />
  );
}

function FilmLink({ film }: { film: Video }): ReactNode {
  return (
    <Anchor component={Link} to={`/films/${film.id}`} size="sm" dir="auto" lineClamp={2}>
      {filmName(film)}
    </Anchor>
  );
}

function Controls({ together, children }: { together: Together; children: ReactNode }): ReactNode {
  const { frame, frames, seconds, playing } = useSyncExternalStore(together.watch, together.now);
  const { t } = useLingui();
  return (
    <>
      <input
        type="range"
        dir="ltr"
        className={classes.scrubber}
        min={0}
        max={Math.max(0, frames - 1)}
        step={1}
        value={frame}
        onChange={(event) => {
          together.pause();
          together.goTo(Number(event.currentTarget.value));
        }}
        aria-label={t`Position in both films`}
        aria-valuetext={clock(seconds)}
      />
      <Group justify="space-between">
        <Group gap="xs" dir="ltr">
          <ActionIcon variant="default" size="lg" onClick={() => together.step(-1)} aria-label={t`One frame back`}>
            <IconPlayerSkipBack size={18} aria-hidden />
          </ActionIcon>
          <ActionIcon variant="filled" size="lg" onClick={() => together.toggle()} aria-label={playing ? t`Pause` : t`Play`}>
            {playing ? <IconPlayerPauseFilled size={18} aria-hidden /> : <IconPlayerPlayFilled size={18} aria-hidden />}
          </ActionIcon>
          <ActionIcon variant="default" size="lg" onClick={() => together.step(1)} aria-label={t`One frame on`}>
            <IconPlayerSkipForward size={18} aria-hidden />
          </ActionIcon>
          <Text size="sm" className={classes.clock ?? ""} span>
            {clock(seconds)}
          </Text>
        </Group>
        <Text size="xs" c="dimmed" visibleFrom="sm">
          <Trans>Space plays, arrows step by a frame.</Trans>
        </Text>
        {children}
      </Group>
    </>
  );
}

/** Space plays; arrows go on by a frame, where a control does not need them itself. */
function press(event: KeyboardEvent, together: Together): void {
  const { target } = event;
  const isField = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
  const takesKeys = isField || (target instanceof Element && target.closest("[role=slider]") !== null);
  const takesSpace = target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement || target instanceof HTMLSelectElement;
  if (event.key === " " && !takesSpace) together.toggle();
  else if (event.key === "ArrowLeft" && !takesKeys) together.step(-1);
  else if (event.key === "ArrowRight" && !takesKeys) together.step(1);
  else return;
  event.preventDefault();
}

/** Reads when the frames of both films begin, so that a step is a frame. */
function useFrameTimes(together: Together, films: readonly Video[]): void {
  const ids = films.map(({ id }) => id).join(" ");
  useEffect(() => {
    if (!canRead()) return undefined;
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      const { openFilm } = await import("@/parts/player/decoding");
      for (const id of ids.split(" ")) {
        const reader = await openFilm(contentAddress(id));
        if (reader && !stop.signal.aborted) together.knowTimes(reader.times);
        reader?.close();
      }
    };
    void read().catch(() => undefined); // then frames are taken to be even
    return () => stop.abort();
  }, [together, ids]);
}
