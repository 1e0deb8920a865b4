"""An invisible mark in the brightness of frames: keyed signs on DCT coefficients, which carry a 48-bit number.

Spread spectrum (Cox, Kilian, Leighton and Shamoon, 1997) on a small grid that is stretched over the picture, so that
size does not matter: each coefficient of a middle band has a sign by the key and belongs, by the key, to one of 368
groups. 112 groups are known and say whether and where a mark is; 256 carry the number (`code`). Each group is
strengthened where the picture works against it and weakened where it helps ("improved spread spectrum", Malvar and
Florencio, 2003), and a mask puts the mark where there is texture. The detector needs the key, and never the picture
without the mark.

False alarms: the sum over the known groups, divided by its root of squares, is for a random key sub-Gaussian whatever
the picture shows (Hoeffding), so it exceeds t by chance at most exp(-t**2 / 2) of the time: 2.7e-7 for `STRAIGHT`. A
search looks at some three million places that differ, and for ten million independent ones the bound for `SEARCHED` is
6e-6. Frames that a film kept of its sources bear no mark, so its parts are looked at as well: all of up to 55 spans in
place, and three after a search, for which the limits are higher so that chance stays as small. A number is told only if
its CRC-16 holds too: less than 1e-10 of all films without a mark. Of the marks that are there but too damaged, one in
65,536 gives a wrong number, which points to nothing: numbers are drawn from 2.8e14.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, combinations, islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from yozora.films.film import Box
from yozora.media.luma import Floats, Luma
from yozora.media.pictures import Picture
from yozora.provenance import code
from yozora.provenance.alignment import Placement, resampled, search

GRIDS = ((256, 144), (192, 192), (144, 256))  # columns, rows; of wide, square and tall pictures
WIDE = 1.2  # from this aspect on, and tall below its inverse
TRIMMED = 0.88  # of an aspect: what a crop may have made of it
BAND = (0.08, 0.42)  # of the grid's own limit, two cells a wave: 24 to 125 pixels a wave in a 720p picture
KNOWN = 112  # groups
GROUPS = KNOWN + code.LENGTH
COARSE, NEAR, AROUND, FINE = 4.0, 6.0, 3.0, 1.5  # cells: widths of the blurs
EVEN = 0.5  # levels: a deviation that counts as none
STEADY = 8  # frames in which the picture's own part of a group is followed
CLEAN, QUIET = 0.45, 0.8  # levels in flat places, of a picture that is flat all over and of one that is not
BUSY, MOST = 0.4, 3.0  # more for each level of texture, and the most anywhere
CROWDED = 1.5  # levels of texture, on average, from which on a picture is not flat all over
LOUD = 2.1  # levels, root mean square: 41.7 dB
DARK = 80.0  # luma below which the mark grows weaker
SPARED = 0.6  # levels, at most, where a frame is a source's own: flat places tell most of the mark for the least error
HELD = 0.8  # of the picture's own part that is worked against
SHARE = (0.4, 2.2)  # of its usual strength that a group may get
STRAIGHT, SEARCHED = 5.5, 7.5  # deviations from which on a mark is there: in place, and after a search
RUN = 24  # frames that are averaged before parts of a film are compared
PART_STRAIGHT, PART_SEARCHED = 6.2, 7.7  # deviations for parts of a film, of which many are looked at
PARTS = 3  # of a film that was cropped or stretched


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Whether a mark is there: from a score of 1 on. `identifier` is its number, where that can be read for sure."""

    score: float
    present: bool
    identifier: int | None


class Embed(Protocol):
    """Marks the next frames of one film, uint8 `[T, H, W, 3]`, in pieces of any length; always the same way. Outside of
    a `region` frames stay what they were, but for what is needed to find the mark again: 51 dB and more.
    """

    def __call__(self, frames_THWC: NDArray[np.uint8], region: Box | None = None) -> NDArray[np.uint8]: ...


