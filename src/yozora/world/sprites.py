"""Sprites: cut-outs at one size, lit and edged, and how they are laid into a picture by an affine matrix.

Knows no scenes. Pictures are planes [C, H, W] float32 in 0..1, premultiplied.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from yozora.world import cutouts, figures, joints
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
AS_DRAWN = -1  # a step that poses nothing
BAND = 16  # rows or columns that are resized at once
_SIZES = [round(8 * 2 ** (k / 6)) for k in range(60)]  # heights in pixels at which sprites are made


def _cropped(noun: str, color: Color | None, pose: str, variant: int, step: int = AS_DRAWN) -> Floats:
    """A cut-out, premultiplied planes: without margins as drawn, or at a step of its cycle with those of `pads`."""
    if step == AS_DRAWN:
        return _tight(noun, color, pose, variant)
    planes: Floats = _posed(noun, color, pose, variant, step).astype(np.float32)
    planes /= np.float32(255)
    return planes


def pads(noun: str, pose: str, variant: int, step: int) -> tuple[int, int]:
    """Pixels, across and along, on each side of `_cropped` that are outside the tight cut-out."""
    figure = figures.figure(noun, pose) if step != AS_DRAWN else None
    return (0, 0) if figure is None else joints.padding(figure, *_tight(noun, None, pose, variant).shape[1:])


@lru_cache(maxsize=4096)
def _posed(noun: str, color: Color | None, pose: str, variant: int, step: int) -> cutouts.Bytes:
    """A cut-out at a step of its cycle, in bytes, since there are many."""
    planes = joints.posed(_pieces(noun, color, pose, variant), step)
    planes *= np.float32(255)
    planes += np.float32(0.5)
    return planes.astype(np.uint8)


@lru_cache(maxsize=512)
def soles(noun: str, pose: str) -> Floats:
    """How far below its feet as drawn the lowest of a cut-out is at each step of its cycle, in heights [STEPS]."""
    tall, (_, along) = _tight(noun, None, pose, 0).shape[1], pads(noun, pose, 0, 0)
    opaque = [_posed(noun, None, pose, 0, step)[3] > 127 for step in range(joints.STEPS)]
    lowest = np.array([np.flatnonzero(clevelHW.any(axis=1))[-1] + 1 - along - tall for clevelHW in opaque])
    below_S: Floats = (lowest / tall).astype(np.float32)
    return below_S


@lru_cache(maxsize=64)
def _pieces(noun: str, color: Color | None, pose: str, variant: int) -> joints.Pieces:
    figure = figures.figure(noun, pose)
    assert figure is not None
    return joints.cut(_tight(noun, color, pose, variant), figure)


@lru_cache(maxsize=1024)
def _tight(noun: str, color: Color | None, pose: str, variant: int) -> Floats:
    """A cut-out without margins, premultiplied planes."""
    picture = cutouts.load(noun, color, pose, variant)
    alpha = picture[:, :, 3] > 24
    rows, cols = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    tight = picture[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1].astype(np.float32) / np.float32(255)
    planes = np.ascontiguousarray(tight.transpose(2, 0, 1))
    planes[:3] *= planes[3]
    return planes


@lru_cache(maxsize=512)
def _filter(size_in: int, size_out: int, margin: int, pad: int = 0) -> Floats:
    """Triangle filter [size_out + 2 margin, size_in + 2 pad] that resizes an axis; `pad` and `margin` go beyond it."""
    step = size_in / size_out
    wide = max(1.0, step)
    row_R = np.arange(size_out + 2 * margin)
    centre_R = (row_R - margin + 0.5) * step - 0.5 + pad
    near_RN = np.floor(centre_R)[:, None] + np.arange(-int(wide), int(wide) + 2)
    weight_RN = np.clip(1 - np.abs(near_RN - centre_R[:, None]) / wide, 0, None)
    weight_RN /= weight_RN.sum(axis=1, keepdims=True)
    inside = (near_RN >= 0) & (near_RN < size_in + 2 * pad)
    out = np.zeros((len(row_R), size_in + 2 * pad), np.float32)
    out[np.nonzero(inside)[0], near_RN[inside].astype(np.intp)] = weight_RN[inside]
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """An axis of a padded cut-out and of its sprite: `chosen` pixels of it become the `wanted` ones."""

    size_in: int
    size_out: int
    margin: int
    pad: int
    chosen: tuple[int, int]
    wanted: tuple[int, int]


def _resized(planes_4HW: Floats, down: _Axis, across: _Axis) -> Floats:
    """Planes at the size that two axes say, [4, R, C]."""
    (top, bottom), (left, right) = down.chosen, across.chosen
    planes_4HW = planes_4HW[:, top:bottom, left:right]
    rows, columns = (axis.wanted[1] - axis.wanted[0] for axis in (down, across))
    tall_4RW = np.zeros((4, rows, right - left), np.float32)
    for to, of, weight in _bands(down):
        np.matmul(weight, planes_4HW[:, of], out=tall_4RW[:, to])
    out_4RC = np.zeros((4, rows, columns), np.float32)
    for to, of, weight in _bands(across):
        np.matmul(tall_4RW[:, :, of], weight.T, out=out_4RC[:, :, to])
    return out_4RC


@lru_cache(maxsize=4096)
def _bands(axis: _Axis) -> tuple[tuple[slice, slice, Floats], ...]:
    """The filter of an axis in pieces: which of what comes out, from which of what comes in, by which weights."""
    whole = _filter(axis.size_in, axis.size_out, axis.margin, axis.pad)
    part = whole[slice(*axis.wanted), slice(*axis.chosen)]
    out = []
    for first in range(0, len(part), BAND):
        weight = part[first : first + BAND]
        used = np.flatnonzero(weight.any(axis=0))
        if len(used):
            of = slice(int(used[0]), int(used[-1]) + 1)
            out.append((slice(first, first + len(weight)), of, np.ascontiguousarray(weight[:, of])))
    return tuple(out)


def beyond(pad: int, size_in: int, size_out: int) -> int:
    """Pixels that `pad` pixels of a cut-out take in a sprite."""
    return int(np.ceil(pad * size_out / size_in))


@lru_cache(maxsize=1024)
def _soft(size: int, sigma: float) -> Floats:
    """Gaussian blur of an axis, [size, size]."""
    weight_N = np.exp(-0.5 * (np.arange(1 - size, size) / max(sigma, 0.3)) ** 2)
    weight_N /= weight_N[(size - 1) // 2 : (size - 1) // 2 + size].sum()  # of a row in the middle: the largest sum
    return np.lib.stride_tricks.sliding_window_view(weight_N.astype(np.float32), size)[::-1].copy()


@lru_cache(maxsize=1024)
def sprite(
    noun: str,
    color: Color | None,
    pose: str,
    variant: int,
    size: int,
    edging: tuple[Edge, float],
    light: Light,
    step: int = AS_DRAWN,
) -> Sprite:
    """A cut-out `size` pixels high; edging: the edge and the height of the picture in sprite pixels.

    step: of the cycle that its parts go through, see `joints`; AS_DRAWN: as the cut-out is.
    """
    source, (across, along) = _cropped(noun, color, pose, variant, step), pads(noun, pose, variant, step)
    edge, picture = edging
    tall, broad = source.shape[1] - 2 * along, source.shape[2] - 2 * across
    wide = broad / tall
    columns = max(2, round(size * wide))
    rim = edge.width * picture
    margin = int(np.ceil(rim * 3.5)) + 2 if edge.alpha else 3
    high, side = margin + beyond(along, tall, size), margin + beyond(across, broad, columns)
    down = _axis(source[3].any(axis=1), (tall, size), along, high, margin)
    level = _axis(source[3].any(axis=0), (broad, columns), across, side, margin)
    body = _resized(source, down, level).clip(0, 1)
    tint, lift = np.array(light.actor, np.float32)[:, None, None], np.array(light.lift, np.float32)[:, None, None]
    body[:3] = np.minimum(body[:3] * tint + lift * body[3], body[3])
    image = _rim(body[3], edge, rim, max(1.0, 0.012 * picture), light)
    over(image, body)
    trimmed, left, top = _trimmed(image)
    foot = (side + columns / 2 - level.wanted[0] - left, float(high + size - down.wanted[0] - top))
    hull_P2 = (_hull(trimmed[3], foot) / size).astype(np.float32)
    return Sprite(image_4HW=trimmed, foot=foot, scale=float(size), wide=wide, hull_P2=hull_P2)


def _rim(alpha_HW: Floats, edge: Edge, rim: float, sigma: float, light: Light) -> Floats:
    """The soft shadow of a cut-out (of width `sigma`), and its edge (of width `rim`) over that [4, H, W]."""
    height, width = alpha_HW.shape
    image = np.zeros((4, height, width), np.float32)
    if edge.shadow:
        image[3] = edge.shadow * (_soft(height, sigma) @ alpha_HW @ _soft(width, sigma).T).clip(0, 1)
    if edge.alpha and rim > 0.3:
        band = np.clip(4.0 * (_soft(height, rim) @ alpha_HW @ _soft(width, rim).T), 0, 1) * np.float32(edge.alpha)
        tone = np.array(edge.color, np.float32) * (0.25 + 0.75 * np.array(light.actor, np.float32))
        np.multiply(band, tone[:, None, None], out=image[:3])
        image[3] += band * (1.0 - image[3])
    return image


def _axis(seen: NDArray[np.bool_], sizes: tuple[int, int], pad: int, around: int, margin: int) -> _Axis:
    """Of an axis of a padded cut-out: where anything is, and the pixels of the sprite that this reaches."""
    first, last = int(seen.argmax()), len(seen) - int(seen[::-1].argmax())
    scale = sizes[1] / sizes[0]
    start = max(0, int((first - pad) * scale // 1) + around - margin)
    stop = min(sizes[1] + 2 * around, int(np.ceil((last - pad) * scale)) + around + margin)
    return _Axis(
        size_in=sizes[0], size_out=sizes[1], margin=around, pad=pad, chosen=(first, last), wanted=(start, stop)
    )


def _trimmed(image_4HW: Floats) -> tuple[Floats, int, int]:
    """The picture less its empty rows and columns but for one, which is transparent; how many are gone at the left and
    at the top.
    """
    seen = image_4HW[3] > 0.5 / 255
    rows, cols = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not len(rows):
        return image_4HW, 0, 0
    top, left = max(0, int(rows[0]) - 1), max(0, int(cols[0]) - 1)
    out = np.ascontiguousarray(image_4HW[:, top : rows[-1] + 2, left : cols[-1] + 2])
    out[:, (0, -1)] = 0.0
    out[:, :, (0, -1)] = 0.0
    return out, left, top


def _hull(alpha_HW: Floats, foot: tuple[float, float]) -> Floats:
    """The outermost opaque points in 48 directions [48, 2], in pixels from the foot: ends of rows."""
    opaque = alpha_HW > 0.5
    rows = np.flatnonzero(opaque.any(axis=1))
    ends = np.concatenate((opaque[rows].argmax(axis=1), opaque.shape[1] - 1 - opaque[rows, ::-1].argmax(axis=1)))
    spots = np.stack((ends + 0.5 - foot[0], np.tile(rows, 2) + 0.5 - foot[1]), axis=1).astype(np.float32)
    hull_P2: Floats = spots[np.argmax(spots @ _DIRECTIONS_P2.T, axis=0)] + 0.5 * np.sign(_DIRECTIONS_P2.round(3))
    return hull_P2


def fitting(pixels: float) -> int:
    """The smallest prepared size that is not smaller than needed."""
    return next((size for size in _SIZES if size >= 0.97 * pixels), _SIZES[-1])
