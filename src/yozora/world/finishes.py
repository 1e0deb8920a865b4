"""Finishes: what a style does to a frame that is painted. `styles` names them.

Knows no scenes. Frames are planes [3, H, W] float32 in 0..1; lengths scale with the height of the picture.
"""

from functools import lru_cache

import numpy as np

from yozora.world.paint import Floats, chance
from yozora.world.styles import STYLES
from yozora.world.tables import function_of


def canvas_size(style: str, width: int, height: int) -> tuple[int, int]:
    """The (width, height) at which a style draws."""
    rows = STYLES[style].rows
    if rows is not None and height > rows:
        return max(8, round(width * rows / height)), rows
    return width, height


def finish(style: str, image_3HW: Floats, seed: int, frame: int) -> Floats:
    """One frame as the style shows it; may work in place. `frame`: its number, for what flickers (at 8 Hz)."""
    path = STYLES[style].finish
    if not path:
        return image_3HW
    finished: Floats = function_of(path)(image_3HW, seed, frame)
    return finished


def enlarged(frames_THWC: np.ndarray, width: int, height: int) -> np.ndarray:
    """[T, h, w, C] -> [T, height, width, C] by repeating pixels."""
    rows = np.arange(height) * frames_THWC.shape[1] // height
    cols = np.arange(width) * frames_THWC.shape[2] // width
    out: np.ndarray = frames_THWC.take(cols, axis=2).take(rows, axis=1)
    return out


def _to_luminance(image_3HW: Floats) -> Floats:
    grey_HW: Floats = image_3HW[0] * np.float32(0.34) + image_3HW[1] * np.float32(0.50)
    grey_HW += image_3HW[2] * np.float32(0.16)
    return grey_HW