class WatermarkMethod(Protocol):
    """A way to mark films: see `yozora.provenance.marks`."""

    def embedder(self, width: int, height: int, identifier: int, key: bytes) -> Embed:
        """What marks one film with a number below 2**48."""
        ...

    def detect(self, frames: Iterable[Picture], key: bytes) -> Found:
        """Whether frames, uint8 `[H, W, 3]` each, bear a mark of this key, and its number."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WatermarkGrid:
    """What a key says of a grid: the coefficients of each group, `[GROUPS, n]`, and the sign of each."""

    columns: int
    rows: int
    places_Gn: NDArray[np.int64]
    signs_Gn: Floats

    def drawn(self, shares_G: Floats) -> Floats:
        """The pattern of groups with these shares, of root mean square 1: `[rows, columns]`."""
        coefficients = np.zeros(self.rows * self.columns, np.float32)
        coefficients[self.places_Gn] = self.signs_Gn * shares_G[:, None]
        pattern = inverse(coefficients.reshape(self.rows, self.columns))
        return np.asarray(pattern / np.sqrt(np.square(pattern).mean()), np.float32)


class Embedder:
    """Marks the frames of one film with a number below 2**48. Follows the film: frames are to come in order."""

    def __init__(self, width: int, height: int, identifier: int, key: bytes) -> None:
        self._layout = layout(key, grid_of(width / height))
        self._luma = Luma(self._layout.columns, self._layout.rows)
        self._wanted_G = np.concatenate([np.ones(KNOWN, np.float32), code.encode(identifier)])
        self._own_G: Floats | None = None

    def __call__(self, frames_THWC: NDArray[np.uint8], region: Box | None = None) -> NDArray[np.uint8]:
        """The next frames, uint8 `[T, H, W, 3]` in sRGB, marked: new ones."""
        marked = np.empty_like(frames_THWC)
        for frame, out in zip(frames_THWC, marked, strict=True):
            self._luma.add(frame, self.change(self._luma.of(frame), region), out)
        return marked

    def change(self, luma: Floats, region: Box | None = None) -> Floats:
        """What the next frame's brightness is changed by, in levels on the grid."""
        detail, deviation = texture(luma)
        mask = strength(luma, detail)
        if region is not None:
            mask = np.minimum(mask, SPARED) + covered(region, luma.shape) * np.maximum(mask - SPARED, 0)
        weighed = np.clip(detail / (deviation + EVEN), -3, 3)
        gain = float((mask / (deviation + EVEN)).mean())
        own_G = (transform(weighed).ravel()[self._layout.places_Gn] * self._layout.signs_Gn).mean(1) / gain
        own_G *= np.sqrt(self._layout.places_Gn.size / luma.size)  # the pattern has root mean square 1
        self._own_G = own_G if self._own_G is None else self._own_G + (own_G - self._own_G) / STEADY
        shares_G = np.clip(1 - HELD * self._own_G * self._wanted_G, *SHARE) * self._wanted_G
        return np.asarray(mask * self._layout.drawn(shares_G), np.float32)


def detect(frames: Iterable[Picture], key: bytes) -> Found:
    """Whether frames, uint8 `[H, W, 3]` each and all of one size, bear a mark of this key, and its number.

    Looks in place first, then for a picture that was cropped or stretched by up to a tenth. A mark that only a part of
    the frames has is found in that part, from `RUN` frames in turn on. Holds one frame at a time.
    """
    found = [_detect_mark(means, layout(key, grid)) for grid, means in _means(frames).items()]
    return max(found, key=lambda each: (each.identifier is not None, each.score), default=NOTHING)


NOTHING = Found(score=0.0, present=False, identifier=None)


def key_of(secret: bytes) -> bytes:
    """A key for marks out of any secret, so that the secret itself need not be handed around."""
    return hashlib.sha256(b"yozora watermark\0" + secret).digest()


def grid_of(aspect: float) -> tuple[int, int]:
    """The grid for a picture's width over its height."""
    return GRIDS[0] if aspect > WIDE else GRIDS[2] if aspect < 1 / WIDE else GRIDS[1]


@lru_cache(maxsize=8)
def layout(key: bytes, grid: tuple[int, int]) -> WatermarkGrid:
    """Where and with what signs a key puts its groups on a grid."""
    columns, rows = grid
    pitch = np.hypot(np.arange(rows)[:, None] / rows, np.arange(columns)[None] / columns)
    places = np.flatnonzero((pitch >= BAND[0]) & (pitch < BAND[1]))
    seed = hashlib.sha256(key_of(key) + bytes(f"{columns}x{rows}", "ascii")).digest()
    bits = np.frombuffer(hashlib.shake_256(seed).digest(12 * len(places)), np.uint8).reshape(-1, 12)
    order = np.argsort(np.ascontiguousarray(bits[:, :8]).view(">u8").ravel(), kind="stable")
    each = len(places) // GROUPS
    chosen = order[: each * GROUPS]
    signs = np.where(bits[chosen, 8] & 1, 1, -1).astype(np.float32)
    return WatermarkGrid(
        columns=columns,
        rows=rows,
        places_Gn=places[chosen].reshape(GROUPS, each),
        signs_Gn=signs.reshape(GROUPS, each),
    )


