"""The words of a scene: each is there once, the plain one first, and a scene is a value."""

from dataclasses import FrozenInstanceError, replace

import pytest

from yozora.world import scene
from yozora.world.scene import Actor, Scene

TABLES = ("COLORS", "PLACES", "DAYTIMES", "WEATHERS", "CAMERAS", "STYLES", "ACTIONS", "DIRECTIONS", "RELATIONS")
WALKER = Actor(noun="dog", x=0.5, y=0.9, height=0.4)


@pytest.mark.parametrize("name", TABLES)
def test_words_are_there_once(name: str) -> None:
    words = getattr(scene, name)
    assert len(set(words)) == len(words) > 2
    assert all(word == word.strip().lower() != "" for word in words)


def test_the_first_word_is_the_one_that_goes_unsaid() -> None:
    plain = Scene(seed=1, place="park")
    assert (plain.daytime, plain.weather, plain.camera, plain.style) == (
        scene.DAYTIMES[0],
        scene.WEATHERS[0],
        scene.CAMERAS[0],
        scene.STYLES[0],
    )
    assert (WALKER.action, WALKER.direction) == (scene.ACTIONS[0], scene.DIRECTIONS[0])


def test_scenes_are_values() -> None:
    one, same = (Scene(seed=1, place="park", actors=(WALKER,)) for _ in range(2))
    assert one == same
    assert hash(one) == hash(same)
    assert one != replace(one, actors=(replace(WALKER, x=0.6),))
    with pytest.raises(FrozenInstanceError):
        one.seed = 2  # type: ignore[misc]
