"""The things that there are: the table and those who draw from it agree."""

import pytest

from yozora.world.actions import ACTIONS
from yozora.world.captions import SLOTS
from yozora.world.nouns import NOUNS
from yozora.world.scene import PLACES

MOVERS: dict[str, tuple[str, ...]] = {  # kinds of things that have no business doing it
    "swim": ("vehicle", "plant", "aircraft"),
    "drive": ("animal", "person", "bird", "fish", "plant", "ball"),
    "sail": ("animal", "bird", "fish", "plant", "vehicle"),
    "fly": ("plant", "vehicle", "boat", "fish"),
}


def test_the_table_is_by_key_and_every_glyph_is_one_thing() -> None:
    assert all(noun.key == key for key, noun in NOUNS.items())
    assert all(noun.glyph for noun in NOUNS.values())
    assert len({noun.key for noun in NOUNS.values()}) == len(NOUNS) > 250


@pytest.mark.parametrize("key", NOUNS)
def test_a_thing_has_something_to_do_and_somewhere_to_be(key: str) -> None:
    noun = NOUNS[key]
    assert noun.actions
    assert len(set(noun.actions)) == len(noun.actions)
    assert set(noun.actions) <= set(ACTIONS)
    assert noun.places
    assert set(noun.places) <= set(PLACES)
    assert 0.2 <= noun.height <= 0.7
    for action, kinds in MOVERS.items():
        assert action not in noun.actions or noun.kind not in kinds, action


@pytest.mark.parametrize("action", ACTIONS)
def test_many_things_can_do_it(action: str) -> None:
    assert sum(action in noun.actions for noun in NOUNS.values()) >= 3


@pytest.mark.parametrize("place", PLACES)
def test_many_things_are_there(place: str) -> None:
    assert sum(place in noun.places for noun in NOUNS.values()) >= 15


def test_slots_know_every_noun_once() -> None:
    for slot in ("noun", "noun2"):
        assert SLOTS[slot] == (*NOUNS, "none")
    for values in SLOTS.values():
        assert len(set(values)) == len(values)