def texture(luma: Floats) -> tuple[Floats, Floats]:
    """What is finer than the band, and its deviation around each cell, both in levels."""
    detail = luma - blurred(luma, COARSE)
    return detail, np.asarray(np.sqrt(blurred(np.square(detail), NEAR)), np.float32)


def strength(luma: Floats, detail: Floats) -> Floats:
    """How strong the mark may be at each cell, in levels: strong in texture, weak in flat and in dark places.

    A root is averaged, so that one edge, beside which flat places are, counts less than texture all over; and
    a picture that is flat all over, a clear sky, needs a weaker mark.
    """
    activity = np.square(blurred(np.sqrt(np.abs(luma - blurred(luma, FINE))), AROUND))
    least = CLEAN + (QUIET - CLEAN) * min(1.0, float(activity.mean()) / CROWDED)
    mask = np.minimum(least + BUSY * activity, MOST) * (0.7 + 0.3 * np.minimum((luma - detail) / DARK, 1))
    return np.asarray(mask * min(1.0, LOUD / float(np.sqrt(np.square(mask).mean()))), np.float32)


def covered(region: Box, shape: tuple[int, ...]) -> Floats:
    """How much of each cell of a grid of `shape` (rows, columns) is in a region."""
    (rows, columns), (x, y, wide, high) = shape, region

    def along(start: float, stop: float, count: int) -> Floats:
        cells = np.arange(count, dtype=np.float32)
        share = np.minimum(cells + 1, stop * count) - np.maximum(cells, start * count)
        return np.asarray(np.clip(share, 0, 1), np.float32)

    return np.asarray(along(y, y + high, rows)[:, None] * along(x, x + wide, columns)[None], np.float32)


def whitened(picture: Floats) -> Floats:
    """The coefficients of a picture, each divided by the usual size of its pitch, none above three times that."""
    coefficients, ring = transform(picture), _rings(*picture.shape)
    power = np.bincount(ring.ravel(), np.square(coefficients).ravel()) / np.maximum(np.bincount(ring.ravel()), 1)
    return np.asarray(np.clip(coefficients / np.sqrt(power + 1e-9)[ring], -3, 3), np.float32)


def transform(picture: Floats) -> Floats:
    """The orthonormal DCT-II of rows and columns."""
    rows, columns = picture.shape
    return np.asarray(_cosines(rows) @ picture @ _cosines(columns).T, np.float32)


def inverse(coefficients: Floats) -> Floats:
    """The picture of which these are the coefficients."""
    rows, columns = coefficients.shape
    return np.asarray(_cosines(rows).T @ coefficients @ _cosines(columns), np.float32)


def blurred(picture: Floats, width: float) -> Floats:
    """A Gaussian blur of that width in cells."""
    rows, columns = picture.shape
    return np.asarray(_gaussian(rows, width) @ picture @ _gaussian(columns, width).T, np.float32)


def _means(frames: Iterable[Picture]) -> dict[tuple[int, int], list[Floats]]:
    """The mean brightness of each `RUN` frames, on each grid that may have been the film's."""
    means: dict[tuple[int, int], list[Floats]] = {}
    lumas: dict[tuple[int, int], Luma] = {}
    several = iter(frames)
    while run := list(islice(several, 1)):
        if not lumas:
            aspect = run[0].shape[1] / run[0].shape[0]
            lumas = {grid: Luma(*grid) for grid in map(grid_of, (aspect, aspect * TRIMMED, aspect / TRIMMED))}
        sums: dict[tuple[int, int], Floats] = {}
        count = 0
        for frame in chain(run, islice(several, RUN - 1)):
            for grid, luma in lumas.items():
                sums[grid] = sums.get(grid, np.float32(0)) + luma.of(frame)
            count += 1
        for grid, total in sums.items():
            means.setdefault(grid, []).append(total / np.float32(count))
    return means


