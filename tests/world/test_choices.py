"""Random choices: each is one that its distribution allows, and all of them are met."""

from collections import Counter

import numpy as np
import pytest

from yozora.errors import UserError
from yozora.world import choices
from yozora.world.actions import ACTIONS
from yozora.world.cameras import CAMERAS
from yozora.world.distributions import SceneDistribution
from yozora.world.nouns import NOUNS
from yozora.world.scene import COLORS, DAYTIMES, PLACES, Place
from yozora.world.stages import GROUND
from yozora.world.styles import STYLES
from yozora.world.weathers import WEATHERS

MANY = 600


def rng(k: int = 0) -> np.random.Generator:
    return np.random.default_rng([11, k])


@pytest.mark.parametrize(
    ("draw", "all_of_them"),
    [(choices.daytime, DAYTIMES), (choices.weather, WEATHERS), (choices.camera, CAMERAS), (choices.style, STYLES)],
)
def test_everything_is_drawn_about_as_often_as_it_weighs(draw, all_of_them: tuple[str, ...]) -> None:
    distribution, drawn = SceneDistribution(), Counter()
    for k in range(MANY):
        drawn[draw(rng(k), distribution)] += 1
    weights = dict(
        {
            "daytime": distribution.daytimes,
            "weather": distribution.weathers,
            "camera": distribution.cameras,
            "style": distribution.styles,
        }[draw.__name__]
    )
    assert set(drawn) == set(weights) <= set(all_of_them)
    for name, weight in weights.items():
        assert drawn[name] / MANY == pytest.approx(weight / sum(weights.values()), abs=0.06)


@pytest.mark.parametrize("key", ["boat", "dog", "car", "fish", "bed"])
def test_a_place_suits_its_noun(key: str) -> None:
    noun = NOUNS[key]
    drawn = {choices.place(rng(k), SceneDistribution(), noun) for k in range(200)}
    assert drawn == set(noun.places)
    assert (
        choices.place(rng(), SceneDistribution(places=(("room", 1.0),)), NOUNS["boat"]) == "room"
    )  # where nothing else is


@pytest.mark.parametrize("place", PLACES)
def test_an_action_suits_noun_and_place(place: Place) -> None:
    for noun in NOUNS.values():
        if place in noun.places:
            action = choices.action(rng(), noun, place)
            assert action in noun.actions or action == "stand"


@pytest.mark.parametrize("action", ACTIONS)
def test_only_who_goes_somewhere_has_a_way(action: str) -> None:
    ways = {choices.direction(rng(k), SceneDistribution(depth=0.5), action) for k in range(100)}
    if ACTIONS[action].speeds is None:
        assert ways == {"none"}
    else:
        assert {"left", "right"} <= ways
        assert ("towards" in ways) == ("away" in ways) == (action in ("walk", "run", "drive", "ride"))


def test_colours_are_the_distributions_and_some_things_keep_their_own() -> None:
    dog = NOUNS["dog"]
    drawn = Counter(choices.color(rng(k), SceneDistribution(), dog) for k in range(MANY))
    assert set(drawn) == {*COLORS, None}
    assert drawn[None] / MANY == pytest.approx(SceneDistribution().natural, abs=0.06)
    fixed = next(noun for noun in NOUNS.values() if not noun.recolors)
    assert {choices.color(rng(k), SceneDistribution(), fixed) for k in range(30)} == {None}
    assert {choices.color(rng(k), SceneDistribution(colors=("red",), natural=0.0), dog) for k in range(30)} == {"red"}


def test_heights_are_within_the_distributions_and_nothing_is_too_wide() -> None:
    distribution = SceneDistribution()
    for k, noun in enumerate(NOUNS.values()):
        height = choices.height(rng(k), distribution, noun, 1.0, 0.52)
        assert 0 < height <= distribution.heights[1]
        assert choices.wide(noun, height) <= 0.52 + 1e-6


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("action", ACTIONS)
def test_feet_are_where_the_action_needs_them(place: Place, action: str) -> None:
    for k in range(10):
        y = choices.feet(rng(k), SceneDistribution(), place, action, 0.35)
        assert 0.35 < y < 1.1
        if action in ("fly", "bounce", "fall"):
            assert y < GROUND[place]


def test_a_camera_that_moves_leaves_less_room() -> None:
    room = {name: camera.room for name, camera in CAMERAS.items()}
    assert room["static"] == room["tilt up"] == 0.5
    assert room["zoom in"] < room["pan left"] < 0.5


@pytest.mark.parametrize(
    "chosen", [{"nouns": ()}, {"nouns": ("nothing of that name",)}, {"max_actors": 6}, {"cameras": (("dolly", 1.0),)}]
)
def test_what_no_distribution_can_be_is_refused(chosen: dict[str, object]) -> None:
    with pytest.raises(UserError):
        SceneDistribution(**chosen)  # type: ignore[arg-type]
