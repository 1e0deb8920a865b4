"""Joints: parts of a cut-out that turn, swing or squeeze about a pivot, and the cut-out with its parts so placed.

Places are fractions of the tight cut-out, (0, 0) its upper left corner; every cut-out looks left. Angles are in
radians, positive clockwise as seen, so that a positive swing takes a foot forwards. Knows no nouns (see `figures`), no
stages and no seconds: a cycle is cut into STEPS steps, and a step is all that a picture depends on.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Literal

import numpy as np

from yozora.world.paint import Floats

STEPS: Final[int] = 16
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
class Part:
    """A piece of a cut-out, and how it moves in the course of a cycle.

    At p in 0..1 of the cycle it is squeezed by 1 .. `squeeze` and back, turned by swing * sin(2 pi (p + phase)) and by
    `turns` of a full turn, and carried around by `orbit`; its lower half is bent at the knee by up to `bend` while the
    part swings forwards.
    """

    kind: PartKind
    shape: tuple[Point, ...] | Disc  # what of the cut-out it is
    pivot: Point
    phase: float = 0.0
    swing: float = 0.0
    turns: float = 0.0
    squeeze: Point = (1.0, 1.0)  # across and along
    orbit: float = 0.0  # radius in heights of the cut-out
    knee: Point | None = None
    bend: float = 0.0
    behind: bool = False  # the body is drawn over it
    shade: float = 1.0  # of its colours
    shift: Point = (0.0, 0.0)  # where a copy hangs, away from the shape
    cut: float = 0.0  # the body keeps what is above this height
    hole: bool = True  # the body loses the shape
    fills: tuple["Fill", ...] = ()  # in its own picture
    rest: float = 0.0  # turned by this besides, all the time that it moves
    spokes: int = 0  # painted on it
    hub: float = 0.0  # share of the radius that is painted over first


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A cut-out's parts, the farthest first."""

    parts: tuple[Part, ...]
    gone: tuple[tuple[Point, ...], ...] = ()  # what the body loses besides
    fills: tuple[Fill, ...] = ()  # in the body
    radius: float = 0.0  # of the wheels that it rolls on, in heights of the cut-out
    rise: float = 0.0  # heights that it stands higher by than drawn, when the legs pass each other

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

    @property
    def sinks(self) -> float:
        """Heights that the hips sink by when the legs are spread."""
        length, swing = self.leg
        return length * (1.0 - float(np.cos(swing)))


# -------------------------------------------------------------------- shapes


