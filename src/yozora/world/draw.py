"""Draw lots: a cast says what may happen on the stage and how often, and draw_scene makes one sensible scene of it.

Knows no pixels but the proportions of the cut-outs. Positions are laid out for a 16:9 picture and two seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from yozora.errors import UserError
from yozora.world import cutouts
from yozora.world.nouns import CORE, NOUNS
from yozora.world.puppets import RISE
from yozora.world.scene import (
    CAMERAS,
    COLORS,
    DAYTIMES,
    PLACES,
    RELATIONS,
    STYLES,
    Action,
    Actor,
    Camera,
    Color,
    Daytime,
    Direction,
    Noun,
    Place,
    Relation,
    Scene,
    Style,
    Weather,
)
from yozora.world.stages import GROUND, HORIZON

Name = TypeVar("Name", bound=str)
Weights = tuple[tuple[Name, float], ...]


def _even(names: Sequence[Name]) -> Weights[Name]:
    return tuple((name, 1.0) for name in names)


_PLACES, _DAYTIMES = _even(PLACES), _even(DAYTIMES)
_CAMERAS: Weights[Camera] = (("static", 5.0), *_even(CAMERAS[1:]))
_STYLES: Weights[Style] = (("paper", 6.0), *_even(STYLES[1:]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """How scenes are drawn. Weights need not add up to one; chances are in 0..1."""

    nouns: tuple[str, ...] = tuple(NOUNS)
    colors: tuple[Color, ...] = COLORS
    natural: float = 0.4  # chance that a thing keeps its own colours
    places: Weights[Place] = _PLACES
    daytimes: Weights[Daytime] = _DAYTIMES
    weathers: Weights[Weather] = (("clear", 4.0), ("snow", 1.5), ("rain", 1.5), ("leaves", 1.5), ("fog", 1.0))
    cameras: Weights[Camera] = _CAMERAS
    styles: Weights[Style] = _STYLES
    max_actors: int = 4
    counts: float = 0.22  # chance of two to four alike
    pairs: float = 0.25  # chance of two different actors
    company: float = 0.15  # chance that somebody else joins those who are alike
    relations: tuple[Relation, ...] = RELATIONS
    related: float = 0.75  # chance that two different actors have a relation
    occluder: float = 0.05
    empty: float = 0.04  # chance of a stage with nobody on it
    depth: float = 0.10  # chance of moving towards or away instead of left or right
    heights: tuple[float, float] = (0.30, 0.58)  # of a lone actor, picture heights
    height_jitter: float = 0.15  # relative
    position_jitter: float = 1.0  # 1: wherever there is room; 0: always in the same place
    rail: bool = False  # feet on one line, gaits in step, one pace an action: see `RAIL`

    def __post_init__(self) -> None:
        unknown = [noun for noun in self.nouns if noun not in NOUNS]
        if unknown or not self.nouns:
            raise UserError(
                f"a cast cannot have {', '.join(unknown) or 'no nouns'}", f"known nouns: {', '.join(NOUNS)}"
            )
        if not 0 <= self.max_actors <= 5:
            raise UserError(f"a cast of {self.max_actors} actors", "max_actors is 0 to 5")


CORE_CAST = Cast(
    nouns=CORE,
    natural=0.3,
    cameras=(("static", 0.92), *((name, 0.08 / 6) for name in CAMERAS[1:])),
    styles=(("paper", 0.90), *((name, 0.02) for name in STYLES[1:])),
    max_actors=2,
    counts=0.04,
    pairs=0.02,
    company=0.0,
    occluder=0.0,
    empty=0.02,
    depth=0.03,
    heights=(0.42, 0.55),
    height_jitter=0.0,
    position_jitter=0.0,
    rail=True,
)
"""Few things, large, each always of one size and on one rail: what a CPU can teach in hours."""

ROVING_CAST = replace(CORE_CAST, cameras=(("static", 0.7), *((name, 0.05) for name in CAMERAS[1:])))
"""The same with a camera that moves oftener: how a film goes on is harder to learn there."""

RAIL = 1 / 7
"""Picture widths a second of the slow on a rail; the fast go twice as far. All gaits repeat after a second, in which
the slow cross one token of mini's wide films: so whoever walks through a film is seen at four places of a token and no
more, always with the same foot forward.
"""
RAIL_GROUND = 0.85  # where the ground line of a rail runs, in picture heights

DRAWN_FOR = 2.0
"""Seconds that scenes are laid out for."""

_ON_LAND: tuple[Action, ...] = (
    "stand",
    "walk",
    "run",
    "hop",
    "dance",
    "drive",
    "ride",
    "roll",
    "bounce",
    "fly",
    "rise",
    "fall",
)
_ON_SEA: tuple[Action, ...] = ("sail", "swim", "fly", "rise", "fall")
_TYPICAL = (0.55, 0.2, 0.15, 0.1, 0.05, 0.05)  # chance of a noun's first, second, ... action
_SPEEDS: dict[Action, tuple[float, float]] = {  # picture widths a second
    "walk": (0.17, 0.22),
    "run": (0.24, 0.30),
    "hop": (0.17, 0.22),
    "fly": (0.20, 0.28),
    "drive": (0.21, 0.29),
    "ride": (0.20, 0.27),
    "sail": (0.17, 0.23),
    "swim": (0.17, 0.23),
    "roll": (0.20, 0.28),
    "bounce": (0.17, 0.22),
}
_FAST: frozenset[Action] = frozenset({"run", "fly", "roll"})
_STRAY = 0.1  # chance that somebody slow on a rail is a second early, and that he is a second late
_IN_PLACE: dict[Action, float] = {"hop": 0.4, "bounce": 0.6}  # chance of not going anywhere
_GROWTH = 0.45  # relative growth a second of what comes towards the onlooker


def draw_scene(rng: np.random.Generator, cast: Cast) -> Scene:
    """A scene out of a cast: the same one for the same state of the generator."""
    noun = NOUNS[cast.nouns[int(rng.integers(len(cast.nouns)))]]
    place = _place(rng, cast, noun)
    scene = Scene(
        seed=int(rng.integers(2**31)),
        place=place,
        daytime=_daytime(rng, cast),
        weather=_weather(rng, cast),
        camera=_camera(rng, cast),
        style=_style(rng, cast),
    )
    if cast.max_actors == 0 or rng.random() < cast.empty:
        return scene
    kind = rng.random()
    if cast.max_actors > 1 and kind < cast.counts:
        return _alike(rng, cast, scene, noun)
    if cast.max_actors > 1 and kind < cast.counts + cast.pairs:
        other = _other(rng, cast, scene, noun)
        if other is not None:
            return _pair(rng, cast, scene, noun, other)
    return _alone(rng, cast, scene, noun)


def lasting(scene: Scene, seconds: float) -> Scene:
    """The scene for a longer film: who moves left or right sets out earlier, by whole seconds, and goes at half his
    pace, or half of that, where he would not stay in sight. Up to two seconds it is the same scene.
    """
    if seconds <= DRAWN_FOR:
        return scene
    early = max(1, round(seconds / 2))  # gaits on a rail repeat after a second
    actors = []
    for actor in scene.actors:
        if actor.direction in ("left", "right"):
            heading = 1.0 if actor.direction == "right" else -1.0
            speed = actor.speed
            while speed > 0.84 / seconds:
                speed /= 2  # and so stays on a rail
            x = actor.x + heading * (actor.speed * DRAWN_FOR / 2 - speed * early)
            actor = replace(actor, x=round(x, 4), speed=round(speed, 4))
        actors.append(actor)
    return replace(scene, actors=tuple(actors))


# -------------------------------------------------------------------- choices


def _pick(rng: np.random.Generator, weights: Weights[Name]) -> Name:
    total = np.cumsum([weight for _, weight in weights])
    return weights[int(np.searchsorted(total, rng.random() * total[-1], side="right"))][0]


def _place(rng: np.random.Generator, cast: Cast, noun: Noun) -> Place:
    suited = tuple((name, weight) for name, weight in cast.places if name in noun.places)
    if noun.kind in ("fish", "boat") and any(name == "sea" for name, _ in suited):
        suited = tuple((name, weight * (6.0 if name == "sea" else 1.0)) for name, weight in suited)
    return _pick(rng, suited or cast.places)


def _daytime(rng: np.random.Generator, cast: Cast) -> Daytime:
    return _pick(rng, cast.daytimes)


def _weather(rng: np.random.Generator, cast: Cast) -> Weather:
    return _pick(rng, cast.weathers)


def _camera(rng: np.random.Generator, cast: Cast) -> Camera:
    return _pick(rng, cast.cameras)


def _style(rng: np.random.Generator, cast: Cast) -> Style:
    return _pick(rng, cast.styles)


def _color(rng: np.random.Generator, cast: Cast, noun: Noun) -> Color | None:
    plain, chosen = rng.random() < cast.natural, int(rng.integers(max(1, len(cast.colors))))
    return None if plain or not cast.colors or not noun.recolors else cast.colors[chosen]


def _action(rng: np.random.Generator, noun: Noun, place: Place) -> Action:
    can = _ON_SEA if place == "sea" else _ON_LAND if place != "beach" else (*_ON_LAND, "sail", "swim")
    if place == "beach" and noun.kind == "fish":
        can = ("swim",)
    suited = [action for action in noun.actions if action in can]
    if not suited:
        return "swim" if place == "sea" and "swim" in noun.actions else "stand"
    return _pick(rng, tuple((action, _TYPICAL[min(k, 5)]) for k, action in enumerate(suited)))


def _direction(rng: np.random.Generator, cast: Cast, action: Action) -> Direction:
    if action not in _SPEEDS or rng.random() < _IN_PLACE.get(action, 0.0):
        return "none"
    if action in ("walk", "run", "drive", "ride") and rng.random() < cast.depth:
        return "towards" if rng.random() < 0.5 else "away"
    return "left" if rng.random() < 0.5 else "right"


def _wide(noun: Noun, height: float) -> float:
    """Width of a cut-out of that height, in widths of a 16:9 picture."""
    picture = cutouts.load(noun.key)
    return height * float(picture.shape[1] / picture.shape[0]) * 9 / 16


def _height(rng: np.random.Generator, cast: Cast, noun: Noun, scale: float, widest: float) -> float:
    jitter = 1.0 + cast.height_jitter * (2.0 * rng.random() - 1.0)
    height = float(np.clip(noun.height * jitter, *cast.heights)) * scale
    return min(height, widest / max(1e-3, _wide(noun, 1.0)))


def _feet(rng: np.random.Generator, cast: Cast, place: Place, action: Action, height: float) -> float:
    """Where the feet are at time 0."""
    free = cast.position_jitter * (2.0 * rng.random() - 1.0)
    ground = RAIL_GROUND if cast.rail and place != "sea" else GROUND[place]
    if action == "fly":
        return max(height + 0.07, 0.55 + 0.10 * free)
    if action in ("bounce", "fall"):
        return ground - min(0.44, ground - height - 0.05)
    if action == "rise":
        return ground - 0.02
    if action in ("sail", "swim"):
        if place == "beach":
            return ground - 0.15
        return ground + (0.035 if action == "sail" else 0.13) + 0.012 * free
    return ground + 0.035 + 0.03 * free + (0.05 if place == "sea" else 0.0)


def _room(camera: Camera) -> float:
    """Half the share of the picture's width in which an actor stays in sight all through a camera move."""
    return 0.5 / 1.32 if camera.startswith("zoom") else 0.42 if camera.startswith("pan") else 0.5


