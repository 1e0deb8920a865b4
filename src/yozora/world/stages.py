"""Stages: the drawn backgrounds of the paper theatre, as sheets one behind the other, and the light upon them.

`build` draws a place for a daytime and a weather; what it returns is pictures and numbers only, so that any renderer can
move and stack them. Knows no actors. World coordinates as in paint.py: the actors' ground line is Y = 0.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from yozora.world.paint import RGB, Box, Floats, Sheet, chance, mix, paint, rgb, sheet, times
from yozora.world.scene import Daytime, Place, Weather

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sway:
    """How a sheet rocks: an ellipse of half-widths (x, y) units, once a period of seconds."""

    x: float = 0.0
    y: float = 0.0
    period: float = 2.0
    phase: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A sheet on the stage."""

    sheet: Sheet
    parallax: float  # 0: infinitely far, moves with the camera; 1: where the actors are
    before: float = -1.0  # it stands before actors whose feet are at a smaller world Y; -1: behind all
    sway: Sway | None = None
    window: bool = False  # not shown: its alpha says where the weather is seen (indoors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """The hour and the weather, as colours in 0..1."""

    sky: tuple[RGB, RGB, RGB]  # zenith, middle, horizon
    haze: RGB  # what far things fade into
    fog: float  # how much
    tint: RGB  # multiplies the colours of the stage
    actor: RGB  # multiplies the colours of the actors
    lift: RGB  # is added to the actors' colours where they are dark
    shadow: float  # opacity of contact shadows
    night: bool
    sunset: bool
    weather: Weather

    def water(self, color: str, far: float = 0.0) -> RGB:
        """The colour of water, which takes on some of the sky's."""
        if not self.sunset:
            return mix(self.on(color, far), mix(self.sky[1], self.sky[2], 0.35), 0.12)
        dusk = mix(rgb(color), rgb("#6f66a6"), 0.62)
        return mix(mix(dusk, self.sky[1], 0.22), self.haze, min(1.0, far * self.fog))

    def on(self, color: str | RGB, far: float = 0.0, *, cover: float = 0.0) -> RGB:
        """A colour as it looks in this light, `far` 0..1 away; `cover`: how much of it fallen snow hides."""
        base = rgb(color) if isinstance(color, str) else color
        if self.weather == "snow":
            base = mix(base, SNOW, cover)
        elif self.weather == "rain":
            grey = 0.3 * base[0] + 0.55 * base[1] + 0.15 * base[2]
            base = mix(base, (grey, grey, grey), 0.25)
        return mix(times(base, self.tint), self.haze, min(1.0, far * self.fog))


SNOW: RGB = (0.93, 0.95, 0.98)
_SKIES: dict[Daytime, tuple[str, str, str]] = {
    "day": ("#86bfe2", "#b5dbec", "#eaf3e6"),
    "sunset": ("#5b5590", "#c9708c", "#f9bb78"),
    "night": ("#131b40", "#24346a", "#4a6494"),
}
_GREYS: dict[Daytime, tuple[str, str, str]] = {
    "day": ("#93a5b5", "#b3c0c9", "#d5dbdc"),
    "sunset": ("#6b6180", "#a9788a", "#dba98d"),
    "night": ("#171c36", "#29324f", "#475271"),
}
_TINTS: dict[Daytime, RGB] = {"day": (1.0, 1.0, 1.0), "sunset": (1.0, 0.79, 0.69), "night": (0.36, 0.45, 0.69)}
_ACTORS: dict[Daytime, tuple[RGB, RGB]] = {
    "day": ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0)),
    "sunset": ((1.0, 0.90, 0.82), (0.03, 0.0, 0.0)),
    "night": ((0.79, 0.81, 0.90), (0.02, 0.025, 0.045)),
}
_OVERCAST: dict[Weather, float] = {"clear": 0.0, "leaves": 0.15, "snow": 0.75, "rain": 1.0, "fog": 0.7}
_FOG: dict[Weather, float] = {"clear": 0.6, "leaves": 0.6, "snow": 0.85, "rain": 0.85, "fog": 1.55}


