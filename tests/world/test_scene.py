"""The names of a scene: each is there once, the default first, unknown ones are refused, and a scene is a value."""

from dataclasses import FrozenInstanceError, replace

import pytest

from yozora.errors import UserError
from yozora.world.actions import ACTIONS
from yozora.world.cameras import CAMERAS
from yozora.world.scene import COLORS, DAYTIMES, DIRECTIONS, PLACES, RELATIONS, Actor, Scene
from yozora.world.styles import STYLES
from yozora.world.weathers import WEATHERS

WALKER = Actor(noun="dog", x=0.5, y=0.9, height=0.4)
TABLES = (COLORS, PLACES, DAYTIMES, WEATHERS, CAMERAS, STYLES, ACTIONS, DIRECTIONS, RELATIONS)


@pytest.mark.parametrize("table", TABLES)
def test_names_are_there_once(table: tuple[str, ...]) -> None:
    names = tuple(table)
    assert len(set(names)) == len(names) > 2
    assert all(name == name.strip().lower() != "" for name in names)


def test_the_first_name_is_the_default() -> None:
    plain = Scene(seed=1, place="park")
    assert plain.daytime == DAYTIMES[0]
    assert [plain.weather, plain.camera, plain.style] == [next(iter(t)) for t in (WEATHERS, CAMERAS, STYLES)]
    assert (WALKER.action, WALKER.direction) == (next(iter(ACTIONS)), DIRECTIONS[0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"camera": "pan upwards"}, "The camera move 'pan upwards' is not known. Use one of: static, pan left, "),
        ({"style": "oil"}, "The style 'oil' is not known. Use one of: paper, "),
        ({"weather": "hail"}, "The weather 'hail' is not known. Use one of: clear, "),
    ],
)
def test_an_unknown_name_is_an_error_that_lists_the_known_ones(changes: dict[str, str], message: str) -> None:
    with pytest.raises(UserError) as caught:
        Scene(seed=1, place="park", **changes)  # type: ignore[arg-type] # names of four fields
    assert str(caught.value).startswith(message)
    with pytest.raises(UserError, match=r"action 'tumble' is not known\. Use one of: stand, walk, "):
        replace(WALKER, action="tumble")


def test_scenes_are_values() -> None:
    one, same = (Scene(seed=1, place="park", actors=(WALKER,)) for _ in range(2))
    assert one == same
    assert hash(one) == hash(same)
    assert one != replace(one, actors=(replace(WALKER, x=0.6),))
    with pytest.raises(FrozenInstanceError):
        one.seed = 2  # type: ignore[misc]
