/**
 * Plays a film by its frames, forward and backward. The element keeps the time; while it stands still, a canvas over it
 * shows the frame exactly. Knows no page.
 */

import { canRead, type FrameReader } from "./reader";
import { evenTimes, frameAt, middleOf } from "./times";

export interface PlaybackState {
  readonly frame: number;
  readonly frames: number;
  /** When the frame begins. */
  readonly seconds: number;
  readonly length: number;
  /** 0: it stands still; below 0: backward. */
  readonly speed: number;
  /** Undefined until it is known. */
  readonly hasSound: boolean | undefined;
  /** The canvas is shown. */
  readonly exact: boolean;
}

const SPEEDS = [1, 2, 4, 8];
const START: PlaybackState = { frame: 0, frames: 1, seconds: 0, length: 0, speed: 0, hasSound: undefined, exact: false };

export class Playback {
  private state = START;
  private times: readonly number[] = [0];
  private reader: FrameReader | undefined;
  private opening = false;
  private closed = false;
  private wanted = -1; // the frame that the canvas is to show
  private drawing = false;
  private clockwork = 0;
  private readonly watchers = new Set<() => void>();

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly canvas: HTMLCanvasElement,
    private readonly address: string,
    private readonly fps: number | undefined,
  ) {}

  /** Follows the element, until the function is called that it returns. */
  follow(): () => void {
    const stop = new AbortController();
    const on = (kind: string, called: () => void): void => this.video.addEventListener(kind, called, { signal: stop.signal });
    this.closed = false;
    on("loadedmetadata", () => this.measure());
    on("play", () => this.started());
    on("pause", () => this.paused());
    on("seeking", () => this.sought());
    on("ended", () => this.become({ ...this.place(this.times.length - 1), speed: 0 }));
    if (this.video.readyState >= HTMLMediaElement.HAVE_METADATA) this.measure();
    this.everyPicture();
    return () => {
      stop.abort();
      this.closed = true;
      cancelAnimationFrame(this.clockwork);
      this.reader?.close();
      this.reader = undefined;
      this.opening = false;
    };
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  readonly now = (): PlaybackState => this.state;

  /** Opens the film for exact frames, once. Without WebCodecs the element alone is used. */
  async open(): Promise<void> {
    if (this.opening) return;
    this.opening = true;
    if (!canRead()) return;
    try {
      const { openFilm } = await import("./decoding");
      const reader = await openFilm(this.address);
      if (this.closed || !reader) return reader?.close();
      this.reader = reader;
      this.times = reader.times;
      this.become({ ...this.place(frameAt(this.times, this.video.currentTime)), hasSound: reader.hasSound });
      if (this.video.paused && this.video.currentTime > 0) this.draw(this.state.frame);
    } catch {
      this.opening = false; // the next step tries again
    }
  }

  step(by: number): void {
    this.pause();
    this.goTo(this.state.frame + by);
  }

  goTo(frame: number): void {
    const found = Math.min(Math.max(frame, 0), this.times.length - 1);
    void this.open();
    this.become(this.place(found));
    this.video.currentTime = middleOf(this.times, found, this.state.length);
    this.draw(found);
  }

  seek(seconds: number): void {
    this.goTo(frameAt(this.times, seconds));
  }

  toggle(): void {
    if (this.state.speed !== 0) this.pause();
    else this.play(1);
  }

  pause(): void {
    cancelAnimationFrame(this.clockwork);
    this.video.pause();
    this.become({ speed: 0 });
  }

  /** Forward; faster each time. */
  forward(): void {
    this.play(next(this.state.speed));
  }

  /** Backward; faster each time. */
  backward(): void {
    const speed = -next(-this.state.speed);
    this.pause();
    void this.open();
    this.become({ speed });
    const from = this.state.seconds;
    const began = performance.now();
    const tick = (): void => {
      const seconds = Math.max(0, from + (speed * (performance.now() - began)) / 1000);
      const frame = frameAt(this.times, seconds);
      if (frame !== this.state.frame && this.isReady()) this.goTo(frame);
      if (seconds > 0) this.clockwork = requestAnimationFrame(tick);
      else this.become({ speed: 0 });
    };
    this.clockwork = requestAnimationFrame(tick);
  }

  private play(speed: number): void {
    cancelAnimationFrame(this.clockwork);
    this.video.playbackRate = speed;
    this.become({ speed });
    void this.video.play().catch(() => this.video.paused && this.state.speed > 0 && this.become({ speed: 0 })); // stopped before it began
  }

  /** Whether the frame before was shown: on the way back a slow browser shows fewer. */
  private isReady(): boolean {
    return this.reader ? !this.drawing : !this.video.seeking;
  }

  private measure(): void {
    const length = this.video.duration;
    if (!Number.isFinite(length)) return;
    if (!this.reader) this.times = evenTimes(this.fps ?? 24, length);
    this.become({ length, ...this.place(frameAt(this.times, this.video.currentTime)) });
    if (this.fps === undefined) void this.open();
  }

  /** Events come later than what they tell of: the film may have been stopped again. */
  private started(): void {
    if (this.video.paused) return;
    cancelAnimationFrame(this.clockwork);
    if (this.state.frame >= this.times.length - 1) this.video.currentTime = 0;
    if (this.state.speed <= 0) this.video.playbackRate = 1;
    this.become({ speed: this.video.playbackRate });
  }

  /** Stands in the middle of the frame that was shown last. */
  private paused(): void {
    if (this.state.speed < 0 || !this.video.paused) return;
    this.become({ speed: 0 });
    if (!this.video.ended && this.times.length > 1) this.goTo(this.state.frame);
  }

  private sought(): void {
    const frame = frameAt(this.times, this.video.currentTime);
    if (frame === this.state.frame) return;
    this.become(this.place(frame));
    if (this.video.paused) {
      void this.open();
      this.draw(frame);
    }
  }

  /** Hears of every picture that the element shows. */
  private everyPicture(): void {
    this.video.requestVideoFrameCallback?.((_, { mediaTime }) => {
      if (this.closed) return;
      if (!this.video.paused) this.become({ ...this.place(frameAt(this.times, mediaTime)), exact: false });
      this.everyPicture();
    });
  }

  private draw(frame: number): void {
    this.wanted = frame;
    if (this.reader && !this.drawing) void this.drawWanted(this.reader);
  }

  /** Draws the frame that is wanted last: those that were wanted meanwhile are passed over. */
  private async drawWanted(reader: FrameReader): Promise<void> {
    this.drawing = true;
    try {
      for (let drawn = -1; drawn !== this.wanted && !this.closed; ) {
        drawn = this.wanted;
        const picture = await reader.picture(drawn, this.state.speed < 0);
        if (!picture || !this.video.paused) break;
        this.canvas.width = picture.width;
        this.canvas.height = picture.height;
        this.canvas.getContext("2d")?.drawImage(picture, 0, 0);
        this.become({ exact: true });
      }
    } catch {
      this.become({ exact: false }); // the element below shows the frame too
    } finally {
      this.drawing = false;
    }
  }

  private place(frame: number): Pick<PlaybackState, "frame" | "frames" | "seconds"> {
    return { frame, frames: this.times.length, seconds: this.times[frame] ?? 0 };
  }

  private become(changes: Partial<PlaybackState>): void {
    this.state = { ...this.state, ...changes };
    this.watchers.forEach((watcher) => watcher());
  }
}

/** The speed after this one: the first where it stood still or went the other way. */
function next(speed: number): number {
  return SPEEDS.find((each) => each > speed) ?? SPEEDS.at(-1)!;
}
