"""What can be changed of a finished film, as data."""

import json
from typing import Any

import pytest

from yozora.core.finish import GRADES, Finish, Grade
from yozora.core.options import ArgumentError


def test_nothing_is_changed_where_nothing_is_said() -> None:
    assert Grade().changes_nothing
    assert not Finish().repaints
    assert not Finish(fps=12).repaints
    assert Finish(size=(64, 64)).repaints
    assert Finish(grade=Grade(temperature=0.1)).repaints


def test_a_finish_is_the_same_after_json() -> None:
    finish = Finish(size=(320, 180), fps=12.5, fit="pad", grade=Grade(exposure=-1, contrast=1.2))
    assert Finish.from_json(json.loads(json.dumps(finish.to_json()))) == finish
    assert Finish.from_json({}) == Finish()


def test_values_may_be_text_as_forms_have_them() -> None:
    assert Finish(size="320x180", fps="12").size == (320, 180)  # type: ignore[arg-type]
    assert Grade(exposure="0.5").exposure == 0.5  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [each.name for each in GRADES])
def test_each_number_has_bounds(name: str) -> None:
    (option,) = (each for each in GRADES if each.name == name)
    assert option.low is not None
    assert option.high is not None
    for inside in (option.low, option.high):
        assert getattr(Grade(**{name: inside}), name) == inside
    for outside in (option.low - 0.01, option.high + 0.01, float("nan"), "bright"):
        with pytest.raises(ArgumentError) as caught:
            Grade(**{name: outside})
        assert caught.value.argument == name


@pytest.mark.parametrize(
    ("said", "argument"),
    [({"size": (32, 64)}, "size"), ({"size": (4096, 4096)}, "size"), ({"fps": 0}, "fps"), ({"fit": "zoom"}, "fit")],
)
def test_what_no_film_can_be_is_refused(said: dict[str, Any], argument: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        Finish(**said)
    assert caught.value.argument == argument
