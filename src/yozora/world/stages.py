"""Stages: the drawn places of the paper theatre, as sheets one behind the other.

`build` draws a place on a bench (its light, its seed and what of it will be seen); what it returns is pictures and
numbers only, so that any renderer can move and stack them. Knows no actors. World coordinates as in paint.py: the
actors' ground line is Y = 0.
"""

from collections.abc import Callable

import numpy as np

from yozora.world.light import SNOW, Light
from yozora.world.paint import RGB, Floats, Sheet, mix, paint, rgb
from yozora.world.scene import Place
from yozora.world.scenery import Stage, StageLayer, StageView, Sway, fir, ridge, sky, spread, tree, wavy
from yozora.world.town import city, room

GROUND: dict[Place, float] = {  # where the ground line runs, in picture heights
    "park": 0.84,
    "beach": 0.86,
    "city": 0.86,
    "snow": 0.84,
    "desert": 0.84,
    "sea": 0.80,
    "mountains": 0.85,
    "room": 0.86,
}
HORIZON: dict[Place, float] = {  # where things that go away would vanish, world Y
    "park": -0.22,
    "beach": -0.30,
    "city": -0.20,
    "snow": -0.22,
    "desert": -0.24,
    "sea": -0.30,
    "mountains": -0.20,
    "room": -0.26,
}


def build(place: Place, bench: StageView) -> Stage:
    """The sheets of a place, far to near. `bench.seen(p)`: the box that a layer of parallax p must cover."""
    return PLACES_DRAWN[place](bench)


def _park(bench: StageView) -> Stage:
    lit = bench.light
    layers = [sky(bench, -0.26, skyline=-0.36)]
    turn = bench.roll(10) * 6.28
    far = bench.paper(0.45, -0.50)
    far.land(
        wavy(-0.34, (0.05, 2.1, turn), (0.02, 5.3, turn * 2)),
        lit.on("#b4d2bd", 0.62, cover=0.7),
        lit.on("#9fc6a6", 0.45, cover=0.7),
    )
    layers.append(StageLayer(sheet=far, parallax=0.45))
    middle = bench.paper(0.7, -0.62)
    for k, x, size in spread(bench, 0.7, 0.36, 30):
        tree(bench, middle, x, -0.215, 0.22 + 0.08 * size, 0.35, k)
    middle.land(
        wavy(-0.24, (0.025, 2.7, turn + 1)), lit.on("#9cc38b", 0.2, cover=0.75), lit.on("#8fba7d", 0.1, cover=0.75)
    )
    layers.append(StageLayer(sheet=middle, parallax=0.7))
    lawn = bench.paper(1.0, -0.78)
    lawn.land(wavy(-0.15, (0.012, 3.1, turn + 2)), lit.on("#b3cf8b", cover=0.8), lit.on("#93b974", cover=0.8))
    _paint_path(bench, lawn, lit.on("#e6d6b0", cover=0.6))
    for k, x, size in spread(bench, 1.0, 0.74, 40):
        tree(bench, lawn, x, -0.115, 0.50 + 0.10 * size, 0.05, k + 50)
    petals = ("#f3e9ee", "#f2cfd3", "#f4e3a8", "#d9cdea")
    for k, x, size in spread(bench, 1.0, 0.21, 50):
        y = 0.075 + 0.075 * size
        if not lit.weather.snowy:
            lawn.ellipse(x, y, 0.016, 0.013, lit.on(petals[k % 4]))
            lawn.ellipse(x, y, 0.006, 0.005, lit.on("#e8b84d"))
    layers.append(StageLayer(sheet=lawn, parallax=1.0))
    return layers


def _paint_path(bench: StageView, paper: Sheet, color: RGB) -> None:
    """A path that comes from the hills towards the camera."""
    y_H = paper.y_H[:, None]
    down = (y_H + 0.15).clip(0)
    middle = 0.30 * (bench.roll(11) - 0.5) + (bench.roll(12) - 0.5) * 1.3 * down + 0.05 * np.sin(down * 14)
    far = np.abs(paper.x_W[None, :] - middle) - (0.025 + 0.42 * down)
    cover = np.clip(0.5 - far * paper.scale * 0.7, 0, 1) * np.clip((y_H + 0.143) * paper.scale, 0, 1)
    paint(paper.image_4HW, cover * 0.85, color)


