"""A scene becomes frames, and with them the truth: who is seen where, and who stands before whom.

Knows no captions and no models. Pictures are planes [C, H, W] float32 inside, [T, H, W, C] uint8 outside.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from yozora.world import cutouts, stages, styles, weather
from yozora.world.nouns import NOUNS
from yozora.world.paint import Box, Floats, Sheet
from yozora.world.puppets import AIRBORNE, Motion, move, unit
from yozora.world.scene import Actor, Camera, Color, Scene
from yozora.world.stages import GROUND, Bench, Layer, Light


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """What was filmed."""

    frames_THWC: NDArray[np.uint8]
    masks_ATHW: NDArray[np.bool_]  # the pixels where each actor is what one sees
    tracks_AT4: Floats  # x0, y0, x1, y1 of each whole cut-out in pixels, hidden or not
    depth_A: NDArray[np.int64]  # 0: drawn first, the farthest


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How the world lies in the picture, and where the camera looks in each frame."""

    width: int
    height: int
    scale: float  # pixels a world unit, camera at rest
    middle: tuple[float, float]  # pixels of the world's origin, camera at rest
    shift_T2: Floats  # of the camera, in world units
    zoom_T: Floats
    sharp: float  # the zoom for which sheets are drawn

    def placed(self, frame: int, parallax: float) -> tuple[float, float, float]:
        """(k, bx, by): world (X, Y) of a sheet lies at pixels (k X + bx, k Y + by)."""
        k = self.scale * float(self.zoom_T[frame])
        focus_y = FOCUS
        bx = self.middle[0] - k * float(self.shift_T2[frame, 0]) * parallax
        by = self.middle[1] + self.scale * focus_y - k * (focus_y + float(self.shift_T2[frame, 1]) * parallax)
        return k, bx, by

    def seen(self, parallax: float) -> Box:
        """The box of the world that the camera sees at that parallax in any frame."""
        x0, y0, x1, y1 = np.inf, np.inf, -np.inf, -np.inf
        for frame in range(len(self.zoom_T)) if self.moves else (0,):
            k, bx, by = self.placed(frame, parallax)
            x0, x1 = min(x0, -bx / k), max(x1, (self.width - bx) / k)
            y0, y1 = min(y0, -by / k), max(y1, (self.height - by) / k)
        return (x0, y0, x1, y1)

    @property
    def moves(self) -> bool:
        """Whether the camera does."""
        return bool(np.any(self.shift_T2 != 0) or np.any(self.zoom_T != 1))


FOCUS = -0.24  # world Y that a zoom keeps in place
PAN = 0.16  # world units / s
TILT = 0.07
ZOOM = 0.16  # natural logarithm / s


def camera(kind: Camera, seconds_T: Floats) -> tuple[Floats, Floats]:
    """Shift [T, 2] in world units and zoom [T] of a camera move; pans and tilts pass their middle after a second."""
    t_T = np.asarray(seconds_T, np.float32)
    shift_T2, zoom_T = np.zeros((len(t_T), 2), np.float32), np.ones_like(t_T)
    if kind.startswith("pan"):
        shift_T2[:, 0] = (1.0 if kind == "pan right" else -1.0) * PAN * (t_T - 1.0)
    elif kind.startswith("tilt"):
        shift_T2[:, 1] = (1.0 if kind == "tilt down" else -1.0) * TILT * (t_T - 1.0)
    elif kind == "zoom in":
        zoom_T = np.exp(ZOOM * t_T)
    elif kind == "zoom out":
        zoom_T = np.exp(ZOOM * (2.0 - t_T).clip(-2.0))
    return shift_T2, zoom_T.astype(np.float32)


def view(scene: Scene, width: int, height: int, seconds_T: Floats) -> View:
    """The view of a scene in a picture of that size."""
    shift_T2, zoom_T = camera(scene.camera, seconds_T)
    return View(
        width=width,
        height=height,
        scale=unit(width / height) * height,
        middle=(width / 2, GROUND[scene.place] * height),
        shift_T2=shift_T2,
        zoom_T=zoom_T,
        sharp=float(np.sqrt(zoom_T.max() * zoom_T.min())),
    )


