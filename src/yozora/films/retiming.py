"""Frames by number and by moment: of a source, and of what a canvas decodes to, by flow where none is met.

Frames stream: what was shown is let go. Knows no pieces, no modes and no files.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, inf
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from yozora.core.timeline import Anchor

if TYPE_CHECKING:
    from yozora.media.flow import Ways

Frames = NDArray[np.uint8]  # [T, H, W, 3]
Picture = NDArray[np.uint8]  # [H, W, 3]
WHOLE = 1e-3  # frames: a moment that is closer to one of the model's frames is that frame
FORWARD = 10.0  # seconds: a source is read on to what is no further ahead, and else opened again


class FilmSource(Protocol):
    """A source at the film's size and rate."""

    def frames(self, start: float = 0.0) -> Iterator[Picture]:
        """Uint8 `[H, W, 3]` each, from second `start` on; from there again at every call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What the film is to be, in pixels and frames a second.

    `fit`: how the model's pictures come to that size. "stretch": all of a picture is all of the film's, as it must be
    where a source was shown to the model in the same way; "crop": nothing is stretched, and what juts out is cut off.
    """

    width: int
    height: int
    fps: float
    fit: Literal["stretch", "crop"] = "stretch"


class FrameReader:
    """A source's frames by number, the last one that was asked for held: what comes in order of time is read once."""

    def __init__(self, source: FilmSource, fps: float) -> None:
        self._source, self._fps = source, fps
        self._frames: Iterator[Picture] = iter(())
        self._held: Picture | None = None
        self._number = -1

    def at(self, number: int) -> Picture:
        """Frame `number`; past the end the last one that there is. Raises `ValueError` for a source without frames."""
        if self._held is None or not self._number <= number <= self._number + FORWARD * self._fps:
            self._frames, self._held = self._source.frames(number / self._fps), None
            self._number = number - 1
        while self._number < number:
            after = next(self._frames, None)
            if after is None:
                break
            self._number, self._held = self._number + 1, after
        if self._held is None:
            if number <= 0:
                raise ValueError("a source shows no frame")
            return self.at(number - 1)
        return self._held


class Made:
    """The frames of a canvas by number, read as far as they are asked for. What is forgotten is let go, but nothing
    from frame `needed` on.
    """

    def __init__(self, decoded: Iterator[Frames]) -> None:
        self.needed = inf
        self._decoded = decoded
        self._chunks: list[tuple[int, Frames]] = []  # with the number of its first frame
        self._seen, self._least = 0, 0
        self._ended = False

    def chunk(self, number: int) -> tuple[int, Frames]:
        """The piece that holds frame `number`, as it was decoded, and the number of its first frame; the last piece
        where there is no such frame any more. Raises `ValueError` where there is none at all.
        """
        while number >= self._seen and not self._ended:
            frames = next(self._decoded, None)
            if frames is None:
                self._ended = True
            elif len(frames):
                self._chunks = [held for held in self._chunks if held[0] + len(held[1]) > self._least]
                self._chunks.append((self._seen, frames))
                self._seen += len(frames)
        if not self._chunks:
            raise ValueError("a canvas decodes to no frame")
        return next((held for held in reversed(self._chunks) if held[0] <= number), self._chunks[0])

    def number(self, wanted: int) -> int:
        """The frame that is shown where frame `wanted` is asked for: it, or the nearest that there is."""
        first, frames = self.chunk(max(0, wanted))
        return min(max(first, wanted), first + len(frames) - 1)

    def at(self, number: int) -> Picture:
        """A frame that there is."""
        first, frames = self.chunk(number)
        picture: Picture = frames[number - first]
        return picture

    def forget(self, before: float) -> None:
        """Frames before that number are not asked for again."""
        before = min(before, self.needed)
        self._least = max(self._least, int(before) if 0 < before < inf else 0)


class Clock:
    """The model's frames at the film's: by a piece's anchors, and by flow where no frame is met."""

    def __init__(self, anchors: Sequence[Anchor], made: Made, rate: float, target: Format) -> None:
        (self._second, self._frame), (second, frame) = anchors[0], anchors[-1]
        self.slope = (frame - self._frame) / (second - self._second) if second != self._second else rate
        self._made, self._target = made, target
        self._ways: tuple[int, Ways] | None = None  # and the number of the frame that they lead from

    def moment(self, number: int) -> float:
        """Which of the model's frames, a real number, is shown at frame `number` of the shot, if there is such."""
        return self._frame + (number / self._target.fps - self._second) * self.slope

    def at(self, number: int) -> Picture:
        """What is shown there, in the model's size, cut to the film's aspect where it is to be."""
        moment = self.moment(number)
        near = round(moment) if abs(moment - round(moment)) <= WHOLE else None
        first = self._made.number(floor(moment) if near is None else near)
        second = first if near is not None else self._made.number(floor(moment) + 1)
        if first == second:
            return _crop_to_aspect(self._made.at(first), self._target)
        from yozora.media import flow

        before, after = self._made.at(first), self._made.at(second)
        if self._ways is None or self._ways[0] != first:
            self._ways = first, flow.ways(before, after)
        return _crop_to_aspect(flow.between(before, after, moment - first, self._ways[1]), self._target)


def _crop_to_aspect(picture_HWC: Picture, target: Format) -> Picture:
    """The middle of a picture that has the film's aspect, to a pixel, where it is to be cropped."""
    if target.fit == "stretch":
        return picture_HWC
    rows, columns = picture_HWC.shape[:2]
    width = min(columns, max(1, round(rows * target.width / target.height)))
    height = min(rows, max(1, round(columns * target.height / target.width)))
    left, top = (columns - width) // 2, (rows - height) // 2
    return picture_HWC[top : top + height, left : left + width]
