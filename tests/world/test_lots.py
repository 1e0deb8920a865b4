"""Single lots: each choice is one that its cast allows, and all of them are met."""

from collections import Counter

import numpy as np
import pytest

from yozora.errors import UserError
from yozora.world import lots
from yozora.world.lots import Cast
from yozora.world.nouns import NOUNS
from yozora.world.scene import ACTIONS, CAMERAS, COLORS, DAYTIMES, PLACES, STYLES, WEATHERS, Action, Place
from yozora.world.stages import GROUND

MANY = 600


def rng(k: int = 0) -> np.random.Generator:
    return np.random.default_rng([11, k])


@pytest.mark.parametrize(
    ("draw", "all_of_them"),
    [(lots.daytime, DAYTIMES), (lots.weather, WEATHERS), (lots.camera, CAMERAS), (lots.style, STYLES)],
)
def test_everything_is_drawn_about_as_often_as_it_weighs(draw, all_of_them: tuple[str, ...]) -> None:
    cast, drawn = Cast(), Counter()
    for k in range(MANY):
        drawn[draw(rng(k), cast)] += 1
    weights = dict(
        {"daytime": cast.daytimes, "weather": cast.weathers, "camera": cast.cameras, "style": cast.styles}[
            draw.__name__
        ]
    )
    assert set(drawn) == set(all_of_them)
    for name, weight in weights.items():
        assert drawn[name] / MANY == pytest.approx(weight / sum(weights.values()), abs=0.06)


@pytest.mark.parametrize("key", ["boat", "dog", "car", "fish", "bed"])
def test_a_place_suits_its_noun(key: str) -> None:
    noun = NOUNS[key]
    drawn = {lots.place(rng(k), Cast(), noun) for k in range(200)}
    assert drawn == set(noun.places)
    assert lots.place(rng(), Cast(places=(("room", 1.0),)), NOUNS["boat"]) == "room"  # where nothing else is


@pytest.mark.parametrize("place", PLACES)
def test_an_action_suits_noun_and_place(place: Place) -> None:
    for noun in NOUNS.values():
        if place in noun.places:
            action = lots.action(rng(), noun, place)
            assert action in noun.actions or action == "stand"


@pytest.mark.parametrize("action", ACTIONS)
def test_only_who_goes_somewhere_has_a_way(action: Action) -> None:
    ways = {lots.direction(rng(k), Cast(depth=0.5), action) for k in range(100)}
    if action not in lots.SPEEDS:
        assert ways == {"none"}
    else:
        assert {"left", "right"} <= ways
        assert ("towards" in ways) == ("away" in ways) == (action in ("walk", "run", "drive", "ride"))


def test_colours_are_the_casts_and_some_things_keep_their_own() -> None:
    dog = NOUNS["dog"]
    drawn = Counter(lots.color(rng(k), Cast(), dog) for k in range(MANY))
    assert set(drawn) == {*COLORS, None}
    assert drawn[None] / MANY == pytest.approx(Cast().natural, abs=0.06)
    fixed = next(noun for noun in NOUNS.values() if not noun.recolors)
    assert {lots.color(rng(k), Cast(), fixed) for k in range(30)} == {None}
    assert {lots.color(rng(k), Cast(colors=("red",), natural=0.0), dog) for k in range(30)} == {"red"}


def test_heights_are_within_the_casts_and_nothing_is_too_wide() -> None:
    cast = Cast()
    for k, noun in enumerate(NOUNS.values()):
        height = lots.height(rng(k), cast, noun, 1.0, 0.52)
        assert 0 < height <= cast.heights[1]
        assert lots.wide(noun, height) <= 0.52 + 1e-6


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("action", ACTIONS)
def test_feet_are_where_the_action_needs_them(place: Place, action: Action) -> None:
    for k in range(10):
        y = lots.feet(rng(k), Cast(), place, action, 0.35)
        assert 0.35 < y < 1.1
        if action in ("fly", "bounce", "fall"):
            assert y < GROUND[place]


def test_a_camera_that_moves_leaves_less_room() -> None:
    room = {camera: lots.room(camera) for camera in CAMERAS}
    assert room["static"] == room["tilt up"] == 0.5
    assert room["zoom in"] < room["pan left"] < 0.5


@pytest.mark.parametrize("chosen", [{"nouns": ()}, {"nouns": ("nothing of that name",)}, {"max_actors": 6}])
def test_what_no_cast_can_be_is_refused(chosen: dict[str, object]) -> None:
    with pytest.raises(UserError):
        Cast(**chosen)  # type: ignore[arg-type]
