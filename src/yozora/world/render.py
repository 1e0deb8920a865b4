"""A scene becomes frames, and with them the truth: where each actor is seen, and the order of actors in depth.

Knows no captions and no models. Pictures are planes [C, H, W] float32 inside, [T, H, W, C] uint8 outside.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yozora.world import falling, finishes, particles, staging
from yozora.world.backdrop import Backdrop, Panel, backdrop, panel
from yozora.world.light import Light, light_of
from yozora.world.nouns import NOUNS
from yozora.world.paint import Floats
from yozora.world.picture import Picture, to_bytes
from yozora.world.puppets import move
from yozora.world.sampling import PixelBox, sampled
from yozora.world.scene import Scene
from yozora.world.sprites import Sprite, fitting, sprite
from yozora.world.staging import Ints, Role
from yozora.world.styles import STYLES
from yozora.world.view import View, stage, view
from yozora.world.weathers import WEATHERS

FAINT = 1 / 512  # opacity below which the end of a cut-out's shadow is left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """What was filmed."""

    frames_THWC: NDArray[np.uint8]
    masks_ATHW: NDArray[np.bool_]  # the pixels where each actor is what one sees
    tracks_AT4: Floats  # x0, y0, x1, y1 of each whole cut-out in pixels, hidden or not
    depth_A: NDArray[np.int64]  # 0: drawn first, the farthest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Quad:
    """A cut-out in each frame, see `staging.laid`."""

    sprites_T: list[Sprite]
    map_T6: Floats
    bounds_T4: Ints
    opacity: float
    alike_T: list[int]  # the first frame that shows it just so
    patches: dict[int, Floats]  # what it looks like in such frames, where there are others

    def patch(self, frame: int) -> Floats | None:
        """What is seen of it within its bounds [4, h, w]; None: nothing."""
        first = self.alike_T[frame]
        if first in self.patches:
            return self.patches[first]
        box = self.box(frame)
        if box[0] >= box[1] or box[2] >= box[3]:
            return None
        patch_4HW = sampled(self.sprites_T[frame].image_4HW, self.map_T6[frame], box)
        if self.opacity != 1.0:
            patch_4HW *= np.float32(self.opacity)
        if first in self.alike_T[frame + 1 :]:
            self.patches[first] = patch_4HW
        return patch_4HW

    def box(self, frame: int) -> PixelBox:
        """Its bounds."""
        x0, x1, y0, y1 = self.bounds_T4[frame].tolist()
        return x0, x1, y0, y1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Player:
    """An actor, ready to be filmed."""

    role: Role
    quad: _Quad
    mirrored: _Quad | None
    shadow: tuple[Floats, Ints] | None  # numbers [T, 4] and bounds
    boxes_T4: Floats


def render(scene: Scene, *, width: int, height: int, frames: int, fps: float = 16.0) -> Take:
    """Film a scene: `frames` frames of width x height at `fps`, from second 0 on; the same for the same arguments."""
    seconds_T = (np.arange(frames) / fps).astype(np.float32)
    size = finishes.canvas_size(scene.style, width, height)
    film = _prepare_film(scene, view(scene, *size, seconds_T), seconds_T)
    actors = len(film.players)
    frames_THWC = np.empty((frames, size[1], size[0], 3), np.uint8)
    masks_ATHW = np.zeros((actors, frames, size[1], size[0]), np.bool_)
    picture = film.picture()
    for frame in range(frames):
        film.shoot(picture, frame, masks_ATHW[:, frame])
        picture.develop(frames_THWC[frame], film.finish(frame))
    if size != (width, height):
        frames_THWC = finishes.enlarged(frames_THWC, width, height)
        masks_ATHW = finishes.enlarged(masks_ATHW.transpose(1, 2, 3, 0), width, height).transpose(3, 0, 1, 2)
    tracks_AT4 = np.array([player.boxes_T4 for player in film.players], np.float32).reshape(actors, frames, 4)
    tracks_AT4 *= np.array((width / size[0], height / size[1]) * 2, np.float32)
    return Take(frames_THWC=frames_THWC, masks_ATHW=masks_ATHW, tracks_AT4=tracks_AT4, depth_A=film.depth_A)


def ways(scene: Scene, *, width: int, height: int, frames: int, fps: float = 16.0) -> Floats:
    """The matrices `[A, T, 2, 3]` that carry each actor's cut-out (u, v, 1), see `puppets`, to pixels."""
    seconds_T = (np.arange(frames) / fps).astype(np.float32)
    size = finishes.canvas_size(scene.style, width, height)
    seen_by = view(scene, *size, seconds_T)
    out_AT23 = np.empty((len(scene.actors), frames, 2, 3), np.float32)
    for index, actor in enumerate(scene.actors):
        motion = move(actor, NOUNS[actor.noun], scene.place, seconds_T, size[0] / size[1])
        out_AT23[index] = staging.in_pixels(motion.matrix_T23, seen_by.places(1.0))
    out_AT23 *= np.array([[width / size[0]], [height / size[1]]], np.float32)
    return out_AT23


