"""Scenes that are drawn are sensible, stay in the picture, and obey their distribution."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from yozora.errors import UserError
from yozora.world import cutouts
from yozora.world.choices import RAIL, RAIL_GROUND
from yozora.world.distributions import CORE_SCENES, SceneDistribution
from yozora.world.draw import draw_scene
from yozora.world.nouns import CORE, NOUNS
from yozora.world.render import render
from yozora.world.scene import Actor, Scene
from yozora.world.stages import GROUND


def scenes(distribution: SceneDistribution, count: int, stream: int = 0) -> list[Scene]:
    return [draw_scene(np.random.default_rng([stream, k]), distribution) for k in range(count)]


def wide(actor: Actor) -> float:
    picture = cutouts.load(actor.noun)
    return actor.height * picture.shape[1] / picture.shape[0] * 9 / 16


def test_the_same_generator_draws_the_same_scene() -> None:
    assert scenes(SceneDistribution(), 40) == scenes(SceneDistribution(), 40)
    assert scenes(SceneDistribution(), 40) != scenes(SceneDistribution(), 40, stream=1)


def test_actors_do_what_they_can_where_they_can() -> None:
    for scene in scenes(SceneDistribution(), 250):
        for actor in scene.actors:
            noun = NOUNS[actor.noun]
            assert scene.place in noun.places
            assert actor.action in noun.actions or actor.action == "stand"
            assert noun.recolors or actor.color is None
            if scene.place == "sea":
                assert actor.action not in ("walk", "run", "drive", "ride", "roll", "hop")
            if actor.action in ("sail", "swim"):
                assert scene.place in ("sea", "beach")


def test_flyers_are_in_the_air_and_walkers_on_the_ground() -> None:
    for scene in scenes(SceneDistribution(max_actors=1), 200):
        for actor in scene.actors:
            if actor.action in ("fly", "fall", "bounce"):
                assert actor.y < GROUND[scene.place] - 0.1
            elif actor.direction not in ("towards", "away") and scene.place not in ("sea", "beach"):
                assert actor.y == pytest.approx(GROUND[scene.place], abs=0.08)


def test_lone_actors_stay_in_the_picture_for_two_seconds() -> None:
    for scene in scenes(SceneDistribution(max_actors=1), 200):
        for actor in scene.actors:
            heading = {"left": -1, "right": 1}.get(actor.direction, 0)
            for second in (0.0, 1.0, 2.0):
                x, half = actor.x + heading * actor.speed * second, wide(actor) / 2
                inside = min(1.0, x + half) - max(0.0, x - half)
                assert inside / (2 * half) > 0.7, (scene, second)


def test_lone_actors_are_seen_in_the_film() -> None:
    for scene in scenes(replace(CORE_SCENES, max_actors=1, empty=0.0, occluder=0.0), 24):
        take = render(scene, width=56, height=32, frames=3, fps=1.0)
        boxes = take.tracks_AT4[0]
        inside = np.clip(boxes, 0, (56, 32, 56, 32))
        area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        shown = (inside[:, 2] - inside[:, 0]) * (inside[:, 3] - inside[:, 1])
        assert (shown / area > 0.65).all(), scene


def test_what_moves_crosses_a_good_part_of_the_picture() -> None:
    for scene in scenes(SceneDistribution(max_actors=1), 150):
        for actor in scene.actors:
            if actor.direction in ("left", "right"):
                assert 0.30 <= 2 * actor.speed <= 0.62


def test_the_core_is_calm() -> None:
    drawn = scenes(CORE_SCENES, 400)
    actors = [actor for scene in drawn for actor in scene.actors]
    assert {actor.noun for actor in actors} == set(CORE)
    assert np.mean([len(scene.actors) == 1 for scene in drawn]) > 0.85
    assert np.mean([scene.style == "paper" for scene in drawn]) == pytest.approx(0.90, abs=0.05)
    assert np.mean([scene.camera == "static" for scene in drawn]) == pytest.approx(0.92, abs=0.05)
    assert np.mean([scene.occluder for scene in drawn]) < 0.03
    assert np.median([actor.height for actor in actors]) > 0.40


def test_who_is_on_a_rail_is_always_at_the_same_few_places() -> None:
    """After every second those who are slow have gone one 7th of the picture, and all are in step."""
    columns = []
    for scene in scenes(replace(CORE_SCENES, max_actors=1, empty=0.0, cameras=(("static", 1.0),)), 300):
        for actor in scene.actors:
            assert actor.phase == 0.0
            if actor.direction in ("left", "right"):
                assert actor.speed in (pytest.approx(RAIL, abs=1e-4), pytest.approx(2 * RAIL, abs=1e-4))
                columns.append((actor.x - 0.5) / RAIL)
            if actor.action in ("walk", "run", "stand", "drive") and actor.direction in ("none", "left", "right"):
                assert actor.y == pytest.approx(RAIL_GROUND + 0.035 + 0.05 * (scene.place == "sea"), abs=0.06)
    assert np.abs(np.array(columns) - np.round(columns)).max() < 0.01
    assert set(np.round(columns)) <= {-2, -1, 0, 1, 2}


def test_the_whole_world_shows_everything() -> None:
    drawn = scenes(SceneDistribution(), 800)
    for name, values in (("place", 8), ("daytime", 3), ("weather", 5), ("camera", 7), ("style", 6)):
        assert len(Counter(getattr(scene, name) for scene in drawn)) == values
    actors = [actor for scene in drawn for actor in scene.actors]
    assert len({actor.action for actor in actors}) == 14
    assert len({actor.direction for actor in actors}) == 5
    assert len({actor.color for actor in actors}) == 10
    assert any(not scene.actors for scene in drawn)


def test_a_distribution_can_be_narrowed() -> None:
    distribution = SceneDistribution(
        nouns=("car",), colors=("red",), natural=0.0, places=(("city", 1.0),), max_actors=1, empty=0.0
    )
    for scene in scenes(distribution, 20):
        assert scene.place == "city"
        assert [(actor.noun, actor.color) for actor in scene.actors] == [("car", "red")]
    assert all(not scene.actors for scene in scenes(SceneDistribution(max_actors=0), 10))


def test_unknown_nouns_are_refused() -> None:
    with pytest.raises(UserError, match="unicorn of glass"):
        SceneDistribution(nouns=("unicorn of glass",))
    with pytest.raises(UserError, match="max_actors"):
        SceneDistribution(max_actors=9)