# -------------------------------------------------------------------- layers


def bench(scene: Scene, seen_by: View, light: Light) -> Bench:
    """The drawing table for a scene's stage."""
    scale = seen_by.scale * seen_by.sharp
    origin = (seen_by.middle[0] * seen_by.sharp, seen_by.middle[1] * seen_by.sharp)
    return Bench(
        light=light, seed=scene.seed, scale=scale, origin=origin, ink=styles.INKS[scene.style], seen=seen_by.seen
    )


def stage(scene: Scene, seen_by: View, light: Light) -> list[Layer]:
    """All sheets of a scene, as few as the camera allows."""
    table = bench(scene, seen_by, light)
    layers = stages.build(scene.place, table)
    if not np.any(seen_by.shift_T2):
        layers = [replace(layer, parallax=1.0) for layer in layers]
    layers = _glued(layers)
    if scene.occluder and scene.actors:
        layers.append(stages.occluder(scene.place, table, *_hiding_place(scene, seen_by)))
    return layers


def _hiding_place(scene: Scene, seen_by: View) -> tuple[float, float]:
    """X and width of the occluder: where actors[0] is after a second, wide enough to hide it."""
    actor = scene.actors[0]
    aspect = seen_by.width / seen_by.height
    motion = move(actor, NOUNS[actor.noun], scene.place, np.ones(1, np.float32), aspect)
    picture = cutouts.load(actor.noun, actor.color)
    wide = actor.height * picture.shape[1] / picture.shape[0]
    return float(motion.ground_T2[0, 0]), wide * 1.12 + 0.03


def _glued(layers: list[Layer]) -> list[Layer]:
    """Sheets that lie directly on each other and move alike become one."""
    out: list[Layer] = []
    for layer in layers:
        last = out[-1] if out else None
        if (
            last is not None
            and last.sway is None
            and layer.sway is None
            and not (last.window or layer.window)
            and (last.parallax, last.before, last.sheet.left) == (layer.parallax, layer.before, layer.sheet.left)
            and last.sheet.image_4HW.shape[2] == layer.sheet.image_4HW.shape[2]
        ):
            out[-1] = replace(last, sheet=_laid(last.sheet, layer.sheet))
        else:
            out.append(layer)
    return out


def _laid(under: Sheet, over: Sheet) -> Sheet:
    """One sheet laid over another one of the same columns, which grows downwards where it must."""
    row = over.top - under.top
    rows = row + over.image_4HW.shape[1]
    if row < 0:
        return _laid(_grown(under, -row, 0), over)
    if rows > under.image_4HW.shape[1]:
        under = _grown(under, 0, rows - under.image_4HW.shape[1])
    _over(under.image_4HW[:, row:rows], over.image_4HW)
    return under


def _grown(paper: Sheet, above: int, below: int) -> Sheet:
    image = np.pad(paper.image_4HW, ((0, 0), (above, below), (0, 0)))
    y_H = (np.arange(image.shape[1], dtype=np.float32) + (paper.top - above + 0.5 - paper.offset_y)) / paper.scale
    return replace(paper, image_4HW=image, top=paper.top - above, y_H=y_H.astype(np.float32))


def _over(under: Floats, over_4HW: Floats) -> None:
    """Premultiplied over, in place; `under` has three or four planes."""
    under *= 1.0 - over_4HW[3]
    under += over_4HW[: len(under)]


def _shown(layer: Layer, seen_by: View, frame: int, second: float) -> tuple[int, Floats] | None:
    """The part of a sheet that is seen in a frame, as (first row, planes [4, rows, W])."""
    paper = layer.sheet
    k, bx, by = seen_by.placed(frame, layer.parallax)
    if layer.sway is not None:
        turn = 2 * np.pi * (second / layer.sway.period + layer.sway.phase)
        bx += k * layer.sway.x * float(np.sin(turn))
        by += k * layer.sway.y * float(np.cos(turn))
    step = paper.scale / k
    x0 = round((0.5 - bx) * step + paper.offset_x - paper.left - 0.5, 3)
    y0 = round((0.5 - by) * step + paper.offset_y - paper.top - 0.5, 3)
    height, width = paper.image_4HW.shape[1:]
    first = max(0, int(np.ceil(-y0 / step - 1e-4)))
    last = min(seen_by.height, int(np.floor((height - 1 - y0) / step + 1e-4)) + 1)
    if first >= last:
        return None
    y_H = y0 + step * np.arange(first, last)
    x_W = np.clip(x0 + step * np.arange(seen_by.width), 0, width - 1)
    return first, _columns(_rows(paper.image_4HW, y_H), x_W)


