"""What falls and drifts through a picture: where it is in each frame, and how it is laid over what is there.

Knows no actors. See particles.py for what it looks like.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yozora.world import particles, staging
from yozora.world.backdrop import Panel
from yozora.world.light import Light
from yozora.world.paint import RGB, Floats
from yozora.world.picture import Picture, apart
from yozora.world.scene import Scene
from yozora.world.staging import Ints
from yozora.world.view import View
from yozora.world.weathers import ScrollingTile


@dataclass(frozen=True, slots=True, kw_only=True)
class TileFrames:
    """What falls or drifts, and where its tile is in each frame."""

    curtain: ScrollingTile
    size: int
    at_T2: Floats
    color: RGB


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafBoxes:
    """Leaves as boxes of pixels: L leaves of N pixels each in T frames."""

    pixels_TLN: NDArray[np.intp]
    cover_TLN: Floats
    bounds_TL4: Ints
    color_L3: Floats


def curtain_in(scene: Scene, curtain: ScrollingTile, seen_by: View, seconds_T: Floats, light: Light) -> TileFrames:
    """A curtain in a picture."""
    size = particles.period(curtain, seen_by.scale)
    return TileFrames(
        curtain=curtain,
        size=size,
        at_T2=staging.scrolled(curtain, scene.seed, size, seen_by, seconds_T),
        color=staging.curtain_color(curtain, light),
    )


def leaves_in(
    scene: Scene, windows: list[Panel], seen_by: View, seconds_T: Floats, light: Light
) -> dict[bool, LeafBoxes]:
    """The falling leaves of a scene behind (False) and before the actors; within its windows, if there are any."""
    box = seen_by.seen(1.0)
    if windows:  # indoors they fall where the window is
        paper = windows[0].layer.sheet
        box = (float(paper.x_W[0]), float(paper.y_H[0]), float(paper.x_W[-1]), float(paper.y_H[-1]))
    fallen = particles.leaves(scene.seed, seconds_T, box, light)
    k_T1, bx_T1, by_T1 = seen_by.places(1.0).T[:, :, None]
    x_TL, y_TL, reach_TL = fallen.x_TL * k_T1 + bx_T1, fallen.y_TL * k_T1 + by_T1, fallen.wide_TL * k_T1 + 1.5
    bounds_TL4 = staging.around(x_TL.ravel(), y_TL.ravel(), reach_TL.ravel(), reach_TL.ravel(), seen_by).reshape(
        *x_TL.shape, 4
    )
    side = max(1, int(max(np.ptp(bounds_TL4[..., :2], axis=-1).max(), np.ptp(bounds_TL4[..., 2:], axis=-1).max())))
    col_TL1N = bounds_TL4[..., None, None, 0] + np.arange(side)
    row_TLN1 = bounds_TL4[..., None, None, 2] + np.arange(side)[:, None]
    inside = (col_TL1N < bounds_TL4[..., None, None, 1]) & (row_TLN1 < bounds_TL4[..., None, None, 3])
    cover = np.where(inside, _leaf_cover(fallen, (col_TL1N, row_TLN1), (k_T1, bx_T1, by_T1)), np.float32(0))
    pixels = np.where(inside, row_TLN1 * seen_by.width + col_TL1N, 0)
    behind = np.arange(particles.LEAVES) % 3 == 0
    return {
        front: LeafBoxes(
            pixels_TLN=pixels.reshape(*pixels.shape[:2], -1)[:, behind != front],
            cover_TLN=cover.reshape(*cover.shape[:2], -1)[:, behind != front],
            bounds_TL4=bounds_TL4[:, behind != front],
            color_L3=fallen.color_L3[behind != front].astype(np.float32),
        )
        for front in (False, True)
    }


def _leaf_cover(fallen: particles.Leaves, at: tuple[Ints, Ints], placed: tuple[Floats, Floats, Floats]) -> Floats:
    """The opacity [T, L, rows, columns] of leaves at pixels (columns, rows)."""
    k_T1, bx_T1, by_T1 = placed

    def each(numbers_TL: Floats) -> Floats:
        out: Floats = np.asarray(numbers_TL, np.float32)[..., None, None]
        return out

    cos, sin = each(np.cos(fallen.angle_TL)), each(np.sin(fallen.angle_TL))
    dx = at[0] / each(k_T1) + each((0.5 - bx_T1) / k_T1 - fallen.x_TL)
    dy = at[1] / each(k_T1) + each((0.5 - by_T1) / k_T1 - fallen.y_TL)
    dx, dy = dx.astype(np.float32), dy.astype(np.float32)
    a, b = (dx * cos + dy * sin) / each(fallen.wide_TL), (dy * cos - dx * sin) / each(fallen.high_TL)
    return np.clip(0.5 - (np.sqrt(a * a + b * b) - 1.0) * each(fallen.high_TL * k_T1), 0, 1)


def draw_drops(
    picture: Picture, pixels_K: NDArray[np.intp], cover_K: Floats, color_3K: Floats, pane_HW: Floats | None
) -> None:
    """Colours over single pixels, through a window pane if any."""
    if pane_HW is not None:
        cover_K = cover_K * pane_HW.reshape(-1)[pixels_K]
        some_N = np.flatnonzero(cover_K)
        pixels_K, cover_K, color_3K = (
            pixels_K[some_N],
            cover_K[some_N],
            color_3K[:, some_N if color_3K.shape[1] > 1 else [0]],
        )
    picture.dot(pixels_K, cover_K, color_3K)


def draw_leaves(picture: Picture, fallen: LeafBoxes, frame: int, pane_HW: Floats | None) -> None:
    """Lay leaves down, one after the other where they overlap."""
    pixels_LN, cover_LN = fallen.pixels_TLN[frame], fallen.cover_TLN[frame]
    if apart([tuple(box) for box in fallen.bounds_TL4[frame].tolist()]):
        leaf_K, at_K = np.nonzero(cover_LN)
        draw_drops(picture, pixels_LN[leaf_K, at_K], cover_LN[leaf_K, at_K], fallen.color_L3.T[:, leaf_K], pane_HW)
        return
    for pixels_N, cover_N, color_3 in zip(pixels_LN, cover_LN, fallen.color_L3, strict=True):
        some_K = np.flatnonzero(cover_N)
        draw_drops(picture, pixels_N[some_K], cover_N[some_K], color_3[:, None], pane_HW)