def _beach(bench: StageView) -> Stage:
    lit = bench.light
    layers = [sky(bench, -0.30, sun_x=0.75 * (bench.roll(1) - 0.35))]
    sea = bench.paper(0.6, -0.36)
    deep, near = lit.water("#5f9fbe", 0.45), lit.water("#7fc4c8", 0.1)
    sea.land(-0.30, deep, near, depth=0.2, shadow=0.0)
    _glitter(bench, sea, -0.30)
    layers.append(StageLayer(sheet=sea, parallax=0.6))
    wave = bench.paper(0.8, -0.30, -0.02, room=0.06)
    wave.land(_scallops(-0.215, 0.42, 0.016), lit.on("#d8f0ec"), lit.water("#79c0c8"), depth=0.03, shadow=0.22)
    layers.append(StageLayer(sheet=wave, parallax=0.8, sway=Sway(x=0.05, y=0.008, period=2.6, phase=bench.roll(13))))
    turn = bench.roll(10) * 6.28
    sand = bench.paper(1.0, -0.86)
    shore = wavy(-0.125, (0.016, 2.2, turn))
    sand.land(shore, lit.on("#d9c79e", cover=0.55), lit.on("#ecdcb2", cover=0.55), depth=0.14, shadow=0.0)
    layers.append(StageLayer(sheet=sand, parallax=1.0))
    foam = bench.paper(1.0, -0.23, -0.02, room=0.06)
    _surf(foam, shore, lit)
    layers.append(StageLayer(sheet=foam, parallax=1.0, sway=Sway(x=0.012, y=0.024, period=2.4, phase=bench.roll(14))))
    front = bench.paper(1.0, -0.86)
    side = -1.0 if bench.roll(15) < 0.5 else 1.0
    half = (bench.seen(0.0)[2] - bench.seen(0.0)[0]) / 2
    _palm(bench, front, side * (half - 0.13), 0.03, side)
    for _, x, size in spread(bench, 1.0, 0.5, 60):
        front.ellipse(x, 0.10 + 0.05 * size, 0.03, 0.011, lit.on("#d3bd8e"), alpha=0.8)
    layers.append(StageLayer(sheet=front, parallax=1.0))
    return layers


def _glitter(bench: StageView, paper: Sheet, horizon: float) -> None:
    """The sun's or the moon's broken light on the water."""
    lit = bench.light
    strength = 0.6 if lit.weather.sunny else 0.2
    color = rgb("#ffdf9a") if lit.sunset else rgb("#dfe9ff") if lit.night else rgb("#ffffff")
    box = bench.seen(0.15)
    side = 0.75 * (bench.roll(1) - 0.35) * (box[2] - box[0]) / 2
    for k in range(6):
        y = horizon + 0.012 + 0.027 * k
        wide = 0.05 + 0.03 * k + 0.04 * bench.roll(16, k)
        paper.ellipse(
            side + 0.04 * (bench.roll(17, k) - 0.5), y, wide, 0.006 + 0.001 * k, color, alpha=strength * (0.8 - 0.1 * k)
        )


def _scallops(base: float, period: float, height: float) -> Callable[[Floats], Floats]:
    def line(x_W: Floats) -> Floats:
        bump_W: Floats = np.abs(np.sin(x_W * np.float32(np.pi / period))) ** np.float32(0.8)
        return np.float32(base + height) - np.float32(2.0 * height) * bump_W

    return line


