/** What reads single frames of a film. The code that does so is large, and loaded when it is needed: `decoding`. */

export type Picture = HTMLCanvasElement | OffscreenCanvas;

export interface FrameReader {
  /** When each frame begins, in seconds. */
  readonly times: readonly number[];
  readonly hasSound: boolean;
  /** A frame as a picture. `back`: those before it come next. */
  picture: (frame: number, back: boolean) => Promise<Picture | undefined>;
  close: () => void;
}

/** Whether this browser decodes for pages: only where the connection is secure. */
export const canRead = (): boolean => window.isSecureContext && "VideoDecoder" in window;
