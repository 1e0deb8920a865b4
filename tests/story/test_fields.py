"""Fields of a hand-written YAML text: values by kind, and errors that name line and field."""

import pytest

from yozora.errors import UserError
from yozora.story.fields import MAX_CHARACTERS, FieldError, inside, reading, short

TEXT = """\
title: a day
seconds: 2.5
seed: 7
quoted: "4"
cards:
  - to: 1
    prompt: dawn
  - to: 2
    prompt: noon
empty:
"""


def test_values_are_read_by_kind() -> None:
    with reading(TEXT, "day.yaml") as fields:
        assert (fields.text("title"), fields.number("seconds"), fields.whole("seed")) == ("a day", 2.5, 7)
        assert (fields.text("nothing"), fields.number("nothing"), fields.whole("nothing")) == ("", None, None)
        cards = fields.items("cards")
        assert [(card.number("to"), card.text("prompt"), card.path) for card in cards] == [
            (1.0, "dawn", "cards[0]"),
            (2.0, "noon", "cards[1]"),
        ]
        assert fields.items("empty") == []


@pytest.mark.parametrize(
    ("key", "kind", "line"),
    [
        ("seconds", "text", 2),
        ("title", "number", 1),
        ("quoted", "number", 4),
        ("seconds", "whole", 2),
        ("cards", "text", 5),
        ("title", "items", 1),
        ("empty", "text", 10),
    ],
)
def test_a_value_of_another_kind_names_its_line_and_field(key: str, kind: str, line: int) -> None:
    with pytest.raises(UserError) as caught, reading(TEXT, "day.yaml") as fields:
        getattr(fields, kind)(key)
    assert str(caught.value).startswith(f"day.yaml, line {line}, {key}: ")


def test_a_field_of_a_card_is_named_with_its_place() -> None:
    with pytest.raises(UserError) as caught, reading(TEXT, "day.yaml") as fields:
        fields.items("cards")[1].expect(("prompt",), (), {"to": "until"})
    assert str(caught.value).startswith("day.yaml, line 8, cards[1].to: ")
    assert "until" in caught.value.hint
    with pytest.raises(UserError) as caught, reading(TEXT, "day.yaml") as fields:
        fields.expect(("title", "seconds", "seed", "quoted", "cards", "empty"), ("mode",), {})
    assert "mode" in str(caught.value)


def test_a_key_that_is_nearly_right_is_suggested() -> None:
    with pytest.raises(UserError) as caught, reading("promt: a cat", "x") as fields:
        fields.expect(("prompt", "seconds"), (), {})
    assert "prompt" in caught.value.hint
    assert "seconds" not in caught.value.hint


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: &x 2\n", 2),
        ("a: 1\nb: 1\nc: !!str 2\n", 3),
        ("a: [[[[[[[[[1]]]]]]]]]\n", 1),
        ("a: 1\na: 2\n", 2),
        ("a: 1\n\nb: [\n", 4),
        ("a: 1\nb: \x07\n", 2),
    ],
    ids=["anchor", "tag", "depth", "twice", "open", "bell"],
)
def test_what_nobody_writes_by_hand_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(UserError) as caught, reading(text, "x.yaml"):
        pass
    assert f"x.yaml, line {line}" in str(caught.value)


@pytest.mark.parametrize("text", ["", "- 1\n", "word", "x" * (MAX_CHARACTERS + 1), 'a: "\\UFFFFFFFF"'])
def test_a_text_without_fields_is_refused(text: str) -> None:
    with pytest.raises(UserError), reading(text, "x.yaml"):
        pass


def test_json_is_read_too() -> None:
    with reading('{"title": "a day", "seconds": 3}', "x.json") as fields:
        assert (fields.text("title"), fields.number("seconds")) == ("a day", 3.0)


def test_errors_inside_a_field_are_said_of_it() -> None:
    with pytest.raises(FieldError) as caught, inside("cards[2]"), inside("to"):
        raise UserError("It is too late.", "Try earlier.", code="too_late")
    assert (caught.value.field, caught.value.reason, caught.value.hint) == (
        "cards[2].to",
        "It is too late.",
        "Try earlier.",
    )


def test_short_texts_stay_in_one_line() -> None:
    assert short("a" * 99) == repr("a" * 37 + "...")
    assert short("a\nb", quoted=False) == repr("a\nb")
    assert short("plain", quoted=False) == "plain"