def _surf(paper: Sheet, shore: Callable[[Floats], Floats], lit: Light) -> None:
    """Shallow water with a foam edge: it ends at the shore and fades out upwards into the sea."""
    above = (
        shore(paper.x_W)[None, :] + np.float32(0.012) * np.sin(paper.x_W * 9.0)[None, :] + 0.012 - paper.y_H[:, None]
    )
    wet = np.clip((above + 0.028) * 40, 0, 1) * np.clip((0.028 - above) * 30, 0, 1)
    paint(paper.image_4HW, wet * 0.45, lit.on("#b79f76"))
    cover = np.clip(above * paper.scale + 0.5, 0, 1) * np.clip((0.085 - above) / 0.05, 0, 1)
    paint(paper.image_4HW, cover, lit.water("#93d0cc"))
    foam = np.clip(above * paper.scale + 0.5, 0, 1) * np.clip((0.021 - above) * paper.scale + 0.5, 0, 1)
    paint(paper.image_4HW, foam * 0.92, lit.on("#f8fbf6"))


def _palm(bench: StageView, paper: Sheet, x: float, y: float, side: float) -> None:
    lit = bench.light
    paper.ellipse(x, y, 0.13, 0.022, lit.on("#9c8a68"), alpha=0.5)
    trunk, height, lean = lit.on("#a98766"), 0.60, -side * 0.10
    points = [(x + lean * (k / 6) ** 2, y - height * k / 6) for k in range(7)]
    for k in range(6):
        (x0, y0), (x1, y1) = points[k], points[k + 1]
        a, b = 0.024 - 0.0018 * k, 0.020 - 0.0018 * k
        paper.polygon(
            ((x0 - a, y0), (x1 - b, y1 - 0.006), (x1 + b, y1 - 0.006), (x0 + a, y0)),
            mix(trunk, (0, 0, 0), 0.08 * (k % 2)),
        )
    tx, ty = points[-1]
    for k, (angle, reach) in enumerate(
        ((2.55, 0.20), (0.6, 0.20), (3.2, 0.21), (-0.05, 0.21), (2.0, 0.15), (1.15, 0.15), (-1.6, 0.05))
    ):
        dx, dy = np.cos(angle) * reach * 0.62, -np.sin(angle) * reach * 0.5
        leaf = lit.on(("#7fae78", "#6a9f74")[k % 2], cover=0.35)
        paper.ellipse(
            tx + float(dx),
            ty + float(dy),
            reach * 0.66,
            0.034,
            leaf,
            angle=-float(np.arctan2(-dy, dx)) + 0.18 * np.sign(float(dx)),
            shade=0.08,
        )
    paper.ellipse(tx - 0.016, ty + 0.016, 0.018, 0.018, lit.on("#80583f"))
    paper.ellipse(tx + 0.016, ty + 0.018, 0.018, 0.018, lit.on("#916647"))


def _snow(bench: StageView) -> Stage:
    lit = bench.light
    layers = [sky(bench, -0.28, skyline=-0.38)]
    turn = bench.roll(10) * 6.28
    far = bench.paper(0.45, -0.62)
    far.land(wavy(-0.36, (0.06, 2.3, turn), (0.02, 5.9, turn)), lit.on("#d3e0ee", 0.5), lit.on("#bdd0e6", 0.3))
    layers.append(StageLayer(sheet=far, parallax=0.45))
    middle = bench.paper(0.7, -0.60)
    for k, x, size in spread(bench, 0.7, 0.26, 30):
        fir(bench, middle, x, -0.205 + 0.01 * (k % 3), 0.20 + 0.09 * size, 0.4, True)
    middle.land(wavy(-0.225, (0.03, 2.9, turn + 1)), lit.on("#e3ebf5", 0.15), lit.on("#cbdaec", 0.1))
    layers.append(StageLayer(sheet=middle, parallax=0.7))
    field = bench.paper(1.0, -0.78)
    for _, x, size in spread(bench, 1.0, 0.80, 40):
        fir(bench, field, x, -0.10, 0.46 + 0.12 * size, 0.08, True)
    field.land(
        wavy(-0.125, (0.016, 3.3, turn + 2), (0.008, 6.1, turn)), lit.on("#eef3fa"), lit.on("#d5e1f0"), depth=0.3
    )
    for _, x, size in spread(bench, 1.0, 0.55, 60):
        field.ellipse(x, 0.08 + 0.07 * size, 0.13, 0.018, lit.on("#c5d5e9"), alpha=0.55)
    layers.append(StageLayer(sheet=field, parallax=1.0))
    return layers


