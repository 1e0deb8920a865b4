"""What a file or a film in memory shows, and its sound, in the size and at the frame rate that are wanted.

Pictures stream: however long a source is, a few of them are held at a time.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import count, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yozora.films.film import Film, Sound
from yozora.media.memo import remembered
from yozora.media.opening import frames_of
from yozora.media.pictures import Colors, Orientation, check_fit, fitted
from yozora.media.sound import read_sound
from yozora.media.sources import TimedFrame, read_info

GLANCE = (64, 64)  # pixels that are enough to see that a large photo can be decoded
SAME = 1e-6  # seconds: times that are closer are one
ROUNDED = 0.1  # frames: some containers round times to milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a file holds, upright and in square pixels. For a still, `fps` and `seconds` are 0 and `frames` is 1."""

    width: int
    height: int
    fps: float
    seconds: float
    frames: int | None
    still: bool
    has_sound: bool
    facts: dict[str, object]  # what the metadata of a film made here say: prompt, seed, model
    clear: bool = False  # white shows through the first picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What a video file holds: uint8 `[T, H, W, 3]` frames in sRGB, frames a second, and the facts in its metadata."""

    frames: NDArray[np.uint8]
    fps: float
    facts: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Footage:
    """A source, fitted: `frames()` are `width` x `height`, `fps` a second, and run for `seconds`.

    `last` is the second at which the source's last picture starts. `native_size` is the source's own width and height,
    upright and in square pixels. A still is one frame long. The iterators start again at every call.

    `finds`: frames that are late are found without decoding all before.
    A file of constant rate, in its own size and at its own rate, gives its pictures exactly as `read` does.
    """

    source: Path | Film
    width: int
    height: int
    fps: float
    seconds: float
    last: float
    native_size: tuple[int, int]
    shots: Callable[[float], Iterator[TimedFrame]]
    fit: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
    load_sound: Callable[[], Sound | None]
    finds: bool = True

    @property
    def aspect(self) -> float:
        """The source's own width over its height, as it is seen."""
        return self.native_size[0] / self.native_size[1]

    @property
    def count(self) -> int:
        """How many frames there are; where a file is damaged inside, `frames` may give fewer."""
        return max(1, int(self.seconds * self.fps + 0.5))

    def frames(self, start: float = 0.0) -> Iterator[NDArray[np.uint8]]:
        """Uint8 `[H, W, 3]` in sRGB, one at a time, from the frame at second `start` on; each array is the caller's
        own. What is before it is not made into pictures, and not decoded where the file tells where to begin.
        """
        first = int(max(0.0, start) * self.fps + 0.5)
        return islice(paced(self.shots(first / self.fps), self.fps, self.fit, first), max(0, self.count - first))

    @property
    def most(self) -> int:
        """How many frames `closing` can give."""
        return int(self.last * self.fps + ROUNDED) + 1

    def closing(self, count: int | None = None) -> Iterator[NDArray[np.uint8]]:
        """The last `count` frames, or as many as there are, counted back from the end, as `frames` gives them: what
        they show is `1 / fps` apart, and the last one is the very last picture of the source.
        """
        count = self.most if count is None else min(count, self.most)
        times = [self.last - back / self.fps for back in reversed(range(count))]
        return timed(self.shots(times[0]) if times else iter(()), times, 0.5 / self.fps, self.fit)

    def first(self) -> "Footage":
        """Its first frame alone, as a still."""
        return replace(self, seconds=1 / self.fps, last=0.0, load_sound=silent)

    def sound(self) -> Sound | None:
        """The sound while the pictures run, mono or stereo, at most 48 kHz; None where there is nothing."""
        return self.load_sound()


def open(path: Path, *, width: int, height: int, fps: float, fit: str = "crop") -> Footage:  # noqa: A001
    """What a video or a picture shows, in a size (pixels) and at a frame rate.

    `fit` is "crop" (fill the frame and cut off what juts out, evenly), "pad" (show all between black bars) or
    "stretch". At each moment the frame that is nearest in time is shown, and none more than half a frame early; a
    transparent place is white. Reads the file's packets once. Raises `UserError` for what cannot be used.
    """
    check_fit(fit)
    source = read_info(path, (2 * width, 2 * height))
    return Footage(
        source=path,
        width=width,
        height=height,
        fps=fps,
        seconds=source.seconds or 1 / fps,
        last=source.last,
        native_size=source.native_size,
        shots=source.shots,
        fit=partial(fitted, size=(width, height), fit=fit, turn=source.turn, pixel=float(source.pixel)),
        load_sound=partial(read_sound, path, source.origin, source.seconds) if source.has_sound else silent,
        finds=source.finds,
    )


