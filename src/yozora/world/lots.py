"""Single lots: what a cast says may happen, and one choice after the other out of it.

Knows no pixels but the proportions of the cut-outs, and no layouts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from yozora.errors import UserError
from yozora.world import cutouts
from yozora.world.nouns import NOUNS
from yozora.world.scene import (
    CAMERAS,
    COLORS,
    DAYTIMES,
    PLACES,
    RELATIONS,
    STYLES,
    Action,
    Camera,
    Color,
    Daytime,
    Direction,
    Noun,
    Place,
    Relation,
    Style,
    Weather,
)
from yozora.world.stages import GROUND

Name = TypeVar("Name", bound=str)

Weights = tuple[tuple[Name, float], ...]


def _uniform_weights(names: Sequence[Name]) -> Weights[Name]:
    return tuple((name, 1.0) for name in names)


_PLACES, _DAYTIMES = _uniform_weights(PLACES), _uniform_weights(DAYTIMES)
_CAMERAS: Weights[Camera] = (("static", 5.0), *_uniform_weights(CAMERAS[1:]))

_STYLES: Weights[Style] = (("paper", 6.0), *_uniform_weights(STYLES[1:]))


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
                f"a cast cannot have {', '.join(unknown) or 'no nouns'}",
                f"known nouns: {', '.join(NOUNS)}",
                code="unknown_nouns",
            )
        if not 0 <= self.max_actors <= 5:
            raise UserError(
                f"a cast of {self.max_actors} actors", "max_actors is 0 to 5", code="actor_count_out_of_range"
            )


RAIL = 1 / 7
"""Picture widths a second of the slow on a rail; the fast go twice as far. All gaits repeat after a second, in which
the slow cross one token of mini's wide films: so whoever walks through a film is seen at four places of a token and no
more, always with the same foot forward.
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

STRAY = 0.1  # chance that somebody slow on a rail is a second early, and that he is a second late

_IN_PLACE: dict[Action, float] = {"hop": 0.4, "bounce": 0.6}  # chance of not going anywhere

GROWTH = 0.45  # relative growth a second of what comes towards the onlooker


def _pick(rng: np.random.Generator, weights: Weights[Name]) -> Name:
    total = np.cumsum([weight for _, weight in weights])
    return weights[int(np.searchsorted(total, rng.random() * total[-1], side="right"))][0]


def place(rng: np.random.Generator, cast: Cast, noun: Noun) -> Place:
    suited = tuple((name, weight) for name, weight in cast.places if name in noun.places)
    if noun.kind in ("fish", "boat") and any(name == "sea" for name, _ in suited):
        suited = tuple((name, weight * (6.0 if name == "sea" else 1.0)) for name, weight in suited)
    return _pick(rng, suited or cast.places)


def daytime(rng: np.random.Generator, cast: Cast) -> Daytime:
    return _pick(rng, cast.daytimes)


def weather(rng: np.random.Generator, cast: Cast) -> Weather:
    return _pick(rng, cast.weathers)


def camera(rng: np.random.Generator, cast: Cast) -> Camera:
    return _pick(rng, cast.cameras)


def style(rng: np.random.Generator, cast: Cast) -> Style:
    return _pick(rng, cast.styles)


def color(rng: np.random.Generator, cast: Cast, noun: Noun) -> Color | None:
    plain, chosen = rng.random() < cast.natural, int(rng.integers(max(1, len(cast.colors))))
    return None if plain or not cast.colors or not noun.recolors else cast.colors[chosen]


def action(rng: np.random.Generator, noun: Noun, place: Place) -> Action:
    can = _ON_SEA if place == "sea" else _ON_LAND if place != "beach" else (*_ON_LAND, "sail", "swim")
    if place == "beach" and noun.kind == "fish":
        can = ("swim",)
    suited = [action for action in noun.actions if action in can]
    if not suited:
        return "swim" if place == "sea" and "swim" in noun.actions else "stand"
    return _pick(rng, tuple((action, _TYPICAL[min(k, 5)]) for k, action in enumerate(suited)))


def direction(rng: np.random.Generator, cast: Cast, action: Action) -> Direction:
    if action not in SPEEDS or rng.random() < _IN_PLACE.get(action, 0.0):
        return "none"
    if action in ("walk", "run", "drive", "ride") and rng.random() < cast.depth:
        return "towards" if rng.random() < 0.5 else "away"
    return "left" if rng.random() < 0.5 else "right"


def wide(noun: Noun, height: float) -> float:
    """Width of a cut-out of that height, in widths of a 16:9 picture."""
    picture = cutouts.load(noun.key)
    return height * float(picture.shape[1] / picture.shape[0]) * 9 / 16


def height(rng: np.random.Generator, cast: Cast, noun: Noun, scale: float, widest: float) -> float:
    jitter = 1.0 + cast.height_jitter * (2.0 * rng.random() - 1.0)
    height = float(np.clip(noun.height * jitter, *cast.heights)) * scale
    return min(height, widest / max(1e-3, wide(noun, 1.0)))


def feet(rng: np.random.Generator, cast: Cast, place: Place, action: Action, height: float) -> float:
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


def room(camera: Camera) -> float:
    """Half the share of the picture's width in which an actor stays in sight all through a camera move."""
    return 0.5 / 1.32 if camera.startswith("zoom") else 0.42 if camera.startswith("pan") else 0.5
