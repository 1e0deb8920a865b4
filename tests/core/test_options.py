"""Values are read alike on every way in, and what is none is said in one line that names the argument."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yozora.core.options import ArgumentError, Kind, Option, about, read, shown
from yozora.errors import UserError


def option(kind: Kind, **more: Any) -> Option:
    return Option(name="it", kind=kind, help="It.", **more)


READ: list[tuple[Kind, object, object]] = [
    ("number", 2, 2.0),
    ("number", " 2.5 ", 2.5),
    ("number", "+.5", 0.5),
    ("number", "1e2", 100.0),
    ("number", np.float32(0.5), 0.5),
    ("number", Fraction(1, 4), 0.25),
    ("whole", 7, 7),
    ("whole", "7", 7),
    ("whole", 7.0, 7),
    ("whole", np.int64(7), 7),
    ("flag", True, True),
    ("flag", "yes", True),
    ("flag", 0, False),
    ("flag", "OFF", False),
    ("text", "a car", "a car"),
    ("size", "224x128", (224, 128)),
    ("size", "224 × 128", (224, 128)),
    ("size", (224, 128), (224, 128)),
    ("size", [224, "128"], (224, 128)),
    ("strength", "0.25", 0.25),
    ("strength", 1, 1.0),
    ("region", "0,0.5,0.5,0.5", (0, 0.5, 0.5, 0.5)),
    ("region", [0, 0.5, 0.5, 0.5], (0, 0.5, 0.5, 0.5)),
    ("region", {"x": 0, "y": 0.5, "w": 0.5, "h": "0.5"}, (0, 0.5, 0.5, 0.5)),
    ("region", np.array([0, 0.5, 0.5, 0.5]), (0, 0.5, 0.5, 0.5)),
    ("spans", "0-1.5, 2-3", ((0, 1.5), (2, 3))),
    ("spans", [(0, 1.5), "2-3"], ((0, 1.5), (2, 3))),
]


@pytest.mark.parametrize(("kind", "value", "found"), READ, ids=str)
def test_values_are_read(kind: Kind, value: object, found: object) -> None:
    assert read(option(kind), value) == found
    assert type(read(option(kind), value)) is type(found)


def test_words_are_read_where_they_are_known() -> None:
    assert read(option("choice", choices=("crop", "pad")), " PAD ") == "pad"
    assert read(option("strength", choices=("mild",)), "Mild") == "mild"
    with pytest.raises(ArgumentError, match="Use crop or pad"):
        read(option("choice", choices=("crop", "pad")), "cut")
    with pytest.raises(ArgumentError, match=r"it 'fierce' is not a strength\. Use 0 .* or mild"):
        read(option("strength", choices=("mild",)), "fierce")


WRONG: list[tuple[Kind, object]] = [
    ("number", "two"),
    ("number", "1e999"),
    ("number", True),
    ("number", 1j),
    ("number", Decimal("NaN")),
    ("number", np.array([1.0])),
    ("whole", 2.5),
    ("whole", True),
    ("whole", "2.5"),
    ("whole", "٣"),
    ("flag", 2),
    ("flag", "maybe"),
    ("text", b"a car"),
    ("text", "a\0b"),
    ("text", "\ud800"),
    ("text", "a" * 32_001),
    ("size", "224"),
    ("size", "22.4x128"),
    ("size", "²²⁴x128"),
    ("size", (224,)),
    ("size", (224, None)),
    ("strength", 1.5),
    ("strength", -0.1),
    ("strength", "nan"),
    ("region", (0.5, 0, 0.6, 1)),
    ("region", (0, 0, 0, 1)),
    ("region", {"x": 0}),
    ("region", "0,0,1"),
    ("spans", []),
    ("spans", "1-0.5"),
    ("spans", [(0, 1, 2)]),
    ("spans", "0-0.5,1..5-2"),
    ("spans", [(0, 1)] * 65),
]


@pytest.mark.parametrize(("kind", "value"), WRONG, ids=str)
def test_what_is_no_value_is_said_in_a_line(kind: Kind, value: object) -> None:
    with pytest.raises(ArgumentError) as refused:
        read(option(kind), value)
    one_line(refused.value)


def one_line(error: ArgumentError) -> None:
    assert error.argument == "it"
    assert "\n" not in str(error)
    assert len(str(error)) < 200
    assert error.hint


@pytest.mark.parametrize(
    ("bounds", "value", "says"),
    [
        ({"low": 1, "high": 60}, 0.5, "it 0.5 is out of range. Use 1 to 60."),
        ({"low": 0, "high": 600, "above": True, "unit": "seconds"}, 0, "Use more than 0 to 600 seconds."),
        ({"low": 0}, -1, "Use 0 or more."),
        ({"high": 5}, 6, "Use up to 5."),
    ],
)
def test_bounds(bounds: dict[str, Any], value: float, says: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        read(option("number", **bounds), value)
    assert says in str(refused.value)
    for name, bound in bounds.items():
        if name == "high" or (name == "low" and "above" not in bounds):
            assert read(option("number", **bounds), bound) == bound


RUBBISH = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(),
    st.sampled_from([10**400, -(10**5000), math.inf, math.nan, b"\0\xff", {}, [], (), object(), int, lambda: 0]),
    st.text(),
    st.binary(),
    st.lists(st.one_of(st.none(), st.floats(), st.text())),
    st.dictionaries(st.text(), st.floats()),
    st.sampled_from([np.zeros(0), np.zeros((2, 2)), np.array("x"), np.array(None), np.float64("nan")]),
)
KINDS: list[Kind] = ["number", "whole", "flag", "text", "choice", "size", "strength", "region", "spans"]


@given(kind=st.sampled_from(KINDS), value=RUBBISH)
def test_rubbish_is_read_or_refused(kind: Kind, value: object) -> None:
    asked = option(kind, low=0, high=10, choices=("mild",))
    try:
        found = read(asked, value)
    except ArgumentError as error:
        one_line(error)
    else:
        assert read(asked, found) == found, "what was read is a value"


def test_what_goes_wrong_is_said_of_its_argument() -> None:
    with pytest.raises(ArgumentError) as refused, about("image"):
        raise UserError("No file.", "Name one.", code="file_not_found")
    assert (refused.value.argument, str(refused.value)) == ("image", "No file. Name one.")
    with pytest.raises(ArgumentError) as refused, about("image"):
        raise ArgumentError("fit", "No.", code="unknown_fit")
    assert refused.value.argument == "fit"


@pytest.mark.parametrize("value", ["a\nb" * 100, 10**5000, -(10**30), [1] * 1000, object(), None, 1.5], ids=range(7))
def test_anything_is_shown_in_a_short_line(value: object) -> None:
    assert len(shown(value)) <= 40
    assert "\n" not in shown(value)
