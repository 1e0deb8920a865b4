"""What falls, drifts and hangs in the air: scrolling tiles of flakes, drops and mist, and single leaves.

Knows no places and no actors. Lengths in world units (see paint.py), times in seconds.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from yozora.world.light import Light
from yozora.world.paint import RGB, Box, Floats, chance, mix, rgb, times
from yozora.world.weathers import ScrollingTile


@lru_cache(maxsize=64)
def _tile(curtain: ScrollingTile, seed: int, size: int) -> Floats:
    """The opacity [size, size] of one tile; it wraps around."""
    scale = size / curtain.size
    out = np.zeros((size, size), np.float32)
    columns = int(np.ceil(np.sqrt(curtain.count)))
    for k in range(curtain.count):
        x = ((k % columns + 0.15 + 0.7 * chance(seed, 1, k)) / columns) * size
        y = ((k // columns + 0.15 + 0.7 * chance(seed, 2, k)) / np.ceil(curtain.count / columns)) * size
        grain = curtain.grain * (0.8 + 0.4 * chance(seed, 3, k)) * scale
        reach = int(np.ceil(grain * (2.6 if curtain.shape == "puff" else 1.0) + 2))
        rows, cols = np.arange(int(y) - reach, int(y) + reach + 2), np.arange(int(x) - reach, int(x) + reach + 2)
        dx_W, dy_H = cols + 0.5 - x, rows + 0.5 - y
        if curtain.shape == "flake":
            spot = np.clip(grain + 0.6 - np.hypot(dx_W[None, :], dy_H[:, None]), 0, 1)
        elif curtain.shape == "streak":
            along = np.hypot(*curtain.speed)
            ux, uy = curtain.speed[0] / along, curtain.speed[1] / along
            run = dx_W[None, :] * ux + dy_H[:, None] * uy
            off = np.abs(dx_W[None, :] * uy - dy_H[:, None] * ux)
            wide = max(0.55, 0.0045 * scale)
            spot = np.clip(wide + 0.5 - off, 0, 1) * np.clip(1.0 - np.abs(run) / (grain * 0.5), 0, 1) ** 0.6
        else:
            spot = np.exp(-((dx_W[None, :] / (grain * 2.0)) ** 2) - (dy_H[:, None] / (grain * 0.7)) ** 2)
        index = np.ix_(rows % size, cols % size)
        out[index] = np.maximum(out[index], spot) if curtain.shape != "puff" else out[index] + (1 - out[index]) * spot
    return out


def period(curtain: ScrollingTile, scale: float) -> int:
    """Pixels along the side of a curtain's tile, where a world unit has `scale`."""
    return max(8, round(curtain.size * scale))


def tile(curtain: ScrollingTile, seed: int, size: int) -> Floats:
    """The opacity of one tile; one row and column more than repeats, so that it can be sampled up to its end."""
    return np.pad(_tile(curtain, seed % 16, size), ((0, 1), (0, 1)), mode="wrap") * np.float32(curtain.alpha)


@lru_cache(maxsize=32)
def _cloth(curtain: ScrollingTile, seed: int, size: int, height: int, width: int) -> Floats:
    """The tile repeated until any window of the picture's size fits into it."""
    repeats = (int(np.ceil((height + 2) / size)) + 1, int(np.ceil((width + 2) / size)) + 1)
    return np.tile(_tile(curtain, seed, size) * np.float32(curtain.alpha), repeats)


def veil(curtain: ScrollingTile, seed: int, size: int, at: tuple[float, float], shape: tuple[int, int]) -> Floats:
    """The opacity [H, W] of a curtain whose tile has `size` pixels; `at`: the texel in the picture's corner."""
    height, width = shape
    (i, fx), (j, fy) = ((int(place), place % 1.0) for place in at)
    cloth = torch.from_numpy(_cloth(curtain, seed % 16, size, height, width)[j : j + height + 1, i : i + width + 1])
    across = torch.lerp(cloth[:, :-1], cloth[:, 1:], fx)
    out: Floats = (torch.lerp(across[:-1], across[1:], fy) if fy else across[:-1]).numpy()
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spots:
    """A cloth's texels at which something is, here or one to the right or below; row by row."""

    four_4K: Floats  # of one tile: the texel, the one to the right, the one below, and the one to the right of that
    which_R: NDArray[np.intp]  # of these K
    row_R: NDArray[np.int32]
    col_R: NDArray[np.int32]
    flat_R: NDArray[np.intp]  # row * width of the picture + column