def _rows(image_4HW: Floats, y_H: NDArray[np.float64]) -> Floats:
    low = np.floor(y_H + 1e-3).astype(np.intp)
    part = np.clip(y_H - low, 0, 1).astype(np.float32)
    straight = len(low) < 2 or low[-1] - low[0] == len(low) - 1
    if straight and part.max() < 4e-3:
        return image_4HW[:, low[0] : low[-1] + 1]
    high = np.minimum(low + 1, image_4HW.shape[1] - 1)
    if straight and high[-1] == low[-1] + 1:
        a, b = image_4HW[:, low[0] : low[-1] + 1], image_4HW[:, low[0] + 1 : low[-1] + 2]
    else:
        a, b = image_4HW[:, low], image_4HW[:, high]
    out = b - a
    out *= part[:, None]
    out += a
    return out


def _columns(image_4HW: Floats, x_W: NDArray[np.float64]) -> Floats:
    low = np.floor(x_W + 1e-3).astype(np.intp)
    part = np.clip(x_W - low, 0, 1).astype(np.float32)
    straight = low[-1] - low[0] == len(low) - 1 and low[1] > low[0]
    if straight and part.max() < 4e-3:
        return image_4HW[:, :, low[0] : low[-1] + 1]
    high = np.minimum(low + 1, image_4HW.shape[2] - 1)
    if straight and high[-1] == low[-1] + 1:
        a, b = image_4HW[:, :, low[0] : low[-1] + 1], image_4HW[:, :, low[0] + 1 : low[-1] + 2]
    else:
        a, b = np.take(image_4HW, low, axis=2), np.take(image_4HW, high, axis=2)
    out = b - a
    out *= part
    out += a
    return out


# -------------------------------------------------------------------- actors


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
    reach = int(np.ceil(max(1.0, step) * (margin + 2)))
    centres = (np.arange(size_out + 2 * margin) - margin + 0.5) * step - 0.5
    away = np.arange(-reach, size_in + reach)[None, :] - centres[:, None]
    weight = np.clip(1 - np.abs(away) / max(1.0, step), 0, None)
    weight /= weight.sum(axis=1, keepdims=True)
    return weight[:, reach : reach + size_in].astype(np.float32)


@lru_cache(maxsize=512)
def _soft(size: int, sigma: float) -> Floats:
    """Gaussian blur of an axis, [size, size]."""
    away = np.arange(size)[:, None] - np.arange(size)[None, :]
    weight = np.exp(-0.5 * (away / max(sigma, 0.3)) ** 2)
    return (weight / weight.sum(axis=1).max()).astype(np.float32)


@lru_cache(maxsize=1024)
def sprite(
    noun: str, color: Color | None, pose: str, variant: int, size: int, edging: tuple[styles.Edge, float], light: Light
) -> Sprite:
    """A cut-out `size` pixels high; edging: the edge and the height of the picture in sprite pixels."""
    source = _cropped(noun, color, pose, variant)
    edge, picture = edging
    wide = source.shape[2] / source.shape[1]
    columns = max(2, round(size * wide))
    rim = edge.width * picture
    margin = int(np.ceil(rim * 3.5)) + 2 if edge.alpha else 3
    body = _filter(source.shape[1], size, margin) @ source @ _filter(source.shape[2], columns, margin).T
    body = body.clip(0, 1)
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
        _over(image, rimmed)
    _over(image, body)
    foot = (margin + columns / 2, float(margin + size))
    rows, cols = np.nonzero(image[3] > 0.5)
    spots = np.stack((cols + 0.5 - foot[0], rows + 0.5 - foot[1]), axis=1).astype(np.float32)
    hull = spots[np.argmax(spots @ _DIRECTIONS_P2.T, axis=0)] + 0.5 * np.sign(_DIRECTIONS_P2.round(3))
    return Sprite(image_4HW=image, foot=foot, scale=float(size), wide=wide, hull_P2=(hull / size).astype(np.float32))


