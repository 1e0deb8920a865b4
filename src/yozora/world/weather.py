"""What falls, drifts and hangs in the air: scrolling tiles of flakes, drops and mist, and single leaves.

Knows no places and no actors. Lengths in world units (see paint.py), times in seconds.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import cos, pi, sin

import numpy as np

from yozora.world.light import Light
from yozora.world.paint import RGB, Box, Floats, chance, mix, rgb, times
from yozora.world.scene import Weather


@dataclass(frozen=True, slots=True, kw_only=True)
class Curtain:
    """A tile that repeats over the picture and scrolls."""

    kind: str  # "snow" | "rain" | "fog"
    size: float  # of the tile in units
    count: int  # flakes or drops a tile
    grain: float  # radius of a flake, length of a drop, in units
    speed: tuple[float, float]  # units / s to the right and downwards
    swing: float  # units that it swings sideways
    color: RGB
    alpha: float
    front: bool  # before the actors


FALLING: dict[Weather, tuple[Curtain, ...]] = {
    "clear": (),
    "leaves": (),
    "snow": (
        Curtain(
            kind="snow",
            size=0.80,
            count=15,
            grain=0.0095,
            speed=(-0.02, 0.21),
            swing=0.025,
            color=(1, 1, 1),
            alpha=0.80,
            front=False,
        ),
        Curtain(
            kind="snow",
            size=1.00,
            count=12,
            grain=0.0145,
            speed=(0.03, 0.33),
            swing=0.04,
            color=(1, 1, 1),
            alpha=0.95,
            front=True,
        ),
    ),
    "rain": (
        Curtain(
            kind="rain",
            size=0.75,
            count=15,
            grain=0.075,
            speed=(-0.16, 1.05),
            swing=0.0,
            color=(0.86, 0.91, 0.97),
            alpha=0.42,
            front=False,
        ),
        Curtain(
            kind="rain",
            size=1.00,
            count=12,
            grain=0.115,
            speed=(-0.22, 1.40),
            swing=0.0,
            color=(0.90, 0.94, 1.0),
            alpha=0.55,
            front=True,
        ),
    ),
    "fog": (
        Curtain(
            kind="fog",
            size=1.60,
            count=7,
            grain=0.26,
            speed=(0.06, 0.0),
            swing=0.0,
            color=(1, 1, 1),
            alpha=0.50,
            front=False,
        ),
        Curtain(
            kind="fog",
            size=1.90,
            count=6,
            grain=0.24,
            speed=(0.11, 0.0),
            swing=0.0,
            color=(1, 1, 1),
            alpha=0.30,
            front=True,
        ),
    ),
}


@lru_cache(maxsize=64)
def _tile(curtain: Curtain, seed: int, size: int) -> Floats:
    """The opacity [size, size] of one tile; it wraps around."""
    scale = size / curtain.size
    out = np.zeros((size, size), np.float32)
    columns = int(np.ceil(np.sqrt(curtain.count)))
    for k in range(curtain.count):
        x = ((k % columns + 0.15 + 0.7 * chance(seed, 1, k)) / columns) * size
        y = ((k // columns + 0.15 + 0.7 * chance(seed, 2, k)) / np.ceil(curtain.count / columns)) * size
        grain = curtain.grain * (0.8 + 0.4 * chance(seed, 3, k)) * scale
        reach = int(np.ceil(grain * (2.6 if curtain.kind == "fog" else 1.0) + 2))
        rows, cols = np.arange(int(y) - reach, int(y) + reach + 2), np.arange(int(x) - reach, int(x) + reach + 2)
        dx_W, dy_H = cols + 0.5 - x, rows + 0.5 - y
        if curtain.kind == "snow":
            spot = np.clip(grain + 0.6 - np.hypot(dx_W[None, :], dy_H[:, None]), 0, 1)
        elif curtain.kind == "rain":
            along = np.hypot(*curtain.speed)
            ux, uy = curtain.speed[0] / along, curtain.speed[1] / along
            run = dx_W[None, :] * ux + dy_H[:, None] * uy
            off = np.abs(dx_W[None, :] * uy - dy_H[:, None] * ux)
            wide = max(0.55, 0.0045 * scale)
            spot = np.clip(wide + 0.5 - off, 0, 1) * np.clip(1.0 - np.abs(run) / (grain * 0.5), 0, 1) ** 0.6
        else:
            spot = np.exp(-((dx_W[None, :] / (grain * 2.0)) ** 2) - (dy_H[:, None] / (grain * 0.7)) ** 2)
        index = np.ix_(rows % size, cols % size)
        out[index] = np.maximum(out[index], spot) if curtain.kind != "fog" else out[index] + (1 - out[index]) * spot
    return out


@lru_cache(maxsize=32)
def _cloth(curtain: Curtain, seed: int, size: int, height: int, width: int) -> Floats:
    """The tile repeated until any window of the picture's size fits into it."""
    repeats = (int(np.ceil((height + 2) / size)) + 1, int(np.ceil((width + 2) / size)) + 1)
    return np.tile(_tile(curtain, seed, size), repeats)


