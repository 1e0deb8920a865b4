"""Paper and scissors: soft-edged shapes on sheets of premultiplied RGBA.

World coordinates: X to the right of the picture's middle, Y downwards from the line that actors stand on, both in units
of a 16:9 picture's height (narrower pictures see the same world at a smaller scale). Knows no places, actors or frames.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import hypot
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]  # float32 in pictures
RGB = tuple[float, float, float]
Box = tuple[float, float, float, float]  # X0, Y0, X1, Y1


@lru_cache(maxsize=1024)
def rgb(text: str) -> RGB:
    """A colour out of "#rrggbb", channels in 0..1."""
    red, green, blue = (int(text[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
    return red, green, blue


def mix(a: RGB, b: RGB, amount: float) -> RGB:
    """a at amount 0, b at amount 1."""
    return (a[0] + (b[0] - a[0]) * amount, a[1] + (b[1] - a[1]) * amount, a[2] + (b[2] - a[2]) * amount)


def times(a: RGB, b: RGB) -> RGB:
    """Channel by channel product, such as a colour under a coloured light."""
    return (a[0] * b[0], a[1] * b[1], a[2] * b[2])


def chance(seed: int, *keys: int) -> float:
    """A number in [0, 1) that depends on nothing but the seed and the keys (splitmix64's finaliser)."""
    value = seed & 0xFFFFFFFFFFFFFFFF
    for key in keys:
        value = (value ^ (key * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019)) & 0xFFFFFFFFFFFFFFFF
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
        value ^= value >> 31
    return value / 2.0**64


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet of paper over a box of the world; `scale` pixels a unit, pixel (0, 0) begins at (left, top) pixels."""

    image_4HW: Floats  # premultiplied, 0..1
    left: int  # of the sheet's first column, in pixels from the middle of the picture
    top: int  # of the sheet's first row, in pixels from the ground line
    scale: float
    offset_x: float = 0.0  # of the pixel grid: the middle of the picture and the ground line need not fall on a corner
    offset_y: float = 0.0
    ink: float = 0.0  # width of the outline of every shape in units; 0: none
    x_W: Floats = field(repr=False)
    y_H: Floats = field(repr=False)

    # ---------------------------------------------------------------- shapes

    def gradient(self, colors: Sequence[RGB], at: Sequence[float]) -> None:
        """Fill the whole sheet, opaque, with colours that change along Y."""
        table = np.asarray(colors, np.float32)
        for channel in range(3):
            self.image_4HW[channel] = np.interp(self.y_H, at, table[:, channel]).astype(np.float32)[:, None]
        self.image_4HW[3] = 1.0

    def land(
        self,
        line: Callable[[Floats], Floats] | float,
        top: RGB,
        bottom: RGB,
        *,
        depth: float = 0.4,
        shadow: float = 0.3,
    ) -> None:
        """Everything below a line Y = line(X): a gradient over `depth`, a light cut edge, a shadow cast behind it."""
        edge_W = np.full_like(self.x_W, line) if isinstance(line, float) else line(self.x_W)
        first = max(0, int((float(edge_W.min()) - 0.06 - self.ink) * self.scale + self.offset_y - self.top))
        if first >= len(self.y_H):
            return
        below_HW = self.y_H[first:, None] - edge_W[None, :]
        image = self.image_4HW[:, first:]
        high = float(edge_W.max())
        if self.ink:
            paint(image, np.clip((below_HW + self.ink) * self.scale + 0.5, 0, 1), INK)
        elif shadow:
            last = max(1, int((high + 0.01) * self.scale + self.offset_y - self.top) - first)
            _cast(image[:, :last], below_HW[:last], shadow)
        deep = min(
            len(below_HW), max(0, int((high + 0.5 / self.scale) * self.scale + self.offset_y - self.top) + 2 - first)
        )
        thick = max(1, int((high + 0.07) * self.scale + self.offset_y - self.top) - first) if not self.ink else 0
        paper = np.empty((4, deep, below_HW.shape[1]), np.float32)
        for part, rows in ((paper, slice(0, deep)), (image[:, deep:], slice(deep, None))):
            np.multiply(
                np.clip(below_HW[rows] / depth, 0, 1),
                (np.array(bottom) - top)[:, None, None].astype(np.float32),
                out=part[:3],
            )
            part[:3] += np.array(top, np.float32)[:, None, None]
            part[3] = 1.0
            bright = part[:3, : max(0, thick - rows.start)]
            light_HW = np.exp(below_HW[rows][: bright.shape[1]].clip(0) * -70.0) * 0.16
            bright += light_HW * (1.0 - bright)
        paint(image[:, :deep], np.clip(below_HW[:deep] * self.scale + 0.5, 0, 1), paper)

    def ellipse(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        color: RGB,
        *,
        angle: float = 0.0,
        shade: float = 0.0,
        alpha: float = 1.0,
    ) -> None:
        """An ellipse about (x, y), turned by `angle` radians; `shade` lightens its upper and darkens its lower side."""
        reach = max(rx, ry)
        window = self._clip_window(x - reach, y - reach, x + reach, y + reach)
        if window is None:
            return
        image, x_W, y_H = window
        dx_W, dy_H = x_W - x, y_H - y
        radius = min(rx, ry) * self.scale
        right, down = radius / rx, radius / ry
        if angle:
            cos, sin = float(np.cos(angle)), float(np.sin(angle))
            far_HW = dx_W * (cos * right) + (dy_H * (sin * right))[:, None]
            across_HW = dx_W * (-sin * down) + (dy_H * (cos * down))[:, None]
            far_HW *= far_HW
            across_HW *= across_HW
            far_HW += across_HW
        else:
            far_HW = (dx_W * right) ** 2 + ((dy_H * down) ** 2)[:, None]
        np.sqrt(far_HW, out=far_HW)
        far_HW -= np.float32(radius)
        self._fill(image, far_HW, color, alpha, dy_H * (-shade / ry) if shade else None)

    def polygon(
        self, points: Sequence[tuple[float, float]], color: RGB, *, alpha: float = 1.0, shade: float = 0.0
    ) -> None:
        """A convex polygon; its corners run clockwise as seen (Y downwards)."""
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        window = self._clip_window(min(xs), min(ys), max(xs), max(ys))
        if window is None:
            return
        image, x_W, y_H = window
        sides = []
        for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True):
            across = self.scale / max(1e-6, hypot(x1 - x0, y1 - y0))
            nx, ny = (y1 - y0) * across, (x0 - x1) * across
            sides.append((nx, ny, nx * x0 + ny * y0))
        nx_P1, ny_P1, away_P1 = np.array(sides, np.float32).T[:, :, None]
        far_PHW = (x_W * nx_P1 - away_P1)[:, None, :] + (y_H * ny_P1)[:, :, None]
        middle, half = (min(ys) + max(ys)) / 2, max(1e-6, (max(ys) - min(ys)) / 2)
        self._fill(image, far_PHW.max(axis=0), color, alpha, (y_H - middle) * (-shade / half) if shade else None)

    def box(
        self, x0: float, y0: float, x1: float, y1: float, color: RGB, *, radius: float = 0.0, alpha: float = 1.0
    ) -> None:
        """An upright rectangle with round corners."""
        window = self._clip_window(x0, y0, x1, y1)
        if window is None:
            return
        image, x_W, y_H = window
        a_W = (np.abs(x_W - (x0 + x1) / 2) - ((x1 - x0) / 2 - radius)) * self.scale
        b_H = (np.abs(y_H - (y0 + y1) / 2) - ((y1 - y0) / 2 - radius))[:, None] * self.scale
        far_HW = np.maximum(a_W, b_H)
        if radius:
            np.minimum(far_HW, 0, out=far_HW)
            far_HW += np.hypot(a_W.clip(0), b_H.clip(0))
            far_HW -= np.float32(radius * self.scale)
        self._fill(image, far_HW, color, alpha, None)

    def glow(self, x: float, y: float, radius: float, color: RGB, alpha: float, *, flat: float = 1.0) -> None:
        """Light that fades out around a point (a Gaussian of that radius, its height `flat` times its width)."""
        window = self._clip_window(x - 2.4 * radius, y - 2.4 * radius * flat, x + 2.4 * radius, y + 2.4 * radius * flat)
        if window is None:
            return
        image, x_W, y_H = window
        across_W = np.exp(-(((x_W - x) / radius) ** 2))
        along_H = np.exp(-(((y_H - y) / (radius * flat)) ** 2))
        paint(image, alpha * along_H[:, None] * across_W[None, :], color)

    def panes(self, box: Box, columns: int, rows: int, colors: Sequence[RGB], pick: Sequence[int]) -> None:
        """A grid of windows inside a box; the one in (row, column) has colors[pick[row * columns + column]]."""
        window = self._clip_window(*box)
        if window is None:
            return
        image, x_W, y_H = window
        u_W = (x_W - box[0]) / (box[2] - box[0]) * columns
        v_H = (y_H - box[1]) / (box[3] - box[1]) * rows
        i_W, j_H = np.clip(u_W.astype(int), 0, columns - 1), np.clip(v_H.astype(int), 0, rows - 1)
        a_W = (0.27 - np.abs(u_W - i_W - 0.5)) * ((box[2] - box[0]) / columns)
        b_H = (0.33 - np.abs(v_H - j_H - 0.5)) * ((box[3] - box[1]) / rows)
        cover_HW = np.clip(np.minimum(a_W[None, :], b_H[:, None]) * self.scale + 0.5, 0, 1)
        table = np.ones((4, len(colors)), np.float32)
        table[:3] = np.asarray(colors, np.float32).T
        if self.ink:
            line = np.clip((np.minimum(a_W[None, :], b_H[:, None]) + self.ink * 0.7) * self.scale + 0.5, 0, 1)
            paint(image, line, INK)
        paint(image, cover_HW, table[:, np.asarray(pick)[j_H[:, None] * columns + i_W[None, :]]])

    # ---------------------------------------------------------------- inside

    def _clip_window(self, x0: float, y0: float, x1: float, y1: float) -> tuple[Floats, Floats, Floats] | None:
        margin = self.ink + 1.5 / self.scale
        height, width = self.image_4HW.shape[1:]
        c0 = max(0, int((x0 - margin) * self.scale + self.offset_x - self.left))
        c1 = min(width, int((x1 + margin) * self.scale + self.offset_x - self.left) + 1)
        r0 = max(0, int((y0 - margin) * self.scale + self.offset_y - self.top))
        r1 = min(height, int((y1 + margin) * self.scale + self.offset_y - self.top) + 1)
        if c0 >= c1 or r0 >= r1:
            return None
        return self.image_4HW[:, r0:r1, c0:c1], self.x_W[c0:c1], self.y_H[r0:r1]

    def _fill(self, image: Floats, far_HW: Floats, color: RGB, alpha: float, shade_H: Floats | None) -> None:
        """Paint a shape, given the signed distance to its outline in pixels, which is overwritten."""
        ink = self.ink * self.scale
        if ink and alpha > 0.9 and float(far_HW.min()) < -2.4 * ink:  # small things would drown in ink
            paint(image, np.clip((0.5 + ink) - far_HW, 0, 1), INK)
        np.subtract(np.float32(0.5), far_HW, out=far_HW)
        cover_HW = torch.from_numpy(far_HW).clamp_(0, 1)
        if alpha != 1.0:
            cover_HW *= alpha
        paper = np.array((*color, 1.0), np.float32)[:, None, None]
        if shade_H is not None:
            paper = paper.repeat(len(shade_H), axis=1)
            paper[:3] *= 1.0 + shade_H[:, None]
        torch.from_numpy(image).lerp_(torch.from_numpy(paper), cover_HW)


INK: RGB = (0.13, 0.12, 0.17)


def sheet(box: Box, scale: float, origin: tuple[float, float] = (0.0, 0.0), ink: float = 0.0) -> Sheet:
    """An empty (transparent) sheet that covers a box of the world; `origin`: the pixel of X = 0, Y = 0."""
    left, top = int(np.floor(box[0] * scale + origin[0])) - 1, int(np.floor(box[1] * scale + origin[1])) - 1
    width = int(np.ceil(box[2] * scale + origin[0])) - left + 1
    height = int(np.ceil(box[3] * scale + origin[1])) - top + 1
    return Sheet(
        image_4HW=np.zeros((4, height, width), np.float32),
        left=left,
        top=top,
        scale=scale,
        offset_x=origin[0],
        offset_y=origin[1],
        ink=ink,
        x_W=((np.arange(width, dtype=np.float32) + (left + 0.5 - origin[0])) / np.float32(scale)).astype(np.float32),
        y_H=((np.arange(height, dtype=np.float32) + (top + 0.5 - origin[1])) / np.float32(scale)).astype(np.float32),
    )


def _cast(image_4HW: Floats, below_HW: Floats, shadow: float) -> None:
    """The shadow of an edge on what is behind it, which is `below_HW` units under the edge."""
    cast_HW = np.exp(np.minimum(below_HW * 45.0, 0.0))
    cast_HW *= shadow
    cast_HW *= below_HW > -0.06
    paint(image_4HW, cast_HW, (0.0, 0.0, 0.0))


def paint(image_4HW: Floats, cover_HW: Floats, color: RGB | Floats) -> None:
    """Lay a colour (or an opaque RGBA picture) over a premultiplied image, in place, where it covers."""
    if isinstance(color, tuple):
        color = np.array((*color, 1.0), np.float32)[:, None, None]
    cover_HW, color = cover_HW.astype(np.float32, copy=False), color.astype(np.float32, copy=False)
    torch.from_numpy(image_4HW).lerp_(torch.from_numpy(color), torch.from_numpy(cover_HW))


def over(under: Floats, over_4HW: Floats) -> None:
    """Lay a premultiplied image over another one of three or four planes, in place."""
    under *= 1.0 - over_4HW[3]
    under += over_4HW[: len(under)]
