"""Optical flow between two frames of a film, and the frame between them. Knows no files, no rates and no models.

Flow is dense inverse search (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", 2016), as OpenCV has it,
in both directions. Where the two do not lead back to where they came from, or to another colour, they are not trusted;
where most of the picture is so, there is a cut between the frames, and nothing is interpolated from one to the other.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from yozora.media.pictures import Picture

Flow = NDArray[np.float32]  # [H, W, 2]: right and down, in pixels
Share = NDArray[np.float32]  # [H, W], 0..1
Floats = NDArray[np.float32]

P = TypeVar("P", NDArray[np.uint8], NDArray[np.float32])

SMALLEST = 12  # pixels: sides of which OpenCV finds flow
STRAY = (
    0.75,
    1.5,
)  # pixels by which a way there and back may miss: up to the first all is well, from the second nothing
OFF = (18.0, 40.0)  # levels by which the colours at its two ends may differ
CUT = 0.5  # of the picture: where more than this is not trusted, the frames show different things
SOFT = 1.0  # pixels: blur of what is trusted
NEAREST = 1e-3  # frames: a moment that is closer to a frame is that frame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """Where everything in frame a is in frame b (`there`), and the other way round (`back`).

    `known` says of each pixel of a how far `there` is trusted, `known_back` the same of b. `cut`: the frames have
    nothing in common.
    """

    there: Flow
    back: Flow
    known: Share
    known_back: Share
    cut: bool


def ways(a_HWC: Picture, b_HWC: Picture) -> Ways:
    """The flow between two frames of one size, uint8 `[H, W, 3]`; of very small ones it is nothing."""
    height, width = a_HWC.shape[:2]
    if min(height, width) < SMALLEST:
        still, none = np.zeros((height, width, 2), np.float32), np.zeros((height, width), np.float32)
        return Ways(there=still, back=still, known=none, known_back=none, cut=True)
    grey_a, grey_b = _to_grey(a_HWC), _to_grey(b_HWC)
    with _one_thread():
        search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        there, back = _compute_flow(search, grey_a, grey_b), _compute_flow(search, grey_b, grey_a)
    known, known_back = _trusted(a_HWC, b_HWC, there, back), _trusted(b_HWC, a_HWC, back, there)
    cut = bool(min(known.mean(), known_back.mean()) < 1 - CUT)
    return Ways(there=there, back=back, known=known, known_back=known_back, cut=cut)


def between(a_HWC: Picture, b_HWC: Picture, share: float, found: Ways | None = None) -> Picture:
    """The frame at `share`, 0..1, of the time from a to b; `found` is `ways(a_HWC, b_HWC)` where it is known.

    Both frames are warped to that moment and mixed; where only one of them shows what is there, that one counts. Where
    flow is not trusted, what is nearer in time is shown.
    """
    if share <= NEAREST:
        return a_HWC
    if share >= 1 - NEAREST:
        return b_HWC
    found = ways(a_HWC, b_HWC) if found is None else found
    near_HWC = a_HWC if share < 0.5 else b_HWC
    if found.cut:
        return near_HWC
    motion, seen_a, seen_b = _motion(found, share)
    from_a, from_b = warped(a_HWC, -share * motion), warped(b_HWC, (1 - share) * motion)
    weight_a, weight_b = (1 - share) * seen_a, share * seen_b
    weight_a = weight_a / np.maximum(weight_a + weight_b, 1e-6)
    mixed = from_b + weight_a[..., None] * (from_a.astype(np.float32) - from_b)
    unlike = np.abs(from_a.astype(np.float32) - from_b).max(-1)
    both = np.minimum(seen_a, seen_b)
    trust = blurred(np.minimum(np.maximum(seen_a, seen_b), 1 - both * ramp(unlike, *OFF)), SOFT)
    mixed = near_HWC + trust[..., None] * (mixed - near_HWC)
    return np.asarray(np.clip(mixed + np.float32(0.5), 0, 255), np.uint8)


def warped(picture: P, by: Flow) -> P:
    """What each pixel shows if it is taken from `by` (right and down) beside its place; beyond the edge, the edge."""
    height, width = by.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    moved: P = cv2.remap(picture, x + by[..., 0], y + by[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[assignment] # as its picture
    return moved


def blurred(plane: Floats, width: float) -> Floats:
    """A Gaussian blur of that width in pixels."""
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), width, borderType=cv2.BORDER_REPLICATE), np.float32)


def ramp(values: Floats, low: float, high: float) -> Floats:
    """0 up to `low`, 1 from `high` on, a straight line between them."""
    return np.asarray(np.clip((values - low) / (high - low), 0, 1), np.float32)


@contextmanager
def _one_thread() -> Iterator[None]:
    """The search cuts a picture up by the number of threads, and finds other ways by that."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _to_grey(frame_HWC: Picture) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(frame_HWC, cv2.COLOR_RGB2GRAY), np.uint8)


def _compute_flow(search: "cv2.DISOpticalFlow", a_HW: NDArray[np.uint8], b_HW: NDArray[np.uint8]) -> Flow:
    return np.asarray(search.calc(a_HW, b_HW, None), np.float32)  # type: ignore[call-overload] # a flow may be None


def _trusted(a_HWC: Picture, b_HWC: Picture, there: Flow, back: Flow) -> Share:
    """How far each pixel's way is to be believed."""
    stray = np.linalg.norm(there + warped(back, there), axis=-1)
    off = np.abs(a_HWC.astype(np.float32) - warped(b_HWC, there)).max(-1)
    allowed = 1 + 0.05 * np.linalg.norm(there, axis=-1)  # long ways are measured less exactly
    trust = (1 - ramp(stray / allowed, *STRAY)) * (1 - ramp(blurred(off, SOFT), *OFF))
    return np.asarray(trust, np.float32)


def _motion(found: Ways, share: float) -> tuple[Flow, Share, Share]:
    """Of each pixel at that moment: its motion from a to b, and how far a and b show what is there."""
    one, weight_a = _splat(found.there, share * found.there, found.known)
    other, weight_b = _splat(-found.back, (1 - share) * found.back, found.known_back)
    total = weight_a + weight_b
    motion = (one + other) / np.maximum(total, 1e-6)[..., None]
    hole = 1 - ramp(total, 0.0, 0.5)
    if hole.any():
        spread = blurred(one + other, 4.0) / np.maximum(blurred(total, 4.0), 1e-3)[..., None]
        motion = motion + hole[..., None] * (spread - motion)
    return np.asarray(motion, np.float32), ramp(weight_a, 0.1, 0.8), ramp(weight_b, 0.1, 0.8)


def _splat(motion: Flow, by: Flow, known: Share) -> tuple[Flow, Floats]:
    """Each pixel's motion laid where it has gone to by then, weighed by how far it is trusted: sums and weights."""
    height, width = known.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = x + by[..., 0], y + by[..., 1]
    left, top = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    sums, total = np.zeros((height * width, 2)), np.zeros(height * width)
    for right in (0, 1):
        for down in (0, 1):
            column, row = left + right, top + down
            part = known * (1 - np.abs(x - column)) * (1 - np.abs(y - row))
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            place, part = (row * width + column)[inside], part[inside]
            total += np.bincount(place, part, height * width)
            for axis in (0, 1):
                sums[:, axis] += np.bincount(place, part * motion[..., axis][inside], height * width)
    return sums.reshape(height, width, 2).astype(np.float32), total.reshape(height, width).astype(np.float32)
