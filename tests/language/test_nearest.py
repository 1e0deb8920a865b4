"""What is shown for unknown nouns, and what emoji stand for, are keys of the packs and of the world."""

import re

from yozora.language.languages import LANGUAGES, NOUNS
from yozora.language.nearest import EMOJI, NEAREST, SIGNS
from yozora.world.nouns import NOUNS as THINGS


def test_nearest_nouns_are_nouns() -> None:
    assert set(NEAREST) <= set(NOUNS)
    assert all(set(others) <= set(NOUNS) and key not in others for key, others in NEAREST.items())


def test_emoji_are_nouns_and_the_worlds_own_pictures_are_among_them() -> None:
    assert set(EMOJI.values()) <= set(NOUNS)
    plain = {re.sub("[\ufe0f\u200d]", "", noun.glyph): key for key, noun in THINGS.items()}
    alone = {glyph: key for glyph, key in plain.items() if len(glyph) == 1}
    assert {glyph for glyph, key in alone.items() if EMOJI.get(glyph) is None} == set()
    assert EMOJI["🐕"] == "dog"


def test_other_signs_have_a_phrase_in_every_language() -> None:
    for pack in LANGUAGES.values():
        for table, key in SIGNS.values():
            assert pack.phrase(table, key)
