"""Dataclasses out of JSON: strict about types, names and numbers."""

import json
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from yozora.core.plain import from_json, no_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    name: str
    sizes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    inner: Inner
    place: tuple[float, str]
    how: Literal["fast", "slow"] = "fast"
    many: int | tuple[int, ...] | None = None


def test_nested_values_are_built_and_what_is_left_out_has_its_default() -> None:
    said = json.loads('{"inner": {"name": "a", "sizes": [1, 2]}, "place": [3, "x"], "many": [4]}')
    made = from_json(Outer, said)
    assert made == Outer(inner=Inner(name="a", sizes=(1, 2)), place=(3.0, "x"), many=(4,))
    assert isinstance(made.place[0], float)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Inner, {"name": "a", "extra": 1}),
        (Inner, {"name": 1}),
        (Inner, [1]),
        (int, True),
        (int, 1.0),
        (float, True),
        (float, 1e301),
        (float, "1"),
        (str, None),
        (tuple[float, str], [1.0]),
        (tuple[int, ...], [1, "2"]),
        (Literal["fast", "slow"], "quick"),
        (int | None, "1"),
    ],
)
def test_a_value_of_another_type_is_refused(kind: Any, value: object) -> None:
    with pytest.raises(TypeError):
        from_json(kind, value)


def test_a_missing_field_is_refused() -> None:
    with pytest.raises(TypeError, match="name"):
        from_json(Inner, {})


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_refused_by_the_parser(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        json.loads(text, parse_constant=no_number)