# -------------------------------------------------------------------- layouts


def _actor(rng: np.random.Generator, cast: Cast, scene: Scene, noun: Noun, scale: float = 1.0) -> Actor:
    """One actor with the whole stage to itself."""
    action = _action(rng, noun, scene.place)
    direction = _direction(rng, cast, action)
    sea_view = 0.8 if scene.place == "beach" and action in ("sail", "swim") else 1.0
    height = _height(rng, cast, noun, scale * sea_view, 0.52)
    y, speed = _feet(rng, cast, scene.place, action, height), 0.0
    half, wide = _room(scene.camera), _wide(noun, height)
    drift = cast.position_jitter * (2.0 * rng.random() - 1.0)
    x = 0.5 + drift * max(0.0, min(0.30, half - 0.55 * wide))
    low, high = _SPEEDS.get(action, (0.0, 0.0))
    lot = rng.random()
    drawn = low + (high - low) * lot if not cast.rail else 2 * RAIL if action in _FAST else RAIL
    if direction in ("left", "right"):
        speed = min(drawn, half - 0.25 * wide)
        heading = 1.0 if direction == "right" else -1.0
        x = 0.5 - heading * speed + 0.25 * drift * max(0.0, half - 0.3 * wide - speed)
        if cast.rail and action not in _FAST:
            x += RAIL * (float(lot > 1.0 - _STRAY) - float(lot < _STRAY))
    elif direction in ("towards", "away"):
        speed, grown = _GROWTH, 1.0 + 2.0 * _GROWTH
        near = GROUND[scene.place] + 0.075
        x = 0.5 + 0.25 * (x - 0.5)
        if direction == "towards":
            y, height = (
                GROUND[scene.place]
                + HORIZON[scene.place]
                + (near - GROUND[scene.place] - HORIZON[scene.place]) / grown,
                height / grown * 1.15,
            )
        else:
            y, height = near, height * 1.1
    elif action == "rise":
        speed = max(0.08, min(RISE, (GROUND[scene.place] - height - 0.03) / 2.0))
    return Actor(
        noun=noun.key,
        color=_color(rng, cast, noun),
        action=action,
        direction=direction,
        x=round(float(x), 4),
        y=round(float(y), 4),
        height=round(float(height), 4),
        speed=round(float(speed), 4),
        phase=round(float(rng.random()), 3) * (not cast.rail),
    )


