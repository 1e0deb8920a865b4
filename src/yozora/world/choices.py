"""Random choices: one after the other out of what a scene distribution says may happen.

Knows no pixels but the proportions of the cut-outs, and no layouts.
"""

import numpy as np

from yozora.world import cutouts
from yozora.world.actions import ACTIONS
from yozora.world.distributions import Name, SceneDistribution, Weights
from yozora.world.scene import Color, Daytime, Direction, Noun, Place
from yozora.world.stages import GROUND

RAIL = 1 / 7
"""Picture widths a second of the slow on a rail; the fast go twice as far. All gaits repeat after a second, in which
the slow cross one token of mini's wide films: so an actor that walks through a film is seen at four places of a token
and no more, always with the same foot forward.
"""

RAIL_GROUND = 0.85  # where the ground line of a rail runs, in picture heights

_TYPICAL = (0.55, 0.2, 0.15, 0.1, 0.05, 0.05)  # chance of a noun's first, second, ... action

STRAY = 0.1  # chance that a slow actor on a rail is a second early, and that it is a second late

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


def weather(rng: np.random.Generator, distribution: SceneDistribution) -> str:
    return _pick(rng, distribution.weathers)


def camera(rng: np.random.Generator, distribution: SceneDistribution) -> str:
    return _pick(rng, distribution.cameras)


def style(rng: np.random.Generator, distribution: SceneDistribution) -> str:
    return _pick(rng, distribution.styles)


def color(rng: np.random.Generator, distribution: SceneDistribution, noun: Noun) -> Color | None:
    plain, chosen = rng.random() < distribution.natural, int(rng.integers(max(1, len(distribution.colors))))
    return None if plain or not distribution.colors or not noun.recolors else distribution.colors[chosen]


def action(rng: np.random.Generator, noun: Noun, place: Place) -> str:
    suited = [name for name in noun.actions if _is_done_at(place, name)]
    if place == "beach" and noun.kind == "fish":
        suited = [name for name in suited if name == "swim"]
    if not suited:
        return "swim" if place == "sea" and "swim" in noun.actions else "stand"
    return _pick(rng, tuple((action, _TYPICAL[min(k, 5)]) for k, action in enumerate(suited)))


def _is_done_at(place: Place, action: str) -> bool:
    entry = ACTIONS[action]
    return entry.on_sea if place == "sea" else entry.on_land or (place == "beach" and entry.medium == "water")


def direction(rng: np.random.Generator, distribution: SceneDistribution, action: str) -> Direction:
    entry = ACTIONS[action]
    if entry.speeds is None or rng.random() < entry.in_place:
        return "none"
    if entry.in_depth and rng.random() < distribution.depth:
        return "towards" if rng.random() < 0.5 else "away"
    return "left" if rng.random() < 0.5 else "right"


def speed(distribution: SceneDistribution, action: str, drawn: float) -> float:
    """Picture widths a second of an action; `drawn`: a random number in 0..1, which does not count on a rail."""
    if distribution.rail:
        return 2 * RAIL if ACTIONS[action].fast else RAIL
    low, high = ACTIONS[action].speeds or (0.0, 0.0)
    return low + (high - low) * drawn


def wide(noun: Noun, height: float) -> float:
    """Width of a cut-out of that height, in widths of a 16:9 picture."""
    picture = cutouts.load(noun.key)
    return height * float(picture.shape[1] / picture.shape[0]) * 9 / 16


def height(rng: np.random.Generator, distribution: SceneDistribution, noun: Noun, scale: float, widest: float) -> float:
    jitter = 1.0 + distribution.height_jitter * (2.0 * rng.random() - 1.0)
    height = float(np.clip(noun.height * jitter, *distribution.heights)) * scale
    return min(height, widest / max(1e-3, wide(noun, 1.0)))


def feet(rng: np.random.Generator, distribution: SceneDistribution, place: Place, action: str, height: float) -> float:
    """Where the feet are at time 0."""
    free = distribution.position_jitter * (2.0 * rng.random() - 1.0)
    ground = RAIL_GROUND if distribution.rail and place != "sea" else GROUND[place]
    entry = ACTIONS[action]
    if entry.aloft:
        return max(height + 0.07, 0.55 + 0.10 * free)
    if entry.bounces:
        return ground - min(0.44, ground - height - 0.05)
    if entry.rises:
        return ground - 0.02
    if entry.medium == "water":
        return ground - 0.15 if place == "beach" else ground + entry.sunk + 0.012 * free
    return ground + 0.035 + 0.03 * free + (0.05 if place == "sea" else 0.0)
