from dataclasses import replace

import pytest

from yozora.evaluate.ceiling import RenderReading, aligned, ceilings, counted, scenes, table, wide_distribution
from yozora.evaluate.data import truth
from yozora.world.scene import Actor, Scene


def scene(*nouns: str, count: int = 1, **more: str) -> Scene:
    actors = tuple(Actor(noun=noun, color="red", x=0.5, y=0.9, height=0.4) for noun in nouns)
    return replace(Scene(seed=0, place="park", actors=actors, count=count), **more)  # type: ignore[arg-type]


def reading(of: Scene, **told: str) -> RenderReading:
    return RenderReading(scene=of, true=truth(of), told=aligned({**truth(of), **told}, truth(of)))


def test_two_actors_may_be_told_of_in_either_order() -> None:
    true = truth(scene("cat", "dog", relation="left of"))
    turned = {**true, "noun": "dog", "noun2": "cat", "relation": "right of"}
    assert aligned(turned, true) == true
    assert aligned({**turned, "relation": "left of"}, true)["relation"] == "right of"
    one = truth(scene("cat"))
    assert aligned({**turned}, one) == turned


def test_what_cannot_be_told_is_not_counted() -> None:
    lone, grey, pair = scene("cat"), scene("cat", style="noir"), scene("cat", "dog")
    assert counted(reading(lone), "color")
    assert not counted(reading(grey), "color")
    assert not counted(reading(lone), "relation")
    assert not counted(reading(pair), "relation")
    assert not counted(reading(pair), "direction")
    assert counted(reading(pair), "place")
    assert counted(reading(scene("cat", "dog", relation="behind")), "relation")


def test_figures_tell_one_actor_from_two() -> None:
    readings = [
        reading(scene("cat")),
        reading(scene("dog"), noun="cat", figure="melted"),
        reading(scene("cat", "dog", relation="left of")),
        reading(scene("cow", "dog", relation="left of"), noun2="cat", relation="right of"),
    ]
    found = ceilings(readings)
    assert found["noun"].score == 0.5
    assert found["noun"].n == 2
    assert found["two/both"].score == 0.5
    assert found["two/noun"].score == 1.0
    assert found["two/relation"].score == 0.5
    assert found["figure"].score == 0.75
    assert found["place"].n == 4
    assert table(found, found).row_count == len(found)


def test_measured_scenes_repeat_and_show_one_kind_or_two() -> None:
    assert scenes(6) == scenes(6) != scenes(6, seed=1)
    kinds = [
        len({actor.noun for actor in one.actors})
        for one in scenes(40, distribution=wide_distribution(("cat", "dog", "car")))
    ]
    assert set(kinds) == {1, 2}
    with pytest.raises(IndexError):
        truth(scene())