def _alone(rng: np.random.Generator, cast: Cast, scene: Scene, noun: Noun) -> Scene:
    actor = _actor(rng, cast, scene, noun)
    hides = rng.random() < cast.occluder
    if (
        hides
        and actor.direction in ("left", "right")
        and actor.action in ("walk", "run", "drive", "ride", "roll", "sail")
    ):
        height = min(actor.height, 0.34, 0.24 / max(1e-3, _wide(noun, 1.0)))
        heading = 1.0 if actor.direction == "right" else -1.0
        actor = replace(actor, height=round(height, 4), speed=0.27, x=round(0.5 - heading * 0.27, 4))
        return replace(scene, actors=(actor,), occluder=True, camera="static")
    return replace(scene, actors=(actor,))


def _alike(rng: np.random.Generator, cast: Cast, scene: Scene, noun: Noun) -> Scene:
    """Two to four of one kind in a row."""
    count = int(rng.integers(2, min(4, cast.max_actors) + 1))
    first = _actor(rng, replace(cast, depth=0.0), scene, noun)
    step = (0.34, 0.27, 0.215)[count - 2]
    moves = first.direction in ("left", "right")
    step *= (0.8 if scene.camera.startswith("zoom") else 1.0) * (0.86 if moves else 1.0)
    height = min(first.height, (0.42, 0.38, 0.34)[count - 2], step * 0.97 / max(1e-3, _wide(noun, 1.0)))
    heading = {"left": -1.0, "right": 1.0}.get(first.direction, 0.0)
    speed = (
        min(first.speed, max(0.08, _room(scene.camera) - (count - 1) / 2 * step - 0.3 * step)) if moves else first.speed
    )
    actors = []
    for k in range(count):
        x = 0.5 + (k - (count - 1) / 2) * step - heading * speed
        y = first.y + (
            0.02 * (k % 2)
            if first.action not in ("fly", "fall", "bounce")
            else 0.08 * (k % 2)
            if first.action == "fly"
            else 0.0
        )
        phase = (first.phase + 0.37 * k) % 1.0
        actors.append(
            replace(
                first,
                x=round(x, 4),
                y=round(y, 4),
                height=round(height, 4),
                speed=round(speed, 4),
                phase=round(phase, 3),
            )
        )
    if count < cast.max_actors and rng.random() < cast.company:
        other = _other(rng, cast, scene, noun)
        if other is not None:
            guest = _actor(rng, replace(cast, depth=0.0), scene, other, 0.7)
            actors.append(
                replace(
                    guest, y=guest.y if guest.action in ("fly", "rise", "fall", "bounce") else round(guest.y + 0.03, 4)
                )
            )
    return replace(scene, actors=tuple(actors), count=count)


