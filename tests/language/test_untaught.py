"""What weights were never taught is said, in every language that has a phrase for it."""

from dataclasses import replace
from pathlib import Path

import pytest

from yozora.families import presets
from yozora.language import notes_on
from yozora.language import untaught as module
from yozora.language.languages import LANGUAGES
from yozora.language.untaught import untaught
from yozora.world.actions import ACTIONS
from yozora.world.cameras import CAMERAS
from yozora.world.styles import STYLES
from yozora.world.weathers import WEATHERS

MINI = presets.PRESETS["mini"]


@pytest.fixture
def toy_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Phrases of a new camera move, in English and Spanish, and of a new weather and action in English."""
    said = {
        "en": {
            "cameras": {"toy move": "the camera makes a toy move|toy shot"},
            "weathers": {"toys": "in a rain of toys|raining toys"},
            "verbs": {"moonwalk": "moonwalking/moonwalks/moonwalk"},
        },
        "es": {"cameras": {"toy move": "toma de juguete"}},
    }
    packs = dict(LANGUAGES)
    for language, tables in said.items():
        old = LANGUAGES[language].phrases
        more = {name: {**getattr(old, name), **rows} for name, rows in tables.items()}
        packs[language] = replace(LANGUAGES[language], phrases=replace(old, **more))  # type: ignore[arg-type] # by name
    monkeypatch.setattr(module, "LANGUAGES", packs)
    module._patterns.cache_clear()


def test_mini_was_taught_what_the_world_had() -> None:
    taught = MINI.taught
    assert set(taught) == {"action", "weather", "camera", "style"}
    for slot, table in (("action", ACTIONS), ("weather", WEATHERS), ("camera", CAMERAS), ("style", STYLES)):
        assert set(taught[slot]) <= {*table, "none", "unsaid"}
    assert replace(MINI, captions=False).taught == {}


def test_weights_that_say_nothing_are_not_noted_on(tmp_path: Path) -> None:
    (tmp_path / "text.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    assert replace(MINI, folder=tmp_path).taught == {}
    assert untaught("a dog, toy shot", "en", {}) == ()


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("a dog in the park, toy shot", ("camera move toy move",)),
        ("A dog. The camera makes a toy move.", ("camera move toy move",)),
        ("a dog moonwalking in a rain of toys", ("action moonwalk", "weather toys")),
        ("a dog walking in the rain, the camera pans left, noir style", ()),
        ("a dog and a toy dog", ()),
    ],
)
@pytest.mark.usefixtures("toy_entries")
def test_what_is_new_is_named(prompt: str, names: tuple[str, ...]) -> None:
    assert untaught(prompt, "en", MINI.taught) == names


@pytest.mark.usefixtures("toy_entries")
def test_each_language_is_read_by_its_own_phrases() -> None:
    assert untaught("un perro, toma de juguete", "es", MINI.taught) == ("camera move toy move",)
    assert untaught("un perro, toy shot", "es", MINI.taught) == ()


@pytest.mark.usefixtures("toy_entries")
def test_the_note_names_the_model_once_a_prompt() -> None:
    prompts = ["a dog in a park, toy shot", "a dog in a park, toy shot"]
    notes = notes_on(prompts, MINI.nouns, "mini", MINI.taught)
    assert notes.count("mini was not trained on: camera move toy move") == 1
    assert not any("trained" in note for note in notes_on(prompts, MINI.nouns, "mini"))
    assert not any("trained" in note for note in notes_on(prompts, (), "wan", MINI.taught))


@pytest.mark.parametrize("language", ["en", "es", "zh", "ar"])
def test_verbs_that_are_no_actions_are_never_noted(language: str) -> None:
    for verb in ("move", "play"):
        forms = LANGUAGES[language].phrase("verbs", verb)
        assert untaught(forms.split("|")[0].split("/")[0], language, MINI.taught) == ()  # type: ignore[arg-type] # the same
