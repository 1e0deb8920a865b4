"""Layouts: one actor alone, some alike in a row, two beside, upon or before each other.

Positions are laid out for a 16:9 picture and two seconds. Knows no pixels.
"""

from dataclasses import replace

import numpy as np

from yozora.world import choices
from yozora.world.actions import ACTIONS
from yozora.world.cameras import CAMERAS
from yozora.world.distributions import SceneDistribution
from yozora.world.nouns import NOUNS
from yozora.world.puppets import RISE
from yozora.world.scene import Actor, Direction, Noun, Place, Relation, Scene
from yozora.world.stages import GROUND, HORIZON


def _actor(
    rng: np.random.Generator, distribution: SceneDistribution, scene: Scene, noun: Noun, scale: float = 1.0
) -> Actor:
    """One actor with the whole stage to itself."""
    action = choices.action(rng, noun, scene.place)
    entry = ACTIONS[action]
    direction = choices.direction(rng, distribution, action)
    sea_view = 0.8 if scene.place == "beach" and entry.medium == "water" else 1.0
    height = choices.height(rng, distribution, noun, scale * sea_view, 0.52)
    y, speed = choices.feet(rng, distribution, scene.place, action, height), 0.0
    half, wide = CAMERAS[scene.camera].room, choices.wide(noun, height)
    drift = distribution.position_jitter * (2.0 * rng.random() - 1.0)
    x = 0.5 + drift * max(0.0, min(0.30, half - 0.55 * wide))
    drawn = rng.random()
    if direction in ("left", "right"):
        speed = min(choices.speed(distribution, action, drawn), half - 0.25 * wide)
        heading = 1.0 if direction == "right" else -1.0
        x = 0.5 - heading * speed + 0.25 * drift * max(0.0, half - 0.3 * wide - speed)
        if distribution.rail and not entry.fast:
            x += choices.RAIL * (float(drawn > 1.0 - choices.STRAY) - float(drawn < choices.STRAY))
    elif direction in ("towards", "away"):
        speed = choices.GROWTH
        x = 0.5 + 0.25 * (x - 0.5)
        y, height = _in_depth(scene.place, direction, height)
    elif entry.rises:
        speed = max(0.08, min(RISE, (GROUND[scene.place] - height - 0.03) / 2.0))
    return Actor(
        noun=noun.key,
        color=choices.color(rng, distribution, noun),
        action=action,
        direction=direction,
        x=round(float(x), 4),
        y=round(float(y), 4),
        height=round(float(height), 4),
        speed=round(float(speed), 4),
        phase=round(float(rng.random()), 3) * (not distribution.rail),
    )


def _in_depth(place: Place, direction: Direction, height: float) -> tuple[float, float]:
    """Feet and height at second 0 of what comes towards the camera, or goes away."""
    ground, near, grown = GROUND[place], GROUND[place] + 0.075, 1.0 + 2.0 * choices.GROWTH
    if direction == "away":
        return near, height * 1.1
    return ground + HORIZON[place] + (near - ground - HORIZON[place]) / grown, height / grown * 1.15


def alone(rng: np.random.Generator, distribution: SceneDistribution, scene: Scene, noun: Noun) -> Scene:
    actor = _actor(rng, distribution, scene, noun)
    hides = rng.random() < distribution.occluder
    if hides and actor.direction in ("left", "right") and ACTIONS[actor.action].hides:
        height = min(actor.height, 0.34, 0.24 / max(1e-3, choices.wide(noun, 1.0)))
        heading = 1.0 if actor.direction == "right" else -1.0
        actor = replace(actor, height=round(height, 4), speed=0.27, x=round(0.5 - heading * 0.27, 4))
        return replace(scene, actors=(actor,), occluder=True, camera="static")
    return replace(scene, actors=(actor,))


def alike(rng: np.random.Generator, distribution: SceneDistribution, scene: Scene, noun: Noun) -> Scene:
    """Two to four of one kind in a row."""
    count = int(rng.integers(2, min(4, distribution.max_actors) + 1))
    first = _actor(rng, replace(distribution, depth=0.0), scene, noun)
    step = (0.34, 0.27, 0.215)[count - 2]
    moves = first.direction in ("left", "right")
    step *= (0.8 if CAMERAS[scene.camera].zoom else 1.0) * (0.86 if moves else 1.0)
    height = min(first.height, (0.42, 0.38, 0.34)[count - 2], step * 0.97 / max(1e-3, choices.wide(noun, 1.0)))
    heading = {"left": -1.0, "right": 1.0}.get(first.direction, 0.0)
    speed = (
        min(first.speed, max(0.08, CAMERAS[scene.camera].room - (count - 1) / 2 * step - 0.3 * step))
        if moves
        else first.speed
    )
    actors = []
    for k in range(count):
        x = 0.5 + (k - (count - 1) / 2) * step - heading * speed
        y = first.y + ACTIONS[first.action].stagger * (k % 2)
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
    if count < distribution.max_actors and rng.random() < distribution.company:
        actors += _guest(rng, distribution, scene, noun)
    return replace(scene, actors=tuple(actors), count=count)