def _cover(shape: tuple[Point, ...] | Disc, height: int, width: int, grow: float) -> Floats:
    """How much of each pixel a shape, grown by `grow` pixels, covers [h, w]."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + np.float32(0.5)
    if isinstance(shape, Disc):
        inside = shape.radius * height - np.hypot(x - shape.middle[0] * width, y - shape.middle[1] * height)
        return np.clip(inside + grow + 0.5, 0, 1).astype(np.float32)
    points = np.array(shape, np.float32) * (width, height)
    within = np.zeros((height, width), np.bool_)
    away = np.full((height, width), np.inf, np.float32)
    for (x0, y0), (x1, y1) in zip(points.tolist(), np.roll(points, -1, axis=0).tolist(), strict=True):
        dx, dy = x1 - x0, y1 - y0
        share = np.clip(((x - x0) * dx + (y - y0) * dy) / max(dx * dx + dy * dy, 1e-6), 0, 1)
        away = np.minimum(away, np.hypot(x - x0 - share * dx, y - y0 - share * dy))
        if dy:
            within ^= ((y0 > y) != (y1 > y)) & (x < x0 + (y - y0) * dx / dy)
    return np.clip(np.where(within, away, -away) + grow + 0.5, 0, 1).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Piece:
    """A part, measured on a cut-out of some size; what of the cut-out it takes is in a box."""

    part: Part
    box: Box
    upper_HW: Floats
    lower_HW: Floats | None  # beyond the knee


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pattern:
    """A figure, measured on a cut-out of some size."""

    pieces: tuple[_Piece, ...]
    body_HW: Floats  # what is left of the body
    pad: tuple[int, int]  # pixels that parts may leave the cut-out by, across and along


def _trimmed(mask_HW: Floats) -> Box:
    rows, cols = np.flatnonzero(mask_HW.any(axis=1)), np.flatnonzero(mask_HW.any(axis=0))
    if not len(rows):
        return 0, 0, 1, 1
    return int(cols[0]), int(rows[0]), int(cols[-1]) + 1, int(rows[-1]) + 1


def _piece(part: Part, height: int, width: int) -> _Piece:
    mask = _cover(part.shape, height, width, 1.0)
    x0, y0, x1, y1 = box = _trimmed(mask)
    mask = np.ascontiguousarray(mask[y0:y1, x0:x1])
    if part.knee is None:
        return _Piece(part=part, box=box, upper_HW=mask, lower_HW=None)
    row = np.arange(y0, y1, dtype=np.float32)[:, None] + 0.5 - part.knee[1] * height
    col = np.arange(x0, x1, dtype=np.float32)[None, :] + 0.5 - part.knee[0] * width
    cap = np.clip(0.045 * height + 0.5 - np.hypot(row, col), 0, 1)
    upper, lower = np.maximum(np.clip(0.5 - row, 0, 1), cap), np.maximum(np.clip(0.5 + row, 0, 1), cap)
    return _Piece(part=part, box=box, upper_HW=mask * upper, lower_HW=mask * lower)


@lru_cache(maxsize=512)
def _pattern(parts: tuple[Part, ...], gone: tuple[tuple[Point, ...], ...], height: int, width: int) -> _Pattern:
    body = np.ones((height, width), np.float32)
    for part in parts:
        if part.hole:
            lost = _cover(part.shape, height, width, 0.0)
            lost[: max(0, round(part.cut * height))] = 0.0
            body *= 1.0 - lost
    for shape in gone:
        body *= 1.0 - _cover(shape, height, width, 0.0)
    pieces = tuple(_piece(part, height, width) for part in parts)
    low, high = np.zeros(2), np.array((width, height), np.float64)
    for piece in pieces:
        x0, y0, x1, y1 = piece.box
        corners_P2 = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float64)
        for step in range(STEPS):
            for matrix in _placings(piece.part, step, height, width):
                at_P2 = corners_P2 @ matrix[:, :2].T + matrix[:, 2]
                low, high = np.minimum(low, at_P2.min(axis=0)), np.maximum(high, at_P2.max(axis=0))
    pad_2 = np.ceil(np.maximum(-low, high - (width, height)) + 1.0)
    return _Pattern(pieces=pieces, body_HW=body, pad=(int(pad_2[0]), int(pad_2[1])))


def padding(figure: Figure, height: int, width: int) -> tuple[int, int]:
    """Pixels, across and along, that `posed` adds on each side of a tight cut-out of that size."""
    return _pattern(figure.parts, figure.gone, height, width).pad


# -------------------------------------------------------------------- movement


def angle(part: Part, step: int) -> float:
    """How far a part is turned at a step; -1: at rest."""
    if step < 0:
        return 0.0
    return float(part.rest + part.swing * np.sin(2 * np.pi * (step / STEPS + part.phase)) + 2 * np.pi * part.turns * step / STEPS)


def _about(turned: float, wide: float, tall: float, x: float, y: float) -> Floats:
    """Squeeze, then turn, about a point of the picture [2, 3]."""
    cos, sin = float(np.cos(turned)), float(np.sin(turned))
    a, b, c, d = cos * wide, -sin * tall, sin * wide, cos * tall
    return np.array(((a, b, x - a * x - b * y), (c, d, y - c * x - d * y)), np.float64)  # type: ignore[return-value]


def _placings(part: Part, step: int, height: int, width: int) -> list[Floats]:
    """The matrices [2, 3] that carry the cut-out's pixels to where a part, and what is beyond its knee, has them."""
    turn = 2 * np.pi * (step / STEPS + part.phase)
    share = 0.5 - 0.5 * float(np.cos(turn)) if step >= 0 else 0.0
    wide, tall = (1.0 + (to - 1.0) * share for to in part.squeeze)
    upper = _about(angle(part, step), wide, tall, part.pivot[0] * width, part.pivot[1] * height)
    upper[:, 2] += (part.shift[0] * width, part.shift[1] * height)
    if part.orbit and step >= 0:
        upper[:, 2] += part.orbit * height * np.array((np.cos(turn), np.sin(turn)))
    if part.knee is None:
        return [upper]
    bend = -part.bend * max(0.0, float(np.cos(turn))) if step >= 0 else 0.0
    below = _about(bend, 1.0, 1.0, part.knee[0] * width, part.knee[1] * height)
    lower = upper[:, :2] @ below
    lower[:, 2] += upper[:, 2]
    return [upper, lower]


# -------------------------------------------------------------------- painting


def _lay(canvas_4HW: Floats, patch_4HW: Floats, matrix: Floats) -> None:
    """Lay a patch down by a matrix from its pixels to those of the canvas."""
    patch = np.pad(patch_4HW, ((0, 0), (1, 1), (1, 1)))
    rows, cols = patch.shape[1:]
    (a, b, c), (d, e, f) = matrix.tolist()
    xs = np.array((0, cols - 2, cols - 2, 0)) * a + np.array((0, 0, rows - 2, rows - 2)) * b + c
    ys = np.array((0, cols - 2, cols - 2, 0)) * d + np.array((0, 0, rows - 2, rows - 2)) * e + f
    x0, x1 = max(0, int(np.floor(xs.min()))), min(canvas_4HW.shape[2], int(np.ceil(xs.max())))
    y0, y1 = max(0, int(np.floor(ys.min()))), min(canvas_4HW.shape[1], int(np.ceil(ys.max())))
    det = a * e - b * d
    if x0 >= x1 or y0 >= y1 or abs(det) < 1e-6:
        return
    x_W, y_H = np.arange(x0, x1, dtype=np.float32) + (0.5 - c), np.arange(y0, y1, dtype=np.float32) + (0.5 - f)
    sx = (x_W * (e / det))[None, :] - (y_H * (b / det))[:, None] + 0.5  # a border, less half a pixel
    sy = (y_H * (a / det))[:, None] - (x_W * (d / det))[None, :] + 0.5
    sx, sy = np.clip(sx, 0, cols - 1.001).astype(np.float32), np.clip(sy, 0, rows - 1.001).astype(np.float32)
    j, i = sx.astype(np.int32), sy.astype(np.int32)
    fx, fy = sx - j, sy - i
    at, flat = i * np.int32(cols) + j, patch.reshape(4, -1)
    top = flat[:, at] * (1 - fx) + flat[:, at + 1] * fx
    low = flat[:, at + cols] * (1 - fx) + flat[:, at + cols + 1] * fx
    laid = top * (1 - fy) + low * fy
    part = canvas_4HW[:, y0:y1, x0:x1]
    part *= 1.0 - laid[3]
    part += laid