# -------------------------------------------------------------------- actors


def _player(scene: Scene, role: Role, seen_by: View, light: Light) -> _Player:
    actor, near_T3 = role.actor, seen_by.places(1.0)
    edge, picture = STYLES[scene.style].edge, seen_by.scale

    def make(pixels: float, step: int) -> Sprite:
        size = fitting(pixels)
        return sprite(
            actor.noun,
            actor.color,
            actor.action,
            role.variant,
            size,
            (edge, round(picture * size / pixels / 8) * 8),
            light,
            step,
        )

    pixels_T = (role.motion.size_T.astype(np.float64) * near_T3[:, 0]).tolist()
    looks_T = list(zip(pixels_T, role.motion.step_T.tolist(), strict=True))
    made = {look: make(*look) for look in dict.fromkeys(looks_T)}
    sprites_T = [made[look] for look in looks_T]
    opacity, mirrored = staging.mirror(scene), None
    if opacity:
        matrix_T23, seen_T = staging.mirrored(role, near_T3)
        mirrored, _ = _quad(sprites_T, matrix_T23, seen_by, seen_T, opacity)
    shadow_T4 = staging.shadow(scene, light, role, sprites_T[0].wide, near_T3)
    quad, boxes_T4 = _quad(sprites_T, role.matrix_T23, seen_by, np.ones(len(sprites_T), np.bool_), 1.0)
    return _Player(
        role=role,
        quad=quad,
        mirrored=mirrored,
        shadow=None if shadow_T4 is None else (shadow_T4, staging.shaded(shadow_T4, seen_by)),
        boxes_T4=boxes_T4,
    )


def _quad(
    sprites_T: list[Sprite], matrix_T23: Floats, seen_by: View, seen_T: NDArray[np.bool_], opacity: float
) -> tuple[_Quad, Floats]:
    """Sprites that matrices carry to pixels, and the boxes of what is opaque: x0, y0, x1, y1 [T, 4]."""
    geometry_T5 = np.array([(*s.image_4HW.shape[1:], *s.foot, s.scale) for s in sprites_T])
    map_T6, bounds_T4 = staging.laid(geometry_T5, matrix_T23, seen_by)
    hull_TP2 = np.array([shape.hull_P2 for shape in sprites_T])
    corners_TP2 = hull_TP2 @ matrix_T23[:, :, :2].transpose(0, 2, 1) + matrix_T23[:, None, :, 2]
    boxes_T4 = np.concatenate((corners_TP2.min(axis=1), corners_TP2.max(axis=1)), axis=1)
    edges = {number: _edge(shape) for number, shape in {id(shape): shape for shape in sprites_T}.items()}
    edge_T = np.array([edges[id(shape)] for shape in sprites_T]) / geometry_T5[:, 4]
    edge_T1 = (edge_T * np.sqrt((matrix_T23[:, :, :2] ** 2).sum(axis=1).max(axis=1)) + 1.0)[:, None]
    bounds_T4[:, ::2] = np.maximum(bounds_T4[:, ::2], np.floor(boxes_T4[:, :2] - edge_T1))
    bounds_T4[:, 1::2] = np.minimum(bounds_T4[:, 1::2], np.ceil(boxes_T4[:, 2:] + edge_T1))
    bounds_T4[~seen_T] = 0
    looks: dict[tuple[int, bytes, bytes], int] = {}
    rounded_T6 = np.round(map_T6, 4) + 0.0
    keys = ((id(shape), a.tobytes(), b.tobytes()) for shape, a, b in zip(sprites_T, rounded_T6, bounds_T4, strict=True))
    alike_T = [looks.setdefault(key, frame) for frame, key in enumerate(keys)]
    quad = _Quad(sprites_T=sprites_T, map_T6=map_T6, bounds_T4=bounds_T4, opacity=opacity, alike_T=alike_T, patches={})
    return quad, boxes_T4


