"""A finished film: frames, sound, and how they came to be. Knows nothing of models, and of codecs only whom to call."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from yozora.provenance.origin import Origin

MAX_RATE = 48_000  # Hz; a timeline is mixed at no more
FADE = 0.005  # seconds in which a piece comes and goes, so that its ends do not click


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sound:
    """`samples` is float32 `[n, channels]` in -1..1, of one channel or two (left, right), at `rate` Hz."""

    samples: NDArray[np.float32]
    rate: int

    def __post_init__(self) -> None:
        shape, dtype = self.samples.shape, self.samples.dtype
        if dtype != np.float32 or len(shape) != 2 or shape[1] not in (1, 2):
            raise ValueError(f"samples are float32 [n, 1 or 2], not {dtype} {list(shape)}")
        if self.samples.size and not (self.samples.min() >= -1 and self.samples.max() <= 1):  # NaN is neither
            raise ValueError("samples lie between -1 and 1")
        if not self.rate > 0:
            raise ValueError(f"rate is above 0, not {self.rate}")

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return len(self.samples) / self.rate

    def cut(self, start: float, stop: float) -> "Sound":
        """What is heard from `start` to `stop`, in seconds; less, or nothing, where there is no more."""
        first, last = (round(max(0.0, at) * self.rate) for at in (start, stop))
        return Sound(samples=self.samples[first : max(first, last)], rate=self.rate)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Film:
    """`frames` is uint8 `[T, H, W, 3]` in sRGB, shown at `fps` frames a second; the rest says what made them."""

    frames: NDArray[np.uint8]
    fps: float
    prompt: str
    seed: int
    model: str
    sound: Sound | None = None
    origin: "Origin | None" = None  # what its file says of it; None for frames that were not made here
    notes: tuple[str, ...] = ()  # a line on each thing in the prompt that the model did not understand

    def __post_init__(self) -> None:
        if self.frames.dtype != np.uint8 or self.frames.ndim != 4 or self.frames.shape[-1] != 3 or not self.frames.size:
            raise ValueError(f"frames are uint8 [T, H, W, 3], not {self.frames.dtype} {list(self.frames.shape)}")
        if not self.fps > 0:
            raise ValueError(f"fps is above 0, not {self.fps}")

    @property
    def seconds(self) -> float:
        """How long the film runs."""
        return len(self.frames) / self.fps

    @property
    def facts(self) -> dict[str, str | int]:
        """What travels in the file's metadata."""
        return {"prompt": self.prompt, "seed": self.seed, "model": self.model}

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the film and return its path, marked and signed where it has an origin.

        The name says what is written: .mp4, .mov, .webm, .gif, .webp, .png (a still of the first frame), or frames as
        PNGs for a folder (which exists, or ends in /) or a pattern such as frames/%04d.png. What was there is replaced
        when all is written, but never what the film is made of. A warning says what such a file cannot hold. Raises
        `UserError` where that is impossible; leaves no partial file.
        """
        from yozora import media
        from yozora.provenance.stamp import stamp_of

        height, width = self.frames.shape[1:3]
        parents = () if self.origin is None else self.origin.parents
        sources = [parent.source for parent in parents if isinstance(parent.source, Path)]
        media.check_apart(media.check_target(path), sources)
        seal = None if self.origin is None else stamp_of(self.origin, (width, height), self.fps)
        written = media.written(path, self, seal)
        for note in written.notes:
            warnings.warn(note, stacklevel=2)
        return written.path


def mixed(parts: Sequence[tuple[float, Sound]], seconds: float) -> Sound | None:
    """Pieces laid on a timeline of `seconds`, each from its own start on; the rest is silent, and none is None.

    Pieces that overlap add up. Each fades in and out within 5 ms, also where the timeline cuts it. The rate is the
    highest among them, 48 kHz at most; it is stereo where one of them is.
    """
    parts = [(start, sound) for start, sound in parts if len(sound.samples)]
    if not parts:
        return None
    rate = min(MAX_RATE, max(sound.rate for _, sound in parts))
    channels = max(sound.samples.shape[1] for _, sound in parts)
    timeline = np.zeros((round(seconds * rate), channels), np.float32)
    for start, sound in parts:
        inside = sound.cut(-start, seconds - start)
        if not len(inside.samples):
            continue
        first = round(max(0.0, start) * rate)
        room = timeline[first:]
        piece = _at_rate(inside, rate)[: len(room)]
        room[: len(piece)] += piece * _fades(len(piece), rate)[:, None]
    return Sound(samples=timeline.clip(-1, 1), rate=rate)


def _at_rate(sound: Sound, rate: int) -> NDArray[np.float32]:
    if sound.rate == rate:
        return sound.samples
    from yozora import media

    return media.resampled(sound, rate).samples


def _fades(count: int, rate: int) -> NDArray[np.float32]:
    """How loud each of a piece's samples is, 0 to 1."""
    length = max(1, round(FADE * rate))
    steps = np.arange(count)
    edge = np.minimum(steps, steps[::-1]) / length
    return edge.clip(0, 1).astype(np.float32)