def _guest(rng: np.random.Generator, distribution: SceneDistribution, scene: Scene, noun: Noun) -> list[Actor]:
    """Another actor, smaller and nearer; none where no other noun suits the place."""
    other = companion(rng, distribution, scene, noun)
    if other is None:
        return []
    guest = _actor(rng, replace(distribution, depth=0.0), scene, other, 0.7)
    return [guest if _find_medium(guest) == "air" else replace(guest, y=round(guest.y + 0.03, 4))]


def companion(rng: np.random.Generator, distribution: SceneDistribution, scene: Scene, noun: Noun) -> Noun | None:
    """A different noun that suits the place."""
    suited = [key for key in distribution.nouns if key != noun.key and scene.place in NOUNS[key].places]
    return NOUNS[suited[int(rng.integers(len(suited)))]] if suited else None


def pair(rng: np.random.Generator, distribution: SceneDistribution, scene: Scene, noun: Noun, other: Noun) -> Scene:
    """Two different actors: beside each other, one on top of or before the other."""
    relation: Relation | None = None
    if distribution.relations and rng.random() < distribution.related:
        relation = distribution.relations[int(rng.integers(len(distribution.relations)))]
    calm = replace(distribution, depth=0.0)
    a, b = _actor(rng, calm, scene, noun), _actor(rng, calm, scene, other)
    if relation == "on top of" and "air" not in (_find_medium(a), _find_medium(b)):
        return _stacked(scene, noun, other, a, b)
    if relation == "on top of" or (
        relation in ("behind", "in front of") and "air" in (_find_medium(a), _find_medium(b))
    ):
        relation = None
    squeeze = 0.8 if CAMERAS[scene.camera].zoom else 1.0
    a, b = (_fit(actor, thing, 0.42, 0.37 * squeeze) for actor, thing in ((a, noun), (b, other)))
    if relation in ("behind", "in front of"):
        offset, rise = 0.13 * squeeze, 0.05 if relation == "behind" else -0.05
        side = 1.0 if rng.random() < 0.5 else -1.0
        a, b = _stand_still(a), _stand_still(b)
        ground = GROUND[scene.place] + 0.045
        a = replace(a, x=round(0.5 - side * offset, 4), y=round(ground - rise / 2, 4))
        b = replace(b, x=round(0.5 + side * offset, 4), y=round(ground + rise / 2, 4))
        return replace(scene, actors=(a, b), relation=relation)
    side = -1.0 if relation == "left of" else 1.0 if relation == "right of" else (1.0 if rng.random() < 0.5 else -1.0)
    return replace(scene, actors=_place_beside(a, b, side, 0.21 * squeeze), relation=relation)


def _find_medium(actor: Actor) -> str:
    return ACTIONS[actor.action].medium


def _fit(actor: Actor, noun: Noun, highest: float, widest: float) -> Actor:
    return replace(actor, height=round(min(actor.height, highest, widest / max(1e-3, choices.wide(noun, 1.0))), 4))


def _stand_still(actor: Actor) -> Actor:
    action = actor.action if ACTIONS[actor.action].calm else "stand"
    return replace(actor, action=action, direction="none", speed=0.0)


def _place_beside(a: Actor, b: Actor, side: float, half: float) -> tuple[Actor, Actor]:
    """a at `side` (-1: left) of b; they stay so: both go the same way at one speed, or neither moves."""
    if a.direction in ("left", "right") and b.direction in ("left", "right"):
        heading = 1.0 if a.direction == "right" else -1.0
        speed = min(a.speed, b.speed, 0.14)
        a, b = (replace(actor, direction=a.direction, speed=speed) for actor in (a, b))
        return (
            replace(a, x=round(0.5 + side * half - heading * speed, 4)),
            replace(b, x=round(0.5 - side * half - heading * speed, 4)),
        )
    a, b = (actor if ACTIONS[actor.action].rises else _parked(actor) for actor in (a, b))
    return replace(a, x=round(0.5 + side * half, 4)), replace(b, x=round(0.5 - side * half, 4))


def _parked(actor: Actor) -> Actor:
    action = "stand" if ACTIONS[actor.action].only_going else actor.action
    return replace(actor, action=action, direction="none", speed=0.0)


def _stacked(scene: Scene, noun: Noun, other: Noun, a: Actor, b: Actor) -> Scene:
    b = _stand_still(_fit(b, other, 0.38, 0.45))
    a = _stand_still(_fit(a, noun, 0.30, 0.30))
    b = replace(b, x=0.5, y=round(GROUND[scene.place] + 0.04, 4))
    a = replace(a, x=0.5, y=round(b.y - b.height * 0.93, 4), action="stand")
    return replace(scene, actors=(a, b), relation="on top of")
