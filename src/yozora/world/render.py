"""A scene becomes frames, and with them the truth: who is seen where, and who stands before whom.

Knows no captions and no models. Pictures are planes [C, H, W] float32 inside, [T, H, W, C] uint8 outside.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yozora.world import styles, weather
from yozora.world.light import Light, light_of
from yozora.world.nouns import NOUNS
from yozora.world.paint import Floats, over
from yozora.world.puppets import AIRBORNE, Motion, move
from yozora.world.scene import Actor, Scene
from yozora.world.scenery import Layer
from yozora.world.sprites import Sprite, fitting, lay, sprite
from yozora.world.stages import GROUND
from yozora.world.view import View, narrow, shown, stage, view


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """What was filmed."""

    frames_THWC: NDArray[np.uint8]
    masks_ATHW: NDArray[np.bool_]  # the pixels where each actor is what one sees
    tracks_AT4: Floats  # x0, y0, x1, y1 of each whole cut-out in pixels, hidden or not
    depth_A: NDArray[np.int64]  # 0: drawn first, the farthest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Player:
    """An actor, ready to be filmed."""

    actor: Actor
    motion: Motion
    key: float  # depth: world Y of the feet, larger is nearer
    make: Callable[[float, int], Sprite]  # pixels of height, frame -> sprite


def _players(scene: Scene, seen_by: View, light: Light, seconds_T: Floats) -> list[_Player]:
    aspect = seen_by.width / seen_by.height
    edge, out = styles.EDGES[scene.style], []
    picture = seen_by.scale
    for index, actor in enumerate(scene.actors):
        motion = move(actor, NOUNS[actor.noun], scene.place, seconds_T, aspect)
        variant = scene.seed % 4 if index < scene.count else (scene.seed // 4 + index) % 4
        variant = 0 if NOUNS[actor.noun].kind != "person" else variant

        def make(
            pixels: float, frame: int, actor: Actor = actor, variant: int = variant, motion: Motion = motion
        ) -> Sprite:
            size = fitting(pixels)
            return sprite(
                actor.noun,
                actor.color,
                actor.action,
                variant,
                size,
                (edge, round(picture * size / pixels / 8) * 8),
                light,
                int(motion.step_T[frame]),
            )

        key = actor.y - GROUND[scene.place] if actor.action not in AIRBORNE else -0.004
        if scene.relation == "on top of" and index == 0 and len(scene.actors) > 1:
            key = scene.actors[1].y - GROUND[scene.place] + 0.001
        out.append(_Player(actor=actor, motion=motion, key=key + 1e-4 * index, make=make))
    return out


def _contact_shadow(image_3HW: Floats, x: float, y: float, rx: float, strength: float) -> None:
    ry = rx * 0.22
    height, width = image_3HW.shape[1:]
    x0, x1 = max(0, int(x - 1.9 * rx)), min(width, int(x + 1.9 * rx) + 1)
    y0, y1 = max(0, int(y - 1.9 * ry)), min(height, int(y + 1.9 * ry) + 1)
    if x0 >= x1 or y0 >= y1 or rx < 0.5:
        return
    across = np.exp(-(((np.arange(x0, x1, dtype=np.float32) + np.float32(0.5 - x)) / np.float32(rx)) ** 2))
    along = np.exp(-(((np.arange(y0, y1, dtype=np.float32) + np.float32(0.5 - y)) / np.float32(ry)) ** 2)) * np.float32(
        strength
    )
    image_3HW[:, y0:y1, x0:x1] *= 1.0 - along[:, None] * across[None, :]


# -------------------------------------------------------------------- film


def render(scene: Scene, *, width: int, height: int, frames: int, fps: float = 16.0) -> Take:
    """Film a scene: `frames` frames of width x height at `fps`, from second 0 on; the same for the same arguments."""
    seconds_T = (np.arange(frames) / fps).astype(np.float32)
    light = light_of(scene.daytime, scene.weather, indoors=scene.place == "room")
    size = styles.canvas_size(scene.style, width, height)
    seen_by = view(scene, *size, seconds_T)
    layers = stage(scene, seen_by, light)
    players = _players(scene, seen_by, light, seconds_T)
    order = sorted(range(len(players)), key=lambda index: players[index].key)
    film = _Film(scene=scene, light=light, seen_by=seen_by, layers=layers, players=players, order=order, backdrop=None)
    if not seen_by.moves and layers[0].sway is None:
        visible = shown(layers[0], seen_by, 0, 0.0)
        assert visible is not None
        film = replace(film, backdrop=np.ascontiguousarray(visible[1][:3]), layers=layers[1:])
    out_THWC = np.empty((frames, height, width, 3), np.uint8)
    masks_ATHW = np.zeros((len(players), frames, height, width), np.bool_)
    tracks_AT4 = np.zeros((len(players), frames, 4), np.float32)
    for frame in range(frames):
        image_3HW, owner_HW, tracks_AT4[:, frame] = film.shoot(frame, float(seconds_T[frame]))
        image_3HW = styles.finish(scene.style, image_3HW, scene.seed, int(seconds_T[frame] * 16 + 0.5))
        image_3HW *= np.float32(255.0)
        image_3HW += np.float32(0.5)
        bytes_3HW = np.clip(image_3HW, 0, 255, out=image_3HW).astype(np.uint8)
        if size != (width, height):
            bytes_3HW, owner_HW = styles.enlarge(bytes_3HW, width, height), styles.enlarge(owner_HW, width, height)
        for channel in range(3):
            out_THWC[frame, :, :, channel] = bytes_3HW[channel]
        for index in range(len(players)):
            np.equal(owner_HW, index, out=masks_ATHW[index, frame])
    tracks_AT4 *= np.array((width / size[0], height / size[1]) * 2, np.float32)
    depth_A = np.empty(len(players), np.int64)
    depth_A[order] = np.arange(len(players))
    return Take(frames_THWC=out_THWC, masks_ATHW=masks_ATHW, tracks_AT4=tracks_AT4, depth_A=depth_A)


def ways(scene: Scene, *, width: int, height: int, frames: int, fps: float = 16.0) -> Floats:
    """The matrices `[A, T, 2, 3]` that carry each actor's cut-out (u, v, 1), see `puppets`, to pixels."""
    seconds_T = (np.arange(frames) / fps).astype(np.float32)
    size = styles.canvas_size(scene.style, width, height)
    seen_by = view(scene, *size, seconds_T)
    out_AT23 = np.empty((len(scene.actors), frames, 2, 3), np.float32)
    for index, actor in enumerate(scene.actors):
        motion = move(actor, NOUNS[actor.noun], scene.place, seconds_T, size[0] / size[1])
        for frame in range(frames):
            out_AT23[index, frame] = in_pixels(motion, seen_by, frame)
    out_AT23 *= np.array([[width / size[0]], [height / size[1]]], np.float32)
    return out_AT23