def _picture(piece: _Piece, planes_4HW: Floats) -> Floats:
    """What a part looks like, before its masks [4, h, w]: in its shade, with spokes."""
    x0, y0, x1, y1 = piece.box
    part = piece.part
    patch = _filled(planes_4HW, part.fills)[:, y0:y1, x0:x1].copy()
    if part.spokes and isinstance(part.shape, Disc):
        _paint_spokes(patch, part.shape, part, (x0, y0), planes_4HW.shape[1:])
    patch[:3] *= np.float32(part.shade)
    return patch


def _paint_spokes(patch: Floats, disc: Disc, part: Part, corner: tuple[int, int], size: tuple[int, ...]) -> None:
    height, width = size
    y, x = np.mgrid[0 : patch.shape[1], 0 : patch.shape[2]].astype(np.float32) + np.float32(0.5)
    x, y = x + corner[0] - disc.middle[0] * width, y + corner[1] - disc.middle[1] * height
    radius, far = disc.radius * height, np.hypot(x, y)
    inner = np.clip(radius * max(part.hub, 0.92) + 0.5 - far, 0, 1)
    solid = far < 0.6 * radius
    tone = np.median(patch[:3, solid], axis=1) if part.hub else np.full(3, 0.32, np.float32)
    if part.hub:
        _blend(patch, tone, np.clip(radius * part.hub + 0.5 - far, 0, 1))
    line = 0.0 * far
    for k in range(part.spokes):
        way = 2 * np.pi * k / part.spokes
        along, across = x * np.cos(way) + y * np.sin(way), np.abs(y * np.cos(way) - x * np.sin(way))
        line = np.maximum(line, np.clip(0.13 * radius * part.shade + 0.5 - across, 0, 1) * (along > 0))
    dark = tone * (0.42 if tone.mean() > 0.3 else 2.2)
    _blend(patch, dark.clip(0, 1), np.maximum(line, np.clip(0.22 * radius + 0.5 - far, 0, 1)) * inner)


def _blend(patch: Floats, color: Floats, cover: Floats) -> None:
    patch *= 1.0 - cover
    patch[:3] += color[:, None, None].astype(np.float32) * cover
    patch[3] += cover


def _filled(planes_4HW: Floats, fills: tuple[Fill, ...]) -> Floats:
    out = planes_4HW
    for shape, at in fills:
        spot = planes_4HW[:, int(at[1] * planes_4HW.shape[1]), int(at[0] * planes_4HW.shape[2])]
        color = spot[:3] / max(float(spot[3]), 1e-3)
        cover = _cover(shape, *planes_4HW.shape[1:], 0.5)
        out = out * (1.0 - cover)
        out[3] += cover * np.maximum(planes_4HW[3], 0.0)
        out[:3] += color[:, None, None] * cover * planes_4HW[3]
    return out


def posed(planes_4HW: Floats, figure: Figure, step: int) -> Floats:
    """A tight cut-out (premultiplied) at a step of its cycle, -1: with all parts at rest; see `padding` for its size."""
    height, width = planes_4HW.shape[1:]
    pattern = _pattern(figure.parts, figure.gone, height, width)
    across, along = pattern.pad
    body = _filled(planes_4HW, figure.fills) * pattern.body_HW
    canvas = np.zeros((4, height + 2 * along, width + 2 * across), np.float32)
    for behind in (True, False):
        for piece in pattern.pieces:
            if piece.part.behind == behind:
                _place(canvas, piece, planes_4HW, step, pattern.pad)
        if behind:
            inner = canvas[:, along : along + height, across : across + width]
            inner *= 1.0 - body[3]
            inner += body
    return canvas.clip(0, 1)


def _place(canvas: Floats, piece: _Piece, planes_4HW: Floats, step: int, pad: tuple[int, int]) -> None:
    picture = _picture(piece, planes_4HW)
    placings = _placings(piece.part, step, *planes_4HW.shape[1:])
    masks = [piece.upper_HW, piece.lower_HW][: len(placings)]
    for matrix, mask in reversed(list(zip(placings, masks, strict=True))):  # a shin is behind its thigh
        moved = matrix.copy()
        moved[:, 2] += matrix[:, :2] @ np.array(piece.box[:2]) + np.array(pad)
        _lay(canvas, picture * mask, moved)
