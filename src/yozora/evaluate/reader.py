"""What the evaluation asks of a parser, and what its detections say of a whole film. Knows no network."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from yozora.evaluate import parser
from yozora.evaluate.detection import Detection

Frames = NDArray[np.uint8]
Floats = NDArray[np.float64]
Among = Mapping[str, Sequence[str]]

SURE = 0.35
"""Detections with a lower score do not count."""
MELTED = 0.5
"""From here on a shape has dissolved."""


class Slots(Protocol):
    """The configuration of a reader: the values of each slot."""

    @property
    def slots(self) -> dict[str, tuple[str, ...]]: ...


class Reader(Protocol):
    """What a parser must be able to do; `among` narrows slots to the values that may be answered."""

    @property
    def config(self) -> Slots: ...

    def read(self, films: Sequence[Frames], among: Among | None = None) -> list[dict[str, str]]:
        """Slot by slot, what each film (uint8 `[T, H, W, 3]`) shows."""

    def detections(self, frames_THWC: Frames, among: Among | None = None) -> list[list[Detection]]:
        """What is seen in each frame, most certain first."""


def shipped() -> Reader:
    """The parser that comes with the package."""
    return cast(Reader, parser.load())


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmObservations:
    """What is certainly seen in each frame of a film, most certain first."""

    frames: tuple[tuple[Detection, ...], ...]

    def __getitem__(self, span: slice) -> "FilmObservations":
        return FilmObservations(frames=self.frames[span])

    def share(self, holds: Callable[[Sequence[Detection]], bool]) -> float:
        """In what share of the frames something holds; 0 of no frames."""
        return sum(map(holds, self.frames)) / max(1, len(self.frames))

    def first(self, slot: str) -> list[str]:
        """The noun or the colour of the most certain thing of each frame; "none" where nothing is seen."""
        return [str(getattr(seen[0], slot)) if seen else "none" for seen in self.frames]

    def track_T2(self, noun: str) -> Floats:
        """Where the noun is, `[T, 2]` in widths and heights of the picture: its most certain detection, or that of
        anything where it is not seen; NaN where nothing is."""
        track_T2 = np.full((len(self.frames), 2), np.nan)
        for row, seen in zip(track_T2, self.frames, strict=True):
            found = named(seen, noun) or seen
            if found:
                row[:] = found[0].x, found[0].y
        return track_T2


def named(seen: Sequence[Detection], noun: str) -> list[Detection]:
    """The detections of a noun."""
    return [one for one in seen if one.noun == noun]


def is_whole(seen: Sequence[Detection]) -> bool:
    """Whether something is seen, and the most certain of it has kept its shape."""
    return bool(seen) and seen[0].melted < MELTED


def watch(reader: Reader, film_THWC: Frames, among: Among | None = None) -> FilmObservations:
    """What is seen with certainty in each frame."""
    seen = reader.detections(film_THWC, among)
    return FilmObservations(frames=tuple(tuple(one for one in frame if one.score >= SURE) for frame in seen))