def _desert(bench: StageView) -> Stage:
    lit = bench.light
    layers = [sky(bench, -0.24, skyline=-0.42)]
    turn = bench.roll(10) * 6.28
    far = bench.paper(0.45, -0.64)
    for k, x, size in spread(bench, 0.45, 0.52, 30):
        if bench.roll(32, k) < 0.75:
            _mesa(far, x, 0.10 + 0.07 * size, 0.16 + 0.12 * bench.roll(33, k), lit.on("#c08a70", 0.45, cover=0.3))
    far.land(wavy(-0.25, (0.02, 2.2, turn)), lit.on("#e3bf94", 0.35, cover=0.5), lit.on("#dcae7f", 0.3, cover=0.5))
    layers.append(StageLayer(sheet=far, parallax=0.45))
    middle = bench.paper(0.75, -0.40)
    middle.land(
        wavy(-0.19, (0.045, 1.9, turn + 2)),
        lit.on("#e9c596", 0.1, cover=0.6),
        lit.on("#d8a976", 0.1, cover=0.6),
        depth=0.2,
    )
    layers.append(StageLayer(sheet=middle, parallax=0.75))
    near = bench.paper(1.0, -0.70)
    near.land(
        wavy(-0.115, (0.022, 2.6, turn + 4)), lit.on("#f0d3a3", cover=0.6), lit.on("#dcb27d", cover=0.6), depth=0.32
    )
    for k, x, size in spread(bench, 1.0, 0.78, 40):
        _cactus(bench, near, x, -0.065, 0.30 + 0.12 * size, k)
    for _, x, size in spread(bench, 1.0, 0.46, 60):
        near.ellipse(x, 0.09 + 0.06 * size, 0.10, 0.010, lit.on("#cfa06c"), alpha=0.5)
    layers.append(StageLayer(sheet=near, parallax=1.0))
    return layers


def _mesa(paper: Sheet, x: float, wide: float, high: float, stone: RGB) -> None:
    """A table of rock, lighter at its top."""
    paper.polygon(
        ((x - wide * 1.25, -0.2), (x - wide, -0.26 - high), (x + wide * 0.9, -0.26 - high), (x + wide * 1.3, -0.2)),
        stone,
        shade=0.07,
    )
    low = -0.26 - high * 0.72
    paper.polygon(
        ((x - wide * 1.08, low), (x - wide, -0.26 - high), (x + wide * 0.9, -0.26 - high), (x + wide, low)),
        mix(stone, (1, 0.93, 0.82), 0.25),
    )


def _cactus(bench: StageView, paper: Sheet, x: float, y: float, height: float, key: int) -> None:
    lit = bench.light
    green = lit.on("#7ba07f", 0.05, cover=0.25)
    side = 1.0 if bench.roll(44, key) < 0.5 else -1.0
    w = height * 0.085
    paper.ellipse(x, y, height * 0.28, 0.014, lit.on("#8d6f55"), alpha=0.4)
    for way, low, high in ((side, 0.36, 0.70), (-side, 0.50, 0.80)):
        reach = way * height * 0.24
        paper.box(
            min(x, x + reach) - w * 0.6,
            y - height * low - w * 1.2,
            max(x, x + reach) + w * 0.6,
            y - height * low,
            green,
            radius=w * 0.6,
        )
        paper.box(
            x + reach - w * 0.65, y - height * high, x + reach + w * 0.65, y - height * low, green, radius=w * 0.65
        )
    paper.box(x - w, y - height, x + w, y + 0.004, green, radius=w)
    if not paper.ink:
        paper.box(
            x - w * 0.5, y - height * 0.93, x - w * 0.1, y - 0.02, mix(green, (1, 1, 1), 0.3), radius=w * 0.2, alpha=0.5
        )