def _detect_mark(means: Sequence[Floats], keyed: WatermarkGrid) -> Found:
    """What the whole film says; if that is nothing, what a part of it says that says most."""
    whole = _flattened(_mean(means))
    spans = [means[a:b] for a, b in combinations(range(len(means) + 1), 2) if 0 < b - a < len(means)]
    score, soft = _straight(whole, keyed, STRAIGHT)
    if score < 1:
        parts = (_straight(_flattened(_mean(span)), keyed, PART_STRAIGHT) for span in spans)
        score, soft = max([(score, soft), *parts], key=lambda reading: reading[0])
    if score < 1 and whole.any():
        score, soft = max((score, soft), _searched(whole, keyed, SEARCHED), key=lambda reading: reading[0])
    if score < 1 and spans:
        size = -(-len(means) // PARTS)
        thirds = (_flattened(_mean(means[a : a + size])) for a in range(0, len(means), size))
        found = (_searched(third, keyed, PART_SEARCHED) for third in thirds if third.any())
        score, soft = max([(score, soft), *found], key=lambda reading: reading[0])
    present = score >= 1
    return Found(score=score, present=present, identifier=code.decode(soft) if present else None)


def _mean(means: Sequence[Floats]) -> Floats:
    return np.asarray(sum(means) / np.float32(len(means)), np.float32)


def _straight(picture: Floats, keyed: WatermarkGrid, limit: float) -> tuple[float, Floats]:
    score, soft = _read_soft_bits(picture, keyed)
    return score / limit, soft


def _searched(picture: Floats, keyed: WatermarkGrid, limit: float) -> tuple[float, Floats]:
    """A reading where a crop or a stretch may have put the mark."""
    known = np.zeros(GROUPS, np.float32)
    known[:KNOWN] = 1
    score, soft = _search_around(picture, keyed, search(picture, keyed.drawn(known)))
    return score / limit, soft


def in_place(mean: Floats, keyed: WatermarkGrid) -> tuple[float, Floats]:
    """What can be read from the mean brightness of a film that was not cropped, as `detect` does at first.

    By how many deviations the known groups stand out (without a mark: normal around 0), and a soft value for each sign.
    """
    return _read_soft_bits(_flattened(mean), keyed)


def _flattened(mean: Floats) -> Floats:
    """The picture with every place and every pitch of like power, so that no edge outweighs the mark."""
    detail, deviation = texture(mean)
    return inverse(whitened(np.clip(detail / (deviation + EVEN), -3, 3)))


def _search_around(picture: Floats, keyed: WatermarkGrid, place: Placement) -> tuple[float, Floats]:
    """The best reading at and around a place, by fractions of a cell."""
    steps = (-0.5, -0.25, 0.0, 0.25, 0.5)
    around = (place.moved(right, down) for right in steps for down in steps)
    readings = [_read_soft_bits(resampled(picture, each), keyed) for each in around]
    return max(readings, key=lambda reading: reading[0])


def _read_soft_bits(picture: Floats, keyed: WatermarkGrid) -> tuple[float, Floats]:
    """By how many deviations the known groups stand out, and a soft value for each sign of the number."""
    parts_Gn = whitened(picture).ravel()[keyed.places_Gn] * keyed.signs_Gn
    known = parts_Gn[:KNOWN]
    deviation = float(np.sqrt(np.square(known).sum()))
    return float(known.sum()) / max(deviation, 1e-9), parts_Gn[KNOWN:].sum(1)


@cache
def _cosines(size: int) -> Floats:
    waves = np.cos(np.pi / size * (np.arange(size)[None] + 0.5) * np.arange(size)[:, None]) * np.sqrt(2 / size)
    waves[0] /= np.sqrt(2)
    return np.asarray(waves, np.float32)


@cache
def _gaussian(size: int, width: float) -> Floats:
    apart = np.arange(size)[:, None] - np.arange(size)[None]
    weights = np.exp(-np.square(apart / width) / 2)
    return np.asarray(weights / weights.sum(1, keepdims=True), np.float32)


@cache
def _rings(rows: int, columns: int) -> NDArray[np.int64]:
    pitch = np.hypot(np.arange(rows)[:, None] / rows, np.arange(columns)[None] / columns)
    return np.asarray(np.minimum(32 * pitch, 40), np.int64)


def embedder(width: int, height: int, identifier: int, key: bytes) -> Embedder:
    """What marks the frames of one film, of that size, with a number below 2**48."""
    return Embedder(width, height, identifier, key)
