"""Draw scenes: a distribution says what may happen and how often, and `draw_scene` makes one sensible scene of it.

Knows no pixels but the proportions of the cut-outs. Positions are laid out for a 16:9 picture and two seconds.
"""

from dataclasses import replace

import numpy as np

from yozora.world import choices, layouts
from yozora.world.distributions import SceneDistribution
from yozora.world.nouns import NOUNS
from yozora.world.scene import Scene

DRAWN_FOR = 2.0
"""Seconds that distribution are laid out for."""


def draw_scene(rng: np.random.Generator, distribution: SceneDistribution) -> Scene:
    """A scene of a distribution: the same one for the same state of the generator."""
    noun = NOUNS[distribution.nouns[int(rng.integers(len(distribution.nouns)))]]
    place = choices.place(rng, distribution, noun)
    scene = Scene(
        seed=int(rng.integers(2**31)),
        place=place,
        daytime=choices.daytime(rng, distribution),
        weather=choices.weather(rng, distribution),
        camera=choices.camera(rng, distribution),
        style=choices.style(rng, distribution),
    )
    if distribution.max_actors == 0 or rng.random() < distribution.empty:
        return scene
    kind = rng.random()
    if distribution.max_actors > 1 and kind < distribution.counts:
        return layouts.alike(rng, distribution, scene, noun)
    if distribution.max_actors > 1 and kind < distribution.counts + distribution.pairs:
        other = layouts.companion(rng, distribution, scene, noun)
        if other is not None:
            return layouts.pair(rng, distribution, scene, noun, other)
    return layouts.alone(rng, distribution, scene, noun)


def lasting(scene: Scene, seconds: float) -> Scene:
    """The scene for a longer film: an actor that moves left or right sets out earlier, by whole seconds, and at half
    its speed, or half of that, where it would not stay in sight. Up to two seconds it is the same scene.
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
