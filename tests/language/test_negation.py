"""What a prompt says is not there is taken out of it, and nothing else."""

import pytest

from yozora.language.negation import taken_out, words


@pytest.mark.parametrize(
    ("language", "text", "rest", "denied"),
    [
        ("en", "a park without dogs", "a park", ["without dogs"]),
        ("en", "a park, no dogs, at night", "a park, at night", ["no dogs"]),
        ("en", "a cat and no birds in the snow", "a cat and in the snow", ["no birds"]),
        ("en", "without any cars a red bus", "", ["without any cars a red bus"]),
        ("es", "un parque sin perros en la noche", "un parque en la noche", ["sin perros"]),
        ("zh", "公园，没有狗，晚上", "公园，晚上", ["没有狗"]),
        ("fr", "un parc sans chiens, la nuit", "un parc, la nuit", ["sans chiens"]),
        ("de", "ein Park ohne Hunde bei Nacht", "ein Park bei Nacht", ["ohne Hunde"]),
        ("pt", "um parque sem cachorros à noite", "um parque à noite", ["sem cachorros"]),
        ("hi", "एक पार्क, कुत्ते के बिना, रात में", "एक पार्क, रात में", ["कुत्ते के बिना"]),
        ("ja", "公園、犬がいない、夜", "公園、夜", ["犬がいない"]),
    ],
)
def test_a_negation_is_taken_out_up_to_its_end(language: str, text: str, rest: str, denied: list[str]) -> None:
    told, found = taken_out(text, language)  # type: ignore[arg-type] # a language's key
    assert found == denied
    assert told.replace("，，", "，").replace("、、", "、").replace(",,", ",") == rest


@pytest.mark.parametrize(
    "text", ["a dog in a park", "not only a dog", "no matter what, a dog", "a no-parking sign", "a knot", "淹没的城市"]
)
def test_what_denies_nothing_stays(text: str) -> None:
    language = "zh" if text[-1] > "\u4000" else "en"
    assert taken_out(text, language) == (text, [])  # type: ignore[arg-type] # the same


def test_one_negation_reaches_a_few_words_only() -> None:
    told, (denied,) = taken_out("no " + " ".join(chr(97 + k) * 3 for k in range(20)), "en")
    assert len(denied.split()) == 9
    assert len(told.split()) == 12


def test_words_that_deny_tell_languages_apart() -> None:
    assert "without" in words("en")
    assert "sin" in words("es")
    assert "no" not in words("en") | words("es")
