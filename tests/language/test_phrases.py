"""The words of captions: every language has one for everything, none means two things, and forms are complete."""

from collections import defaultdict
from collections.abc import Collection

import numpy as np
import pytest

from yozora.families.presets import PRESETS
from yozora.language.languages import LANGUAGES
from yozora.language.pack import Language, Table
from yozora.world.actions import ACTIONS
from yozora.world.cameras import CAMERAS
from yozora.world.captions import LENGTHS, OCCLUDERS, PHRASED, said
from yozora.world.nouns import NOUNS
from yozora.world.scene import COLORS, DAYTIMES, DIRECTIONS, PLACES, RELATIONS, Actor, Scene
from yozora.world.styles import STYLES
from yozora.world.weathers import WEATHERS

TABLES: dict[str, Collection[str]] = {
    "colors": COLORS,
    "places": PLACES,
    "daytimes": DAYTIMES,
    "weathers": WEATHERS,
    "cameras": CAMERAS,
    "styles": STYLES,
    "relations": RELATIONS,
    "verbs": ACTIONS,
    "stages": PLACES,
    "behind": tuple(set(OCCLUDERS.values())),
}
FORMS = {
    "colors": {"es": (4,), "ar": (2,), "fr": (4,), "pt": (4,), "de": (2,), "hi": (3,)},
    "verbs": {"en": (3,), "es": (3,), "ar": (6,), "fr": (3,), "pt": (3,), "de": (3,), "hi": (1, 4)},
}
LETTERS = {"zh": ("\u3400", "\u9fff"), "ar": ("\u0600", "\u06ff")}


def needed(name: str, language: Language) -> tuple[str, ...]:
    """Keys of a table that a pack has: all of them in English; in other languages no camera move, style, weather and
    action that mini was not taught needs to be among them.
    """
    slot = next((slot for slot, table in PHRASED.items() if table == name), "")
    taught = PRESETS["mini"].taught.get(slot)
    return tuple(key for key in TABLES[name] if language == "en" or taught is None or key in taught)


def ways(name: str, language: Language, key: str) -> list[str]:
    return LANGUAGES[language].phrase(name, key).split("|")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TABLES)
def test_there_are_words_for_everything(name: str, language: Language) -> None:
    """Each with as many forms as FORMS says, or as the others of its table."""
    counts = set()
    for key in needed(name, language):
        for way in ways(name, language, key):
            assert way.strip() == way != ""
            forms = way.split("/")
            counts.add(len(forms))
            assert len(forms) in FORMS.get(name, {}).get(language, counts), way
            assert all(forms), way
    assert len(counts) == 1 or language in FORMS.get(name, {})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in TABLES if name not in ("verbs", "stages")])
def test_no_words_mean_two_things(name: str, language: Language) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for key in LANGUAGES[language].table(name):
        for way in ways(name, language, key):
            for form in way.split("/"):
                owners[form].add(key.partition(":")[0])
    assert {form: sorted(keys) for form, keys in owners.items() if len(keys) > 1} == {}


@pytest.mark.parametrize("language", ["zh", "ar"])
@pytest.mark.parametrize("name", TABLES)
def test_words_are_written_in_their_script(name: str, language: Language) -> None:
    first, last = LETTERS[language]
    table: Table = LANGUAGES[language].table(name)
    for said_so in table.values():
        letters = [letter for letter in said_so if letter.isalpha()]
        assert all(first <= letter <= last for letter in letters), said_so


@pytest.mark.parametrize("language", LANGUAGES)
def test_verbs_of_a_kind_are_verbs_of_an_action(language: Language) -> None:
    kinds = {noun.kind for noun in NOUNS.values()}
    for key in LANGUAGES[language].phrases.verbs:
        action, _, kind = key.partition(":")
        assert action in (*ACTIONS, "move", "play")
        assert not kind or kind in kinds


@pytest.mark.parametrize("language", LANGUAGES)
def test_directions_are_told_apart(language: Language) -> None:
    table = LANGUAGES[language].phrases.directions
    assert set(table) >= set(DIRECTIONS) - {"none"}
    told = {way: key for key in ("left", "right", "towards", "away") for way in table[key].split("|")}
    assert len(told) == sum(len(table[key].split("|")) for key in ("left", "right", "towards", "away"))


# --- captions of everything


def scene(**changes: object) -> Scene:
    dog = Actor(noun="dog", color="red", action="walk", direction="left", x=0.5, y=0.9, height=0.4, speed=0.2)
    return Scene(seed=1, **{"place": "park", "actors": (dog,), **changes})  # type: ignore[arg-type]


def captions_with(shown: Scene, slot: str, language: Language) -> list[str]:
    """Captions that mention a slot."""
    drawn = (said(shown, np.random.default_rng(k), language, "long") for k in range(60))
    return [text for text, mentioned in drawn if slot in mentioned]


def sayable(name: str) -> list[tuple[str, Language]]:
    """Entries of a table but the first one, which captions rarely mention, with the languages that can say them."""
    return [(key, one) for one in LANGUAGES for key in tuple(TABLES[name])[1:] if key in LANGUAGES[one].table(name)]


@pytest.mark.parametrize(("camera", "language"), sayable("cameras"))
def test_a_camera_is_said_as_the_table_has_it(camera: str, language: Language) -> None:
    texts = captions_with(scene(camera=camera), "camera", language)
    assert len(texts) > 20
    for text in texts:
        assert any(way.casefold() in text.casefold() for way in ways("cameras", language, camera)), text


@pytest.mark.parametrize(("style", "language"), sayable("styles"))
def test_a_style_is_said_as_the_table_has_it(style: str, language: Language) -> None:
    texts = captions_with(scene(style=style), "style", language)
    assert len(texts) > 20
    for text in texts:
        assert any(way.casefold() in text.casefold() for way in ways("styles", language, style)), text


@pytest.mark.parametrize(("action", "language"), [*(("stand", one) for one in LANGUAGES), *sayable("verbs")])
def test_every_action_is_said_of_somebody(action: str, language: Language) -> None:
    able = next(noun for noun in NOUNS.values() if action in noun.actions)
    who = Actor(noun=able.key, action=action, x=0.5, y=0.9, height=0.4)  # type: ignore[arg-type]
    texts = captions_with(scene(actors=(who,), place=able.places[0]), "action", language)
    assert texts
    table = LANGUAGES[language].phrases.verbs
    words = [
        form
        for key in (f"{action}:{able.kind}", action)
        for way in table.get(key, "").split("|")
        for form in way.split("/")
    ]
    for text in texts:
        assert any(word and word.casefold() in text.casefold() for word in words), text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("length", LENGTHS)
def test_captions_differ_and_each_can_be_had_again(length: str, language: Language) -> None:
    shown = scene(camera="pan left", weather="rain", daytime="night")
    texts = [said(shown, np.random.default_rng(k), language, length)[0] for k in range(40)]  # type: ignore[arg-type]
    again = [said(shown, np.random.default_rng(k), language, length)[0] for k in range(40)]  # type: ignore[arg-type]
    assert texts == again
    assert len(set(texts)) > (1 if length == "bare" else 10)
