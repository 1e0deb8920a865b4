"""What the JSON beside a film says of it."""

from typing import Any

import pytest

from yozora.server.http.import_metadata import FilmFacts, facts_of, moment_of


@pytest.mark.parametrize(
    ("said", "facts"),
    [
        ({}, FilmFacts()),
        (
            {"prompt": "a", "title": "b", "model": "c", "created_at": 5},
            FilmFacts(prompt="a", title="b", model="c", created_at=5),
        ),
        (
            {"name": " n ", "description": "d", "createdAt": "2026-03-01"},
            FilmFacts(title="n", prompt="d", created_at=1_772_323_200),
        ),
        ({"title": "", "name": "n", "prompt": 5, "text": "t"}, FilmFacts(title="n", prompt="t")),
        ({"generations": [{"prompt": "a", "task": {"model": "m"}}, {"prompt": "b"}]}, FilmFacts(prompt="a", model="m")),
        ({"task": {"task": {"task": {"prompt": "too deep"}}}}, FilmFacts()),
        ({"prompt": "outside", "metadata": {"prompt": "inside"}}, FilmFacts(prompt="outside")),
    ],
)
def test_names_of_several_exports(said: dict[str, Any], facts: FilmFacts) -> None:
    assert facts_of(said) == facts


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1_750_000_000, 1_750_000_000), (1_750_000_000_123, 1_750_000_000), ("1750000000.5", 1_750_000_000),
        ("2026-03-01T01:00:00+01:00", 1_772_323_200), ("2026-03-01T00:00:00Z", 1_772_323_200),
        ("yesterday", None), (True, None), (-1, None), (None, None), (float("nan"), None), ("inf", None), ([], None),
        ("0001-01-01", None),
    ],
)  # fmt: skip
def test_moments(value: object, moment: int | None) -> None:
    assert moment_of(value) == moment
