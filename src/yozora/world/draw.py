"""Draw lots: a cast says what may happen on the stage and how often, and draw_scene makes one sensible scene of it.

Knows no pixels but the proportions of the cut-outs. Positions are laid out for a 16:9 picture and two seconds.
"""

from dataclasses import replace

import numpy as np

from yozora.world import layouts, lots
from yozora.world.lots import Cast
from yozora.world.nouns import CORE, NOUNS
from yozora.world.scene import (
    CAMERAS,
    STYLES,
    Scene,
)

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


DRAWN_FOR = 2.0
"""Seconds that scenes are laid out for."""


def draw_scene(rng: np.random.Generator, cast: Cast) -> Scene:
    """A scene out of a cast: the same one for the same state of the generator."""
    noun = NOUNS[cast.nouns[int(rng.integers(len(cast.nouns)))]]
    place = lots.place(rng, cast, noun)
    scene = Scene(
        seed=int(rng.integers(2**31)),
        place=place,
        daytime=lots.daytime(rng, cast),
        weather=lots.weather(rng, cast),
        camera=lots.camera(rng, cast),
        style=lots.style(rng, cast),
    )
    if cast.max_actors == 0 or rng.random() < cast.empty:
        return scene
    kind = rng.random()
    if cast.max_actors > 1 and kind < cast.counts:
        return layouts.alike(rng, cast, scene, noun)
    if cast.max_actors > 1 and kind < cast.counts + cast.pairs:
        other = layouts.companion(rng, cast, scene, noun)
        if other is not None:
            return layouts.pair(rng, cast, scene, noun, other)
    return layouts.alone(rng, cast, scene, noun)


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
