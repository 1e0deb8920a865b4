"""Every synonym, as the shipped text encoder understands a prompt with it."""

from collections.abc import Iterator

import pytest
import torch

from yozora.engine.parts import load_text
from yozora.families import presets
from yozora.language import read
from yozora.language.known import known, plain
from yozora.language.languages import LANGUAGES, TRANSFORMER_LANGUAGES
from yozora.language.lexicon import table
from yozora.language.nearest import NEAREST
from yozora.language.pack import Language
from yozora.model.text import TextEncoder

PARKS = {
    "en": "a dog in a park, {}",
    "es": "un perro en un parque, {}",
    "zh": "一只狗在公园里，{}",
    "ar": "كلب في الحديقة، {}",
}
PROMPTS = {
    "en": {
        "noun": "a {} in a park", "color": "a {} car in a park", "action": "a dog {} in a park",
        "place": "a dog in a {}", "daytime": "a dog in a park {}", "relation": "a dog {} a car",
        "count": "{} dogs in a park",
    },
    "es": {
        "noun": "un {} en un parque", "color": "un coche {} en un parque", "action": "un perro {} en un parque",
        "place": "un perro en {}", "daytime": "un perro en un parque {}", "count": "{} perros en un parque",
    },
    "zh": {
        "noun": "一个{}在公园里", "color": "一辆{}的汽车在公园里", "action": "一只狗在公园里{}", "place": "一只狗在{}",
        "daytime": "{}，一只狗在公园里", "count": "{}只狗在公园里",
    },
    "ar": {
        "noun": "{} في الحديقة", "color": "كلب {} في الحديقة", "action": "كلب {} في الحديقة", "place": "كلب {}",
        "daytime": "كلب في الحديقة {}", "count": "{} كلاب في الحديقة",
    },
}  # fmt: skip
NOUNS = presets.PRESETS["mini"].nouns
LEAST = {"en": 150, "es": 60, "zh": 60, "ar": 60}


def samples(language: Language) -> Iterator[tuple[str, str, str]]:
    """Slot, value and a prompt for every synonym that the shipped weights need."""
    prompts = PROMPTS[language]
    for slot, value, _, written in LANGUAGES[language].wording.synonyms:
        prompt = prompts.get(slot, PARKS[language])
        yield from ((slot, value, prompt.format(word.lstrip("~"))) for word in written.split("|"))
    for key, others in NEAREST.items():
        shown = next((other for other in others if other in NOUNS), None)
        if key not in NOUNS and shown is not None:
            for name in LANGUAGES[language].names(key):
                yield "noun", shown, prompts["noun"].format(name.one)
                if name.many != name.one:
                    yield "noun", shown, prompts["noun"].format(name.many)


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return load_text(presets.PRESETS["mini"].files["text"])


@pytest.mark.parametrize("language", TRANSFORMER_LANGUAGES)
def test_the_shipped_encoder_understands_every_synonym(language: Language, encoder: TextEncoder) -> None:
    asked = list(dict.fromkeys(samples(language)))
    assert sum(len(row[3].split("|")) for row in LANGUAGES[language].wording.synonyms) >= LEAST[language]
    told = [read(prompt, NOUNS).told for _, _, prompt in asked]
    assert [prompt for (_, _, prompt), said in zip(asked, told, strict=True) if prompt == said] == []
    with torch.inference_mode():
        logits = encoder.slots(encoder(told))
    wrong = []
    for row, ((slot, value, prompt), said) in enumerate(zip(asked, told, strict=True)):
        understood = encoder.config.slots[slot][int(logits[slot][row].argmax())]
        if understood != value:
            wrong.append(f"{prompt} -> {said}: {understood} instead of {value}")
    assert not wrong, "\n".join([f"{len(wrong)} of {len(asked)}", *wrong])


@pytest.mark.parametrize(
    "prompt", ["no dogs, only a park", "sin perros, solo un parque", "没有狗，只有公园", "لا كلاب، حديقة فقط"]
)
def test_the_shipped_encoder_understands_that_nobody_is_there(prompt: str, encoder: TextEncoder) -> None:
    """Fault 15."""
    understood = encoder.understood(read(prompt, NOUNS).told)
    assert (understood["noun"], understood["place"]) == ("none", "park")


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("🐶🏃🌳", {"noun": "dog", "action": "run"}),  # fault 14
        ("🐶🏖️", {"noun": "dog", "place": "beach"}),
        ("🚗🌃", {"noun": "car", "daytime": "night"}),
        ("🐱🐱", {"noun": "cat", "count": "2"}),
        ("cinco perros en la playa", {"noun": "dog", "count": "4", "place": "beach"}),
    ],
)
def test_the_shipped_encoder_understands_emoji(prompt: str, expected: dict[str, str], encoder: TextEncoder) -> None:
    understood = encoder.understood(read(prompt, NOUNS).told)
    assert {slot: understood[slot] for slot in expected} == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_that_is_known_is_replaced(language: Language) -> None:
    held = known(frozenset(), TRANSFORMER_LANGUAGES if language in TRANSFORMER_LANGUAGES else (language,))
    whole = {name.one for key in NOUNS for name in LANGUAGES[language].names(key)}
    for entries in table(frozenset(NOUNS), language).entries.values():
        for words, change in entries:
            if change is not None and len(words) == 1:
                assert words[0] not in held.words | held.runs | {plain(one) for one in whole}, words


def test_only_nouns_that_are_known_take_the_place_of_others() -> None:
    for nouns in (NOUNS, ("dog",), ("car", "child")):
        for language in LANGUAGES:
            for entries in table(frozenset(nouns), language).entries.values():
                assert {c.value for _, c in entries if c is not None and c.slot == "noun"} <= {*nouns}