def _fitting(pixels: float) -> int:
    """The smallest prepared size that is not smaller than needed."""
    return next((size for size in _SIZES if size >= 0.97 * pixels), _SIZES[-1])


def _lay(
    image_3HW: Floats, shape: Sprite, to_pixels_23: Floats, alpha: float = 1.0
) -> tuple[slice, slice, Floats] | None:
    """Lay a sprite down; the matrix carries (u, v, 1) to pixels. Returns where, and its opacity there."""
    height, width = image_3HW.shape[1:]
    planes = shape.image_4HW
    rows, cols = planes.shape[1:]
    u = (np.array((0, cols, cols, 0), np.float32) - shape.foot[0]) / shape.scale
    v = (np.array((0, 0, rows, rows), np.float32) - shape.foot[1]) / shape.scale
    (a, b, c), (d, e, f) = to_pixels_23.tolist()
    xs, ys = a * u + b * v + c, d * u + e * v + f
    x0, x1 = max(0, int(np.floor(xs.min()))), min(width, int(np.ceil(xs.max())))
    y0, y1 = max(0, int(np.floor(ys.min()))), min(height, int(np.ceil(ys.max())))
    det = a * e - b * d
    if x0 >= x1 or y0 >= y1 or abs(det) < 1e-9:
        return None
    k = shape.scale / det
    x_W, y_H = np.arange(x0, x1, dtype=np.float32) + (0.5 - c), np.arange(y0, y1, dtype=np.float32) + (0.5 - f)
    sx = (x_W * (e * k) + (shape.foot[0] - 0.5))[None, :] - (y_H * (b * k))[:, None]
    sy = (y_H * (a * k) + (shape.foot[1] - 0.5))[:, None] - (x_W * (d * k))[None, :]
    patch = _bilinear(planes, sx.astype(np.float32, copy=False), sy.astype(np.float32, copy=False))
    if alpha != 1.0:
        patch *= np.float32(alpha)
    _over(image_3HW[:, y0:y1, x0:x1], patch)
    return slice(y0, y1), slice(x0, x1), patch[3]


def _bilinear(planes: Floats, sx: Floats, sy: Floats) -> Floats:
    """Sample planes [4, h, w], whose border is transparent, at pixel coordinates."""
    rows, cols = planes.shape[1:]
    np.clip(sx, 0, cols - 1.001, out=sx)
    np.clip(sy, 0, rows - 1.001, out=sy)
    i, j = sy.astype(np.int32), sx.astype(np.int32)
    fy, fx = sy - i, sx - j
    flat, at = planes.reshape(4, -1), i * np.int32(cols) + j
    left, right = np.take(flat, at, axis=1), np.take(flat, at + 1, axis=1)
    right -= left
    right *= fx
    left += right
    at += np.int32(cols)
    low_left, low_right = np.take(flat, at, axis=1), np.take(flat, at + 1, axis=1)
    low_right -= low_left
    low_right *= fx
    low_left += low_right
    low_left -= left
    low_left *= fy
    left += low_left
    return left


@dataclass(frozen=True, slots=True, kw_only=True)
class _Player:
    """An actor, ready to be filmed."""

    actor: Actor
    motion: Motion
    key: float  # depth: world Y of the feet, larger is nearer
    make: Callable[[float], Sprite]  # pixels of height -> sprite