def light(daytime: Daytime, weather: Weather) -> Light:
    """The light of an hour in a weather."""
    grey = _OVERCAST[weather]
    sky = tuple(mix(rgb(a), rgb(b), grey) for a, b in zip(_SKIES[daytime], _GREYS[daytime], strict=True))
    if weather == "leaves":
        sky = tuple(mix(c, rgb("#f2d9a6"), 0.18 if daytime == "day" else 0.06) for c in sky)
    tint = _TINTS[daytime]
    if weather == "rain":
        tint = times(tint, (0.80, 0.84, 0.90))
    elif weather == "fog":
        tint = times(tint, (0.92, 0.94, 0.96))
    actor, lift = _ACTORS[daytime]
    if weather == "rain":
        actor = times(actor, (0.92, 0.94, 0.98))
    haze = mix(sky[1], sky[2], 0.75)
    return Light(
        sky=(sky[0], sky[1], sky[2]),
        haze=haze,
        fog=_FOG[weather],
        tint=tint,
        actor=actor,
        lift=lift,
        shadow=0.34 if daytime != "night" else 0.42,
        night=daytime == "night",
        sunset=daytime == "sunset",
        weather=weather,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where a stage is drawn: the light, the seed, and for each parallax the box of the world that will be seen."""

    light: Light
    seed: int
    scale: float
    origin: tuple[float, float]
    ink: float
    seen: Callable[[float], Box]

    def paper(self, parallax: float, top: float | None = None, bottom: float | None = None, room: float = 0.0) -> Sheet:
        """An empty sheet as wide as can be seen (and `room` wider), between two heights."""
        x0, y0, x1, y1 = self.seen(parallax)
        y0 = y0 if top is None else min(max(y0, top), y1 - 0.01)
        y1 = y1 if bottom is None else max(min(y1, bottom), y0 + 0.01)
        return sheet((x0 - room, y0 - room, x1 + room, y1 + room), self.scale, self.origin, self.ink)

    def roll(self, *keys: int) -> float:
        """A number in [0, 1) that belongs to the seed."""
        return chance(self.seed, *keys)


Stage = list[Layer]


def build(place: Place, bench: Bench) -> Stage:
    """The sheets of a place, far to near. `bench.seen(p)`: the box that a layer of parallax p must cover."""
    return PLACES_DRAWN[place](bench)


# -------------------------------------------------------------------- sky


def _sky(bench: Bench, horizon: float, *, sun_x: float | None = None, skyline: float | None = None) -> Layer:
    lit, paper = bench.light, bench.paper(0.15)
    box = bench.seen(0.15)
    top = min(box[1], horizon - 0.3)
    clear = lit.weather in ("clear", "leaves")
    paper.gradient(lit.sky, (top, top * 0.42 + horizon * 0.58, horizon))
    half = (box[2] - box[0]) / 2
    side = (bench.roll(1) - 0.5) * 1.1 if sun_x is None else sun_x
    x = side * half
    paper_ink = paper.ink
    if lit.night:
        if clear:
            _stars(bench, paper, box, horizon)
        y = top + (horizon - top) * (0.24 + 0.1 * bench.roll(2))
        strength = 1.0 if clear else 0.45
        paper.glow(x, y, 0.19, (0.75, 0.82, 1.0), 0.33 * strength)
        paper.ellipse(x, y, 0.072, 0.072, mix(rgb("#fdf3cf"), lit.sky[1], 1 - strength), shade=0.03)
        if clear:
            paper.ellipse(x - 0.022, y - 0.012, 0.016, 0.016, rgb("#ecdfb4"), alpha=0.8)
            paper.ellipse(x + 0.024, y + 0.024, 0.011, 0.011, rgb("#ecdfb4"), alpha=0.8)
    elif lit.sunset:
        y = (horizon if skyline is None else skyline) - 0.075 - 0.03 * bench.roll(2)
        strength = 1.0 if clear else 0.5
        paper.glow(x, y + 0.03, 0.62, rgb("#ffcf70"), 0.5 * strength, flat=0.5)
        paper.glow(x, y, 0.2, rgb("#ffe39a"), 0.75 * strength)
        paper.ellipse(x, y, 0.115, 0.115, mix(rgb("#fff0b8"), lit.sky[2], 0.55 * (1 - strength)))
    elif clear:
        y = top + (horizon - top) * (0.22 + 0.1 * bench.roll(2))
        paper.glow(x, y, 0.24, rgb("#fff6d0"), 0.65)
        paper.ellipse(x, y, 0.075, 0.075, rgb("#fff0b0"), shade=0.02)
    assert paper.ink == paper_ink
    _clouds(bench, paper, box, top, horizon)
    return Layer(sheet=paper, parallax=0.15)


def _stars(bench: Bench, paper: Sheet, box: Box, horizon: float) -> None:
    for k in range(16):
        x = box[0] + (box[2] - box[0]) * (k + bench.roll(3, k)) / 16
        y = box[1] + (horizon - 0.14 - box[1]) * bench.roll(4, k)
        paper.glow(x, y, 0.009 + 0.005 * bench.roll(5, k), (1.0, 0.97, 0.85), 0.95)


def _clouds(bench: Bench, paper: Sheet, box: Box, top: float, horizon: float) -> None:
    lit = bench.light
    grey = _OVERCAST[lit.weather]
    if lit.weather == "fog" or (lit.night and grey < 0.5):
        return
    color = mix(
        mix(rgb("#ffffff"), rgb("#f7b8a0"), 0.75 if lit.sunset else 0.0),
        mix(lit.sky[0], lit.sky[1], 0.4),
        0.35 + 0.35 * grey,
    )
    if lit.night:
        color = mix(lit.sky[1], lit.sky[2], 0.35)
    for k in range(3 if grey < 0.5 else 4):
        x = box[0] + (box[2] - box[0]) * (k + 0.25 + 0.5 * bench.roll(6, k)) / (3 if grey < 0.5 else 4)
        y = top + (horizon - top) * (0.16 + 0.3 * bench.roll(7, k))
        size = 0.6 + 0.5 * bench.roll(8, k) + 0.45 * grey
        for dx, dy, r in ((-0.10, 0.012, 0.045), (0.10, 0.014, 0.04), (0.0, -0.008, 0.065), (0.0, 0.03, 0.05)):
            wide = 2.6 if dy == 0.03 else 1.25
            paper.ellipse(x + dx * size, y + dy * size, r * wide * size, r * 0.75 * size, color, alpha=0.89, shade=0.04)


# -------------------------------------------------------------------- plants


def _crown(light_: Light) -> tuple[str, ...]:
    if light_.weather == "leaves":
        return ("#cf8a43", "#d8a24c", "#b9693f", "#c9b257")
    return ("#6fa06a", "#86b074", "#5d9470", "#94b56f")


def _tree(bench: Bench, paper: Sheet, x: float, y: float, height: float, far: float, key: int) -> None:
    lit = bench.light
    color = lit.on(_crown(lit)[int(bench.roll(20, key) * 4)], far, cover=0.5)
    trunk = lit.on("#8a6a52", far)
    r = height * 0.30
    if lit.shadow and not paper.ink:
        paper.ellipse(x, y, r * 1.1, r * 0.16, lit.on("#45584a", far), alpha=0.3)
    paper.polygon(
        (
            (x - 0.035 * height, y),
            (x - 0.022 * height, y - 0.5 * height),
            (x + 0.022 * height, y - 0.5 * height),
            (x + 0.035 * height, y),
        ),
        trunk,
    )
    dark = mix(color, lit.on("#3d5a58", far), 0.22)
    paper.ellipse(x - r * 0.55, y - height * 0.50, r * 0.72, r * 0.66, dark, shade=0.08)
    paper.ellipse(x + r * 0.58, y - height * 0.52, r * 0.70, r * 0.66, dark, shade=0.08)
    paper.ellipse(x, y - height * 0.68, r * 0.98, r * 0.98, color, shade=0.13)
    if not paper.ink:
        paper.ellipse(x - r * 0.25, y - height * 0.76, r * 0.5, r * 0.42, mix(color, (1, 1, 1), 0.25), alpha=0.35)


def _fir(bench: Bench, paper: Sheet, x: float, y: float, height: float, far: float, snowy: bool) -> None:
    lit = bench.light
    color = lit.on("#5f8a80", far)
    cap = lit.on(SNOW, far * 0.7)
    paper.box(x - 0.03 * height, y - 0.14 * height, x + 0.03 * height, y, lit.on("#7d6455", far))
    for k in range(3):
        top, low, half = 1.0 - 0.24 * k, 0.60 - 0.24 * k, 0.17 + 0.055 * k
        tip = (x, y - top * height)
        paper.polygon(
            ((x - half * height, y - low * height), tip, (x + half * height, y - low * height)),
            mix(color, (0, 0, 0), 0.05 * k),
            shade=0.1,
        )
        if snowy:
            mid = top - (top - low) * 0.42
            paper.polygon(
                ((x - half * 0.42 * height, y - mid * height), tip, (x + half * 0.42 * height, y - mid * height)), cap
            )


def _spread(bench: Bench, parallax: float, step: float, channel: int) -> list[tuple[int, float, float]]:
    """Places of things along X, one to a cell of `step`, the same ones however much of the world is seen."""
    x0, _, x1, _ = bench.seen(parallax)
    cells = range(int(np.floor(x0 / step)) - 1, int(np.ceil(x1 / step)) + 1)
    return [(k, (k + 0.2 + 0.6 * bench.roll(channel, k)) * step, bench.roll(channel + 1, k)) for k in cells]


def _wavy(base: float, *waves: tuple[float, float, float]) -> Callable[[Floats], Floats]:
    """Y = base + the sum of amplitude * sin(X * frequency + phase)."""

    def line(x_W: Floats) -> Floats:
        y_W = np.full_like(x_W, base)
        for amplitude, frequency, phase in waves:
            y_W += np.float32(amplitude) * np.sin(x_W * np.float32(frequency) + np.float32(phase))
        return y_W

    return line


def _ridge(bench: Bench, base: float, height: float, step: float, channel: int) -> Callable[[Floats], Floats]:
    """A jagged line of peaks, one to a cell of `step`."""

    def line(x_W: Floats) -> Floats:
        first, last = int(np.floor(float(x_W[0]) / step)) - 1, int(np.ceil(float(x_W[-1]) / step)) + 1
        xs, ys = [], []
        for k in range(first, last + 1):
            rise = height * (0.62 + 0.38 * bench.roll(channel, k))
            xs += [(k + 0.5 + 0.24 * (bench.roll(channel + 1, k) - 0.5)) * step, (k + 1.0) * step]
            ys += [base - rise, base - height * (0.18 + 0.22 * bench.roll(channel + 2, k))]
        return np.interp(x_W, xs, ys).astype(np.float32)

    return line


# -------------------------------------------------------------------- places


def _park(bench: Bench) -> Stage:
    lit = bench.light
    layers = [_sky(bench, -0.26, skyline=-0.36)]
    turn = bench.roll(10) * 6.28
    far = bench.paper(0.45, -0.50)
    far.land(
        _wavy(-0.34, (0.05, 2.1, turn), (0.02, 5.3, turn * 2)),
        lit.on("#b4d2bd", 0.62, cover=0.7),
        lit.on("#9fc6a6", 0.45, cover=0.7),
    )
    layers.append(Layer(sheet=far, parallax=0.45))
    middle = bench.paper(0.7, -0.62)
    for k, x, size in _spread(bench, 0.7, 0.36, 30):
        _tree(bench, middle, x, -0.215, 0.22 + 0.08 * size, 0.35, k)
    middle.land(
        _wavy(-0.24, (0.025, 2.7, turn + 1)), lit.on("#9cc38b", 0.2, cover=0.75), lit.on("#8fba7d", 0.1, cover=0.75)
    )
    layers.append(Layer(sheet=middle, parallax=0.7))
    lawn = bench.paper(1.0, -0.78)
    lawn.land(_wavy(-0.15, (0.012, 3.1, turn + 2)), lit.on("#b3cf8b", cover=0.8), lit.on("#93b974", cover=0.8))
    _path(bench, lawn, lit.on("#e6d6b0", cover=0.6))
    for k, x, size in _spread(bench, 1.0, 0.74, 40):
        _tree(bench, lawn, x, -0.115, 0.50 + 0.10 * size, 0.05, k + 50)
    petals = ("#f3e9ee", "#f2cfd3", "#f4e3a8", "#d9cdea")
    for k, x, size in _spread(bench, 1.0, 0.21, 50):
        y = 0.075 + 0.075 * size
        if lit.weather != "snow":
            lawn.ellipse(x, y, 0.016, 0.013, lit.on(petals[k % 4]))
            lawn.ellipse(x, y, 0.006, 0.005, lit.on("#e8b84d"))
    layers.append(Layer(sheet=lawn, parallax=1.0))
    return layers


def _path(bench: Bench, paper: Sheet, color: RGB) -> None:
    """A path that comes from the hills towards the onlooker."""
    y_H = paper.y_H[:, None]
    down = (y_H + 0.15).clip(0)
    middle = 0.30 * (bench.roll(11) - 0.5) + (bench.roll(12) - 0.5) * 1.3 * down + 0.05 * np.sin(down * 14)
    far = np.abs(paper.x_W[None, :] - middle) - (0.025 + 0.42 * down)
    cover = np.clip(0.5 - far * paper.scale * 0.7, 0, 1) * np.clip((y_H + 0.143) * paper.scale, 0, 1)
    paint(paper.image_4HW, cover * 0.85, color)


def _beach(bench: Bench) -> Stage:
    lit = bench.light
    layers = [_sky(bench, -0.30, sun_x=0.75 * (bench.roll(1) - 0.35))]
    sea = bench.paper(0.6, -0.36)
    deep, near = lit.water("#5f9fbe", 0.45), lit.water("#7fc4c8", 0.1)
    sea.land(-0.30, deep, near, depth=0.2, shadow=0.0)
    _glitter(bench, sea, -0.30)
    layers.append(Layer(sheet=sea, parallax=0.6))
    wave = bench.paper(0.8, -0.30, -0.02, room=0.06)
    wave.land(_scallops(-0.215, 0.42, 0.016), lit.on("#d8f0ec"), lit.water("#79c0c8"), depth=0.03, shadow=0.22)
    layers.append(Layer(sheet=wave, parallax=0.8, sway=Sway(x=0.05, y=0.008, period=2.6, phase=bench.roll(13))))
    turn = bench.roll(10) * 6.28
    sand = bench.paper(1.0, -0.86)
    shore = _wavy(-0.125, (0.016, 2.2, turn))
    sand.land(shore, lit.on("#d9c79e", cover=0.55), lit.on("#ecdcb2", cover=0.55), depth=0.14, shadow=0.0)
    layers.append(Layer(sheet=sand, parallax=1.0))
    foam = bench.paper(1.0, -0.23, -0.02, room=0.06)
    _surf(foam, shore, lit)
    layers.append(Layer(sheet=foam, parallax=1.0, sway=Sway(x=0.012, y=0.024, period=2.4, phase=bench.roll(14))))
    front = bench.paper(1.0, -0.86)
    side = -1.0 if bench.roll(15) < 0.5 else 1.0
    half = (bench.seen(0.0)[2] - bench.seen(0.0)[0]) / 2
    _palm(bench, front, side * (half - 0.13), 0.03, side)
    for k, x, size in _spread(bench, 1.0, 0.5, 60):
        front.ellipse(x, 0.10 + 0.05 * size, 0.03, 0.011, lit.on("#d3bd8e"), alpha=0.8)
    layers.append(Layer(sheet=front, parallax=1.0))
    return layers


def _glitter(bench: Bench, paper: Sheet, horizon: float) -> None:
    """The sun's or the moon's broken light on the water."""
    lit = bench.light
    strength = 0.6 if lit.weather in ("clear", "leaves") else 0.2
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
        return (base + height * (1.0 - 2.0 * np.abs(np.sin(x_W * np.float32(np.pi / period))) ** 0.8)).astype(
            np.float32
        )

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


def _palm(bench: Bench, paper: Sheet, x: float, y: float, side: float) -> None:
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


def _city(bench: Bench) -> Stage:
    lit = bench.light
    layers = [_sky(bench, -0.20, skyline=-0.52)]
    far = bench.paper(0.45, -0.80)
    for k, x, size in _spread(bench, 0.45, 0.17, 30):
        tone = lit.on("#9aa6bd", 0.65)
        far.box(x - 0.085, -0.36 - 0.24 * size, x + 0.085, 0.3, mix(tone, lit.haze, 0.2 * bench.roll(32, k)))
        if lit.night:
            far.panes(
                (x - 0.07, -0.33 - 0.24 * size, x + 0.07, -0.15),
                3,
                6,
                (tone, rgb("#b9a67a")),
                [int(bench.roll(33, k, j) < 0.3) for j in range(18)],
            )
    layers.append(Layer(sheet=far, parallax=0.45))
    row = bench.paper(0.8, -0.82)
    step = 0.345
    x0, _, x1, _ = bench.seen(0.8)
    for k in range(int(np.floor(x0 / step)) - 1, int(np.ceil(x1 / step)) + 1):
        _house(bench, row, (k + 0.5 + 0.3 * (bench.roll(34) - 0.5)) * step, step, k)
    layers.append(Layer(sheet=row, parallax=0.8))
    street = bench.paper(1.0, -0.78)
    street.land(-0.135, lit.on("#cfc8bd", cover=0.8), lit.on("#c3bcb2", cover=0.8), depth=0.1, shadow=0.25)
    _lamps(bench, street)
    street.land(-0.072, lit.on("#a9a39c", cover=0.6), lit.on("#a9a39c", cover=0.6), shadow=0.0)
    street.land(-0.054, lit.on("#8c8a93", cover=0.45), lit.on("#7b7a85", cover=0.45), depth=0.3, shadow=0.2)
    for _, x, _ in _spread(bench, 1.0, 0.36, 70):
        street.polygon(
            ((x - 0.088, 0.118), (x - 0.080, 0.100), (x + 0.092, 0.100), (x + 0.088, 0.118)),
            lit.on("#d9d4c4"),
            alpha=0.75,
        )
    if lit.weather == "rain":
        _puddle(street, row)
    layers.append(Layer(sheet=street, parallax=1.0))
    return layers


def _puddle(street: Sheet, row: Sheet) -> None:
    """The wet street mirrors the houses, softly and drawn out."""
    below = np.flatnonzero(street.y_H > -0.05)
    if not len(below):
        return
    up_H = -0.135 - 1.9 * (street.y_H[below] + 0.05)
    rows = np.clip(np.round(up_H * row.scale + row.offset_y - row.top - 0.5), 0, row.image_4HW.shape[1] - 1).astype(
        np.intp
    )
    cols = np.round(street.x_W * row.scale + row.offset_x - row.left - 0.5).astype(np.intp)
    mirrored = row.image_4HW[:, rows][:, :, np.clip(cols, 0, row.image_4HW.shape[2] - 1)]
    reach = max(1, round(0.03 * row.scale))
    total = np.cumsum(np.pad(mirrored, ((0, 0), (reach + 1, reach), (0, 0)), mode="edge"), axis=1)
    soft = (total[:, 2 * reach + 1 :] - total[:, : -2 * reach - 1]) / np.float32(2 * reach + 1)
    strength = np.float32(0.42) * soft[3] * np.clip(1.15 - (street.y_H[below] + 0.05) * 3.2, 0.25, 1)[:, None]
    soft[:3] /= np.maximum(soft[3], 1e-3)
    soft[3] = 1.0
    paint(street.image_4HW[:, below[0] : below[-1] + 1], strength, soft)


_FACADES = ("#cfa08c", "#d9c296", "#9fb3bf", "#c7b3a4", "#b9a3b5", "#a8b8a0", "#dccdb5")


def _house(bench: Bench, paper: Sheet, x: float, step: float, key: int) -> None:
    lit = bench.light
    rows = 2 + int(bench.roll(35, key) * 2.4)
    floor = 0.098
    top, half = -0.13 - 0.135 - rows * floor, step / 2 - 0.004
    wall = lit.on(_FACADES[int(bench.roll(36, key) * 7)], 0.12)
    roof = lit.on(("#8d6a66", "#737a8c", "#7d7368")[key % 3], 0.1, cover=0.85)
    if bench.roll(37, key) < 0.55:
        paper.polygon(
            (
                (x - half - 0.012, top),
                (x - half * 0.62, top - 0.085),
                (x + half * 0.62, top - 0.085),
                (x + half + 0.012, top),
            ),
            roof,
            shade=0.05,
        )
    else:
        paper.box(x - half - 0.01, top - 0.026, x + half + 0.01, top + 0.004, roof)
    paper.box(x - half, top, x + half, -0.1, wall)
    glass = lit.on("#8fa6b5", 0.1)
    warm = rgb("#ffd67a") if lit.night else rgb("#ffd99a") if lit.sunset else mix(glass, (1, 1, 1), 0.3)
    lit_share = 0.62 if lit.night else 0.35
    paper.panes(
        (x - half + 0.012, top + 0.016, x + half - 0.012, top + rows * floor + 0.012),
        4,
        rows,
        (glass if not lit.night else mix(glass, (0, 0, 0), 0.35), warm, mix(warm, rgb("#f2a65a"), 0.45)),
        [
            (1 + int(bench.roll(39, key, j) < 0.35)) if bench.roll(38, key, j) < lit_share else 0
            for j in range(4 * rows)
        ],
    )
    awning = lit.on(("#c98f86", "#93aaa0", "#d0b489")[int(bench.roll(40, key) * 3)], 0.05, cover=0.5)
    shop = rgb("#ffcf7a") if lit.night else lit.on("#a8bac0", 0.1)
    paper.box(x - half + 0.03, -0.225, x + half - 0.12, -0.14, shop)
    paper.box(x + half - 0.095, -0.232, x + half - 0.035, -0.10, lit.on("#7a6258", 0.05))
    paper.box(x - half + 0.015, -0.258, x + half - 0.11, -0.225, awning)


def _lamps(bench: Bench, paper: Sheet) -> None:
    lit = bench.light
    for _, x, _ in _spread(bench, 1.0, 1.1, 42):
        post = lit.on("#59606b")
        paper.box(x - 0.007, -0.56, x + 0.007, -0.085, post)
        paper.box(x - 0.018, -0.10, x + 0.018, -0.08, post, radius=0.006)
        if lit.night or lit.sunset:
            paper.glow(x, -0.575, 0.15, rgb("#ffdd90"), 0.6 if lit.night else 0.35)
        paper.ellipse(x, -0.575, 0.030, 0.034, rgb("#fff0bf") if lit.night or lit.sunset else lit.on("#f4efe2"))
        paper.box(x - 0.026, -0.618, x + 0.026, -0.602, post, radius=0.006)


def _snow(bench: Bench) -> Stage:
    lit = bench.light
    layers = [_sky(bench, -0.28, skyline=-0.38)]
    turn = bench.roll(10) * 6.28
    far = bench.paper(0.45, -0.62)
    far.land(_wavy(-0.36, (0.06, 2.3, turn), (0.02, 5.9, turn)), lit.on("#d3e0ee", 0.5), lit.on("#bdd0e6", 0.3))
    layers.append(Layer(sheet=far, parallax=0.45))
    middle = bench.paper(0.7, -0.60)
    for k, x, size in _spread(bench, 0.7, 0.26, 30):
        _fir(bench, middle, x, -0.205 + 0.01 * (k % 3), 0.20 + 0.09 * size, 0.4, True)
    middle.land(_wavy(-0.225, (0.03, 2.9, turn + 1)), lit.on("#e3ebf5", 0.15), lit.on("#cbdaec", 0.1))
    layers.append(Layer(sheet=middle, parallax=0.7))
    field = bench.paper(1.0, -0.78)
    for _, x, size in _spread(bench, 1.0, 0.80, 40):
        _fir(bench, field, x, -0.10, 0.46 + 0.12 * size, 0.08, True)
    field.land(
        _wavy(-0.125, (0.016, 3.3, turn + 2), (0.008, 6.1, turn)), lit.on("#eef3fa"), lit.on("#d5e1f0"), depth=0.3
    )
    for _, x, size in _spread(bench, 1.0, 0.55, 60):
        field.ellipse(x, 0.08 + 0.07 * size, 0.13, 0.018, lit.on("#c5d5e9"), alpha=0.55)
    layers.append(Layer(sheet=field, parallax=1.0))
    return layers


def _desert(bench: Bench) -> Stage:
    lit = bench.light
    layers = [_sky(bench, -0.24, skyline=-0.42)]
    turn = bench.roll(10) * 6.28
    far = bench.paper(0.45, -0.64)
    for k, x, size in _spread(bench, 0.45, 0.52, 30):
        if bench.roll(32, k) < 0.75:
            wide, high = 0.10 + 0.07 * size, 0.16 + 0.12 * bench.roll(33, k)
            stone = lit.on("#c08a70", 0.45, cover=0.3)
            far.polygon(
                (
                    (x - wide * 1.25, -0.2),
                    (x - wide, -0.26 - high),
                    (x + wide * 0.9, -0.26 - high),
                    (x + wide * 1.3, -0.2),
                ),
                stone,
                shade=0.07,
            )
            far.polygon(
                (
                    (x - wide * 1.08, -0.26 - high * 0.72),
                    (x - wide, -0.26 - high),
                    (x + wide * 0.9, -0.26 - high),
                    (x + wide, -0.26 - high * 0.72),
                ),
                mix(stone, (1, 0.93, 0.82), 0.25),
            )
    far.land(_wavy(-0.25, (0.02, 2.2, turn)), lit.on("#e3bf94", 0.35, cover=0.5), lit.on("#dcae7f", 0.3, cover=0.5))
    layers.append(Layer(sheet=far, parallax=0.45))
    middle = bench.paper(0.75, -0.40)
    middle.land(
        _wavy(-0.19, (0.045, 1.9, turn + 2)),
        lit.on("#e9c596", 0.1, cover=0.6),
        lit.on("#d8a976", 0.1, cover=0.6),
        depth=0.2,
    )
    layers.append(Layer(sheet=middle, parallax=0.75))
    near = bench.paper(1.0, -0.70)
    near.land(
        _wavy(-0.115, (0.022, 2.6, turn + 4)), lit.on("#f0d3a3", cover=0.6), lit.on("#dcb27d", cover=0.6), depth=0.32
    )
    for k, x, size in _spread(bench, 1.0, 0.78, 40):
        _cactus(bench, near, x, -0.065, 0.30 + 0.12 * size, k)
    for _, x, size in _spread(bench, 1.0, 0.46, 60):
        near.ellipse(x, 0.09 + 0.06 * size, 0.10, 0.010, lit.on("#cfa06c"), alpha=0.5)
    layers.append(Layer(sheet=near, parallax=1.0))
    return layers


def _cactus(bench: Bench, paper: Sheet, x: float, y: float, height: float, key: int) -> None:
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


def _sea(bench: Bench) -> Stage:
    lit = bench.light
    layers = [_sky(bench, -0.30, sun_x=0.75 * (bench.roll(1) - 0.35))]
    water = bench.paper(0.5, -0.36)
    water.land(-0.30, lit.water("#6fabc4", 0.5), lit.water("#5b9dbb", 0.2), depth=0.25, shadow=0.0)
    _glitter(bench, water, -0.30)
    layers.append(Layer(sheet=water, parallax=0.5))
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
            Layer(
                sheet=strip,
                parallax=parallax,
                before=before,
                sway=Sway(x=swing, y=0.010, period=2.2 + 0.3 * k, phase=bench.roll(13, k)),
            )
        )
    return layers


def _mountains(bench: Bench) -> Stage:
    lit = bench.light
    layers = [_sky(bench, -0.24, skyline=-0.56)]
    turn = bench.roll(10) * 6.28
    back = bench.paper(0.35, -0.86)
    line = _ridge(bench, -0.20, 0.46, 0.52, 80)
    teeth = _ridge(bench, 0.0, 0.075, 0.085, 84)
    back.land(line, lit.on(SNOW, 0.25), lit.on(SNOW, 0.35), shadow=0.2)
    rock = lit.on("#8d9cb5", 0.5)
    back.land(
        lambda x_W: np.maximum(line(x_W) + 0.07, -0.50) + 0.045 + teeth(x_W),
        rock,
        mix(rock, lit.haze, 0.35),
        shadow=0.0,
    )
    layers.append(Layer(sheet=back, parallax=0.35))
    middle = bench.paper(0.55, -0.62)
    middle.land(
        _ridge(bench, -0.16, 0.26, 0.40, 88), lit.on("#8fa5ae", 0.4, cover=0.5), lit.on("#a4b9b4", 0.5, cover=0.4)
    )
    layers.append(Layer(sheet=middle, parallax=0.55))
    woods = bench.paper(0.8, -0.52)
    for k, x, size in _spread(bench, 0.8, 0.17, 30):
        _fir(bench, woods, x, -0.13 + 0.012 * (k % 2), 0.14 + 0.08 * size, 0.22, lit.weather == "snow")
    woods.land(_wavy(-0.155, (0.025, 2.4, turn)), lit.on("#a3bd94", 0.12, cover=0.7), lit.on("#93b386", 0.1, cover=0.7))
    layers.append(Layer(sheet=woods, parallax=0.8))
    meadow = bench.paper(1.0, -0.18)
    meadow.land(
        _wavy(-0.09, (0.018, 2.8, turn + 2)), lit.on("#bccb90", cover=0.8), lit.on("#9db678", cover=0.8), depth=0.26
    )
    for k, x, size in _spread(bench, 1.0, 0.40, 60):
        meadow.ellipse(x, 0.055 + 0.09 * size, 0.034, 0.022, lit.on("#b9b6b0", cover=0.7), shade=0.12)
        if lit.weather != "snow":
            meadow.ellipse(
                x + 0.17, 0.04 + 0.1 * bench.roll(62, k), 0.012, 0.011, lit.on(("#f1e6f0", "#f5e4a5")[k % 2])
            )
    layers.append(Layer(sheet=meadow, parallax=1.0))
    return layers


def _room(bench: Bench) -> Stage:
    lit = bench.light
    lamp: RGB = (0.80, 0.66, 0.52) if lit.night else (1.0, 0.86, 0.74) if lit.sunset else (1.0, 1.0, 1.0)
    if not lit.night and lit.weather in ("rain", "snow", "fog"):
        lamp = times(lamp, (0.90, 0.92, 0.96))

    def on(color: str) -> RGB:
        return times(rgb(color), lamp)

    layers = [_sky(bench, -0.34, sun_x=-0.30)]
    outside = bench.paper(0.5, -0.55)
    outside.land(
        _wavy(-0.36, (0.02, 6.0, bench.roll(10) * 6)),
        lit.on("#a5c49a", 0.3, cover=0.9),
        lit.on("#8fb384", 0.2, cover=0.9),
    )
    layers.append(Layer(sheet=outside, parallax=0.5))
    half = (bench.seen(1.0)[2] - bench.seen(1.0)[0]) / 2
    side = -1.0 if bench.roll(15) < 0.5 else 1.0
    wx, wy, ww, wh = side * min(0.40, half * 0.45), -0.50, min(0.27, half * 0.36), 0.19
    paper = bench.paper(1.0)
    paper.gradient((on("#e6d8c6"), on("#e0cdb8"), on("#d6c0aa")), (-0.84, -0.5, -0.14))
    for k, x, _ in _spread(bench, 1.0, 0.16, 90):
        paper.box((k + 0.45) * 0.16, -2.0, (k + 0.55) * 0.16, -0.13, on("#ddc8b2"), alpha=0.5)
    if lit.night:
        paper.glow(-wx * 0.9, -0.62, 0.75, rgb("#ffcf8a"), 0.32)
    paper.box(wx - ww - 0.035, wy - wh - 0.035, wx + ww + 0.035, wy + wh + 0.035, on("#f3ece0"), radius=0.012)
    _cut(paper, (wx - ww, wy - wh, wx + ww, wy + wh))
    paper.box(wx - 0.010, wy - wh, wx + 0.010, wy + wh, on("#f3ece0"))
    paper.box(wx - ww, wy - 0.010, wx + ww, wy + 0.010, on("#f3ece0"))
    paper.box(wx - ww - 0.06, wy + wh + 0.02, wx + ww + 0.06, wy + wh + 0.05, on("#e6dccd"), radius=0.01)
    for way in (-1.0, 1.0):
        cx = wx + way * (ww + 0.05)
        paper.polygon(
            (
                (cx - 0.055, wy + wh + 0.09),
                (cx - 0.055, wy - wh - 0.07),
                (cx + 0.055, wy - wh - 0.07),
                (cx + 0.055, wy + wh + 0.09),
            ),
            on("#b7a9c2"),
            shade=0.06,
        )
    paper.box(wx - ww - 0.13, wy - wh - 0.085, wx + ww + 0.13, wy - wh - 0.065, on("#9b7f6a"), radius=0.01)
    _picture(bench, paper, -wx * 1.05, -0.52, on)
    paper.land(-0.15, on("#f0e7da"), on("#f0e7da"), shadow=0.12)
    paper.land(-0.115, on("#c9a27e"), on("#b48a68"), depth=0.3, shadow=0.2)
    for y in (-0.05, 0.04):
        paper.box(-9.0, y, 9.0, y + 0.006, on("#b08763"), alpha=0.6)
    paper.ellipse(0.0, 0.045, 0.62, 0.085, on("#93a3b5"))
    paper.ellipse(0.0, 0.045, 0.55, 0.070, on("#c5ccd2"))
    paper.ellipse(0.0, 0.045, 0.50, 0.060, on("#a7b4c2"))
    layers.append(Layer(sheet=paper, parallax=1.0))
    pane = sheet((wx - ww, wy - wh, wx + ww, wy + wh), bench.scale, bench.origin)
    pane.box(wx - ww, wy - wh, wx + ww, wy + wh, (1, 1, 1))
    pane.box(wx - 0.010, wy - wh, wx + 0.010, wy + wh, (0, 0, 0))
    layers.append(Layer(sheet=pane, parallax=1.0, window=True))
    return layers


def _picture(bench: Bench, paper: Sheet, x: float, y: float, on: Callable[[str], RGB]) -> None:
    paper.box(x - 0.15, y - 0.115, x + 0.15, y + 0.115, on("#a8845f"), radius=0.006)
    paper.box(x - 0.128, y - 0.093, x + 0.128, y + 0.093, on("#efe6d2"))
    paper.box(x - 0.105, y - 0.072, x + 0.105, y + 0.072, on("#c4d5da"))
    paper.polygon(((x - 0.105, y + 0.072), (x - 0.03, y - 0.03), (x + 0.06, y + 0.072)), on("#8fa6a0"))
    paper.polygon(((x - 0.02, y + 0.072), (x + 0.05, y + 0.0), (x + 0.105, y + 0.072)), on("#a9b893"))
    paper.ellipse(x + 0.055, y - 0.035, 0.02, 0.02, on("#f0dba4"))


def _cut(paper: Sheet, box: Box) -> None:
    """A hole in the paper."""
    a = np.clip(np.minimum(paper.x_W - box[0], box[2] - paper.x_W) * paper.scale + 0.5, 0, 1)
    b = np.clip(np.minimum(paper.y_H - box[1], box[3] - paper.y_H) * paper.scale + 0.5, 0, 1)
    paper.image_4HW[...] *= 1.0 - b[:, None] * a[None, :]


PLACES_DRAWN: dict[Place, Callable[[Bench], Stage]] = {
    "park": _park,
    "beach": _beach,
    "city": _city,
    "snow": _snow,
    "desert": _desert,
    "sea": _sea,
    "mountains": _mountains,
    "room": _room,
}

OCCLUDERS: dict[Place, tuple[str, str]] = {  # kind, colour
    "park": ("trunk", "#8a6a52"),
    "beach": ("rock", "#a59a8f"),
    "city": ("pillar", "#a59c94"),
    "snow": ("trunk", "#7d6455"),
    "desert": ("rock", "#b58467"),
    "sea": ("rock", "#7d8791"),
    "mountains": ("rock", "#9aa0a4"),
    "room": ("pillar", "#c8b6a4"),
}


def occluder(place: Place, bench: Bench, x: float, width: float) -> Layer:
    """A trunk, a rock or a pillar about X = x, `width` units wide, that stands before everything."""
    kind, color = OCCLUDERS[place]
    lit = bench.light
    stone = lit.on(color, cover=0.3)
    y0, y1 = bench.seen(1.0)[1], bench.seen(1.0)[3]
    half = width / 2
    paper = sheet((x - half * 1.5, y0, x + half * 1.5, y1), bench.scale, bench.origin, bench.ink)
    if kind == "rock":
        top = -0.62
        paper.polygon(
            (
                (x - half * 1.35, y1 + 0.1),
                (x - half * 0.95, top + 0.12),
                (x - half * 0.45, top),
                (x + half * 0.5, top + 0.03),
                (x + half * 0.98, top + 0.16),
                (x + half * 1.35, y1 + 0.1),
            ),
            stone,
            shade=0.14,
        )
        paper.polygon(
            ((x - half * 0.95, top + 0.12), (x - half * 0.45, top), (x - half * 0.2, y1), (x - half * 1.2, y1)),
            mix(stone, (1, 1, 1), 0.16),
            alpha=0.7,
        )
    else:
        paper.box(x - half, y0 - 0.5, x + half, y1 + 0.5, stone)
        if not bench.ink:
            paper.box(x - half * 0.8, y0 - 0.5, x - half * 0.35, y1 + 0.5, mix(stone, (1, 1, 1), 0.25), alpha=0.6)
            paper.box(x + half * 0.45, y0 - 0.5, x + half, y1 + 0.5, mix(stone, (0.1, 0.1, 0.2), 0.25), alpha=0.5)
    return Layer(sheet=paper, parallax=1.0, before=9.0)
