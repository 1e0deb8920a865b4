"""What stages are made of: layers, the bench on which they are drawn, the sky, trees and the lines of hills.

Knows no particular place. World coordinates as in paint.py: the actors' ground line is Y = 0.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from yozora.world.light import SNOW, Light
from yozora.world.paint import Box, Floats, Sheet, chance, mix, rgb, sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Sway:
    """How a sheet rocks: an ellipse of half-widths (x, y) units, once a period of seconds."""

    x: float = 0.0
    y: float = 0.0
    period: float = 2.0
    phase: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLayer:
    """A sheet on the stage."""

    sheet: Sheet
    parallax: float  # 0: infinitely far, moves with the camera; 1: where the actors are
    before: float = -1.0  # it stands before actors whose feet are at a smaller world Y; -1: behind all
    sway: Sway | None = None
    window: bool = False  # not shown: its alpha says where the weather is seen (indoors)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageView:
    """Where a stage is drawn: the light, the seed, and for each parallax the box of the world that will be seen."""

    light: Light
    seed: int
    scale: float
    origin: tuple[float, float]
    ink: float
    seen: Callable[[float], Box]

    def paper(self, parallax: float, top: float | None = None, bottom: float | None = None, room: float = 0.0) -> Sheet:
        """An empty sheet as wide as can be seen (and `room` wider), between two heights."""
        x0, y0, x1, y1 = self.seen(parallax)
        y0 = y0 if top is None else min(max(y0, top), y1 - 0.01)
        y1 = y1 if bottom is None else max(min(y1, bottom), y0 + 0.01)
        return sheet((x0 - room, y0 - room, x1 + room, y1 + room), self.scale, self.origin, self.ink)

    def roll(self, *keys: int) -> float:
        """A number in [0, 1) that belongs to the seed."""
        return chance(self.seed, *keys)


Stage = list[StageLayer]


# -------------------------------------------------------------------- sky


def sky(bench: StageView, horizon: float, *, sun_x: float | None = None, skyline: float | None = None) -> StageLayer:
    """The sky down to `horizon`, with the sun or the moon; `sun_x` -1..1 across; a low sun stands on `skyline`."""
    lit, paper = bench.light, bench.paper(0.15)
    box = bench.seen(0.15)
    top = min(box[1], horizon - 0.3)
    clear = lit.weather.sunny
    paper.gradient(lit.sky, (top, top * 0.42 + horizon * 0.58, horizon))
    half = (box[2] - box[0]) / 2
    side = (bench.roll(1) - 0.5) * 1.1 if sun_x is None else sun_x
    x = side * half
    if lit.night:
        if clear:
            _stars(bench, paper, box, horizon)
        y = top + (horizon - top) * (0.24 + 0.1 * bench.roll(2))
        strength = 1.0 if clear else 0.45
        paper.glow(x, y, 0.19, (0.75, 0.82, 1.0), 0.33 * strength)
        paper.ellipse(x, y, 0.072, 0.072, mix(rgb("#fdf3cf"), lit.sky[1], 1 - strength), shade=0.03)
        if clear:
            paper.ellipse(x - 0.022, y - 0.012, 0.016, 0.016, rgb("#ecdfb4"), alpha=0.8)
            paper.ellipse(x + 0.024, y + 0.024, 0.011, 0.011, rgb("#ecdfb4"), alpha=0.8)
    elif lit.sunset:
        y = (horizon if skyline is None else skyline) - 0.075 - 0.03 * bench.roll(2)
        strength = 1.0 if clear else 0.5
        paper.glow(x, y + 0.03, 0.62, rgb("#ffcf70"), 0.5 * strength, flat=0.5)
        paper.glow(x, y, 0.2, rgb("#ffe39a"), 0.75 * strength)
        paper.ellipse(x, y, 0.115, 0.115, mix(rgb("#fff0b8"), lit.sky[2], 0.55 * (1 - strength)))
    elif clear:
        y = top + (horizon - top) * (0.22 + 0.1 * bench.roll(2))
        paper.glow(x, y, 0.24, rgb("#fff6d0"), 0.65)
        paper.ellipse(x, y, 0.075, 0.075, rgb("#fff0b0"), shade=0.02)
    _clouds(bench, paper, box, top, horizon)
    return StageLayer(sheet=paper, parallax=0.15)


def _stars(bench: StageView, paper: Sheet, box: Box, horizon: float) -> None:
    for k in range(16):
        x = box[0] + (box[2] - box[0]) * (k + bench.roll(3, k)) / 16
        y = box[1] + (horizon - 0.14 - box[1]) * bench.roll(4, k)
        paper.glow(x, y, 0.009 + 0.005 * bench.roll(5, k), (1.0, 0.97, 0.85), 0.95)


def _clouds(bench: StageView, paper: Sheet, box: Box, top: float, horizon: float) -> None:
    lit = bench.light
    grey = lit.weather.overcast
    if not lit.weather.clouds or (lit.night and grey < 0.5):
        return
    color = mix(
        mix(rgb("#ffffff"), rgb("#f7b8a0"), 0.75 if lit.sunset else 0.0),
        mix(lit.sky[0], lit.sky[1], 0.4),
        0.35 + 0.35 * grey,
    )
    if lit.night:
        color = mix(lit.sky[1], lit.sky[2], 0.35)
    for k in range(3 if grey < 0.5 else 4):
        x = box[0] + (box[2] - box[0]) * (k + 0.25 + 0.5 * bench.roll(6, k)) / (3 if grey < 0.5 else 4)
        y = top + (horizon - top) * (0.16 + 0.3 * bench.roll(7, k))
        size = 0.6 + 0.5 * bench.roll(8, k) + 0.45 * grey
        for dx, dy, r in ((-0.10, 0.012, 0.045), (0.10, 0.014, 0.04), (0.0, -0.008, 0.065), (0.0, 0.03, 0.05)):
            wide = 2.6 if dy == 0.03 else 1.25
            paper.ellipse(x + dx * size, y + dy * size, r * wide * size, r * 0.75 * size, color, alpha=0.89, shade=0.04)


# -------------------------------------------------------------------- plants


def _crown(light_: Light) -> tuple[str, ...]:
    if light_.weather.leaves:
        return ("#cf8a43", "#d8a24c", "#b9693f", "#c9b257")
    return ("#6fa06a", "#86b074", "#5d9470", "#94b56f")


def tree(bench: StageView, paper: Sheet, x: float, y: float, height: float, far: float, key: int) -> None:
    """A round tree whose foot is at (x, y), `far` 0..1 away; `key` chooses its green."""
    lit = bench.light
    color = lit.on(_crown(lit)[int(bench.roll(20, key) * 4)], far, cover=0.5)
    trunk = lit.on("#8a6a52", far)
    r = height * 0.30
    if lit.shadow and not paper.ink:
        paper.ellipse(x, y, r * 1.1, r * 0.16, lit.on("#45584a", far), alpha=0.3)
    paper.polygon(
        (
            (x - 0.035 * height, y),
            (x - 0.022 * height, y - 0.5 * height),
            (x + 0.022 * height, y - 0.5 * height),
            (x + 0.035 * height, y),
        ),
        trunk,
    )
    dark = mix(color, lit.on("#3d5a58", far), 0.22)
    paper.ellipse(x - r * 0.55, y - height * 0.50, r * 0.72, r * 0.66, dark, shade=0.08)
    paper.ellipse(x + r * 0.58, y - height * 0.52, r * 0.70, r * 0.66, dark, shade=0.08)
    paper.ellipse(x, y - height * 0.68, r * 0.98, r * 0.98, color, shade=0.13)
    if not paper.ink:
        paper.ellipse(x - r * 0.25, y - height * 0.76, r * 0.5, r * 0.42, mix(color, (1, 1, 1), 0.25), alpha=0.35)


def fir(bench: StageView, paper: Sheet, x: float, y: float, height: float, far: float, snowy: bool) -> None:
    """A fir whose foot is at (x, y), `far` 0..1 away."""
    lit = bench.light
    color = lit.on("#5f8a80", far)
    cap = lit.on(SNOW, far * 0.7)
    paper.box(x - 0.03 * height, y - 0.14 * height, x + 0.03 * height, y, lit.on("#7d6455", far))
    for k in range(3):
        top, low, half = 1.0 - 0.24 * k, 0.60 - 0.24 * k, 0.17 + 0.055 * k
        tip = (x, y - top * height)
        paper.polygon(
            ((x - half * height, y - low * height), tip, (x + half * height, y - low * height)),
            mix(color, (0, 0, 0), 0.05 * k),
            shade=0.1,
        )
        if snowy:
            mid = top - (top - low) * 0.42
            paper.polygon(
                ((x - half * 0.42 * height, y - mid * height), tip, (x + half * 0.42 * height, y - mid * height)), cap
            )


REACH = 0.5  # units: nothing that stands on a stage is twice as wide


def spread(bench: StageView, parallax: float, step: float, channel: int) -> list[tuple[int, float, float]]:
    """Places of things along X, one to a cell of `step`, the same ones however much of the world is seen."""
    x0, _, x1, _ = bench.seen(parallax)
    cells = range(int(np.floor(x0 / step)) - 1, int(np.ceil(x1 / step)) + 1)
    places = [(k, (k + 0.2 + 0.6 * bench.roll(channel, k)) * step) for k in cells]
    return [(k, x, bench.roll(channel + 1, k)) for k, x in places if x0 - REACH < x < x1 + REACH]


def wavy(base: float, *waves: tuple[float, float, float]) -> Callable[[Floats], Floats]:
    """Y = base + the sum of amplitude * sin(X * frequency + phase)."""

    def line(x_W: Floats) -> Floats:
        y_W = np.full_like(x_W, base)
        for amplitude, frequency, phase in waves:
            y_W += np.float32(amplitude) * np.sin(x_W * np.float32(frequency) + np.float32(phase))
        return y_W

    return line


def ridge(bench: StageView, base: float, height: float, step: float, channel: int) -> Callable[[Floats], Floats]:
    """A jagged line of peaks, one to a cell of `step`."""

    def line(x_W: Floats) -> Floats:
        first, last = int(np.floor(float(x_W[0]) / step)) - 1, int(np.ceil(float(x_W[-1]) / step)) + 1
        xs, ys = [], []
        for k in range(first, last + 1):
            rise = height * (0.62 + 0.38 * bench.roll(channel, k))
            xs += [(k + 0.5 + 0.24 * (bench.roll(channel + 1, k) - 0.5)) * step, (k + 1.0) * step]
            ys += [base - rise, base - height * (0.18 + 0.22 * bench.roll(channel + 2, k))]
        return np.interp(x_W, xs, ys).astype(np.float32)

    return line
