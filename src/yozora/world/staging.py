"""Staging: what both renderers need to know of a scene: the order of its actors in depth, and where cut-outs, their
reflections and shadows, sheets and curtains are in each frame.

Pure functions on arrays over frames, T, in pixels of the picture. Knows no pixels' colours, no textures, no devices.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yozora.world.actions import ACTIONS
from yozora.world.light import Light
from yozora.world.nouns import NOUNS
from yozora.world.paint import RGB, Floats, Sheet
from yozora.world.puppets import Motion, move
from yozora.world.scene import Actor, Scene
from yozora.world.scenery import Sway
from yozora.world.stages import GROUND
from yozora.world.view import View
from yozora.world.weathers import WEATHERS, ScrollingTile

Ints = NDArray[np.signedinteger[Any]]

WET, WATER = 0.30, 0.22  # opacity of reflections in a wet street and in the sea
MIRRORED = 0.3  # world units: what is higher above the ground than that has no reflection
FLAT = 0.22  # height of a contact shadow, in its widths
FAINT = 1.9  # radii at which a contact shadow ends


# -------------------------------------------------------------------- actors


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """An actor on a stage."""

    actor: Actor
    motion: Motion
    variant: int  # which of the cut-outs of a noun
    key: float  # depth: world Y of the feet, larger is nearer
    matrix_T23: Floats  # cut-out (u, v, 1) -> pixels


def roles(scene: Scene, seen_by: View, seconds_T: Floats) -> list[Role]:
    """The actors of a scene, in its order."""
    aspect, near_T3 = seen_by.width / seen_by.height, seen_by.places(1.0)
    out = []
    for index, actor in enumerate(scene.actors):
        noun = NOUNS[actor.noun]
        motion = move(actor, noun, scene.place, np.asarray(seconds_T, np.float32), aspect)
        variant = scene.seed % 4 if index < scene.count else (scene.seed // 4 + index) % 4
        role = Role(
            actor=actor,
            motion=motion,
            variant=variant if noun.kind == "person" else 0,
            key=_depth(scene, index) + 1e-4 * index,
            matrix_T23=in_pixels(motion.matrix_T23, near_T3),
        )
        out.append(role)
    return out


def _depth(scene: Scene, index: int) -> float:
    if scene.relation == "on top of" and index == 0 and len(scene.actors) > 1:
        return scene.actors[1].y - GROUND[scene.place] + 0.001
    actor = scene.actors[index]
    return actor.y - GROUND[scene.place] if ACTIONS[actor.action].medium != "air" else -0.004


def order(some: list[Role]) -> tuple[list[int], NDArray[np.int64]]:
    """Numbers of the roles, far to near, and the place of each in that order [A]."""
    numbers = sorted(range(len(some)), key=lambda index: some[index].key)
    depth_A = np.empty(len(some), np.int64)
    depth_A[numbers] = np.arange(len(some))
    return numbers, depth_A


# -------------------------------------------------------------------- where


def in_pixels(matrix_T23: Floats, near_T3: Floats) -> Floats:
    """Matrices to the world as matrices to pixels, by (k, bx, by) of parallax 1."""
    out_T23: Floats = matrix_T23 * near_T3[:, :1, None].astype(np.float32)
    out_T23[:, :, 2] = out_T23[:, :, 2] + near_T3[:, 1:]
    return out_T23


def mirror(scene: Scene) -> float:
    """The opacity of reflections in a scene; 0: it has none."""
    if scene.place == "sea":
        return WATER
    return WET if scene.place == "city" and WEATHERS[scene.weather].wet else 0.0


def mirrored(role: Role, near_T3: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Where a reflection is, as matrices to pixels [T, 2, 3], and whether it is seen [T]."""
    matrix_T23 = role.matrix_T23.copy()
    matrix_T23[:, 1] *= -1.0
    level_T = 2.0 * (near_T3[:, 0] * role.motion.ground_T2[:, 1] + near_T3[:, 2])
    matrix_T23[:, 1, 2] += level_T.astype(np.float32)
    return matrix_T23, np.less_equal(role.motion.lift_T.astype(np.float64), MIRRORED)


