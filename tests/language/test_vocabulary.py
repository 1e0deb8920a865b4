"""The words that a model knows, as lists to choose from."""

import pytest

from yozora.language.languages import CAMERA_NAMES, LANGUAGES, STYLE_NAMES
from yozora.language.vocabulary import Vocabulary, vocabulary_of

NOUNS = frozenset({"cat", "car"})


def values(words: Vocabulary, name: str) -> set[str]:
    return {word.value for word in getattr(words, name)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_lists_what_the_model_knows(language: str) -> None:
    words = vocabulary_of(NOUNS, {}, language)
    assert not words.open
    assert values(words, "nouns") == NOUNS
    assert values(words, "styles") == set(STYLE_NAMES)
    assert values(words, "cameras") == set(CAMERA_NAMES)
    for name in Vocabulary.__slots__[1:]:
        for word in getattr(words, name):
            assert word.label == word.phrases[0]
            assert not set("|/{}") & set("".join(word.phrases))


def test_labels_are_the_usual_phrase_of_the_language() -> None:
    words = vocabulary_of(NOUNS, {}, "es")
    assert [word.label for word in words.nouns] == ["coche", "gato"]
    assert {word.value: word.label for word in words.colors}["red"] == "rojo"
    assert {word.value: word.label for word in words.daytimes}["sunset"] == "al atardecer"


def test_actions_are_listed_once_and_only_real_ones() -> None:
    actions = {word.value: word for word in vocabulary_of(NOUNS, {}, "en").actions}
    assert {"floating", "flying"} <= set(actions["fly"].phrases)  # balloons float
    assert not {"move", "play", "fly:balloon"} & actions.keys()


def test_only_what_the_weights_were_taught() -> None:
    words = vocabulary_of(NOUNS, {"style": ("noir",), "camera": ("static",)}, "en")
    assert (values(words, "styles"), values(words, "cameras")) == ({"noir"}, {"static"})
    assert values(words, "weathers") >= {"rain", "snow"}


def test_a_model_that_knows_any_words_has_styles_and_cameras() -> None:
    words = vocabulary_of((), {}, "en")
    assert words.open
    assert (words.nouns, words.colors, words.actions) == ((), (), ())
    assert values(words, "styles") == set(STYLE_NAMES)


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="en, es"):
        vocabulary_of(NOUNS, {}, "tlh")