@lru_cache(maxsize=16)
def vignette(height: int, width: int, strength: float) -> Floats:
    x_W = (np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1
    y_H = (np.arange(height, dtype=np.float32) + 0.5) / height * 2 - 1
    away = x_W[None, :] ** 2 * 0.75 + y_H[:, None] ** 2 * 0.6
    return (1.0 - np.float32(strength) * np.clip(away - 0.25, 0, 1.2) ** 1.2).astype(np.float32)


def noir(image_3HW: Floats, seed: int, frame: int) -> Floats:
    grey_HW = _to_luminance(image_3HW)
    grey_HW = np.clip((grey_HW - 0.42) * 1.5 + 0.42, 0, 1) * vignette(*grey_HW.shape, 0.62)
    return np.stack((grey_HW, grey_HW, grey_HW * np.float32(1.01)))


@lru_cache(maxsize=16)
def grain(height: int, width: int, seed: int) -> Floats:
    cell = 90
    coarse = np.random.default_rng(seed).standard_normal((cell, cell * 2)).astype(np.float32)
    return (enlarged(coarse[None, :, :, None], width, height)[0, :, :, 0] * 0.013).astype(np.float32)


def vintage(image_3HW: Floats, seed: int, frame: int) -> Floats:
    height, width = image_3HW.shape[1:]
    grey_HW = _to_luminance(image_3HW)
    grey_HW = np.float32(0.10) + np.float32(0.82) * grey_HW
    tick = frame // 2
    tone_3HW = image_3HW
    tone_3HW *= np.float32(0.36)
    lit_HW = vignette(height, width, 0.45) * np.float32(0.985 + 0.03 * chance(seed, 71, tick))
    grain_HW = grain(height, width, (seed * 31 + tick) % 8)
    for plane_HW, (gain, lift) in zip(tone_3HW, ((1.08, 0.03), (0.92, 0.01), (0.70, 0.0)), strict=True):
        plane_HW += grey_HW * np.float32(0.64 * gain)
        plane_HW += grain_HW if not lift else grain_HW + np.float32(0.64 * lift)
        plane_HW *= lit_HW
    for k in range(2):
        if chance(seed, 72, k, tick // 2) < 0.7:
            x = chance(seed, 73, k, tick // 3) * width
            half = max(0.5, 0.0035 * height)
            cols = slice(max(0, int(x - half)), min(width, int(x + half) + 1))
            tone_3HW[:, :, cols] += np.float32(0.13)
    return tone_3HW


@lru_cache(maxsize=16)
def wash(height: int, width: int) -> tuple[Floats, Floats, Floats]:
    """Paper grain, and how far the colour bleeds in x and y (pixels)."""
    rng = np.random.default_rng(7)
    x_W, y_H = np.arange(width) / height, np.arange(height) / height

    def noise(waves: int, low: float, high: float) -> Floats:
        out = np.zeros((height, width))
        for _ in range(waves):
            fx, fy = rng.uniform(low, high, 2) * rng.choice((-1, 1), 2)
            out += np.sin(2 * np.pi * (x_W[None, :] * fx + y_H[:, None] * fy) + rng.uniform(0, 6.28))
        out /= np.sqrt(waves)
        return out.astype(np.float32)

    return noise(10, 3.0, 16.0), noise(6, 1.5, 6.0), noise(6, 1.5, 6.0)


@lru_cache(maxsize=16)
def bleed(height: int, width: int) -> tuple[np.ndarray, Floats]:
    _, dx, dy = wash(height, width)
    reach = 0.0045 * height
    rows = np.clip(np.round(np.arange(height)[:, None] + dy * reach), 0, height - 1).astype(np.intp)
    cols = np.clip(np.round(np.arange(width)[None, :] + dx * reach), 0, width - 1).astype(np.intp)
    x_W = np.abs((np.arange(width) + 0.5) / width * 2 - 1)[None, :]
    y_H = np.abs((np.arange(height) + 0.5) / height * 2 - 1)[:, None]
    rim = np.clip((np.maximum(x_W, y_H * 1.0) - 0.95 + 0.012 * dx) / 0.06, 0, 1)
    return rows * width + cols, rim.astype(np.float32)


def _blur(image_3HW: Floats, radius: int) -> Floats:
    """A box blur; the border is repeated."""
    width = 2 * radius + 1
    padded = np.pad(image_3HW, ((0, 0), (radius, radius), (radius, radius)), mode="edge")
    out = _summed(_summed(padded, width, 1), width, 2)
    out *= np.float32(1.0 / width**2)
    return out


def _summed(planes_CHW: Floats, width: int, axis: int) -> Floats:
    """Sums of `width` neighbours along axis 1 or 2, by sums of 1, 2, 4, ... of them."""
    count = planes_CHW.shape[axis] - width + 1
    power, start, some = 1, 0, planes_CHW
    total: Floats | None = None
    while True:
        if width & power:
            part = _slice_planes(some, axis, start, count)
            total = part.copy() if total is None else np.add(total, part, out=total)
            start += power
        if 2 * power > width:
            assert total is not None
            return total
        longer = some.shape[axis] - power
        some = _slice_planes(some, axis, 0, longer) + _slice_planes(some, axis, power, longer)
        power *= 2


def _slice_planes(planes_CHW: Floats, axis: int, start: int, count: int) -> Floats:
    return planes_CHW[:, start : start + count] if axis == 1 else planes_CHW[:, :, start : start + count]


def watercolor(image_3HW: Floats, seed: int, frame: int) -> Floats:
    height, width = image_3HW.shape[1:]
    index_HW, rim_HW = bleed(height, width)
    soft = np.take(image_3HW.reshape(3, -1), index_HW, axis=1)
    wide = _blur(soft, max(1, round(0.018 * height)))
    edge = np.abs(_to_luminance(soft) - _to_luminance(wide))
    wide -= soft
    wide *= np.float32(0.25 * 0.86)
    soft *= np.float32(0.86)
    soft += wide
    edge *= np.float32(-0.55)
    edge += np.float32(0.14)
    soft += edge
    soft *= 1.0 + np.float32(0.022) * wash(height, width)[0]
    soft += (np.array((0.98, 0.965, 0.93), np.float32)[:, None, None] - soft) * rim_HW
    return soft


def pixel(image_3HW: Floats, seed: int, frame: int) -> Floats:
    """Few levels of each colour."""
    levels: Floats = np.round(np.clip(image_3HW, 0, 1) * 9.0) / np.float32(9.0)
    return levels