def shadow(scene: Scene, light: Light, role: Role, wide: float, near_T3: Floats) -> Floats | None:
    """x, y, radius and strength of a contact shadow [T, 4], or None; `wide`: width of the cut-out in its heights."""
    if scene.place == "sea" or ACTIONS[role.actor.action].medium == "water":
        return None
    k_T, bx_T, by_T = near_T3.T
    motion, lift_T = role.motion, role.motion.lift_T.astype(np.float64)
    x_T, y_T = k_T * motion.ground_T2[:, 0] + bx_T, k_T * motion.ground_T2[:, 1] + by_T
    radius_T = k_T * wide * motion.size_T * 0.37 * (1.0 + 0.4 * lift_T)
    strength_T = np.minimum(0.6, light.shadow * 1.25 / (1.0 + 3.5 * lift_T))
    return np.stack((x_T, y_T, radius_T, strength_T), axis=1)


def shaded(shadow_T4: Floats, seen_by: View) -> Ints:
    """Bounds x0, x1, y0, y1 of what a contact shadow darkens; nothing where it is smaller than a pixel."""
    x_T, y_T, radius_T, _ = shadow_T4.T
    bounds_T4 = around(x_T, y_T, FAINT * radius_T, FAINT * FLAT * radius_T, seen_by)
    bounds_T4[radius_T < 0.5] = 0
    return bounds_T4


def laid(geometry_T5: Floats, matrix_T23: Floats, seen_by: View) -> tuple[Floats, Ints]:
    """Where matrices put cut-outs in pixels: the map (col, row, 1) -> texel as six numbers [T, 6], and bounds.

    geometry: rows, columns, foot x, foot y and pixels a height of the cut-outs' pictures.
    """
    rows_T, cols_T, foot_x_T, foot_y_T, scale_T = geometry_T5.T
    (a, b, c), (d, e, f) = matrix_T23.astype(np.float64).transpose(1, 2, 0)
    u_4T = (np.stack((0 * cols_T, cols_T, cols_T, 0 * cols_T)) - foot_x_T) / scale_T
    v_4T = (np.stack((0 * rows_T, 0 * rows_T, rows_T, rows_T)) - foot_y_T) / scale_T
    xs, ys = a * u_4T + b * v_4T + c, d * u_4T + e * v_4T + f
    low_2T, high_2T = np.floor((xs.min(axis=0), ys.min(axis=0))), np.ceil((xs.max(axis=0), ys.max(axis=0)))
    bounds_T4 = within(low_2T[0], high_2T[0], low_2T[1], high_2T[1], seen_by)
    det = a * e - b * d
    bounds_T4[np.abs(det) < 1e-9] = 0
    k = scale_T / np.where(np.abs(det) < 1e-9, 1.0, det)
    x_T, y_T = 0.5 - c, 0.5 - f
    to_x = (e * k, -b * k, (x_T * e - y_T * b) * k + foot_x_T - 0.5)
    to_y = (-d * k, a * k, (y_T * a - x_T * d) * k + foot_y_T - 0.5)
    return np.stack((*to_x, *to_y), axis=1), bounds_T4


def around(x_T: Floats, y_T: Floats, rx_T: Floats, ry_T: Floats, seen_by: View) -> Ints:
    """Bounds x0, x1, y0, y1 of boxes about points."""
    return within(x_T - rx_T, x_T + rx_T + 1, y_T - ry_T, y_T + ry_T + 1, seen_by)