def _players(scene: Scene, seen_by: View, light: Light, seconds_T: Floats) -> list[_Player]:
    aspect = seen_by.width / seen_by.height
    edge, out = styles.EDGES[scene.style], []
    picture = seen_by.scale
    for index, actor in enumerate(scene.actors):
        motion = move(actor, NOUNS[actor.noun], scene.place, seconds_T, aspect)
        variant = scene.seed % 4 if index < scene.count else (scene.seed // 4 + index) % 4
        variant = 0 if NOUNS[actor.noun].kind != "person" else variant

        def make(pixels: float, actor: Actor = actor, variant: int = variant) -> Sprite:
            size = _fitting(pixels)
            return sprite(
                actor.noun,
                actor.color,
                actor.action,
                variant,
                size,
                (edge, round(picture * size / pixels / 8) * 8),
                light,
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
    light = stages.light(scene.daytime, scene.weather)
    size = styles.canvas_size(scene.style, width, height)
    seen_by = view(scene, *size, seconds_T)
    layers = stage(scene, seen_by, light)
    players = _players(scene, seen_by, light, seconds_T)
    order = sorted(range(len(players)), key=lambda index: players[index].key)
    film = _Film(scene=scene, light=light, seen_by=seen_by, layers=layers, players=players, order=order, backdrop=None)
    if not seen_by.moves and layers[0].sway is None:
        shown = _shown(layers[0], seen_by, 0, 0.0)
        assert shown is not None
        film = replace(film, backdrop=np.ascontiguousarray(shown[1][:3]), layers=layers[1:])
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
                shown = _shown(layer, self.seen_by, frame, second)
                if shown is None:
                    continue
                if layer.window:
                    pane = np.zeros(size, np.float32)
                    pane[shown[0] : shown[0] + shown[1].shape[1]] = _framed(layer, self.seen_by, frame, shown[1][0])
                else:
                    _over(image[:, shown[0] : shown[0] + shown[1].shape[1]], shown[1])
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
        shown = _shown(layer, self.seen_by, frame, second)
        if shown is None:
            return
        rows = slice(shown[0], shown[0] + shown[1].shape[1])
        _over(image[:, rows], _narrow(layer, self.seen_by, frame, shown[1]))
        owner[rows][shown[1][3] > 0.5] = -1

    def _pixels(self, index: int, frame: int) -> Floats:
        """The matrix that carries a cut-out to pixels."""
        k, bx, by = self.seen_by.placed(frame, 1.0)
        matrix = self.players[index].motion.matrix_T23[frame] * np.float32(k)
        matrix[:, 2] += (bx, by)
        return matrix

    def _act(self, index: int, image: Floats, owner: NDArray[np.int8], frame: int) -> Floats:
        player = self.players[index]
        k, _, _ = self.seen_by.placed(frame, 1.0)
        shape = player.make(float(player.motion.size_T[frame]) * k)
        matrix = self._pixels(index, frame)
        laid = _lay(image, shape, matrix)
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
            wide = player.make(size * k).wide * size
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
            _lay(image, player.make(float(player.motion.size_T[frame]) * k), matrix, 0.30 if wet else 0.22)

    def _air(self, image: Floats, frame: int, second: float, front: bool, pane: Floats | None) -> None:
        """Flakes, drops, mist and leaves, behind (front: before) the actors; through a window pane where there is one."""
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
        for number, leaf in enumerate(weather.leaves(self.scene.seed, second, self.seen_by.seen(1.0), self.light)):
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


def _columns_of(layer: Layer, seen_by: View, frame: int) -> tuple[int, int]:
    """Columns of the picture that a sheet which is narrower than the picture covers."""
    k, bx, _ = seen_by.placed(frame, layer.parallax)
    paper = layer.sheet
    x0 = (paper.left - paper.offset_x) / paper.scale
    x1 = x0 + paper.image_4HW.shape[2] / paper.scale
    return max(0, int(np.ceil(x0 * k + bx))), min(seen_by.width, int(x1 * k + bx))


def _narrow(layer: Layer, seen_by: View, frame: int, planes_4HW: Floats) -> Floats:
    """What a sheet shows, without what clamping smeared beyond its sides."""
    c0, c1 = _columns_of(layer, seen_by, frame)
    if c0 > 0 or c1 < seen_by.width:
        planes_4HW = planes_4HW.copy()
        planes_4HW[:, :, :c0] = 0
        planes_4HW[:, :, max(c0, c1) :] = 0
    return planes_4HW


def _framed(layer: Layer, seen_by: View, frame: int, plane_HW: Floats) -> Floats:
    """One plane of a narrow sheet."""
    return _narrow(layer, seen_by, frame, plane_HW[None])[0]
