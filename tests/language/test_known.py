"""Which words captions can hold, and how prompts are cut into words."""

import numpy as np
import pytest
from tests.world.test_captions import scene_of

from yozora.language.known import tokens, unknown_words
from yozora.language.languages import LANGUAGES
from yozora.language.pack import Language
from yozora.world.captions import LENGTHS, caption
from yozora.world.nouns import CORE


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a red car driving left on a city street at night in the snow", []),
        ("A platypus playing the accordion on a beach", ["platypus", "accordion"]),
        ("dos niños jugando con un ornitorrinco en el parque", ["ornitorrinco"]),
        ("一辆红色的汽车在城市街道上行驶", []),
        ("一只鸭嘴兽在公园里", ["鸭嘴兽"]),
        ("سيارة حمراء تسير في المدينة ليلا", []),
        ("والكلب يمشي مع خلد", ["خلد"]),
        ("UN COCHE ROJO, el avion!", []),
        ("3 dogs, 2 cats ...", []),
        ("公园，海滩", []),
        ("", []),
    ],
)
def test_unknown_words(prompt: str, expected: list[str]) -> None:
    assert unknown_words(prompt) == expected


def test_unknown_words_of_a_small_vocabulary() -> None:
    assert unknown_words("a dog and a zebra", CORE) == ["zebra"]
    assert unknown_words("a dog and a zebra") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_captions_hold_no_unknown_word(language: Language) -> None:
    for seed in range(150):
        for length in LENGTHS:
            text = caption(scene_of(seed), np.random.default_rng(seed), language, length)
            assert unknown_words(text) == [], text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("लाल कार", ["लाल", "कार"]),  # fault 14
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("รถสีแดง ที่นี่", ["รถสีแดง", "ที่นี่"]),
        ("سَيَّارَةٌ حَمْرَاءُ", ["سَيَّارَةٌ", "حَمْرَاءُ"]),
        ("cafe\u0301 nin\u0303o", ["cafe\u0301", "nin\u0303o"]),
        ("a jack-o-lantern's", ["a", "jack", "o", "lantern", "s"]),
        ("3只狗🐶🏽, ok", ["3", "只狗", "🐶🏽", "ok"]),
        ("_-=...", []),
    ],
)
def test_combining_marks_belong_to_words(text: str, expected: list[str]) -> None:
    assert [token.text for token in tokens(text)] == expected
    assert [text[token.start : token.stop] for token in tokens(text)] == expected


def test_accents_that_are_typed_apart_and_vowel_marks_are_known() -> None:
    assert unknown_words("un nin\u0303o camina, سَيَّارَةٌ حَمْرَاءُ") == []
