/** Where the tools of a film reach its player: the frame that is shown, and places to draw on. */

import { createContext, useContext } from "react";

import type { PlayerHandle } from "@/parts/Player";

export interface Stage {
  player: React.RefObject<PlayerHandle | null>;
  /** Over the picture, at its full size. */
  overlay: HTMLElement | null;
  /** Below the player, as wide as it is. */
  strip: HTMLElement | null;
}

export const StageContext = createContext<Stage>({ player: { current: null }, overlay: null, strip: null });

export const useStage = (): Stage => useContext(StageContext);
