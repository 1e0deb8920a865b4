"""A scene as a list of strokes: what is drawn where, frame by frame, in order, for a renderer that draws many at once.

Follows render.py stroke by stroke, but touches no pixels of the frames: it makes stage sheets (and keeps them), affine
maps and numbers. Knows no devices: textures are handles that somebody else gives for pictures.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yozora.world import sprites, styles, weather
from yozora.world.light import Light, light_of
from yozora.world.nouns import NOUNS
from yozora.world.paint import RGB, Box, Floats
from yozora.world.puppets import AIRBORNE, Motion, move
from yozora.world.scene import Actor, Scene
from yozora.world.scenery import Layer, Sway
from yozora.world.sprites import fitting
from yozora.world.stages import GROUND
from yozora.world.torch_strokes import (
    ACTORS,
    AIR,
    BACK,
    FRONT,
    KEEP,
    MIRROR,
    NOBODY,
    OUTSIDE,
    SHADOWS,
    Ints,
    Kind,
    Plan,
    SpriteKey,
    Stroke,
    Texture,
    Textures,
)
from yozora.world.view import View, stage, view


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    """A layer whose picture is kept elsewhere."""

    texture: Texture
    rows: int
    cols: int
    left: float  # of the sheet, less the offset of its grid
    top: float
    scale: float
    parallax: float
    before: float
    sway: Sway | None
    window: bool
    box: Box  # of the world, between the middles of its outer pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class _Player:
    motion: Motion
    key: float
    sprites: Textures
    geometry_T5: Floats  # rows, cols, foot x, foot y, pixels a height
    wide: float
    matrix_T23: Floats  # to pixels


class Planner:
    """Plans scenes and keeps their stages.

    keep: gives a handle for a picture [4, h, w] float32. variety: stages are drawn for seed % variety, so that at most
    so many differ for the same place, light and camera; None: each scene has its own. capacity: stages that are kept.
    """

    def __init__(self, keep: Callable[[Floats], Texture], variety: int | None = None, capacity: int = 2048) -> None:
        self.keep, self.variety, self.capacity = keep, variety, capacity
        self._kept: OrderedDict[tuple[object, ...], Any] = OrderedDict()

    def plan(self, scene: Scene, width: int, height: int, seconds_T: Floats) -> Plan:
        """The strokes of a scene in a picture of that size at those seconds."""
        light = light_of(scene.daytime, scene.weather, indoors=scene.place == "room")
        size = styles.canvas_size(scene.style, width, height)
        seen_by = view(scene, *size, seconds_T)
        desk = _Desk(
            scene=scene,
            light=light,
            seen_by=seen_by,
            seconds_T=np.asarray(seconds_T, np.float64),
            near_T3=_placed(seen_by, 1.0),
            far_T3=_placed(seen_by, 0.0),
        )
        panels = self._stage(scene, seen_by, light)
        players = [desk.player(index, actor) for index, actor in enumerate(scene.actors)]
        order = sorted(range(len(players)), key=lambda index: players[index].key)
        windows = [panel for panel in panels if panel.window]
        pane = desk.panel(windows[0], narrow=True, owner=KEEP) if windows else None
        box = windows[0].box if windows else None
        strokes: dict[tuple[int, Kind], list[Stroke]] = {
            (BACK, "quad"): [desk.panel(p, owner=KEEP) for p in panels if p.before == -1.0 and not p.window],
            (MIRROR, "quad"): desk.mirrored(players),
            (SHADOWS, "shadow"): desk.shadows(players),
            (ACTORS, "quad"): desk.acts(players, order, [panel for panel in panels if panel.before != -1.0]),
        }
        if scene.weather in ("snow", "rain", "fog"):
            for curtain in weather.FALLING[scene.weather]:
                step = (FRONT if pane is None else OUTSIDE) if curtain.front else AIR
                strokes.setdefault((step, "curtain"), []).append(self._curtain(desk, curtain, pane))
        elif scene.weather == "leaves":
            fallen = desk.leaves(box, pane)
            strokes[(AIR, "leaf")] = fallen[::3]
            strokes[(FRONT if pane is None else OUTSIDE, "leaf")] = [s for n, s in enumerate(fallen) if n % 3]
        depth_A = np.empty(len(players), np.int64)
        depth_A[order] = np.arange(len(players))
        return Plan(
            size=size,
            strokes={key: some for key, some in strokes.items() if some},
            matrices_AT23=np.array([p.matrix_T23 for p in players], np.float32).reshape(-1, len(seconds_T), 2, 3),
            sprites_A=tuple(p.sprites for p in players),
            depth_A=depth_A,
        )

    def _once(self, key: tuple[object, ...], make: Callable[[], Any]) -> Any:
        """What was made for a key before, or is made now; the oldest is forgotten."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        made = self._kept[key] = make()
        if len(self._kept) > self.capacity:
            self._kept.popitem(last=False)
        return made

    def _stage(self, scene: Scene, seen_by: View, light: Light) -> list[_Panel]:
        if self.variety is not None:
            scene = replace(scene, seed=scene.seed % self.variety)

        def make() -> list[_Panel]:
            return [self._panel(layer) for layer in stage(scene, seen_by, light)]

        if scene.occluder and scene.actors:  # it stands where an actor goes
            return make()
        key = (scene.place, scene.daytime, scene.weather, styles.INKS[scene.style], scene.seed)
        drawn = (seen_by.scale, seen_by.sharp, seen_by.middle, seen_by.seen(0.0), seen_by.seen(1.0))
        return self._once((*key, *drawn), make)  # type: ignore[no-any-return]

    def _panel(self, layer: Layer) -> _Panel:
        paper = layer.sheet
        return _Panel(
            texture=self.keep(paper.image_4HW),
            rows=paper.image_4HW.shape[1],
            cols=paper.image_4HW.shape[2],
            left=paper.left - paper.offset_x,
            top=paper.top - paper.offset_y,
            scale=paper.scale,
            parallax=layer.parallax,
            before=layer.before,
            sway=layer.sway,
            window=layer.window,
            box=(float(paper.x_W[0]), float(paper.y_H[0]), float(paper.x_W[-1]), float(paper.y_H[-1])),
        )

    def _curtain(self, desk: "_Desk", curtain: weather.Curtain, pane: Stroke | None) -> Stroke:
        light, scale, seed = desk.light, desk.seen_by.scale, desk.scene.seed
        period = max(8, round(curtain.size * scale))
        color: RGB = light.haze if curtain.kind == "fog" else curtain.color
        if light.night and curtain.kind != "fog":
            color = (color[0] * 0.62, color[1] * 0.68, color[2] * 0.86)

        def make() -> Texture:  # one row and column more than repeats: a tile that can be sampled up to its end
            still, size = replace(curtain, swing=0.0), (period + 1, period + 1)
            cover = weather.veil(still, seed % 16, 0.0, scale, size, (0.0, 0.0))
            return self.keep(np.stack([cover * np.float32(c) for c in (*color, 1.0)]))

        second_T, unit = desk.seconds_T, period / curtain.size
        sway_T = curtain.swing * np.sin(2 * np.pi * second_T / 2.4 + seed % 7)
        numbers_TF = np.zeros((len(second_T), 8))
        numbers_TF[:, (0, 4)] = 1.0
        at_T2 = np.asarray(desk.seen_by.middle) - desk.near_T3[:, 1:]
        numbers_TF[:, 2] = (at_T2[:, 0] - (curtain.speed[0] * second_T + sway_T) * unit) % period
        numbers_TF[:, 5] = (at_T2[:, 1] - curtain.speed[1] * second_T * unit) % period
        numbers_TF[:, 6], numbers_TF[:, 7] = 1.0, KEEP
        texture = self._once((curtain, seed % 16, scale, color), make)
        bounds_T4 = desk.everywhere() if pane is None else pane.bounds_T4
        return Stroke(
            kind="curtain",
            numbers_TF=numbers_TF.astype(np.float32),
            bounds_T4=bounds_T4,
            textures=_always(texture, len(second_T)),
            pane=pane,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Where one scene is planned; (k, bx, by) of the nearest and the farthest parallax in every frame."""

    scene: Scene
    light: Light
    seen_by: View
    seconds_T: Floats
    near_T3: Floats
    far_T3: Floats

    def everywhere(self) -> Ints:
        """Bounds of the whole picture."""
        return np.tile(np.array((0, self.seen_by.width, 0, self.seen_by.height)), (len(self.seconds_T), 1))

    def panel(self, panel: _Panel, *, owner: int, narrow: bool = False) -> Stroke:
        """A sheet of the stage; `narrow`: without what clamping would smear beyond its sides."""
        k_T, bx_T, by_T = (self.far_T3 + (self.near_T3 - self.far_T3) * panel.parallax).T
        bounds_T4 = self.everywhere()
        if narrow:
            edge = panel.left / panel.scale
            bounds_T4[:, 0] = np.maximum(0, np.ceil(edge * k_T + bx_T))
            right_T = np.trunc((edge + panel.cols / panel.scale) * k_T + bx_T)
            bounds_T4[:, 1] = np.minimum(self.seen_by.width, right_T)
        if panel.sway is not None:
            turn_T = 2 * np.pi * (self.seconds_T / panel.sway.period + panel.sway.phase)
            bx_T = bx_T + k_T * panel.sway.x * np.sin(turn_T)
            by_T = by_T + k_T * panel.sway.y * np.cos(turn_T)
        step_T = panel.scale / k_T
        y_T = np.round((0.5 - by_T) * step_T - panel.top - 0.5, 3)
        bounds_T4[:, 2] = np.maximum(0, np.ceil(-y_T / step_T - 1e-4))
        last_T = np.floor((panel.rows - 1 - y_T) / step_T + 1e-4) + 1
        bounds_T4[:, 3] = np.minimum(self.seen_by.height, last_T)
        numbers_TF = np.zeros((len(step_T), 8), np.float32)
        numbers_TF[:, 0] = numbers_TF[:, 4] = step_T
        numbers_TF[:, 2] = np.round((0.5 - bx_T) * step_T - panel.left - 0.5, 3)
        numbers_TF[:, 5] = y_T
        numbers_TF[:, 6], numbers_TF[:, 7] = 1.0, owner
        return Stroke(
            kind="quad", numbers_TF=numbers_TF, bounds_T4=bounds_T4, textures=_always(panel.texture, len(step_T))
        )

    # ---------------------------------------------------------------- actors

    def player(self, index: int, actor: Actor) -> _Player:
        """An actor's motion in pixels, its depth and its sprites."""
        scene, seen_by = self.scene, self.seen_by
        noun = NOUNS[actor.noun]
        motion = move(actor, noun, scene.place, self.seconds_T.astype(np.float32), seen_by.width / seen_by.height)
        variant = scene.seed % 4 if index < scene.count else (scene.seed // 4 + index) % 4
        variant = variant if noun.kind == "person" else 0
        key = actor.y - GROUND[scene.place] if actor.action not in AIRBORNE else -0.004
        if scene.relation == "on top of" and index == 0 and len(scene.actors) > 1:
            key = scene.actors[1].y - GROUND[scene.place] + 0.001
        _, tall, broad = sprites._cropped(actor.noun, actor.color, actor.action, variant).shape
        wide = broad / tall
        made: dict[SpriteKey, tuple[float, ...]] = {}
        pixels_T = motion.size_T.astype(np.float64) * self.near_T3[:, 0]
        shown_P2, back_T = np.unique(np.stack((pixels_T, motion.step_T), axis=1), axis=0, return_inverse=True)
        number_P = []
        for pixels, step in shown_P2.tolist():
            size = fitting(pixels)
            picture = round(seen_by.scale * size / pixels / 8) * 8
            sprite = SpriteKey(
                noun=actor.noun,
                color=actor.color,
                pose=actor.action,
                variant=variant,
                size=size,
                picture=picture,
                edge=styles.EDGES[scene.style],
                light=self.light,
                step=int(step),
            )
            columns = sprite.columns(wide)
            high, side = sprite.around(tall, broad)
            made[sprite] = (size + 2 * high, columns + 2 * side, side + columns / 2, high + size, size)
            number_P.append(list(made).index(sprite))
        which_T = np.array(number_P)[back_T.ravel()]
        matrix_T23 = motion.matrix_T23 * self.near_T3[:, :1, None].astype(np.float32)
        matrix_T23[:, :, 2] += self.near_T3[:, 1:].astype(np.float32)
        return _Player(
            motion=motion,
            key=key + 1e-4 * index,
            sprites=Textures(unique=tuple(made), which_T=which_T),
            geometry_T5=np.array(tuple(made.values()))[which_T],
            wide=wide,
            matrix_T23=matrix_T23,
        )

    def quad(self, player: _Player, matrix_T23: Floats, alpha: float, owner: int, seen_T: NDArray[np.bool_]) -> Stroke:
        """A cut-out laid down by matrices that carry (u, v, 1) to pixels, where `seen`."""
        rows_T, cols_T, foot_x_T, foot_y_T, scale_T = player.geometry_T5.T
        (a, b, c), (d, e, f) = matrix_T23.astype(np.float64).transpose(1, 2, 0)
        u_4T = (np.stack((0 * cols_T, cols_T, cols_T, 0 * cols_T)) - foot_x_T) / scale_T
        v_4T = (np.stack((0 * rows_T, 0 * rows_T, rows_T, rows_T)) - foot_y_T) / scale_T
        xs, ys = a * u_4T + b * v_4T + c, d * u_4T + e * v_4T + f
        low_2T, high_2T = np.floor((xs.min(axis=0), ys.min(axis=0))), np.ceil((xs.max(axis=0), ys.max(axis=0)))
        bounds_T4 = self._within(low_2T[0], high_2T[0], low_2T[1], high_2T[1])
        det = a * e - b * d
        bounds_T4[(np.abs(det) < 1e-9) | ~seen_T] = 0
        k = scale_T / np.where(np.abs(det) < 1e-9, 1.0, det)
        x_T, y_T = 0.5 - c, 0.5 - f
        to_x = (e * k, -b * k, (x_T * e - y_T * b) * k + foot_x_T - 0.5)
        to_y = (-d * k, a * k, (y_T * a - x_T * d) * k + foot_y_T - 0.5)
        numbers_TF = np.stack((*to_x, *to_y, np.full_like(k, alpha), np.full_like(k, owner)), axis=1).astype(np.float32)
        return Stroke(kind="quad", numbers_TF=numbers_TF, bounds_T4=bounds_T4, textures=player.sprites)

    def acts(self, players: list[_Player], order: list[int], fronts: list[_Panel]) -> list[Stroke]:
        """The actors, far to near, and what stands between and before them."""
        out, always = [], np.ones(len(self.seconds_T), np.bool_)
        for index in order:
            while fronts and fronts[0].before <= players[index].key:
                out.append(self.panel(fronts.pop(0), owner=NOBODY, narrow=True))
            out.append(self.quad(players[index], players[index].matrix_T23, 1.0, index, always))
        return out + [self.panel(panel, owner=NOBODY, narrow=True) for panel in fronts]

    def mirrored(self, players: list[_Player]) -> list[Stroke]:
        """Reflections in water and in wet streets."""
        wet = self.scene.place == "city" and self.scene.weather == "rain"
        if not wet and self.scene.place != "sea":
            return []
        out = []
        for player in players:
            matrix_T23 = player.matrix_T23.copy()
            matrix_T23[:, 1] *= -1.0
            level_T = 2.0 * (self.near_T3[:, 0] * player.motion.ground_T2[:, 1] + self.near_T3[:, 2])
            matrix_T23[:, 1, 2] += level_T.astype(np.float32)
            seen_T = np.less_equal(player.motion.lift_T, 0.3)
            out.append(self.quad(player, matrix_T23, 0.30 if wet else 0.22, KEEP, seen_T))
        return out

    def shadows(self, players: list[_Player]) -> list[Stroke]:
        """Contact shadows."""
        if self.scene.place == "sea":
            return []
        k_T, bx_T, by_T = self.near_T3.T
        out = []
        for player, actor in zip(players, self.scene.actors, strict=True):
            if actor.action in ("sail", "swim"):
                continue
            motion, lift_T = player.motion, player.motion.lift_T.astype(np.float64)
            x_T, y_T = k_T * motion.ground_T2[:, 0] + bx_T, k_T * motion.ground_T2[:, 1] + by_T
            radius_T = k_T * player.wide * motion.size_T * 0.37 * (1.0 + 0.4 * lift_T)
            strength_T = np.minimum(0.6, self.light.shadow * 1.25 / (1.0 + 3.5 * lift_T))
            bounds_T4 = self._around(x_T, y_T, 1.9 * radius_T, 1.9 * 0.22 * radius_T)
            bounds_T4[radius_T < 0.5] = 0
            numbers_TF = np.stack((x_T, y_T, radius_T, strength_T), axis=1).astype(np.float32)
            out.append(Stroke(kind="shadow", numbers_TF=numbers_TF, bounds_T4=bounds_T4))
        return out

    def leaves(self, box: Box | None, pane: Stroke | None) -> list[Stroke]:
        """Falling leaves in a box of the world (None: in all that is seen)."""
        box = self.seen_by.seen(1.0) if box is None else box
        fallen_TL = [weather.leaves(self.scene.seed, second, box, self.light) for second in self.seconds_T.tolist()]
        k_T, bx_T, by_T = self.near_T3.T
        out = []
        for leaf_T in zip(*fallen_TL, strict=True):
            x, y, angle, wide, high = np.array([(o.x, o.y, o.angle, o.wide, o.high) for o in leaf_T]).T
            reach = (wide + 1.5 / k_T) * k_T
            colors = np.array([leaf.color for leaf in leaf_T]).T
            columns = (x, y, np.cos(angle), np.sin(angle), wide, high, k_T, bx_T, by_T, *colors)
            bounds_T4 = self._around(x * k_T + bx_T, y * k_T + by_T, reach, reach)
            numbers_TF = np.stack(columns, axis=1).astype(np.float32)
            out.append(Stroke(kind="leaf", numbers_TF=numbers_TF, bounds_T4=bounds_T4, pane=pane))
        return out

    def _around(self, x_T: Floats, y_T: Floats, rx_T: Floats, ry_T: Floats) -> Ints:
        corners = (x_T - rx_T, x_T + rx_T + 1, y_T - ry_T, y_T + ry_T + 1)
        return self._within(*(np.trunc(corner_T) for corner_T in corners))

    def _within(self, *corners_T: Floats) -> Ints:
        """Bounds x0, x1, y0, y1, cut to the picture."""
        bounds_T4 = np.stack(corners_T, axis=1).astype(np.int64)
        bounds_T4[:, (0, 2)] = np.maximum(0, bounds_T4[:, (0, 2)])
        bounds_T4[:, (1, 3)] = np.minimum((self.seen_by.width, self.seen_by.height), bounds_T4[:, (1, 3)])
        return bounds_T4


def _always(texture: Texture, frames: int) -> Textures:
    return Textures(unique=(texture,), which_T=np.zeros(frames, np.int64))


def _placed(seen_by: View, parallax: float) -> Floats:
    """(k, bx, by) of a parallax in every frame [T, 3]; they are linear in the parallax."""
    frames = len(seen_by.zoom_T)
    if not seen_by.moves:
        return np.tile(np.array(seen_by.placed(0, parallax)), (frames, 1))
    return np.array([seen_by.placed(frame, parallax) for frame in range(frames)])
