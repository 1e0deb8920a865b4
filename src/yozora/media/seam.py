"""Where kept and invented pictures meet, in time and in space: colours and sharpness are matched. Knows no files.

In time: what a kept frame has and the model's own picture of that moment lacks, its *residual*, is carried along the
optical flow onto the invented frames beside it and fades out; colours, which are smooth, fade more slowly than detail,
and are all that is carried where flow is not trusted. In space: a region that was painted over takes the colours that
its surroundings have, and is let in with a soft edge that is inside of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from yozora.media.flow import Floats, Ways, blurred, ramp, ways
from yozora.media.pictures import Picture
from yozora.media.scale import planes, scaled

DETAIL_SECONDS, COLOUR_SECONDS = 0.5, 1.5  # in which they fade out
SMOOTH = 16  # of a picture's width: how wide a blur leaves only colours
EDGE = 4  # pixels: the soft edge of a region
AROUND = 0.5  # of a region's longer side: how far around it colours are compared
SIDE = 96  # pixels of the picture on which that is done
WIDTHS = ((2.0, 1.0), (6.0, 1e-2), (18.0, 1e-4))  # blurs in such pixels, and how much each counts
LIKE = (20.0, 50.0)  # levels: from the second on, two pictures show different things at a place

Box = tuple[float, float, float, float]  # x, y, width and height in fractions of the picture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seam:
    """A kept frame beside invented ones: the model's picture `seen_hwc` of that moment, in the model's size, and the
    residual in two parts: `colour_hwc`, float32 in the model's size, and `detail_HWC`, int16 in the film's.
    """

    seen_hwc: Picture
    colour_hwc: Floats
    detail_HWC: NDArray[np.int16]

    @classmethod
    def between(cls, kept_HWC: Picture, seen_hwc: Picture) -> "Seam":
        """The seam of a kept frame, in the film's size, and the model's picture of it, in the model's."""
        (height, width), (rows, columns) = kept_HWC.shape[:2], seen_hwc.shape[:2]
        detail = kept_HWC.astype(np.int16)
        detail -= scaled(seen_hwc, width, height)
        small = np.asarray(cv2.resize(detail, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
        colour = blurred(small, max(1.0, columns / SMOOTH))
        detail -= np.rint(planes(colour, width, height)).astype(np.int16)
        return cls(seen_hwc=seen_hwc, colour_hwc=colour, detail_HWC=detail)


def fading(seconds: float, length: float) -> float:
    """How much is left after so many seconds of what fades out within `length`: 1 at first, 0 at the end."""
    return 0.5 + 0.5 * math.cos(math.pi * min(1.0, max(0.0, seconds) / length))


def match_seams(made_hwc: Picture, width: int, height: int, seams: Sequence[tuple[Seam, float]]) -> Picture:
    """An invented frame in the film's size, with what is carried to it from seams that are so many seconds away."""
    near = [(seam, seconds) for seam, seconds in seams if seconds < COLOUR_SECONDS]
    made_HWC = scaled(made_hwc, width, height)
    if not near:
        return made_HWC
    changed = made_HWC.astype(np.float32)
    changed += planes(_colour([(seam, fading(seconds, COLOUR_SECONDS)) for seam, seconds in near]), width, height)
    carried = [(seam, fading(seconds, DETAIL_SECONDS)) for seam, seconds in near if seconds < DETAIL_SECONDS]
    found = [(seam, share, ways(made_hwc, seam.seen_hwc)) for seam, share in carried]
    weights = [np.float32(0 if way.cut else share) * way.known for _, share, way in found]
    total = np.maximum(np.float32(1), np.sum(weights, axis=0))
    for (seam, _, way), weight in zip(found, weights, strict=True):
        if not way.cut:
            share_HW = planes(np.asarray(weight / total, np.float32), width, height)
            changed += _detail(seam, way) * share_HW[..., None]
    changed += np.float32(0.5)
    return np.asarray(np.clip(changed, 0, 255, out=changed), np.uint8)


def inside(source_HWC: Picture, made_hwc: Picture, region: Box) -> Picture:
    """The source's frame with the model's in a region of it. Outside of the region no value changes."""
    height, width = source_HWC.shape[:2]
    left, top, right, bottom = box(region, width, height)
    made_HWC = scaled(made_hwc, width, height)
    out_HWC = source_HWC.copy()
    part = out_HWC[top:bottom, left:right]
    wanted = made_HWC[top:bottom, left:right] + _offset(source_HWC, made_HWC, (left, top, right, bottom))
    alpha = _edge(bottom - top, top > 0, bottom < height)[:, None] * _edge(right - left, left > 0, right < width)
    part[:] = np.clip(part + alpha[..., None] * (wanted - part) + np.float32(0.5), 0, 255)
    return out_HWC


def box(region: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """A region in pixels: left, top, right and bottom, at least one pixel each way."""
    x, y, wide, high = region
    left, top = min(width - 1, round(x * width)), min(height - 1, round(y * height))
    right = max(left + 1, min(width, round((x + wide) * width)))
    return left, top, right, max(top + 1, min(height, round((y + high) * height)))


def _colour(seams: Sequence[tuple[Seam, float]]) -> Floats:
    total = max(1.0, sum(share for _, share in seams))
    return np.asarray(sum(seam.colour_hwc * np.float32(share / total) for seam, share in seams), np.float32)


def _detail(seam: Seam, way: Ways) -> NDArray[np.int16]:
    """A seam's detail, in the film's size, where its things are by now."""
    height, width = seam.detail_HWC.shape[:2]
    rows, columns = way.there.shape[:2]
    where = planes(way.there, width, height)
    x, y = np.ascontiguousarray(where[..., 0]), np.ascontiguousarray(where[..., 1])
    del where
    x *= width / columns
    x += np.arange(width, dtype=np.float32)
    y *= height / rows
    y += np.arange(height, dtype=np.float32)[:, None]
    moved = cv2.remap(seam.detail_HWC, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.int16)


def _edge(count: int, starts: bool, ends: bool) -> Floats:
    """How much of the new picture each row or column of a region shows; at the picture's own edge nothing is soft."""
    soft = min(EDGE, max(1, count // 4))
    steps = (np.arange(count, dtype=np.float32) + 0.5) / soft
    alpha = np.ones(count, np.float32)
    if starts:
        alpha = np.minimum(alpha, steps)
    return np.minimum(alpha, steps[::-1]) if ends else alpha


def _offset(source_HWC: Picture, made_HWC: Picture, region: tuple[int, int, int, int]) -> Floats:
    """How much lighter each colour is around a region than the model made it, faded smoothly into it: of the region."""
    left, top, right, bottom = region
    (height, width), margin = source_HWC.shape[:2], max(8, round(AROUND * max(right - left, bottom - top)))
    x, y = max(0, left - margin), max(0, top - margin)
    window = slice(y, min(height, bottom + margin)), slice(x, min(width, right + margin))
    off = source_HWC[window].astype(np.float32)
    off -= made_HWC[window]
    outside = np.ones((*off.shape[:2], 1), np.float32)
    outside[top - y : bottom - y, left - x : right - x] = 0
    rows, columns = off.shape[:2]
    scale = min(1.0, SIDE / max(rows, columns))
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    known = np.concatenate([off * outside, outside], axis=-1)
    small = np.asarray(cv2.resize(known, size, interpolation=cv2.INTER_AREA), np.float32)
    large = np.abs(small[..., :3]).max(-1) / np.maximum(small[..., 3], 1e-3)
    small *= (1 - ramp(blurred(large, 1.0), *LIKE))[..., None]
    spread = np.asarray(sum(blurred(small, wide) * np.float32(much) for wide, much in WIDTHS), np.float32)
    smooth = np.asarray(spread[..., :3] / np.maximum(spread[..., 3:], 1e-7), np.float32)
    return planes(smooth, columns, rows)[top - y : bottom - y, left - x : right - x]
