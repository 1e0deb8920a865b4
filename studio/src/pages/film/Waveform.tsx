import { useComputedColorScheme, useMantineTheme } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";

import { contentAddress } from "@/api/base";
import type { Video } from "@/api/client";

import { useStage } from "./stage";

const HEIGHT = 44;

/** The sound of a film as a picture; a click on it seeks. The slider of the player does the same by keys. */
export function Waveform({ video }: { video: Video }): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const { player } = useStage();
  const { colors } = useMantineTheme();
  const dark = useComputedColorScheme() === "dark";
  useEffect(() => {
    let stopped = false;
    let stop = (): void => undefined;
    void import("wavesurfer.js").then(({ default: WaveSurfer }) => {
      if (stopped || !box.current) return;
      const waves = WaveSurfer.create({
        container: box.current,
        url: contentAddress(video.id),
        height: HEIGHT,
        waveColor: dark ? colors.dark[2] : colors.gray[6],
        progressColor: dark ? colors.dark[2] : colors.gray[6],
        cursorWidth: 0,
        normalize: true,
      });
      waves.on("error", () => undefined); // a film without a picture of its sound plays too
      waves.on("ready", () => box.current?.setAttribute("data-ready", "")); // from now on a click says a time
      waves.on("interaction", (seconds) => player.current?.seek(seconds));
      stop = () => waves.destroy();
    });
    return () => {
      stopped = true;
      stop();
    };
  }, [video.id, dark, colors, player]);
  return <div ref={box} className="film" data-testid="waveform" aria-hidden style={{ height: HEIGHT }} />;
}
