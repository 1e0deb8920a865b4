"""Joints: parts of a cut-out that turn, swing or squeeze about a pivot, and the cut-out with its parts so placed.

Places are fractions of the tight cut-out, (0, 0) its upper left corner; every cut-out looks left. Angles are in
radians, positive clockwise as seen, so that a positive swing takes a foot forwards. Knows no nouns (see `figures`), no
stages and no seconds: a cycle is cut into STEPS steps, and a step is all that a picture depends on.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil, floor
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from yozora.world.paint import Floats

STEPS: Final[int] = 8
"""Steps of a cycle."""

PartKind = Literal["leg", "arm", "wing", "tail", "fin", "wheel", "rotor", "head"]
Point = tuple[float, float]
Box = tuple[int, int, int, int]  # x0, y0, x1, y1 in pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Disc:
    """A circle."""

    middle: Point
    radius: float  # in heights of the cut-out


Fill = tuple[tuple[Point, ...], Point]
"""What is painted over, and where the colour is that it is painted with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PuppetPart:
    """A piece of a cut-out, and how it moves in the course of a cycle.

    At p in 0..1 of the cycle it is squeezed by 1 .. `squeeze` and back, turned by swing * sin(2 pi (p + phase)) and by
    `turns` of a full turn; its lower half is bent at the knee by up to `bend` while the part swings forwards.
    """

    kind: PartKind
    shape: tuple[Point, ...] | Disc  # what of the cut-out it is
    pivot: Point
    phase: float = 0.0
    swing: float = 0.0
    turns: float = 0.0
    squeeze: Point = (1.0, 1.0)  # across and along
    knee: Point | None = None
    bend: float = 0.0
    behind: bool = False  # the body is drawn over it
    shade: float = 1.0  # of its colours
    shift: Point = (0.0, 0.0)  # where a copy hangs, away from the shape
    cut: float = 0.0  # the body keeps what is above this height
    hole: bool = True  # the body loses the shape
    fills: tuple["Fill", ...] = ()  # in its own picture
    rest: float = 0.0  # turned by this besides, all the time that it moves
    spokes: int = 0  # painted on a disc
    hub: bool = False  # the disc is painted over first, in the colour that most of it has


@dataclass(frozen=True, kw_only=True, eq=False)
class Figure:
    """A cut-out's parts, the farthest first."""

    parts: tuple[PuppetPart, ...]
    gone: tuple[tuple[Point, ...], ...] = ()  # what the body loses besides
    fills: tuple[Fill, ...] = ()  # in the body
    radius: float = 0.0  # of the wheels that it rolls on, in heights of the cut-out

    @cached_property
    def fold(self) -> int:
        """Cycles in a turn of the wheels."""
        return next((round(1 / part.turns) for part in self.parts if part.turns), 1)

    @cached_property
    def leg(self) -> tuple[float, float]:
        """Length in heights, and swing, of the first leg; zeros without legs."""
        legs = [part for part in self.parts if part.kind == "leg" and part.swing]
        return (1.0 - legs[0].pivot[1], abs(legs[0].swing)) if legs else (0.0, 0.0)

    @property
    def stride(self) -> float:
        """Heights that a cycle of the legs carries it, if no foot slides."""
        length, swing = self.leg
        return 4.0 * length * float(np.sin(swing))


# -------------------------------------------------------------------- shapes


def _cover(shape: tuple[Point, ...] | Disc, height: int, width: int, grow: float) -> Floats:
    """How much of each pixel a shape, grown by `grow` pixels, covers [h, w]."""
    if isinstance(shape, Disc):
        y, x = np.mgrid[0:height, 0:width].astype(np.float32) + np.float32(0.5)
        inside = shape.radius * height - np.hypot(x - shape.middle[0] * width, y - shape.middle[1] * height)
        cover: Floats = np.clip(inside + grow + 0.5, 0, 1).astype(np.float32)
        return cover
    points: Floats = np.array(shape, np.float32) * (width, height)
    low, high = np.floor(points.min(axis=0) - grow - 1), np.ceil(points.max(axis=0) + grow + 1)
    (x0, y0), (x1, y1) = np.maximum(low, 0).astype(int), np.minimum(high, (width, height)).astype(int)
    y, x = np.mgrid[y0:y1, x0:x1].astype(np.float32) + np.float32(0.5)
    cover = np.zeros((height, width), np.float32)
    cover[y0:y1, x0:x1] = np.clip(_depth(points, x, y) + grow + 0.5, 0, 1)
    return cover