def _edge(shape: Sprite) -> float:
    """How far a sprite's edge and shadow reach beyond what is opaque, in its pixels."""
    seen_HW = shape.image_4HW[3] > FAINT
    rows, cols = np.flatnonzero(seen_HW.any(axis=1)), np.flatnonzero(seen_HW.any(axis=0))
    low, high = (
        shape.hull_P2.min(axis=0) * shape.scale + shape.foot,
        shape.hull_P2.max(axis=0) * shape.scale + shape.foot,
    )
    return float(max(*(low - (cols[0], rows[0])), *((cols[-1] + 1, rows[-1] + 1) - high)))


# -------------------------------------------------------------------- film


@dataclass(frozen=True, slots=True, kw_only=True)
class _Film:
    """Everything that frames are made of."""

    scene: Scene
    seen_by: View
    seconds_T: Floats
    backdrop: Backdrop
    fronts: list[Panel]  # what stands between or before the actors, far to near
    window: Panel | None  # where alone the weather is seen
    players: list[_Player]
    order: list[int]
    depth_A: NDArray[np.int64]
    curtains: list[falling.TileFrames]
    leaves: dict[bool, falling.LeafBoxes]  # behind and before the actors

    def picture(self) -> Picture:
        """An empty picture before the backdrop."""
        rest_3HW, shape = self.backdrop.rest_3HW, (self.seen_by.height, self.seen_by.width)
        rest_HW3 = None
        if rest_3HW is not None and not STYLES[self.scene.style].finish:
            rest_HW3 = np.empty((*shape, 3), np.uint8)
            to_bytes(rest_3HW, rest_HW3)
        return Picture(
            image_3HW=np.zeros((3, *shape), np.float32) if rest_3HW is None else rest_3HW.copy(),
            rest_3HW=rest_3HW,
            rest_HW3=rest_HW3,
        )

    def finish(self, frame: int) -> Callable[[Floats], Floats] | None:
        """What the style does to a frame, if it does anything."""
        if not STYLES[self.scene.style].finish:
            return None
        tick = int(self.seconds_T[frame] * 16 + 0.5)
        return lambda image_3HW: finishes.finish(self.scene.style, image_3HW, self.scene.seed, tick)

    def shoot(self, picture: Picture, frame: int, masks_AHW: NDArray[np.bool_]) -> None:
        """Paint a frame; empty masks are filled."""
        picture.clear()
        self.backdrop.draw(picture.image_3HW, frame)
        first, last = self.backdrop.rows
        if first < last:
            picture.change((0, self.seen_by.width, first, last))
        pane_HW = None if self.window is None else self._pane(self.window, frame)
        self._air(picture, frame, False, pane_HW)
        if pane_HW is not None:
            self._air(picture, frame, True, pane_HW)
        self._below(picture, frame)
        fronts = list(self.fronts)
        for index in self.order:
            player = self.players[index]
            while fronts and fronts[0].layer.before <= player.role.key:
                self._front(fronts.pop(0), picture, frame, masks_AHW)
            patch_4HW = player.quad.patch(frame)
            if patch_4HW is not None:
                box = player.quad.box(frame)
                picture.lay(patch_4HW, box)
                _mark_owner(masks_AHW, index, patch_4HW[3], box)
        for front in fronts:
            self._front(front, picture, frame, masks_AHW)
        if pane_HW is None:
            self._air(picture, frame, True, None)

    def _front(self, front: Panel, picture: Picture, frame: int, masks_AHW: NDArray[np.bool_]) -> None:
        front.draw(picture.image_3HW, frame, (0, self.seen_by.height), masks_AHW)
        picture.change((*front.cols_T2[frame].tolist(), *front.rows_T2[frame].tolist()))

    def _pane(self, window: Panel, frame: int) -> Floats:
        """How much of the weather is seen at each pixel."""
        out_HW = np.zeros((self.seen_by.height, self.seen_by.width), np.float32)
        (c0, c1), (r0, r1) = window.cols_T2[frame].tolist(), window.rows_T2[frame].tolist()
        if c0 < c1 and r0 < r1:
            out_HW[r0:r1, c0:c1] = window.seen(frame, (r0, r1), 1)[0]
        return out_HW

    def _below(self, picture: Picture, frame: int) -> None:
        """Reflections and contact shadows."""
        for player in self.players:
            patch_4HW = None if player.mirrored is None else player.mirrored.patch(frame)
            if player.mirrored is not None and patch_4HW is not None:
                picture.lay(patch_4HW, player.mirrored.box(frame))
        for player in self.players:
            if player.shadow is not None:
                shadow_T4, bounds_T4 = player.shadow
                picture.shade(shadow_T4[frame], tuple(bounds_T4[frame].tolist()))

    def _air(self, picture: Picture, frame: int, front: bool, pane_HW: Floats | None) -> None:
        """Flakes, drops, mist and leaves, behind (front: before) the actors; through a window pane if any."""
        shape = (self.seen_by.height, self.seen_by.width)
        for hanging in self.curtains:
            if hanging.curtain.front != front:
                continue
            x, y = hanging.at_T2[frame].tolist()
            if hanging.curtain.shape == "puff":
                cover_HW = particles.veil(hanging.curtain, self.scene.seed, hanging.size, (x, y), shape)
                picture.veil(cover_HW if pane_HW is None else cover_HW * pane_HW, hanging.color)
            else:
                pixels_K, cover_K = particles.drops(hanging.curtain, self.scene.seed, hanging.size, (x, y), shape)
                falling.draw_drops(picture, pixels_K, cover_K, np.array(hanging.color, np.float32)[:, None], pane_HW)
        if front in self.leaves:
            falling.draw_leaves(picture, self.leaves[front], frame, pane_HW)


