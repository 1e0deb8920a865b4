"""However little of each frame is painted anew, films are what a plain painter paints that begins each frame anew."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from yozora.world import finishes, particles, sprites, staging
from yozora.world.cameras import CAMERAS
from yozora.world.light import light_of
from yozora.world.paint import Floats, over
from yozora.world.picture import Picture, apart
from yozora.world.render import Take, render
from yozora.world.scene import PLACES, Actor, Place, Scene
from yozora.world.scenery import StageLayer
from yozora.world.stages import GROUND
from yozora.world.styles import STYLES
from yozora.world.view import View, stage, view
from yozora.world.weathers import WEATHERS

SIZE = {"width": 64, "height": 40, "frames": 4, "fps": 2.0}
WALKER = Actor(noun="dog", action="walk", direction="right", x=0.28, y=0.87, height=0.42, speed=0.22)
FRIEND = Actor(noun="woman", color="green", action="dance", x=0.6, y=0.92, height=0.5)
BOX = Actor(noun="suitcase", action="stand", x=0.75, y=0.9, height=0.3)


def on_stage(place: Place, **changes: object) -> Scene:
    actors = tuple(replace(actor, y=GROUND[place] + 0.03 + 0.02 * k) for k, actor in enumerate((WALKER, FRIEND, BOX)))
    return replace(Scene(seed=7, place=place, actors=actors), **changes)


# --- the plain painter


def bilinear(planes: Floats, x_HW: Floats, y_HW: Floats) -> Floats:
    rows, cols = planes.shape[1:]
    x, y = np.clip(x_HW, 0, cols - 1.0), np.clip(y_HW, 0, rows - 1.0)
    j, i = np.minimum(x.astype(int), cols - 2), np.minimum(y.astype(int), rows - 2)
    fx, fy = x - j, y - i
    upper = planes[:, i, j] * (1 - fx) + planes[:, i, j + 1] * fx
    return upper * (1 - fy) + (planes[:, i + 1, j] * (1 - fx) + planes[:, i + 1, j + 1] * fx) * fy


def sheet_in(layer: StageLayer, seen_by: View, frame: int, second: float, narrow: bool) -> Floats:
    """A sheet in the picture [4, H, W], nothing above and below it; `narrow`: nor beside it."""
    k, bx, by = seen_by.places(layer.parallax)[frame]
    paper, sway = layer.sheet, layer.sway
    left, top = paper.left - paper.offset_x, paper.top - paper.offset_y
    beside = np.arange(seen_by.width) - left / paper.scale * k - bx
    if sway is not None:
        turn = 2 * np.pi * (second / sway.period + sway.phase)
        bx, by = bx + k * sway.x * np.sin(turn), by + k * sway.y * np.cos(turn)
    step = paper.scale / k
    x_W = (np.arange(seen_by.width) + 0.5 - bx) * step - left - 0.5
    y_H = (np.arange(seen_by.height) + 0.5 - by) * step - top - 0.5
    out = bilinear(paper.image_4HW, *np.meshgrid(x_W, y_H))
    out[:, (y_H < -1e-3) | (y_H > paper.image_4HW.shape[1] - 1 + 1e-3)] = 0
    if narrow:
        out[:, :, (beside < 0) | (beside > paper.image_4HW.shape[2] / step - 1)] = 0
    return out


def plain(scene: Scene) -> Take:
    """What `render` films, painted whole in every frame, in numbers of double precision."""
    second_T = (np.arange(SIZE["frames"]) / SIZE["fps"]).astype(np.float32)
    light = light_of(scene.daytime, scene.weather, indoors=scene.place == "room")
    size = finishes.canvas_size(scene.style, int(SIZE["width"]), int(SIZE["height"]))
    seen_by = view(scene, *size, second_T)
    layers, roles = stage(scene, seen_by, light), staging.roles(scene, seen_by, second_T)
    order, depth_A = staging.order(roles)
    frames, masks, tracks = [], [], []
    for frame, second in enumerate(second_T.tolist()):
        image, owner = np.zeros((3, size[1], size[0])), np.full((size[1], size[0]), -1)
        where = (seen_by, frame, second)
        windows = [sheet_in(layer, *where, True)[0] for layer in layers if layer.window]
        for layer in layers:
            if layer.before == -1.0 and not layer.window:
                over(image, sheet_in(layer, *where, False))
        air(image, scene, where, False, windows, layers)
        if windows:
            air(image, scene, where, True, windows, layers)
        cut_outs = [cut_out(scene, role, seen_by, frame) for role in roles]
        for role, (shape, _) in zip(roles, cut_outs, strict=True):
            matrix_T23, seen_T = staging.mirrored(role, seen_by.places(1.0))
            if staging.mirror(scene) and seen_T[frame]:
                over(image, staging.mirror(scene) * laid(shape, matrix_T23[frame], size))
        for role, (shape, _) in zip(roles, cut_outs, strict=True):
            shadow(image, staging.shadow(scene, light, role, shape.wide, seen_by.places(1.0)), seen_by, frame)
        fronts = [layer for layer in layers if layer.before != -1.0]
        for index in order:
            while fronts and fronts[0].before <= roles[index].key:
                cover(image, owner, sheet_in(fronts.pop(0), *where, True), -1)
            cover(image, owner, laid(cut_outs[index][0], roles[index].matrix_T23[frame], size), index)
        for layer in fronts:
            cover(image, owner, sheet_in(layer, *where, True), -1)
        if not windows:
            air(image, scene, where, True, windows, layers)
        image = finishes.finish(scene.style, image.astype(np.float32), scene.seed, int(second * 16 + 0.5))
        frames.append(np.clip(image * 255 + 0.5, 0, 255).astype(np.uint8).transpose(1, 2, 0))
        masks.append(owner == np.arange(len(roles))[:, None, None])
        tracks.append(np.array([box for _, box in cut_outs]).reshape(-1, 4))
    return Take(
        frames_THWC=np.stack(frames),
        masks_ATHW=np.stack(masks, axis=1),
        tracks_AT4=np.stack(tracks, axis=1),
        depth_A=depth_A,
    )


def cover(image: Floats, owner: np.ndarray, picture: Floats, who: int) -> None:
    over(image, picture)
    owner[picture[3] > 0.5] = who


def cut_out(scene: Scene, role: staging.Role, seen_by: View, frame: int) -> tuple[sprites.Sprite, Floats]:
    """A sprite, and the box of what is opaque in it."""
    actor, pixels = role.actor, float(role.motion.size_T[frame]) * float(seen_by.places(1.0)[frame, 0])
    size = sprites.fitting(pixels)
    edging = (STYLES[scene.style].edge, round(seen_by.scale * size / pixels / 8) * 8)
    light, step = light_of(scene.daytime, scene.weather, indoors=scene.place == "room"), int(role.motion.step_T[frame])
    shape = sprites.sprite(actor.noun, actor.color, actor.action, role.variant, size, edging, light, step)
    matrix = role.matrix_T23[frame]
    corners = shape.hull_P2 @ matrix[:, :2].T + matrix[:, 2]
    return shape, np.concatenate((corners.min(axis=0), corners.max(axis=0)))


def laid(shape: sprites.Sprite, matrix: Floats, size: tuple[int, int]) -> Floats:
    back = np.linalg.inv(np.vstack((matrix, (0, 0, 1))).astype(np.float64))
    col, row = np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)
    u, v, _ = np.tensordot(back, np.stack((col, row, np.ones_like(col))), 1)
    return bilinear(shape.image_4HW, u * shape.scale + shape.foot[0] - 0.5, v * shape.scale + shape.foot[1] - 0.5)


def shadow(image: Floats, numbers_T4: Floats | None, seen_by: View, frame: int) -> None:
    if numbers_T4 is None:
        return
    x, y, radius, strength = numbers_T4[frame]
    x0, x1, y0, y1 = staging.shaded(numbers_T4, seen_by)[frame]
    across = np.exp(-(((np.arange(x0, x1) + 0.5 - x) / radius) ** 2))
    along = np.exp(-(((np.arange(y0, y1) + 0.5 - y) / (0.22 * radius)) ** 2))
    image[:, y0:y1, x0:x1] *= 1.0 - strength * along[:, None] * across


def air(
    image: Floats,
    scene: Scene,
    where: tuple[View, int, float],
    front: bool,
    windows: list[Floats],
    layers: list[StageLayer],
) -> None:
    seen_by, frame, second = where
    pane = windows[0] if windows else 1.0
    light = light_of(scene.daytime, scene.weather, indoors=scene.place == "room")
    seconds_T = (np.arange(SIZE["frames"]) / SIZE["fps"]).astype(np.float32)
    for curtain in WEATHERS[scene.weather].falling:
        if curtain.front == front:
            size = particles.period(curtain, seen_by.scale)
            x, y = staging.scrolled(curtain, scene.seed, size, seen_by, seconds_T)[frame].tolist()
            veil = particles.veil(curtain, scene.seed, size, (x, y), image.shape[1:]) * pane
            color = np.array(staging.curtain_color(curtain, light))[:, None, None]
            image += (color - image) * veil
    if scene.weather == "leaves":
        for covered, color in leaves(image, scene, seen_by, frame, second, front, layers):
            image += (color[:, None, None] - image) * covered * pane


def leaves(
    image: Floats, scene: Scene, seen_by: View, frame: int, second: float, front: bool, layers: list[StageLayer]
) -> Iterator[tuple[Floats, Floats]]:
    panes = [layer.sheet for layer in layers if layer.window]
    box = (panes[0].x_W[0], panes[0].y_H[0], panes[0].x_W[-1], panes[0].y_H[-1]) if panes else seen_by.seen(1.0)
    light = light_of(scene.daytime, scene.weather, indoors=scene.place == "room")
    fallen = particles.leaves(scene.seed, np.array([second]), box, light)
    k, bx, by = seen_by.places(1.0)[frame]
    for number, color in enumerate(fallen.color_L3):
        x, y, angle, wide, high = (
            float(values[0, number])
            for values in (fallen.x_TL, fallen.y_TL, fallen.angle_TL, fallen.wide_TL, fallen.high_TL)
        )
        dx = (np.arange(image.shape[2]) + 0.5 - bx) / k - x
        dy = ((np.arange(image.shape[1]) + 0.5 - by) / k - y)[:, None]
        a = (dx * np.cos(angle) + dy * np.sin(angle)) / wide
        b = (dy * np.cos(angle) - dx * np.sin(angle)) / high
        if (number % 3 > 0) == front:
            yield np.clip(0.5 - (np.hypot(a, b) - 1.0) * high * k, 0, 1), color


# --- comparisons


def check(scene: Scene, rounded: float = 0.015) -> None:
    """`rounded`: share of the numbers that may be rounded the other way."""
    take, expected = render(scene, **SIZE), plain(scene)  # type: ignore[arg-type]
    away = np.abs(take.frames_THWC.astype(int) - expected.frames_THWC)
    assert away.max() <= 2
    assert (away > 0).mean() < rounded
    assert (take.masks_ATHW != expected.masks_ATHW).sum() <= 2  # an opacity of a half, rounded one way or the other
    assert np.allclose(take.tracks_AT4, expected.tracks_AT4, atol=1e-3)
    assert np.array_equal(take.depth_A, expected.depth_A)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("camera", ["static", "pan left", "zoom in"])
def test_every_place_is_what_the_plain_painter_paints(place: Place, camera: str) -> None:
    check(on_stage(place, camera=camera))


@pytest.mark.parametrize("weather_", WEATHERS)
@pytest.mark.parametrize("place", ["park", "room"])
def test_so_is_every_weather(weather_: str, place: Place) -> None:
    for camera in CAMERAS if place == "park" else ("static", "tilt up"):
        check(on_stage(place, weather=weather_, camera=camera, daytime="night"))


@pytest.mark.parametrize("style", [style for style in STYLES if style != "pixel"])
def test_so_is_every_style(style: str) -> None:
    check(on_stage("beach", style=style, weather="rain"), rounded=0.15)
    check(on_stage("desert", style=style), rounded=0.15)


def test_so_is_what_hides_and_what_is_mirrored() -> None:
    check(on_stage("city", actors=(replace(WALKER, x=0.23, height=0.3, speed=0.27),), occluder=True, weather="rain"))
    check(on_stage("sea", actors=(replace(WALKER, noun="boat", action="sail", y=0.84),), camera="pan right"))


def test_a_stage_with_nobody_on_it_is_copied() -> None:
    check(on_stage("mountains", actors=()))


# --- what changes


def test_boxes_that_meet_become_one_and_others_stay_apart() -> None:
    picture = Picture(
        image_3HW=np.zeros((3, 9, 30), np.float32), rest_3HW=np.zeros((3, 9, 30), np.float32), rest_HW3=None
    )
    picture.change((0, 5, 0, 9))
    picture.change((4, 8, 1, 9))
    picture.change((20, 24, 2, 6))
    assert picture.boxes == [(0, 8, 0, 9), (20, 24, 2, 6)]


def test_boxes_without_pixels_do_not_make_others_stand_apart() -> None:
    assert apart([(0, 4, 0, 4), (4, 8, 0, 4), (9, 7, 0, 4)])
    assert not apart([(0, 4, 0, 4), (3, 8, 3, 5), (9, 7, 0, 4), (9, 9, 0, 4)])


def test_what_was_painted_is_cleared_again() -> None:
    rest = np.full((3, 9, 30), 0.5, np.float32)
    picture = Picture(image_3HW=rest.copy(), rest_3HW=rest, rest_HW3=np.full((9, 30, 3), 128, np.uint8))
    picture.lay(np.ones((4, 3, 4), np.float32), (2, 6, 1, 4))
    picture.dot(np.array([250]), np.ones(1, np.float32), np.ones((3, 1), np.float32))
    out = np.empty((9, 30, 3), np.uint8)
    picture.develop(out, None)
    assert (out == 255).all(axis=-1).sum() == 13
    assert (out == 128).all(axis=-1).sum() == 257
    picture.clear()
    assert np.array_equal(picture.image_3HW, rest)
    assert not picture.boxes
    assert not picture.spots