def _depth(points_P2: Floats, x: Floats, y: Floats) -> Floats:
    """How far points are inside a polygon; outside: negative."""
    within, away = np.zeros(x.shape, np.bool_), np.full(x.shape, np.inf, np.float32)
    for (x0, y0), (x1, y1) in zip(points_P2.tolist(), np.roll(points_P2, -1, axis=0).tolist(), strict=True):
        dx, dy = x1 - x0, y1 - y0
        share = np.clip(((x - x0) * dx + (y - y0) * dy) / max(dx * dx + dy * dy, 1e-6), 0, 1)
        away = np.minimum(away, np.hypot(x - x0 - share * dx, y - y0 - share * dy))
        if dy:
            within ^= ((y0 > y) != (y1 > y)) & (x < x0 + (y - y0) * dx / dy)
    depth: Floats = np.where(within, away, -away)
    return depth


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Segment:
    """What a part, or its half beyond the knee, takes of a cut-out of some size."""

    box: Box  # with a border, where the mask is 0
    mask_HW: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pattern:
    """A figure, measured on a cut-out of some size; parts in their order."""

    segments: tuple[tuple[_Segment, ...], ...]  # of each part: see `_segments`
    covers: tuple[tuple[Floats, ...], ...]  # [h, w] of each part's fills
    body_HW: Floats  # what is left of the body
    body_covers: tuple[Floats, ...]
    pad: tuple[int, int]  # pixels that parts may leave the cut-out by, across and along


def _segment(mask_HW: Floats) -> _Segment:
    rows, cols = np.flatnonzero(mask_HW.any(axis=1)), np.flatnonzero(mask_HW.any(axis=0))
    x0, y0, x1, y1 = (cols[0], rows[0], cols[-1] + 1, rows[-1] + 1) if len(rows) else (0, 0, 1, 1)
    mask = np.pad(mask_HW[y0:y1, x0:x1], 1).astype(np.float32)
    return _Segment(box=(int(x0) - 1, int(y0) - 1, int(x1) + 1, int(y1) + 1), mask_HW=mask)


def _segments(part: PuppetPart, height: int, width: int) -> tuple[_Segment, ...]:
    """The whole part, and with a knee its halves above and below, which overlap in a disc."""
    mask = _cover(part.shape, height, width, 0.5 if isinstance(part.shape, Disc) else 1.0)
    if part.knee is None:
        return (_segment(mask),)
    row = np.arange(height, dtype=np.float32)[:, None] + 0.5 - part.knee[1] * height
    col = np.arange(width, dtype=np.float32)[None, :] + 0.5 - part.knee[0] * width
    cap = np.clip(0.045 * height + 0.5 - np.hypot(row, col), 0, 1)
    upper, lower = np.maximum(np.clip(0.5 - row, 0, 1), cap), np.maximum(np.clip(0.5 + row, 0, 1), cap)
    return _segment(mask), _segment(mask * upper), _segment(mask * lower)


def _covers(fills: tuple[Fill, ...], height: int, width: int) -> tuple[Floats, ...]:
    return tuple(_cover(shape, height, width, 0.5) for shape, _ in fills)


@lru_cache(maxsize=512)
def _pattern(figure: Figure, height: int, width: int) -> _Pattern:
    body = np.ones((height, width), np.float32)
    for part in figure.parts:
        if part.hole:
            lost = _cover(part.shape, height, width, 0.0)
            lost[: max(0, round(part.cut * height))] = 0.0
            body *= 1.0 - lost
    for shape in figure.gone:
        body *= 1.0 - _cover(shape, height, width, 0.0)
    segments = tuple(_segments(part, height, width) for part in figure.parts)
    low, high = np.zeros(2), np.array((width, height), np.float64)
    for part, some in zip(figure.parts, segments, strict=True):
        for step in range(STEPS):
            for number, matrix in _placings(part, step, height, width):
                x0, y0, x1, y1 = some[number].box
                corners_P2 = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64)
                at_P2 = corners_P2 @ matrix[:, :2].T + matrix[:, 2]
                low, high = np.minimum(low, at_P2.min(axis=0)), np.maximum(high, at_P2.max(axis=0))
    pad_2 = np.ceil(np.maximum(-low, high - (width, height)) + 1.0)
    return _Pattern(
        segments=segments,
        covers=tuple(_covers(part.fills, height, width) for part in figure.parts),
        body_HW=body,
        body_covers=_covers(figure.fills, height, width),
        pad=(int(pad_2[0]), int(pad_2[1])),
    )


def padding(figure: Figure, height: int, width: int) -> tuple[int, int]:
    """Pixels, across and along, that `posed` adds on each side of a tight cut-out of that size."""
    return _pattern(figure, height, width).pad


