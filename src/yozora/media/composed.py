"""Frames of a film that is too long for memory: those of its sources stay in their files until they are needed.

What was invented is held. Reads like an array of uint8 `[T, H, W, 3]`: its length, its shape, one frame, some, all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import DTypeLike, NDArray

from yozora.media.reading import Footage

Frames = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameRun:
    """`count` frames of a source, from its frame `first` on."""

    footage: Footage
    first: int
    count: int

    def __len__(self) -> int:
        return self.count

    def frames(self, start: int) -> Iterator[Frames]:
        """Frame by frame, from number `start` of the run on."""
        second = (self.first + start) / self.footage.fps
        return islice(self.footage.frames(second), self.count - start)


class Composed:
    """Runs of sources and arrays `[t, H, W, 3]` of one size, in turn. The files must be there when they are read."""

    dtype, ndim = np.dtype(np.uint8), 4

    def __init__(self, parts: Sequence[FrameRun | Frames], size: tuple[int, int]) -> None:
        """`size` is width and height in pixels."""
        self.parts = [part for part in parts if len(part)]
        self.shape = (sum(map(len, self.parts)), size[1], size[0], 3)

    @property
    def size(self) -> int:
        """How many values there are."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def nbytes(self) -> int:
        """How much memory all of them would take."""
        return self.size

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Frames]:
        return self.frames(0)

    def frames(self, start: int) -> Iterator[Frames]:
        """Uint8 `[H, W, 3]`, one at a time, from number `start` on."""
        for part in self.parts:
            if start < len(part):
                yield from part.frames(start) if isinstance(part, FrameRun) else part[start:]
            start = max(0, start - len(part))

    def __getitem__(self, key: int | slice) -> Frames:
        if isinstance(key, slice):
            first, stop, step = key.indices(len(self))
            if step < 1:
                raise IndexError("frames are read forwards: use a step of 1 or more")
            picked = list(islice(self.frames(first), 0, max(0, stop - first), step))
            return np.stack(picked) if picked else np.empty((0, *self.shape[1:]), np.uint8)
        if not -len(self) <= key < len(self):
            raise IndexError(f"frame {key} of {len(self)}")
        return next(self.frames(key % len(self)))

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[np.generic]:
        return self[:].astype(dtype or np.uint8, copy=False)
