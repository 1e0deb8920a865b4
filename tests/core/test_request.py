"""What may be asked for, and the one line that says why not."""

import math
from typing import Any

import pytest

from yozora.core.request import MAX_SEED, Request, parse_size
from yozora.errors import UserError


def test_the_default_film() -> None:
    request = Request(prompt="a red car")
    assert (request.width, request.height, request.fps, request.seconds) == (224, 128, 16, 2)
    assert request.text == "a red car"


def test_style_is_said_after_the_prompt() -> None:
    assert Request(prompt=" a red car ", style=" pixel art ").text == "a red car, pixel art"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"prompt": "a" * 33_000}, "33,000 characters"),
    ({"prompt": "a\0b"}, "not text"),
    ({"prompt": "a\udc80b"}, "not text"),
    ({"negative_prompt": "a" * 32_001}, "negative prompt has 32,001 characters"),
    ({"style": "\0"}, "style is not text"),
    ({"model": " "}, "name is empty"),
    ({"width": 32}, "32x128 is out of range"),
    ({"width": 0}, "out of range"),
    ({"height": -128}, "out of range"),
    ({"width": 8192}, "out of range"),
    ({"width": 4096, "height": 4096}, "out of range"),
    ({"seconds": 0}, "0 seconds are out of range"),
    ({"seconds": -1.0}, "out of range"),
    ({"seconds": 10_000}, "10000 seconds are out of range. Use up to 1800."),
    ({"seconds": math.nan}, "nan seconds"),
    ({"seconds": math.inf}, "inf seconds"),
    ({"fps": 0.5}, "Use 1 to 60"),
    ({"fps": 61}, "Use 1 to 60"),
    ({"fps": math.nan}, "Use 1 to 60"),
    ({"steps": 0}, "Use 1 to 200"),
    ({"steps": 201}, "Use 1 to 200"),
    ({"guidance": -0.1}, "Use 0 to 30"),
    ({"guidance": 30.5}, "Use 0 to 30"),
    ({"guidance": math.nan}, "Use 0 to 30"),
    ({"seed": -1}, "out of range"),
    ({"seed": 2**63}, "out of range"),
]


@pytest.mark.parametrize(("settings", "says"), BAD, ids=[f"{n}-{next(iter(bad))}" for n, (bad, _) in enumerate(BAD)])
def test_what_cannot_be_made_ends_in_one_line(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError) as caught:
        Request(**{"prompt": "a red car", **settings})
    line = str(caught.value)
    assert says in line
    assert "\n" not in line
    assert len(line) < 200
    assert caught.value.hint, "every message says what would do"


def test_the_limits_themselves_are_allowed() -> None:
    Request(prompt="a" * 32_000, steps=200, guidance=30, seed=MAX_SEED, seconds=1800, fps=60, width=4096, height=1024)
    Request(prompt="云", steps=1, guidance=0, seed=0, seconds=0.01, fps=1, width=64, height=64)


def test_a_request_is_frozen() -> None:
    with pytest.raises(AttributeError):
        Request(prompt="a red car").seed = 3  # type: ignore[misc]


@pytest.mark.parametrize("text", ["224x128", "224X128", " 224 x 128 ", "224×128", "224*128"])
def test_sizes_are_read(text: str) -> None:
    assert parse_size(text) == (224, 128)


def test_which_sizes_a_model_makes_is_not_known_here() -> None:
    assert parse_size("225x131") == (225, 131)
    assert Request(prompt="a red car", width=225, height=131).width == 225


@pytest.mark.parametrize(
    "text", ["", "224", "224x", "x128", "224x128x3", "-224x128", "22.4x128", "²²⁴x128", "٢٢٤x128", "big", "9" * 5000]
)
def test_what_is_not_a_size(text: str) -> None:
    with pytest.raises(UserError, match="is not a size"):
        parse_size(text)


@pytest.mark.parametrize("text", ["63x128", "999999x64", "0x0"])
def test_sizes_that_cannot_be_made(text: str) -> None:
    with pytest.raises(UserError, match="out of range"):
        parse_size(text)