def shown(film: Film, *, width: int, height: int, fps: float, fit: str = "crop") -> Footage:
    """What a film in memory shows, as `open` does for a file."""
    check_fit(fit)
    rows, columns = film.frames.shape[1:3]
    return Footage(
        source=film,
        width=width,
        height=height,
        fps=fps,
        seconds=film.seconds,
        last=(len(film.frames) - 1) / film.fps,
        native_size=(columns, rows),
        shots=partial(_shots, film),
        fit=partial(fitted, size=(width, height), fit=fit, turn=Orientation()),
        load_sound=lambda: film.sound.cut(0, film.seconds) if film.sound else None,
    )


def footage(source: Path | Film, *, width: int, height: int, fps: float, fit: str = "crop") -> Footage:
    """What a file or a film in memory shows: `open` or `shown`."""
    if isinstance(source, Film):
        return shown(source, width=width, height=height, fps=fps, fit=fit)
    return open(source, width=width, height=height, fps=fps, fit=fit)


@remembered
def probe(path: Path) -> Probe:
    """What a video or a picture is; decodes one picture, once for each content of a file.

    Raises `UserError` for what cannot be used.
    """
    source = read_info(path, GLANCE)
    width, height = source.native_size
    return Probe(
        width=width,
        height=height,
        fps=source.fps,
        seconds=source.seconds,
        frames=source.frames,
        still=source.still,
        has_sound=source.has_sound,
        facts=source.facts,
        clear=source.clear,
    )


def read(path: Path) -> Clip:
    """All frames of a video file as they are stored. Raises `UserError` for what is not a video."""
    source = read_info(path)
    if source.still:
        shots = source.shots(0.0)
        frames = np.stack([shot.picture().transpose(1, 2, 0) for shot in shots])
        return Clip(frames=frames, fps=source.fps, facts=source.facts)
    colors = Colors()
    frames = np.stack([colors(frame).transpose(1, 2, 0) for frame in frames_of(path)])
    return Clip(frames=frames, fps=source.fps, facts=source.facts)


def paced(
    shots: Iterator[TimedFrame], fps: float, fit: Callable[[NDArray[np.uint8]], NDArray[np.uint8]], first: int = 0
) -> Iterator[NDArray[np.uint8]]:
    """Shots at a constant frame rate, from frame number `first` on; only those that are shown are converted."""
    return timed(shots, (index / fps for index in count(first)), 0.5 / fps, fit, fps)


def timed(
    shots: Iterator[TimedFrame],
    times: Iterable[float],
    early: float,
    fit: Callable[[NDArray[np.uint8]], NDArray[np.uint8]],
    fps: float | None = None,
) -> Iterator[NDArray[np.uint8]]:
    """What shots show at certain seconds, in order, none of them more than `early` before its own time. With a rate it
    ends when the last shot does, to half a frame; else the last shot stands.
    """
    now, later = next(shots, None), next(shots, None)
    picture = None
    for time in times:
        if now is None:
            return
        while later is not None and _is_nearer(later, now, time, early):
            now, later, picture = later, next(shots, None), None
        over = int((now.start + now.length) * fps + 0.5) if fps else 0
        if later is None and fps and round(time * fps) >= max(1, over):
            return
        picture = fit(now.picture()) if picture is None else picture
        yield picture.copy()


def silent() -> None:
    """The sound of a source without sound."""


def _is_nearer(later: TimedFrame, now: TimedFrame, time: float, early: float) -> bool:
    """Whether the later shot is the one to show at `time`: a shot that stands long is not cut short for the next."""
    ahead = later.start - time
    return ahead <= SAME or (ahead <= early + SAME and ahead < time - now.start - SAME)


def _shots(film: Film, since: float) -> Iterator[TimedFrame]:
    for index in range(max(0, int(since * film.fps) - 1), len(film.frames)):
        picture = film.frames[index]
        yield TimedFrame(
            start=index / film.fps, length=1 / film.fps, picture=partial(np.asarray, picture.transpose(2, 0, 1))
        )
