"""A scene as a list of strokes: what is drawn where, frame by frame, in order, for a renderer that draws many at once.

Follows render.py stroke by stroke, but touches no pixels of the frames: it makes stage sheets (and keeps them), affine
maps and numbers. Knows no devices: textures are handles that the caller gives for pictures.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yozora.world import finishes, particles, sprites, staging
from yozora.world.light import Light, light_of
from yozora.world.paint import Box, Floats
from yozora.world.scene import Scene
from yozora.world.scenery import StageLayer, Sway
from yozora.world.sprites import fitting
from yozora.world.staging import Grid, Role
from yozora.world.styles import STYLES
from yozora.world.torch_strokes import (
    ACTORS,
    AIR,
    BACK,
    FRONT,
    KEEP,
    MIRROR,
    OUTSIDE,
    SHADOWS,
    UNOWNED,
    Ints,
    Kind,
    SpriteKey,
    Stroke,
    StrokePlan,
    Texture,
    Textures,
)
from yozora.world.view import View, stage, view
from yozora.world.weathers import WEATHERS, ScrollingTile


@dataclass(frozen=True, slots=True, kw_only=True)
class _Panel:
    """A layer whose picture is kept elsewhere."""

    texture: Texture
    grid: Grid
    parallax: float
    before: float
    sway: Sway | None
    window: bool
    box: Box  # of the world, between the middles of its outer pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class _ActorPlan:
    role: Role
    sprites: Textures
    geometry_T5: Floats  # rows, cols, foot x, foot y, pixels a height
    wide: float


class Planner:
    """Plans scenes and keeps their stages.

    keep: gives a handle for a picture [4, h, w] float32. variety: stages are drawn for seed % variety, so that at most
    so many differ for the same place, light and camera; None: each scene has its own. capacity: stages that are kept.
    """

    def __init__(self, keep: Callable[[Floats], Texture], variety: int | None = None, capacity: int = 2048) -> None:
        self.keep, self.variety, self.capacity = keep, variety, capacity
        self._kept: OrderedDict[tuple[object, ...], Any] = OrderedDict()

    def plan(self, scene: Scene, width: int, height: int, seconds_T: Floats) -> StrokePlan:
        """The strokes of a scene in a picture of that size at those seconds."""
        light = light_of(scene.daytime, scene.weather, indoors=scene.place == "room")
        size = finishes.canvas_size(scene.style, width, height)
        seen_by = view(scene, *size, seconds_T)
        desk = _Desk(
            scene=scene,
            light=light,
            seen_by=seen_by,
            seconds_T=np.asarray(seconds_T, np.float64),
            near_T3=seen_by.places(1.0),
        )
        panels = self._stage(scene, seen_by, light)
        players = [desk.player(role) for role in staging.roles(scene, seen_by, seconds_T)]
        order, depth_A = staging.order([player.role for player in players])
        windows = [panel for panel in panels if panel.window]
        pane = desk.panel(windows[0], narrow=True, owner=KEEP) if windows else None
        box = windows[0].box if windows else None
        strokes: dict[tuple[int, Kind], list[Stroke]] = {
            (BACK, "quad"): [desk.panel(p, owner=KEEP) for p in panels if p.before == -1.0 and not p.window],
            (MIRROR, "quad"): desk.mirrored(players),
            (SHADOWS, "shadow"): desk.shadows(players),
            (ACTORS, "quad"): desk.acts(players, order, [panel for panel in panels if panel.before != -1.0]),
        }
        for curtain in WEATHERS[scene.weather].falling:
            step = (FRONT if pane is None else OUTSIDE) if curtain.front else AIR
            strokes.setdefault((step, "curtain"), []).append(self._curtain(desk, curtain, pane))
        if WEATHERS[scene.weather].leaves:
            fallen = desk.leaves(box, pane)
            strokes[(AIR, "leaf")] = fallen[::3]
            strokes[(FRONT if pane is None else OUTSIDE, "leaf")] = [s for n, s in enumerate(fallen) if n % 3]
        return StrokePlan(
            size=size,
            strokes={key: some for key, some in strokes.items() if some},
            matrices_AT23=np.array([p.role.matrix_T23 for p in players], np.float32).reshape(-1, len(seconds_T), 2, 3),
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
        key = (scene.place, scene.daytime, scene.weather, STYLES[scene.style].ink, scene.seed)
        drawn = (seen_by.scale, seen_by.sharp, seen_by.middle, seen_by.seen(0.0), seen_by.seen(1.0))
        return self._once((*key, *drawn), make)  # type: ignore[no-any-return] # whatever `make` gives

    def _panel(self, layer: StageLayer) -> _Panel:
        paper = layer.sheet
        return _Panel(
            texture=self.keep(paper.image_4HW),
            grid=Grid.of(paper),
            parallax=layer.parallax,
            before=layer.before,
            sway=layer.sway,
            window=layer.window,
            box=(float(paper.x_W[0]), float(paper.y_H[0]), float(paper.x_W[-1]), float(paper.y_H[-1])),
        )

    def _curtain(self, desk: "_Desk", curtain: ScrollingTile, pane: Stroke | None) -> Stroke:
        light, scale, seed = desk.light, desk.seen_by.scale, desk.scene.seed
        size, color = particles.period(curtain, scale), staging.curtain_color(curtain, light)

        def make() -> Texture:
            cover = particles.tile(curtain, seed, size)
            return self.keep(np.stack([cover * np.float32(c) for c in (*color, 1.0)]))

        numbers_TF = np.zeros((len(desk.seconds_T), 8))
        numbers_TF[:, (0, 4)] = 1.0
        numbers_TF[:, (2, 5)] = staging.scrolled(curtain, seed, size, desk.seen_by, desk.seconds_T)
        numbers_TF[:, 6], numbers_TF[:, 7] = 1.0, KEEP
        texture = self._once((curtain, seed % 16, scale, color), make)
        bounds_T4 = desk.everywhere() if pane is None else pane.bounds_T4
        return Stroke(
            kind="curtain",
            numbers_TF=numbers_TF.astype(np.float32),
            bounds_T4=bounds_T4,
            textures=_always(texture, len(desk.seconds_T)),
            pane=pane,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Where one scene is planned; near: (k, bx, by) of parallax 1 in every frame."""

    scene: Scene
    light: Light
    seen_by: View
    seconds_T: Floats
    near_T3: Floats

    def everywhere(self) -> Ints:
        """Bounds of the whole picture."""
        return np.tile(np.array((0, self.seen_by.width, 0, self.seen_by.height)), (len(self.seconds_T), 1))

    def panel(self, panel: _Panel, *, owner: int, narrow: bool = False) -> Stroke:
        """A sheet of the stage; `narrow`: without what clamping would smear beyond its sides."""
        placed_T3, rows_T2, cols_T2 = staging.spread_out(
            panel.grid, panel.parallax, panel.sway, self.seen_by, self.seconds_T
        )
        step_T, x_T, y_T = placed_T3.T
        bounds_T4 = self.everywhere()
        bounds_T4[:, 2:] = rows_T2
        if narrow:
            bounds_T4[:, :2] = cols_T2
        numbers_TF = np.zeros((len(step_T), 8), np.float32)
        numbers_TF[:, 0] = numbers_TF[:, 4] = step_T
        numbers_TF[:, 2], numbers_TF[:, 5] = x_T, y_T
        numbers_TF[:, 6], numbers_TF[:, 7] = 1.0, owner
        return Stroke(
            kind="quad", numbers_TF=numbers_TF, bounds_T4=bounds_T4, textures=_always(panel.texture, len(step_T))
        )

    # ---------------------------------------------------------------- actors

    def player(self, role: Role) -> _ActorPlan:
        """An actor's part and its sprites."""
        scene, seen_by = self.scene, self.seen_by
        actor, motion, variant = role.actor, role.motion, role.variant
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
                edge=STYLES[scene.style].edge,
                light=self.light,
                step=int(step),
            )
            columns = sprite.columns(wide)
            high, side = sprite.around(tall, broad)
            made[sprite] = (size + 2 * high, columns + 2 * side, side + columns / 2, high + size, size)
            number_P.append(list(made).index(sprite))
        which_T = np.array(number_P)[back_T.ravel()]
        return _ActorPlan(
            role=role,
            sprites=Textures(unique=tuple(made), which_T=which_T),
            geometry_T5=np.array(tuple(made.values()))[which_T],
            wide=wide,
        )

    def quad(
        self, player: _ActorPlan, matrix_T23: Floats, alpha: float, owner: int, seen_T: NDArray[np.bool_]
    ) -> Stroke:
        """A cut-out laid down by matrices that carry (u, v, 1) to pixels, where `seen`."""
        map_T6, bounds_T4 = staging.laid(player.geometry_T5, matrix_T23, self.seen_by)
        bounds_T4[~seen_T] = 0
        numbers_TF = np.zeros((len(map_T6), 8), np.float32)
        numbers_TF[:, :6], numbers_TF[:, 6], numbers_TF[:, 7] = map_T6, alpha, owner
        return Stroke(kind="quad", numbers_TF=numbers_TF, bounds_T4=bounds_T4, textures=player.sprites)

    def acts(self, players: list[_ActorPlan], order: list[int], fronts: list[_Panel]) -> list[Stroke]:
        """The actors, far to near, and what stands between and before them."""
        out, always = [], np.ones(len(self.seconds_T), np.bool_)
        for index in order:
            while fronts and fronts[0].before <= players[index].role.key:
                out.append(self.panel(fronts.pop(0), owner=UNOWNED, narrow=True))
            out.append(self.quad(players[index], players[index].role.matrix_T23, 1.0, index, always))
        return out + [self.panel(panel, owner=UNOWNED, narrow=True) for panel in fronts]

    def mirrored(self, players: list[_ActorPlan]) -> list[Stroke]:
        """Reflections in water and in wet streets."""
        opacity, out = staging.mirror(self.scene), []
        for player in players if opacity else ():
            matrix_T23, seen_T = staging.mirrored(player.role, self.near_T3)
            out.append(self.quad(player, matrix_T23, opacity, KEEP, seen_T))
        return out

    def shadows(self, players: list[_ActorPlan]) -> list[Stroke]:
        """Contact shadows."""
        out = []
        for player in players:
            shadow_T4 = staging.shadow(self.scene, self.light, player.role, player.wide, self.near_T3)
            if shadow_T4 is not None:
                bounds_T4 = staging.shaded(shadow_T4, self.seen_by)
                out.append(Stroke(kind="shadow", numbers_TF=shadow_T4.astype(np.float32), bounds_T4=bounds_T4))
        return out

    def leaves(self, box: Box | None, pane: Stroke | None) -> list[Stroke]:
        """Falling leaves in a box of the world (None: in all that is seen)."""
        box = self.seen_by.seen(1.0) if box is None else box
        fallen = particles.leaves(self.scene.seed, self.seconds_T, box, self.light)
        k_T, bx_T, by_T = self.near_T3.T
        out = []
        for number, color in enumerate(fallen.color_L3):
            x_T, y_T, angle_T = fallen.x_TL[:, number], fallen.y_TL[:, number], fallen.angle_TL[:, number]
            wide_T, high_T = fallen.wide_TL[:, number], fallen.high_TL[:, number]
            reach_T = wide_T * k_T + 1.5
            columns = (x_T, y_T, np.cos(angle_T), np.sin(angle_T), wide_T, high_T, k_T, bx_T, by_T)
            numbers_TF = np.empty((len(k_T), 12), np.float32)
            numbers_TF[:, :9], numbers_TF[:, 9:] = np.stack(columns, axis=1), color
            bounds_T4 = staging.around(x_T * k_T + bx_T, y_T * k_T + by_T, reach_T, reach_T, self.seen_by)
            out.append(Stroke(kind="leaf", numbers_TF=numbers_TF, bounds_T4=bounds_T4, pane=pane))
        return out


def _always(texture: Texture, frames: int) -> Textures:
    return Textures(unique=(texture,), which_T=np.zeros(frames, np.int64))