@lru_cache(maxsize=256)
def _spots(curtain: ScrollingTile, seed: int, size: int, height: int, width: int) -> _Spots:
    here = _tile(curtain, seed, size)
    below = np.roll(here, -1, 0)
    four = np.stack((here, np.roll(here, -1, 1), below, np.roll(below, -1, 1)))
    number = np.full(here.shape, -1, np.int64)
    some = four.any(axis=0)
    number[some] = np.arange(int(some.sum()))
    cloth = np.tile(number, (height // size + 2, width // size + 2))
    rows, cols = np.nonzero(cloth >= 0)
    return _Spots(
        four_4K=four[:, some],
        which_R=cloth[rows, cols].astype(np.intp),
        row_R=rows.astype(np.int32),
        col_R=cols.astype(np.int32),
        flat_R=(rows * width + cols).astype(np.intp),
    )


def drops(
    curtain: ScrollingTile, seed: int, size: int, at: tuple[float, float], shape: tuple[int, int]
) -> tuple[NDArray[np.intp], Floats]:
    """`veil` of a curtain that has more holes than flakes: numbers of the pixels that it covers, and its opacity."""
    spots = _spots(curtain, seed % 16, size, *shape)
    i, j, fx, fy = int(at[0]), int(at[1]), np.float32(at[0] % 1.0), np.float32(at[1] % 1.0)
    left_K, right_K, low_left_K, low_right_K = spots.four_4K
    cover_K = (left_K * (1 - fx) + right_K * fx) * (1 - fy) + (low_left_K * (1 - fx) + low_right_K * fx) * fy
    cover_K *= np.float32(curtain.alpha)
    rows = slice(*np.searchsorted(spots.row_R, np.array((j, j + shape[0]), np.int32)))
    col_R = spots.col_R[rows] - np.int32(i)
    inside = np.flatnonzero(col_R.view(np.uint32) < np.uint32(shape[1]))
    pixels_N = spots.flat_R[rows][inside]
    pixels_N -= j * shape[1] + i
    return pixels_N, cover_K[spots.which_R[rows][inside]]


LEAVES = 13
_LEAF_COLORS: tuple[RGB, ...] = (rgb("#d9772e"), rgb("#e0a13a"), rgb("#c4553a"), rgb("#b98a35"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaves:
    """Falling leaves, L of them in T frames, in world units and radians."""

    x_TL: Floats
    y_TL: Floats
    angle_TL: Floats
    wide_TL: Floats  # half-axes
    high_TL: Floats
    color_L3: Floats


@lru_cache(maxsize=64)
def _traits(seed: int) -> Floats:
    """Six numbers in [0, 1) for each leaf [6, L]."""
    return np.array([[chance(seed, channel, k) for k in range(LEAVES)] for channel in range(51, 57)])


def leaves(seed: int, seconds_T: Floats, box: Box, lit: Light) -> Leaves:
    """Leaves that drift down through a box of the world; they come back at its top."""
    x0, y0, x1, y1 = box
    high = y1 - y0 + 0.2
    place, speed, turn, start, above, grain = _traits(seed)
    number_L, second_T1 = np.arange(LEAVES), np.asarray(seconds_T, np.float64)[:, None]
    turn_TL = 2 * np.pi * (second_T1 * (0.35 + 0.3 * turn) + start)
    x_TL = (x1 - x0) * (number_L + place) / LEAVES + 0.05 * np.sin(turn_TL) - 0.05 * second_T1
    wide_L = 0.020 + 0.006 * grain
    light = mix((1.0, 1.0, 1.0), lit.actor, 0.65)
    return Leaves(
        x_TL=x0 + x_TL % (x1 - x0),
        y_TL=y0 - 0.1 + (above * high + (0.20 + 0.12 * speed) * second_T1) % high,
        angle_TL=0.7 * np.cos(turn_TL) + number_L,
        wide_TL=np.broadcast_to(wide_L, turn_TL.shape),
        high_TL=wide_L * (0.38 + 0.2 * np.sin(turn_TL * 1.3)),
        color_L3=np.array([times(_LEAF_COLORS[k % 4], light) for k in range(LEAVES)]),
    )