def _sea(bench: StageView) -> Stage:
    lit = bench.light
    layers = [sky(bench, -0.30, sun_x=0.75 * (bench.roll(1) - 0.35))]
    water = bench.paper(0.5, -0.36)
    water.land(-0.30, lit.water("#6fabc4", 0.5), lit.water("#5b9dbb", 0.2), depth=0.25, shadow=0.0)
    _glitter(bench, water, -0.30)
    layers.append(StageLayer(sheet=water, parallax=0.5))
    strips = (
        (-0.195, 0.34, 0.010, 0.65, "#6cabc2", 0.05, -1.0),
        (-0.085, 0.42, 0.016, 0.85, "#5a9cb9", -0.06, -1.0),
        (0.012, 0.50, 0.020, 1.0, "#4d8fb0", 0.07, 0.06),
        (0.110, 0.60, 0.022, 1.1, "#41809f", -0.08, 0.25),
    )
    for k, (base, period, height, parallax, color, swing, before) in enumerate(strips):
        low = (-0.04, 0.07, 0.17, None)[k]
        strip = bench.paper(parallax, base - 0.09, low, room=0.09)
        body = lit.water(color, 0.22 - 0.06 * k)
        strip.land(_scallops(base, period, height), mix(body, lit.on("#e6f4f2"), 0.42), body, depth=0.045, shadow=0.22)
        layers.append(
            StageLayer(
                sheet=strip,
                parallax=parallax,
                before=before,
                sway=Sway(x=swing, y=0.010, period=2.2 + 0.3 * k, phase=bench.roll(13, k)),
            )
        )
    return layers


def _mountains(bench: StageView) -> Stage:
    lit = bench.light
    layers = [sky(bench, -0.24, skyline=-0.56)]
    turn = bench.roll(10) * 6.28
    back = bench.paper(0.35, -0.86)
    line = ridge(bench, -0.20, 0.46, 0.52, 80)
    teeth = ridge(bench, 0.0, 0.075, 0.085, 84)
    back.land(line, lit.on(SNOW, 0.25), lit.on(SNOW, 0.35), shadow=0.2)
    rock = lit.on("#8d9cb5", 0.5)
    back.land(
        lambda x_W: np.maximum(line(x_W) + 0.07, -0.50) + 0.045 + teeth(x_W),
        rock,
        mix(rock, lit.haze, 0.35),
        shadow=0.0,
    )
    layers.append(StageLayer(sheet=back, parallax=0.35))
    middle = bench.paper(0.55, -0.62)
    middle.land(
        ridge(bench, -0.16, 0.26, 0.40, 88), lit.on("#8fa5ae", 0.4, cover=0.5), lit.on("#a4b9b4", 0.5, cover=0.4)
    )
    layers.append(StageLayer(sheet=middle, parallax=0.55))
    woods = bench.paper(0.8, -0.52)
    for k, x, size in spread(bench, 0.8, 0.17, 30):
        fir(bench, woods, x, -0.13 + 0.012 * (k % 2), 0.14 + 0.08 * size, 0.22, lit.weather.snowy)
    woods.land(wavy(-0.155, (0.025, 2.4, turn)), lit.on("#a3bd94", 0.12, cover=0.7), lit.on("#93b386", 0.1, cover=0.7))
    layers.append(StageLayer(sheet=woods, parallax=0.8))
    meadow = bench.paper(1.0, -0.18)
    meadow.land(
        wavy(-0.09, (0.018, 2.8, turn + 2)), lit.on("#bccb90", cover=0.8), lit.on("#9db678", cover=0.8), depth=0.26
    )
    for k, x, size in spread(bench, 1.0, 0.40, 60):
        meadow.ellipse(x, 0.055 + 0.09 * size, 0.034, 0.022, lit.on("#b9b6b0", cover=0.7), shade=0.12)
        if not lit.weather.snowy:
            meadow.ellipse(
                x + 0.17, 0.04 + 0.1 * bench.roll(62, k), 0.012, 0.011, lit.on(("#f1e6f0", "#f5e4a5")[k % 2])
            )
    layers.append(StageLayer(sheet=meadow, parallax=1.0))
    return layers


PLACES_DRAWN: dict[Place, Callable[[StageView], Stage]] = {
    "park": _park,
    "beach": _beach,
    "city": city,
    "snow": _snow,
    "desert": _desert,
    "sea": _sea,
    "mountains": _mountains,
    "room": room,
}
