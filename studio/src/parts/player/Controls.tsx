import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Text, Tooltip } from "@mantine/core";
import { IconChevronRight, IconChevronLeft } from "@tabler/icons-react";
import { type ReactNode, useSyncExternalStore } from "react";

import type { Playback, PlaybackState } from "./playback";
import { clock } from "./times";

/** What a player is worked with, and where it is. `controller`: the id of the element that it works. */
export function Controls({ controller, playback }: { controller: string; playback: Playback }): ReactNode {
  const { t } = useLingui();
  const hasSound = usePlaybackState(playback, (state) => state.hasSound);
  return (
    <div className="player-controls">
      <media-control-bar mediacontroller={controller} className="player-bar">
        <media-play-button mediacontroller={controller} notooltip />
        <Step playback={playback} by={-1} label={t`One frame back`} />
        <Step playback={playback} by={1} label={t`One frame on`} />
        <media-time-range mediacontroller={controller} />
        {hasSound !== false && <media-mute-button mediacontroller={controller} notooltip />}
        <media-fullscreen-button mediacontroller={controller} notooltip />
      </media-control-bar>
      <Place playback={playback} />
    </div>
  );
}

function Step({ playback, by, label }: { playback: Playback; by: number; label: string }): ReactNode {
  const Symbol = by < 0 ? IconChevronLeft : IconChevronRight;
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size={36} aria-label={label} onClick={() => playback.step(by)}>
        <Symbol size={20} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

function Place({ playback }: { playback: Playback }): ReactNode {
  const { frame, frames, seconds, length, speed } = useSyncExternalStore(playback.watch, playback.now);
  const fast = speed !== 0 && speed !== 1;
  const now = frame + 1;
  return (
    <Text component="div" size="xs" c="dimmed" className="player-place">
      <span>
        <Trans>
          Frame {now} of {frames}
        </Trans>
      </span>
      <span>{fast && `${speed} ×`}</span>
      <span>
        {clock(seconds)} / {clock(length)}
      </span>
    </Text>
  );
}

/** A part of the state of a playback: a number, a text or a boolean. */
export function usePlaybackState<T extends string | number | boolean | undefined>(
  playback: Playback,
  pick: (state: PlaybackState) => T,
): T {
  return useSyncExternalStore(playback.watch, () => pick(playback.now()));
}