def _other(rng: np.random.Generator, cast: Cast, scene: Scene, noun: Noun) -> Noun | None:
    """A different noun that suits the place."""
    suited = [key for key in cast.nouns if key != noun.key and scene.place in NOUNS[key].places]
    return NOUNS[suited[int(rng.integers(len(suited)))]] if suited else None


def _pair(rng: np.random.Generator, cast: Cast, scene: Scene, noun: Noun, other: Noun) -> Scene:
    """Two different actors: beside each other, one on top of or before the other."""
    relation: Relation | None = None
    if cast.relations and rng.random() < cast.related:
        relation = cast.relations[int(rng.integers(len(cast.relations)))]
    calm = replace(cast, depth=0.0)
    a, b = _actor(rng, calm, scene, noun), _actor(rng, calm, scene, other)
    if relation == "on top of" and "air" not in (_level(a), _level(b)):
        return _stacked(scene, noun, other, a, b)
    if relation == "on top of" or (relation in ("behind", "in front of") and "air" in (_level(a), _level(b))):
        relation = None
    squeeze = 0.8 if scene.camera.startswith("zoom") else 1.0
    a, b = (_fit(actor, thing, 0.42, 0.37 * squeeze) for actor, thing in ((a, noun), (b, other)))
    if relation in ("behind", "in front of"):
        offset, rise = 0.13 * squeeze, 0.05 if relation == "behind" else -0.05
        side = 1.0 if rng.random() < 0.5 else -1.0
        a, b = _still(a), _still(b)
        ground = GROUND[scene.place] + 0.045
        a = replace(a, x=round(0.5 - side * offset, 4), y=round(ground - rise / 2, 4))
        b = replace(b, x=round(0.5 + side * offset, 4), y=round(ground + rise / 2, 4))
        return replace(scene, actors=(a, b), relation=relation)
    side = -1.0 if relation == "left of" else 1.0 if relation == "right of" else (1.0 if rng.random() < 0.5 else -1.0)
    return replace(scene, actors=_beside(a, b, side, 0.21 * squeeze), relation=relation)