def within(x0_T: Floats, x1_T: Floats, y0_T: Floats, y1_T: Floats, seen_by: View) -> Ints:
    """Bounds x0, x1, y0, y1 [T, 4] in whole pixels, cut to the picture."""
    bounds_T4 = np.stack((x0_T, x1_T, y0_T, y1_T), axis=1).astype(np.int64)
    bounds_T4[:, (0, 2)] = np.maximum(0, bounds_T4[:, (0, 2)])
    bounds_T4[:, (1, 3)] = np.minimum((seen_by.width, seen_by.height), bounds_T4[:, (1, 3)])
    return bounds_T4


# -------------------------------------------------------------------- sheets and curtains


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Where a sheet's pixels are: its size, scale and corner, in pixels from X = 0, Y = 0."""

    rows: int
    cols: int
    left: float
    top: float
    scale: float

    @classmethod
    def of(cls, paper: Sheet) -> "Grid":
        """The grid of a sheet."""
        _, rows, cols = paper.image_4HW.shape
        left, top = paper.left - paper.offset_x, paper.top - paper.offset_y
        return cls(rows=rows, cols=cols, left=left, top=top, scale=paper.scale)


def spread_out(
    grid: Grid, parallax: float, sway: Sway | None, seen_by: View, seconds_T: Floats
) -> tuple[Floats, Ints, Ints]:
    """Where a sheet is: step, x and y [T, 3], so that pixel (col, row) shows its texel (x + step col, y + step row);
    the rows of the picture that it covers, and the columns (its border is repeated beside them), each [T, 2].
    """
    k_T, bx_T, by_T = seen_by.places(parallax).T
    edge = grid.left / grid.scale
    first_T = np.maximum(0, np.ceil(edge * k_T + bx_T))
    last_T = np.minimum(seen_by.width, np.trunc((edge + grid.cols / grid.scale) * k_T + bx_T))
    cols_T2 = np.stack((first_T, np.maximum(first_T, last_T)), axis=1).astype(np.int64)
    if sway is not None:
        turn_T = 2 * np.pi * (np.asarray(seconds_T, np.float64) / sway.period + sway.phase)
        bx_T = bx_T + k_T * sway.x * np.sin(turn_T)
        by_T = by_T + k_T * sway.y * np.cos(turn_T)
    step_T = grid.scale / k_T
    x_T = np.round((0.5 - bx_T) * step_T - grid.left - 0.5, 3)
    y_T = np.round((0.5 - by_T) * step_T - grid.top - 0.5, 3)
    first_T = np.maximum(0, np.ceil(-y_T / step_T - 1e-4))
    last_T = np.minimum(seen_by.height, np.floor((grid.rows - 1 - y_T) / step_T + 1e-4) + 1)
    rows_T2 = np.stack((first_T, np.maximum(first_T, last_T)), axis=1).astype(np.int64)
    return np.stack((step_T, x_T, y_T), axis=1), rows_T2, cols_T2


def curtain_color(curtain: ScrollingTile, light: Light) -> RGB:
    """The colour of what falls or drifts, dimmed at night; fog has that of the haze."""
    if curtain.shape == "puff":
        return light.haze
    red, green, blue = curtain.color
    return (red * 0.62, green * 0.68, blue * 0.86) if light.night else curtain.color


def scrolled(curtain: ScrollingTile, seed: int, period: int, seen_by: View, seconds_T: Floats) -> Floats:
    """The texel of a curtain's tile, `period` wide and high, in the corner of the picture: x and y [T, 2]."""
    second_T, unit = np.asarray(seconds_T, np.float64), period / curtain.size
    at_T2 = np.asarray(seen_by.middle) - seen_by.places(1.0)[:, 1:]
    sway_T = curtain.swing * np.sin(2 * np.pi * second_T / 2.4 + seed % 7)
    x_T = (at_T2[:, 0] - (curtain.speed[0] * second_T + sway_T) * unit) % period
    y_T = (at_T2[:, 1] - curtain.speed[1] * second_T * unit) % period
    return np.stack((x_T, y_T), axis=1)
