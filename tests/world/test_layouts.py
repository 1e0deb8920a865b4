"""Layouts: several actors stand where their relation and number say, and somebody passes behind what hides him."""

import numpy as np
import pytest

from yozora.world import cutouts
from yozora.world.distributions import SceneDistribution
from yozora.world.draw import draw_scene
from yozora.world.scene import Actor, Scene


def scenes(distribution: SceneDistribution, count: int, stream: int = 0) -> list[Scene]:
    return [draw_scene(np.random.default_rng([stream, k]), distribution) for k in range(count)]


def wide(actor: Actor) -> float:
    picture = cutouts.load(actor.noun)
    return actor.height * picture.shape[1] / picture.shape[0] * 9 / 16


def test_copies_are_alike_and_come_first() -> None:
    drawn = [scene for scene in scenes(SceneDistribution(counts=1.0, empty=0.0, company=0.5), 80) if scene.count > 1]
    assert {scene.count for scene in drawn} == {2, 3, 4}
    assert any(len(scene.actors) > scene.count for scene in drawn)
    for scene in drawn:
        copies = scene.actors[: scene.count]
        assert len({(actor.noun, actor.color, actor.action, actor.direction, actor.height) for actor in copies}) == 1
        places = [actor.x for actor in copies]
        assert min(np.diff(places)) > 0.8 * wide(copies[0])
        assert len(scene.actors) <= 4


def test_relations_hold_where_the_actors_stand() -> None:
    drawn = [
        scene
        for scene in scenes(SceneDistribution(counts=0.0, pairs=1.0, related=1.0, empty=0.0), 150)
        if scene.relation
    ]
    assert {scene.relation for scene in drawn} == {"left of", "right of", "on top of", "behind", "in front of"}
    for scene in drawn:
        a, b = scene.actors
        assert scene.count == 1
        assert a.noun != b.noun
        assert (a.direction, a.speed) == (b.direction, b.speed) or "none" in (a.direction, b.direction)
        if scene.relation == "left of":
            assert a.x < b.x - 0.2
        elif scene.relation == "right of":
            assert a.x > b.x + 0.2
        elif scene.relation == "on top of":
            assert a.x == b.x
            assert a.y == pytest.approx(b.y - b.height, abs=0.05)
        else:
            assert (a.y < b.y) == (scene.relation == "behind")


def test_occluders_wait_for_somebody_who_passes() -> None:
    drawn = [scene for scene in scenes(SceneDistribution(max_actors=1, occluder=1.0, empty=0.0), 120) if scene.occluder]
    assert len(drawn) > 30
    for scene in drawn:
        assert scene.actors[0].direction in ("left", "right")
        assert scene.actors[0].x == pytest.approx(0.5, abs=0.28)
