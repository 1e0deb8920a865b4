"""Sprites: cut-outs at one size, lit and edged.

Knows no scenes. Pictures are planes [C, H, W] float32 in 0..1, premultiplied.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from yozora.world import cutouts
from yozora.world.light import Light
from yozora.world.paint import Floats, over
from yozora.world.scene import Color
from yozora.world.styles import Edge


@dataclass(frozen=True, slots=True, kw_only=True)
class Sprite:
    """A cut-out at one size, ready to be laid down."""

    image_4HW: Floats  # premultiplied, lit, with its paper edge and soft shadow
    foot: tuple[float, float]  # pixels of the cut-out's (u, v) = (0, 0)
    scale: float  # pixels a height of the cut-out
    wide: float  # width of the cut-out in its heights
    hull_P2: Floats  # (u, v) of the outermost points of what is opaque


_DIRECTIONS_P2 = np.stack((np.cos(np.arange(48) * np.pi / 24), np.sin(np.arange(48) * np.pi / 24)), axis=1).astype(
    np.float32
)
BAND = 16  # rows or columns that are resized at once
_SIZES = [round(8 * 2 ** (k / 6)) for k in range(60)]  # heights in pixels at which sprites are made


@lru_cache(maxsize=4096)
def _cropped(noun: str, color: Color | None, pose: str, variant: int) -> Floats:
    """A cut-out without margins, premultiplied planes."""
    picture = cutouts.load(noun, color, pose, variant)
    alpha = picture[:, :, 3] > 24
    rows, cols = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    tight = picture[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1].astype(np.float32) / np.float32(255)
    planes = np.ascontiguousarray(tight.transpose(2, 0, 1))
    planes[:3] *= planes[3]
    return planes


@lru_cache(maxsize=512)
def _filter(size_in: int, size_out: int, margin: int) -> Floats:
    """Triangle filter [size_out + 2 margin, size_in] that resizes an axis."""
    step = size_in / size_out
    wide = max(1.0, step)
    row_R = np.arange(size_out + 2 * margin)
    centre_R = (row_R - margin + 0.5) * step - 0.5
    near_RN = np.floor(centre_R)[:, None] + np.arange(-int(wide), int(wide) + 2)
    weight_RN = np.clip(1 - np.abs(near_RN - centre_R[:, None]) / wide, 0, None)
    weight_RN /= weight_RN.sum(axis=1, keepdims=True)
    inside = (near_RN >= 0) & (near_RN < size_in)
    out = np.zeros((len(row_R), size_in), np.float32)
    out[np.nonzero(inside)[0], near_RN[inside].astype(np.intp)] = weight_RN[inside]
    return out


@lru_cache(maxsize=512)
def _bands(size_in: int, size_out: int, margin: int) -> tuple[tuple[slice, slice, Floats], ...]:
    """The filter in pieces: which of what comes out, from which of what comes in, by which weights."""
    whole = _filter(size_in, size_out, margin)
    out = []
    for first in range(0, len(whole), BAND):
        part = whole[first : first + BAND]
        used = np.flatnonzero(part.any(axis=0))
        if len(used):
            of = slice(int(used[0]), int(used[-1]) + 1)
            out.append((slice(first, first + len(part)), of, np.ascontiguousarray(part[:, of])))
    return tuple(out)


def _resized(planes_4HW: Floats, rows: int, columns: int, margin: int) -> Floats:
    """Planes at another size, with a transparent margin."""
    _, height, width = planes_4HW.shape
    tall = np.zeros((4, rows + 2 * margin, width), np.float32)
    for to, of, weight in _bands(height, rows, margin):
        np.matmul(weight, planes_4HW[:, of], out=tall[:, to])
    out = np.zeros((4, rows + 2 * margin, columns + 2 * margin), np.float32)
    for to, of, weight in _bands(width, columns, margin):
        np.matmul(tall[:, :, of], weight.T, out=out[:, :, to])
    return out


@lru_cache(maxsize=1024)
def _soft(size: int, sigma: float) -> Floats:
    """Gaussian blur of an axis, [size, size]."""
    weight_N = np.exp(-0.5 * (np.arange(1 - size, size) / max(sigma, 0.3)) ** 2)
    weight_N /= weight_N[(size - 1) // 2 : (size - 1) // 2 + size].sum()  # of a row in the middle: the largest sum
    return np.lib.stride_tricks.sliding_window_view(weight_N.astype(np.float32), size)[::-1].copy()


def _hull(alpha_HW: Floats, foot: tuple[float, float]) -> Floats:
    """The outermost opaque points in 48 directions, in pixels from the foot."""
    opaque = alpha_HW > 0.5
    rows = np.flatnonzero(opaque.any(axis=1))
    left, right = opaque[rows].argmax(axis=1), opaque.shape[1] - 1 - opaque[rows, ::-1].argmax(axis=1)
    cols = np.stack((left, right), axis=1).ravel()
    spots = np.stack((cols + 0.5 - foot[0], rows.repeat(2) + 0.5 - foot[1]), axis=1).astype(np.float32)
    out: Floats = spots[np.argmax(spots @ _DIRECTIONS_P2.T, axis=0)] + 0.5 * np.sign(_DIRECTIONS_P2.round(3))
    return out


@lru_cache(maxsize=1024)
def sprite(
    noun: str, color: Color | None, pose: str, variant: int, size: int, edging: tuple[Edge, float], light: Light
) -> Sprite:
    """A cut-out `size` pixels high; edging: the edge and the height of the picture in sprite pixels."""
    source = _cropped(noun, color, pose, variant)
    edge, picture = edging
    wide = source.shape[2] / source.shape[1]
    columns = max(2, round(size * wide))
    rim = edge.width * picture
    margin = int(np.ceil(rim * 3.5)) + 2 if edge.alpha else 3
    body = _resized(source, size, columns, margin).clip(0, 1)
    tint, lift = np.array(light.actor, np.float32)[:, None, None], np.array(light.lift, np.float32)[:, None, None]
    body[:3] = np.minimum(body[:3] * tint + lift * body[3], body[3])
    height, width = body.shape[1:]
    image = np.zeros_like(body)
    if edge.shadow:
        sigma = max(1.0, 0.012 * picture)
        image[3] = edge.shadow * (_soft(height, sigma) @ body[3] @ _soft(width, sigma).T).clip(0, 1)
    if edge.alpha and rim > 0.3:
        band = np.clip(4.0 * (_soft(height, rim) @ body[3] @ _soft(width, rim).T), 0, 1) * np.float32(edge.alpha)
        rimmed = np.stack(
            (*(band * np.float32(edge.color[c] * (0.25 + 0.75 * light.actor[c])) for c in range(3)), band)
        )
        over(image, rimmed)
    over(image, body)
    foot = (margin + columns / 2, float(margin + size))
    hull_P2 = (_hull(image[3], foot) / size).astype(np.float32)
    return Sprite(image_4HW=image, foot=foot, scale=float(size), wide=wide, hull_P2=hull_P2)


def fitting(pixels: float) -> int:
    """The smallest prepared size that is not smaller than needed."""
    return next((size for size in _SIZES if size >= 0.97 * pixels), _SIZES[-1])
