"""Where on its grid a picture is that was cropped and stretched: found by a pattern that is known to be in it.

Works on small float pictures `[rows, columns]`. Knows no keys.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Spectrum = NDArray[np.complexfloating]

SCALES = tuple(round(0.88 + 0.01 * step, 3) for step in range(18))  # of the whole that is still seen
SKEWED = 0.045  # the two scales differ by less
CLEAR = 8.0  # deviations from which on equal scales need no further search
FINER = (0.02, 0.01, 0.005, 0.0025)  # steps of the scales on the way to the peak
REACH = (24, 14)  # cells, to the right and down
ROOM = 64, 36  # cells of margin, at least twice the reach, so that nothing wraps round


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The picture is `across` and `down` as large as the grid, and its centre is `right`, `below` of the grid's."""

    across: float = 1.0
    down: float = 1.0
    right: float = 0.0
    below: float = 0.0

    def moved(self, right: float, below: float) -> "Placement":
        """The place so many cells further."""
        return replace(self, right=self.right + right, below=self.below + below)


def resampled(picture: Floats, place: Placement) -> Floats:
    """The picture as it is on the grid, with nothing around it."""
    rows, columns = picture.shape
    return np.asarray(
        _cubic(rows, place.down, place.below) @ picture @ _cubic(columns, place.across, place.right).T, np.float32
    )


def search(picture: Floats, pattern: Floats) -> Placement:
    """The place at which the pattern stands out most; some 200 scales by 1,421 shifts are tried, in about a second."""
    size = tuple(length + room for length, room in zip(pattern.shape, reversed(ROOM), strict=True))
    wanted = np.conj(np.fft.rfft2(pattern, s=size))

    def tried(scales: list[tuple[float, float]]) -> tuple[float, Placement]:
        places = (Placement(across=across, down=down) for across, down in scales)
        return max((_peak(picture, wanted, size, place) for place in places), key=lambda peak: peak[0])

    best = tried([(scale, scale) for scale in SCALES])
    if best[0] < CLEAR:
        skewed = tried([(across, down) for across in SCALES for down in SCALES if 0 < abs(across - down) < SKEWED])
        best = max(best, skewed, key=lambda peak: peak[0])
    for step in FINER:
        better = best
        while better is best or better[0] > best[0]:
            best = better
            beside = [(i * step, j * step) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
            better = tried([(best[1].across + i, best[1].down + j) for i, j in beside])
    return best[1]


def _peak(picture: Floats, wanted: Spectrum, size: tuple[int, ...], place: Placement) -> tuple[float, Placement]:
    """By how many deviations the pattern stands out at its best shift, and that place."""
    right, below = REACH
    seen = np.fft.rfft2(resampled(picture, place), s=size)
    match = np.fft.irfft2(seen * wanted, s=size)
    near = np.roll(match, (below, right), (0, 1))[: 2 * below + 1, : 2 * right + 1]
    row, column = np.unravel_index(near.argmax(), near.shape)
    shifted = replace(place, right=float(right - column), below=float(below - row))
    return float(near[row, column] / (match.std() + 1e-9)), shifted


@lru_cache(maxsize=512)
def _cubic(size: int, scale: float, shift: float) -> Floats:
    """The matrix that draws `size` values shrunk about their middle, by Catmull-Rom splines."""
    middle = size / 2
    wanted = (np.arange(size) + 0.5 - middle - shift) / scale + middle - 0.5
    apart = np.abs(wanted[:, None] - np.arange(size)[None]) * min(scale, 1.0)
    near = 1.5 * apart**3 - 2.5 * apart**2 + 1
    far = -0.5 * apart**3 + 2.5 * apart**2 - 4 * apart + 2
    weights = np.where(apart < 1, near, np.where(apart < 2, far, 0))
    total = weights.sum(1, keepdims=True)
    inside = ((wanted >= -0.5) & (wanted <= size - 0.5))[:, None]
    return np.asarray(np.where(inside, weights / np.where(np.abs(total) < 1e-3, 1, total), 0), np.float32)
