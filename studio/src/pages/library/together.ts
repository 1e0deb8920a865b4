/** Plays two films with one clock: that of the longer one, which the other one follows. Knows no page. */

import { evenTimes, frameAt, middleOf } from "@/parts/player/times";

export interface TogetherState {
  readonly frame: number;
  readonly frames: number;
  readonly seconds: number;
  readonly playing: boolean;
}

const FRAMES_A_SECOND = 24; // until the frames of the films are known
const APART = 0.06; // seconds by which the films may differ while they play

export class Together {
  private state: TogetherState = { frame: 0, frames: 1, seconds: 0, playing: false };
  private videos: HTMLVideoElement[] = [];
  private times: readonly number[] = [0];
  private known: readonly number[] | undefined;
  private clockwork = 0;
  private readonly watchers = new Set<() => void>();

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  readonly now = (): TogetherState => this.state;

  /** Takes an element, at the moment that is shown; returns how it is let go. */
  readonly add = (video: HTMLVideoElement | null): (() => void) | undefined => {
    if (!video) return undefined;
    const stop = new AbortController();
    this.videos.push(video);
    video.addEventListener("loadedmetadata", () => this.measure(), { signal: stop.signal });
    if (video.readyState >= HTMLMediaElement.HAVE_METADATA) this.measure();
    return () => {
      stop.abort();
      this.pause();
      this.videos = this.videos.filter((each) => each !== video);
    };
  };

  /** When the frames of the longer film begin, where that is known. */
  knowTimes(times: readonly number[]): void {
    if (times.length <= (this.known?.length ?? 1)) return;
    this.known = times;
    this.measure();
  }

  toggle(): void {
    if (this.state.playing) this.pause();
    else this.play();
  }

  play(): void {
    if (this.state.frame >= this.times.length - 1) this.goTo(0);
    this.become({ playing: true });
    const tick = (): void => {
      const leader = this.leader();
      if (!leader || leader.ended) return this.pause();
      this.keepTogether(leader);
      this.place(frameAt(this.times, leader.currentTime));
      this.clockwork = requestAnimationFrame(tick);
    };
    for (const video of this.videos) if (video.currentTime < video.duration) void video.play().catch(() => this.pause());
    this.clockwork = requestAnimationFrame(tick);
  }

  pause(): void {
    cancelAnimationFrame(this.clockwork);
    const wasPlaying = this.state.playing;
    this.videos.forEach((video) => video.pause());
    if (!wasPlaying) return;
    this.become({ playing: false });
    this.goTo(this.leader()?.ended ? this.times.length - 1 : this.state.frame);
  }

  step(by: number): void {
    this.pause();
    this.goTo(this.state.frame + by);
  }

  /** Shows a frame of both, or the last one of a film that is shorter. */
  goTo(frame: number): void {
    const found = Math.min(Math.max(frame, 0), this.times.length - 1);
    this.place(found);
    for (const video of this.videos) {
      if (Number.isFinite(video.duration)) video.currentTime = Math.min(middleOf(this.times, found, video.duration), video.duration);
    }
  }

  private measure(): void {
    const length = this.leader()?.duration ?? 0;
    if (!Number.isFinite(length)) return;
    this.times = this.known ?? evenTimes(FRAMES_A_SECOND, length);
    this.goTo(frameAt(this.times, this.state.seconds));
  }

  private leader(): HTMLVideoElement | undefined {
    const length = (video: HTMLVideoElement): number => (Number.isFinite(video.duration) ? video.duration : 0);
    return this.videos.reduce<HTMLVideoElement | undefined>(
      (best, video) => (best && length(best) >= length(video) ? best : video),
      undefined,
    );
  }

  private keepTogether(leader: HTMLVideoElement): void {
    for (const video of this.videos) {
      const over = video.ended || leader.currentTime >= video.duration;
      if (video === leader || over || video.seeking) continue;
      if (Math.abs(video.currentTime - leader.currentTime) > APART) video.currentTime = leader.currentTime;
    }
  }

  private place(frame: number): void {
    const seconds = this.times[frame] ?? 0;
    if (frame !== this.state.frame || this.times.length !== this.state.frames) {
      this.become({ frame, frames: this.times.length, seconds });
    }
  }

  private become(changes: Partial<TogetherState>): void {
    this.state = { ...this.state, ...changes };
    this.watchers.forEach((watcher) => watcher());
  }
}