def in_pixels(motion: Motion, seen_by: View, frame: int) -> Floats:
    """The matrix `[2, 3]` that carries a cut-out to pixels in a frame."""
    k, bx, by = seen_by.placed(frame, 1.0)
    matrix: Floats = motion.matrix_T23[frame] * np.float32(k)
    matrix[:, 2] += (bx, by)
    return matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class _Film:
    """Everything that a frame is made of."""

    scene: Scene
    light: Light
    seen_by: View
    layers: list[Layer]
    players: list[_Player]
    order: list[int]
    backdrop: Floats | None  # [3, H, W]: what never moves behind everything

    def shoot(self, frame: int, second: float) -> tuple[Floats, NDArray[np.int8], Floats]:
        """One frame [3, H, W], who owns each pixel [H, W] (-1: nobody), and the boxes [A, 4]."""
        size = (self.seen_by.height, self.seen_by.width)
        image = np.zeros((3, *size), np.float32) if self.backdrop is None else self.backdrop.copy()
        owner = np.full(size, -1, np.int8)
        boxes_A4 = np.zeros((len(self.players), 4), np.float32)
        pane: Floats | None = None
        for layer in self.layers:
            if layer.before == -1.0:
                visible = shown(layer, self.seen_by, frame, second)
                if visible is None:
                    continue
                if layer.window:
                    pane = np.zeros(size, np.float32)
                    pane[visible[0] : visible[0] + visible[1].shape[1]] = narrow(
                        layer, self.seen_by, frame, visible[1]
                    )[0]
                else:
                    over(image[:, visible[0] : visible[0] + visible[1].shape[1]], visible[1])
        self._air(image, frame, second, False, pane)
        if pane is not None:
            self._air(image, frame, second, True, pane)
        self._reflect(image, frame)
        self._shadows(image, frame)
        before = [layer for layer in self.layers if layer.before != -1.0]
        for index in self.order:
            while before and before[0].before <= self.players[index].key:
                self._front(before.pop(0), image, owner, frame, second)
            boxes_A4[index] = self._act(index, image, owner, frame)
        for layer in before:
            self._front(layer, image, owner, frame, second)
        if pane is None:
            self._air(image, frame, second, True, None)
        return image, owner, boxes_A4

    def _front(self, layer: Layer, image: Floats, owner: NDArray[np.int8], frame: int, second: float) -> None:
        visible = shown(layer, self.seen_by, frame, second)
        if visible is None:
            return
        rows = slice(visible[0], visible[0] + visible[1].shape[1])
        over(image[:, rows], narrow(layer, self.seen_by, frame, visible[1]))
        owner[rows][visible[1][3] > 0.5] = -1

    def _pixels(self, index: int, frame: int) -> Floats:
        return in_pixels(self.players[index].motion, self.seen_by, frame)

    def _act(self, index: int, image: Floats, owner: NDArray[np.int8], frame: int) -> Floats:
        player = self.players[index]
        k, _, _ = self.seen_by.placed(frame, 1.0)
        shape = player.make(float(player.motion.size_T[frame]) * k, frame)
        matrix = self._pixels(index, frame)
        laid = lay(image, shape, matrix)
        if laid is not None:
            owner[laid[0], laid[1]][laid[2] > 0.5] = index
        corners = shape.hull_P2 @ matrix[:, :2].T + matrix[:, 2]
        return np.concatenate((corners.min(axis=0), corners.max(axis=0)))

    def _shadows(self, image: Floats, frame: int) -> None:
        if self.scene.place == "sea":
            return
        k, bx, by = self.seen_by.placed(frame, 1.0)
        for player in self.players:
            if player.actor.action in ("sail", "swim"):
                continue
            motion, size = player.motion, float(player.motion.size_T[frame])
            lift = float(motion.lift_T[frame])
            x, y = motion.ground_T2[frame].tolist()
            wide = player.make(size * k, frame).wide * size
            strength = self.light.shadow * 1.25 / (1.0 + 3.5 * lift)
            _contact_shadow(image, k * x + bx, k * y + by, k * wide * 0.37 * (1.0 + 0.4 * lift), min(0.6, strength))

    def _reflect(self, image: Floats, frame: int) -> None:
        wet = self.scene.place == "city" and self.scene.weather == "rain"
        if not wet and self.scene.place != "sea":
            return
        k, _, by = self.seen_by.placed(frame, 1.0)
        for index, player in enumerate(self.players):
            lift = float(player.motion.lift_T[frame])
            if lift > 0.3:
                continue
            matrix = self._pixels(index, frame)
            level = 2.0 * (k * float(player.motion.ground_T2[frame, 1]) + by)
            matrix[1] *= -1.0
            matrix[1, 2] += level
            lay(image, player.make(float(player.motion.size_T[frame]) * k, frame), matrix, 0.30 if wet else 0.22)

    def _air(self, image: Floats, frame: int, second: float, front: bool, pane: Floats | None) -> None:
        """Flakes, drops, mist and leaves, behind (front: before) the actors; through a window pane if any."""
        size = image.shape[1:]
        k, bx, by = self.seen_by.placed(frame, 1.0)
        at = (self.seen_by.middle[0] - bx, self.seen_by.middle[1] - by)
        for curtain in weather.FALLING[self.scene.weather]:
            if curtain.front != front:
                continue
            cover = weather.veil(curtain, self.scene.seed, second, self.seen_by.scale, (size[0], size[1]), at)
            if pane is not None:
                cover *= pane
            color = self.light.haze if curtain.kind == "fog" else curtain.color
            dim = (0.62, 0.68, 0.86) if self.light.night and curtain.kind != "fog" else (1.0, 1.0, 1.0)
            for channel in range(3):
                plane = np.float32(color[channel] * dim[channel]) - image[channel]
                plane *= cover
                image[channel] += plane
        if self.scene.weather == "leaves":
            self._leaves(image, (k, bx, by), second, front, pane)

    def _leaves(
        self, image: Floats, at: tuple[float, float, float], second: float, front: bool, pane: Floats | None
    ) -> None:
        k, bx, by = at
        height, width = image.shape[1:]
        panes = [layer.sheet for layer in self.layers if layer.window]
        box = self.seen_by.seen(1.0)
        if panes:  # indoors they fall where the window is
            box = (panes[0].x_W[0], panes[0].y_H[0], panes[0].x_W[-1], panes[0].y_H[-1])
        for number, leaf in enumerate(weather.leaves(self.scene.seed, second, box, self.light)):
            if (number % 3 > 0) != front:
                continue
            reach = leaf.wide + 1.5 / k
            x0, x1 = max(0, int((leaf.x - reach) * k + bx)), min(width, int((leaf.x + reach) * k + bx) + 1)
            y0, y1 = max(0, int((leaf.y - reach) * k + by)), min(height, int((leaf.y + reach) * k + by) + 1)
            if x0 >= x1 or y0 >= y1:
                continue
            x_W = (np.arange(x0, x1, dtype=np.float32) + np.float32(0.5 - bx)) / np.float32(k)
            y_H = (np.arange(y0, y1, dtype=np.float32) + np.float32(0.5 - by)) / np.float32(k)
            cover = weather.leaf_cover(leaf, x_W, y_H, k)
            if pane is not None:
                cover = cover * pane[y0:y1, x0:x1]
            part = image[:, y0:y1, x0:x1]
            part += (np.array(leaf.color, np.float32)[:, None, None] - part) * cover