# -------------------------------------------------------------------- movement


def angle(part: PuppetPart, step: int) -> float:
    """How far a part is turned at a step; -1: at rest."""
    if step < 0:
        return 0.0
    return float(
        part.rest + part.swing * np.sin(2 * np.pi * (step / STEPS + part.phase)) + 2 * np.pi * part.turns * step / STEPS
    )


def _about(turned: float, wide: float, tall: float, x: float, y: float) -> Floats:
    """Squeeze, then turn, about a point of the picture [2, 3]."""
    cos, sin = float(np.cos(turned)), float(np.sin(turned))
    a, b, c, d = cos * wide, -sin * tall, sin * wide, cos * tall
    return np.array(((a, b, x - a * x - b * y), (c, d, y - c * x - d * y)), np.float64)


def _placings(part: PuppetPart, step: int, height: int, width: int) -> list[tuple[int, Floats]]:
    """Which segments of a part are laid down, in order, and the matrices [2, 3] that carry pixels there."""
    turn = 2 * np.pi * (step / STEPS + part.phase)
    share = 0.5 - 0.5 * float(np.cos(turn)) if step >= 0 else 0.0
    wide, tall = (1.0 + (to - 1.0) * share for to in part.squeeze)
    upper = _about(angle(part, step), wide, tall, part.pivot[0] * width, part.pivot[1] * height)
    upper[:, 2] += (part.shift[0] * width, part.shift[1] * height)
    bend = part.bend * float(np.cos(turn)) if step >= 0 else 0.0
    if part.knee is None or bend < 1e-3:
        return [(0, upper)]
    below = _about(-bend, 1.0, 1.0, part.knee[0] * width, part.knee[1] * height)
    lower = upper[:, :2] @ below
    lower[:, 2] += upper[:, 2]
    return [(2, lower), (1, upper)]


# -------------------------------------------------------------------- painting


def _lay(canvas_4HW: Floats, patch_4HW: Floats, matrix: Floats) -> None:
    """Lay a patch, whose border is transparent, down by a matrix from its pixels to those of the canvas."""
    _, rows, cols = patch_4HW.shape
    (a, b, c), (d, e, f) = matrix.tolist()
    xs, ys = (
        (c, c + a * cols, c + b * rows, c + a * cols + b * rows),
        (f, f + d * cols, f + e * rows, f + d * cols + e * rows),
    )
    x0, x1 = max(0, floor(min(xs))), min(canvas_4HW.shape[2], ceil(max(xs)))
    y0, y1 = max(0, floor(min(ys))), min(canvas_4HW.shape[1], ceil(max(ys)))
    det = a * e - b * d
    if x0 >= x1 or y0 >= y1 or abs(det) < 1e-6:
        return
    x_W, y_H = np.arange(x0, x1, dtype=np.float32) + (0.5 - c), np.arange(y0, y1, dtype=np.float32) + (0.5 - f)
    sx = (x_W * (e / det) - 0.5)[None, :] - (y_H * (b / det))[:, None]
    sy = (y_H * (a / det) - 0.5)[:, None] - (x_W * (d / det))[None, :]
    np.maximum(sx, 0, out=sx)
    np.maximum(sy, 0, out=sy)
    np.minimum(sx, cols - 1.001, out=sx)
    np.minimum(sy, rows - 1.001, out=sy)
    j, i = sx.astype(np.int32), sy.astype(np.int32)
    sx -= j
    sy -= i
    i *= np.int32(cols)
    i += j
    flat_4N = patch_4HW.reshape(4, -1)
    top, low = _interpolate(flat_4N, i, sx), _interpolate(flat_4N, i + np.int32(cols), sx)
    low -= top
    low *= sy
    top += low
    part = canvas_4HW[:, y0:y1, x0:x1]
    part *= 1.0 - top[3]
    part += top


def _interpolate(flat_4N: Floats, at_HW: NDArray[np.int32], share_HW: Floats) -> Floats:
    left, right = (flat_4N.take(at, axis=1, mode="clip") for at in (at_HW, at_HW + np.int32(1)))
    right -= left
    right *= share_HW
    left += right
    return left