def _mark_owner(masks_AHW: NDArray[np.bool_], owner: int, opacity_HW: Floats, box: PixelBox) -> None:
    """What is mostly opaque belongs to its owner alone."""
    x0, x1, y0, y1 = box
    mine_HW = np.greater(opacity_HW, 0.5, out=masks_AHW[owner, y0:y1, x0:x1])
    for other in range(len(masks_AHW)):
        if other != owner:
            other_HW = masks_AHW[other, y0:y1, x0:x1]
            np.greater(other_HW, mine_HW, out=other_HW)


def _prepare_film(scene: Scene, seen_by: View, seconds_T: Floats) -> _Film:
    light = light_of(scene.daytime, scene.weather, indoors=scene.place == "room")
    layers = stage(scene, seen_by, light)
    fronts = [panel(layer, seen_by, seconds_T, narrow=True) for layer in layers if layer.before != -1.0]
    windows = [panel(layer, seen_by, seconds_T, narrow=True) for layer in layers if layer.window]
    behind = [layer for layer in layers if layer.before == -1.0 and not layer.window]
    parts = staging.roles(scene, seen_by, seconds_T)
    order, depth_A = staging.order(parts)
    return _Film(
        scene=scene,
        seen_by=seen_by,
        seconds_T=seconds_T,
        backdrop=backdrop(behind, fronts, seen_by, seconds_T),
        fronts=fronts,
        window=windows[0] if windows else None,
        players=[_player(scene, role, seen_by, light) for role in parts],
        order=order,
        depth_A=depth_A,
        curtains=[
            falling.curtain_in(scene, curtain, seen_by, seconds_T, light) for curtain in WEATHERS[scene.weather].falling
        ],
        leaves=falling.leaves_in(scene, windows, seen_by, seconds_T, light) if WEATHERS[scene.weather].leaves else {},
    )