def veil(
    curtain: Curtain, seed: int, second: float, scale: float, size: tuple[int, int], at: tuple[float, float]
) -> Floats:
    """The opacity [H, W] of a curtain at a time; `at`: where the picture's corner is, in pixels of a resting camera."""
    height, width = size
    period = max(8, round(curtain.size * scale))
    unit_px = period / curtain.size
    sway = curtain.swing * float(np.sin(2 * np.pi * second / 2.4 + seed % 7))
    x = (at[0] - (curtain.speed[0] * second + sway) * unit_px) % period
    y = (at[1] - curtain.speed[1] * second * unit_px) % period
    cloth = _cloth(curtain, seed % 16, period, height, width)
    i, j, fx, fy = int(x), int(y), np.float32(x % 1.0), np.float32(y % 1.0)
    rows = cloth[j : j + height + 1, i : i + width + 1]
    across = rows[:, :-1] * (1 - fx)
    across += rows[:, 1:] * fx
    out = across[:-1] * ((1 - fy) * np.float32(curtain.alpha))
    out += across[1:] * (fy * np.float32(curtain.alpha))
    return out


LEAVES = 13
_LEAF_COLORS: tuple[RGB, ...] = (rgb("#d9772e"), rgb("#e0a13a"), rgb("#c4553a"), rgb("#b98a35"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One falling leaf at one time, in world units and radians."""

    x: float
    y: float
    angle: float
    wide: float  # half-axes
    high: float
    color: RGB


@lru_cache(maxsize=64)
def _traits(seed: int) -> tuple[tuple[float, ...], ...]:
    """Six numbers in [0, 1) for each leaf."""
    return tuple(tuple(chance(seed, channel, k) for channel in range(51, 57)) for k in range(LEAVES))


def leaves(seed: int, second: float, box: Box, lit: Light) -> list[Leaf]:
    """Leaves that drift down through a box of the world; they come back at its top."""
    x0, y0, x1, y1 = box
    high = y1 - y0 + 0.2
    out = []
    for k, (place, speed, spin, start, above, grain) in enumerate(_traits(seed)):
        turn = 2 * pi * (second * (0.35 + 0.3 * spin) + start)
        x = (x1 - x0) * (k + place) / LEAVES + 0.05 * sin(turn) - 0.05 * second
        y = y0 - 0.1 + (above * high + (0.20 + 0.12 * speed) * second) % high
        wide = 0.020 + 0.006 * grain
        out.append(
            Leaf(
                x=x0 + x % (x1 - x0),
                y=y,
                angle=0.7 * cos(turn) + k,
                wide=wide,
                high=wide * (0.38 + 0.2 * sin(turn * 1.3)),
                color=times(_LEAF_COLORS[k % 4], mix((1.0, 1.0, 1.0), lit.actor, 0.65)),
            )
        )
    return out


def leaf_cover(leaf: Leaf, x_W: Floats, y_H: Floats, scale: float) -> Floats:
    """The opacity [H, W] of a leaf at pixels whose world places are given."""
    cos, sin = np.float32(np.cos(leaf.angle)), np.float32(np.sin(leaf.angle))
    dx_W, dy_H = x_W - np.float32(leaf.x), y_H - np.float32(leaf.y)
    a = (dx_W[None, :] * cos + dy_H[:, None] * sin) / leaf.wide
    b = (dy_H[:, None] * cos - dx_W[None, :] * sin) / leaf.high
    return np.clip(0.5 - (np.sqrt(a * a + b * b) - 1.0) * (leaf.high * scale), 0, 1)