def _level(actor: Actor) -> str:
    return (
        "air"
        if actor.action in ("fly", "rise", "fall", "bounce")
        else "water"
        if actor.action in ("sail", "swim")
        else "ground"
    )


def _fit(actor: Actor, noun: Noun, highest: float, widest: float) -> Actor:
    return replace(actor, height=round(min(actor.height, highest, widest / max(1e-3, _wide(noun, 1.0))), 4))


def _still(actor: Actor) -> Actor:
    action: Action = actor.action if actor.action in ("dance", "stand", "sail", "swim") else "stand"
    return replace(actor, action=action, direction="none", speed=0.0)


def _beside(a: Actor, b: Actor, side: float, half: float) -> tuple[Actor, Actor]:
    """a at `side` (-1: left) of b; they stay so: both go the same way at one speed, or nobody goes anywhere."""
    if a.direction in ("left", "right") and b.direction in ("left", "right"):
        heading = 1.0 if a.direction == "right" else -1.0
        speed = min(a.speed, b.speed, 0.14)
        a, b = (replace(actor, direction=a.direction, speed=speed) for actor in (a, b))
        return (
            replace(a, x=round(0.5 + side * half - heading * speed, 4)),
            replace(b, x=round(0.5 - side * half - heading * speed, 4)),
        )
    a, b = (actor if actor.action in ("dance", "stand", "rise", "fall") else _parked(actor) for actor in (a, b))
    return replace(a, x=round(0.5 + side * half, 4)), replace(b, x=round(0.5 - side * half, 4))


def _parked(actor: Actor) -> Actor:
    action: Action = "stand" if actor.action in ("walk", "run", "drive", "ride", "roll") else actor.action
    return replace(actor, action=action, direction="none", speed=0.0)


def _stacked(scene: Scene, noun: Noun, other: Noun, a: Actor, b: Actor) -> Scene:
    b = _still(_fit(b, other, 0.38, 0.45))
    a = _still(_fit(a, noun, 0.30, 0.30))
    b = replace(b, x=0.5, y=round(GROUND[scene.place] + 0.04, 4))
    a = replace(a, x=0.5, y=round(b.y - b.height * 0.93, 4), action="stand")
    return replace(scene, actors=(a, b), relation="on top of")
