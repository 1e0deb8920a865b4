"""Random choices: one after the other out of what a scene distribution says may happen.

Knows no pixels but the proportions of the cut-outs, and no layouts.
"""

import numpy as np

from yozora.world import cutouts
from yozora.world.distributions import Name, SceneDistribution, Weights
from yozora.world.scene import (
    Action,
    Camera,
    Color,
    Daytime,
    Direction,
    Noun,
    Place,
    Style,
    Weather,
)
from yozora.world.stages import GROUND

RAIL = 1 / 7
"""Picture widths a second of the slow on a rail; the fast go twice as far. All gaits repeat after a second, in which
the slow cross one token of mini's wide films: so an actor that walks through a film is seen at four places of a token
and no more, always with the same foot forward.
"""

RAIL_GROUND = 0.85  # where the ground line of a rail runs, in picture heights

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

SPEEDS: dict[Action, tuple[float, float]] = {  # picture widths a second
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

FAST: frozenset[Action] = frozenset({"run", "fly", "roll"})

STRAY = 0.1  # chance that a slow actor on a rail is a second early, and that it is a second late

_IN_PLACE: dict[Action, float] = {"hop": 0.4, "bounce": 0.6}  # chance of not going anywhere

GROWTH = 0.45  # relative growth a second of what comes towards the camera


def _pick(rng: np.random.Generator, weights: Weights[Name]) -> Name:
    total = np.cumsum([weight for _, weight in weights])
    return weights[int(np.searchsorted(total, rng.random() * total[-1], side="right"))][0]


def place(rng: np.random.Generator, distribution: SceneDistribution, noun: Noun) -> Place:
    suited = tuple((name, weight) for name, weight in distribution.places if name in noun.places)
    if noun.kind in ("fish", "boat") and any(name == "sea" for name, _ in suited):
        suited = tuple((name, weight * (6.0 if name == "sea" else 1.0)) for name, weight in suited)
    return _pick(rng, suited or distribution.places)


def daytime(rng: np.random.Generator, distribution: SceneDistribution) -> Daytime:
    return _pick(rng, distribution.daytimes)


def weather(rng: np.random.Generator, distribution: SceneDistribution) -> Weather:
    return _pick(rng, distribution.weathers)


def camera(rng: np.random.Generator, distribution: SceneDistribution) -> Camera:
    return _pick(rng, distribution.cameras)


def style(rng: np.random.Generator, distribution: SceneDistribution) -> Style:
    return _pick(rng, distribution.styles)


def color(rng: np.random.Generator, distribution: SceneDistribution, noun: Noun) -> Color | None:
    plain, chosen = rng.random() < distribution.natural, int(rng.integers(max(1, len(distribution.colors))))
    return None if plain or not distribution.colors or not noun.recolors else distribution.colors[chosen]


def action(rng: np.random.Generator, noun: Noun, place: Place) -> Action:
    can = _ON_SEA if place == "sea" else _ON_LAND if place != "beach" else (*_ON_LAND, "sail", "swim")
    if place == "beach" and noun.kind == "fish":
        can = ("swim",)
    suited = [action for action in noun.actions if action in can]
    if not suited:
        return "swim" if place == "sea" and "swim" in noun.actions else "stand"
    return _pick(rng, tuple((action, _TYPICAL[min(k, 5)]) for k, action in enumerate(suited)))


def direction(rng: np.random.Generator, distribution: SceneDistribution, action: Action) -> Direction:
    if action not in SPEEDS or rng.random() < _IN_PLACE.get(action, 0.0):
        return "none"
    if action in ("walk", "run", "drive", "ride") and rng.random() < distribution.depth:
        return "towards" if rng.random() < 0.5 else "away"
    return "left" if rng.random() < 0.5 else "right"


def speed(distribution: SceneDistribution, action: Action, drawn: float) -> float:
    """Picture widths a second of an action; `drawn`: a random number in 0..1, which does not count on a rail."""
    if distribution.rail:
        return 2 * RAIL if action in FAST else RAIL
    low, high = SPEEDS.get(action, (0.0, 0.0))
    return low + (high - low) * drawn


def wide(noun: Noun, height: float) -> float:
    """Width of a cut-out of that height, in widths of a 16:9 picture."""
    picture = cutouts.load(noun.key)
    return height * float(picture.shape[1] / picture.shape[0]) * 9 / 16


def height(rng: np.random.Generator, distribution: SceneDistribution, noun: Noun, scale: float, widest: float) -> float:
    jitter = 1.0 + distribution.height_jitter * (2.0 * rng.random() - 1.0)
    height = float(np.clip(noun.height * jitter, *distribution.heights)) * scale
    return min(height, widest / max(1e-3, wide(noun, 1.0)))


def feet(
    rng: np.random.Generator, distribution: SceneDistribution, place: Place, action: Action, height: float
) -> float:
    """Where the feet are at time 0."""
    free = distribution.position_jitter * (2.0 * rng.random() - 1.0)
    ground = RAIL_GROUND if distribution.rail and place != "sea" else GROUND[place]
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


def room(camera: Camera) -> float:
    """Half the share of the picture's width in which an actor stays in sight all through a camera move."""
    return 0.5 / 1.32 if camera.startswith("zoom") else 0.42 if camera.startswith("pan") else 0.5