def _spokes(planes_4HW: Floats, disc: Disc, part: PuppetPart) -> Floats:
    """The picture with spokes painted on a disc; without a hub, the spokes alone."""
    _, height, width = planes_4HW.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + np.float32(0.5)
    x, y = x - disc.middle[0] * width, y - disc.middle[1] * height
    radius, far = disc.radius * height, np.hypot(x, y)
    out = planes_4HW * np.float32(part.hub)
    tone = np.full(3, 0.32, np.float32)
    if part.hub:
        tone = np.median(out[:3, far < 0.6 * radius], axis=1)
        _blend(out, tone, np.clip(radius + 0.5 - far, 0, 1))
    thin, reach = (0.13 * radius, 1.0) if part.hub else (0.045 * radius, 0.92)
    line = np.clip(1.7 * thin + 0.5 - far, 0, 1)
    for way in 2 * np.pi * np.arange(part.spokes) / part.spokes:
        along, across = x * np.cos(way) + y * np.sin(way), np.abs(y * np.cos(way) - x * np.sin(way))
        line = np.maximum(line, np.clip(thin + 0.5 - across, 0, 1) * (along > 0))
    dark = tone * (0.42 if tone.mean() > 0.3 else 2.2)
    _blend(out, dark.clip(0, 1), line * np.clip(reach * radius + 0.5 - far, 0, 1))
    return out


def _blend(planes_4HW: Floats, color: Floats, cover_HW: Floats) -> None:
    planes_4HW *= 1.0 - cover_HW
    planes_4HW[:3] += color[:, None, None] * cover_HW
    planes_4HW[3] += cover_HW


def _filled(planes_4HW: Floats, fills: tuple[Fill, ...], covers: tuple[Floats, ...]) -> Floats:
    """The picture with some of it painted over."""
    _, height, width = planes_4HW.shape
    out = planes_4HW
    for (_, (x, y)), cover_HW in zip(fills, covers, strict=True):
        spot = planes_4HW[:, int(y * height), int(x * width)]
        paint = np.append(spot[:3] / max(float(spot[3]), 1e-3), np.float32(1.0))[:, None, None]
        out = out + cover_HW * (paint - out)
    return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """A cut-out, cut into its parts."""

    figure: Figure
    pattern: _Pattern
    patches: list[list[Floats]]  # what each segment of each part looks like, [4, h, w] with a transparent border
    body_4HW: Floats


def cut(planes_4HW: Floats, figure: Figure) -> Pieces:
    """Cut a tight cut-out (premultiplied)."""
    pattern = _pattern(figure, *planes_4HW.shape[1:])
    body = _filled(planes_4HW, figure.fills, pattern.body_covers) * pattern.body_HW
    return Pieces(figure=figure, pattern=pattern, patches=_patches(planes_4HW, figure, pattern), body_4HW=body)


def posed(pieces: Pieces, step: int) -> Floats:
    """The cut-out [4, h, w] at a step of its cycle, -1: with all parts at rest; see `padding` for its size."""
    pattern = pieces.pattern
    _, height, width = pieces.body_4HW.shape
    across, along = pattern.pad
    canvas = np.zeros((4, height + 2 * along, width + 2 * across), np.float32)
    for behind in (True, False):
        for part, segments, some in zip(pieces.figure.parts, pattern.segments, pieces.patches, strict=True):
            if part.behind != behind:
                continue
            for number, matrix in _placings(part, step, height, width):
                x, y = segments[number].box[:2]
                matrix[:, 2] += matrix[:, 0] * x + matrix[:, 1] * y + pattern.pad
                _lay(canvas, some[number], matrix)
        if behind:
            inner = canvas[:, along : along + height, across : across + width]
            inner *= 1.0 - pieces.body_4HW[3]
            inner += pieces.body_4HW
    return canvas


def _patches(planes_4HW: Floats, figure: Figure, pattern: _Pattern) -> list[list[Floats]]:
    out, filled = [], dict[tuple[Fill, ...], Floats]()
    for part, segments, covers in zip(figure.parts, pattern.segments, pattern.covers, strict=True):
        if part.fills not in filled:
            filled[part.fills] = _filled(planes_4HW, part.fills, covers)
        picture = filled[part.fills]
        if part.spokes and isinstance(part.shape, Disc):
            picture = _spokes(picture, part.shape, part)
        some = []
        for segment in segments:
            x0, y0, x1, y1 = segment.box
            patch = np.zeros((4, y1 - y0, x1 - x0), np.float32)
            u0, v0, u1, v1 = max(0, x0), max(0, y0), min(picture.shape[2], x1), min(picture.shape[1], y1)
            patch[:, v0 - y0 : v1 - y0, u0 - x0 : u1 - x0] = picture[:, v0:v1, u0:u1]
            patch *= segment.mask_HW
            patch[:3] *= np.float32(part.shade)
            some.append(patch)
        out.append(some)
    return out
