"""A finished film: frames, sound, and how they came to be. Data only: knows no model, no codec and no signature."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Relation = Literal["parentOf", "componentOf", "inputTo"]

Box = tuple[float, float, float, float]
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
"""x, y, width and height of a region, in fractions of the picture: here, all of it."""

MAX_RATE = 48_000  # Hz; no sound is kept at more
IDENTIFIER_BITS = 48
UNSAVED = "a film that was not saved"  # the title of a film that has no file
SAVING = "yozora.films.saving"  # what writes films: above this module, so it is asked for by name when a film is saved


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
            raise ValueError("samples are between -1 and 1")
        if not self.rate > 0:
            raise ValueError(f"rate is above 0, not {self.rate}")

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return len(self.samples) / self.rate

    def cut(self, start: float, stop: float) -> "Sound":
        """The sound from `start` to `stop`, in seconds; less, or nothing, where there is no more."""
        first, last = (round(max(0.0, at) * self.rate) for at in (start, stop))
        return Sound(samples=self.samples[first : max(first, last)], rate=self.rate)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unsaved:
    """A film that is in memory only: its first picture, uint8 `[H, W, 3]`, stands for it, signed as the film would be.

    `origin` is None for frames that Yozora did not make.
    """

    still: NDArray[np.uint8]
    origin: "Origin | None"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parent:
    """What a film was made from. A file that is gone when the film is signed is named, without its own credentials."""

    source: Path | Unsaved
    title: str
    relation: Relation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Origin:
    """One film's facts. `preset` is the `fingerprint` of the weights and their settings, `made` is in UTC,
    `identifier` is what the watermark says.
    """

    mode: str
    model: str
    preset: str
    seed: int
    prompt: str
    identifier: int
    made: datetime
    parents: tuple[Parent, ...] = ()
    quality: str = "exact"  # how many of the sampler's steps were computed: `yozora.core.quality`

    def __post_init__(self) -> None:
        if not 0 <= self.identifier < 1 << IDENTIFIER_BITS:
            raise ValueError(f"an identifier has {IDENTIFIER_BITS} bits, not {self.identifier:#x}")
        if self.made.tzinfo is None:
            raise ValueError("a film's time is in UTC")


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """`frames` is uint8 `[T, H, W, 3]` in sRGB, shown at `fps` frames a second; the rest says what made them.

    Of films that are too long for memory `frames` reads like an array and is no array: `numpy.asarray` makes one of it,
    or of a slice. `kept` are spans [first, stop) of frames that are a source's own: they bear no mark of this film.
    `regions` are spans of frames that are a source's own but for a region.
    """

    frames: NDArray[np.uint8]
    fps: float
    prompt: str = ""
    seed: int = 0
    model: str = ""
    sound: Sound | None = None
    origin: Origin | None = None  # what its file says of it; None for frames that were not made here
    notes: tuple[str, ...] = ()  # a line on each thing in the prompt that the model did not understand
    kept: tuple[tuple[int, int], ...] = ()
    regions: tuple[tuple[int, int, Box], ...] = ()
    order: Mapping[str, object] | None = None  # as JSON: how it is made again

    def __post_init__(self) -> None:
        dtype = getattr(self.frames, "dtype", type(self.frames))
        shape: tuple[int, ...] = getattr(self.frames, "shape", ())
        if dtype != np.uint8 or len(shape) != 4 or shape[-1] != 3 or 0 in shape:
            raise ValueError(f"frames are uint8 [T, H, W, 3], not {dtype} {list(shape)}")
        if isinstance(self.fps, bool) or not isinstance(self.fps, int | float) or not 0 < self.fps < float("inf"):
            raise ValueError(f"fps is above 0, not {self.fps}")

    @property
    def seconds(self) -> float:
        """How long the film runs."""
        return len(self.frames) / self.fps

    def is_kept(self, index: int) -> bool:
        """Whether a frame is a source's own."""
        return any(first <= index < stop for first, stop in self.kept)

    def ours(self, index: int) -> Box | None:
        """The part of a frame that is not a source's own; None where nothing of it is ours."""
        if self.is_kept(index):
            return None
        return next((region for first, stop, region in self.regions if first <= index < stop), WHOLE)

    @property
    def facts(self) -> dict[str, object]:
        """What travels in the file's metadata."""
        order = {} if self.order is None else {"order": self.order}
        return {"prompt": self.prompt, "seed": self.seed, "model": self.model, **order}

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the film and return its path, marked and signed where it has an origin.

        The name says what is written: .mp4, .mov, .webm, .gif, .webp, .png (a still of the first frame), or frames as
        PNGs for a folder (which exists, or ends in /) or a pattern such as frames/%04d.png. What was there is replaced
        when all is written, but never what the film is made of. A warning says what such a file cannot hold. Raises
        `UserError` where that is impossible; leaves no partial file.
        """
        saved: Path = import_module(SAVING).save(self, path)
        return saved
