"""The languages: each pack has a phrase for everything that the world shows, and prompts are told apart."""

import numpy as np
import pytest

from yozora.families.presets import PRESETS
from yozora.language.languages import (
    CAMERA_NAMES,
    LANGUAGES,
    NOUNS,
    PLACES,
    STYLE_NAMES,
    TRANSFORMER_LANGUAGES,
    pack_of,
)
from yozora.language.pack import Language
from yozora.language.reading import tongue
from yozora.language.sentences import language, takes
from yozora.world import scene
from yozora.world.actions import ACTIONS
from yozora.world.cameras import CAMERAS as CAMERAS_SHOWN
from yozora.world.captions import OCCLUDERS, PHRASED, caption
from yozora.world.distributions import SceneDistribution
from yozora.world.draw import draw_scene
from yozora.world.nouns import NOUNS as THINGS
from yozora.world.scene import PLACES as PLACES_SHOWN
from yozora.world.styles import STYLES as STYLES_SHOWN
from yozora.world.weathers import WEATHERS

KEYS = {
    "colors": scene.COLORS,
    "places": scene.PLACES,
    "stages": scene.PLACES,
    "daytimes": scene.DAYTIMES,
    "weathers": WEATHERS,
    "cameras": CAMERAS_SHOWN,
    "styles": STYLES_SHOWN,
    "relations": scene.RELATIONS,
    "verbs": (*ACTIONS, "move", "play"),
    "directions": tuple(way for way in scene.DIRECTIONS if way != "none"),
    "behind": tuple(set(OCCLUDERS.values())),
    "waves": ("beach", "sea"),
    "views": ("overhead", "front"),
    "numbers": ("4",),
}


@pytest.mark.parametrize("key", LANGUAGES)
def test_a_pack_has_a_phrase_for_everything_that_the_world_shows(key: Language) -> None:
    """English for all of it; the others for what mini was taught."""
    pack = LANGUAGES[key]
    assert pack.key == key
    assert set(pack.nouns) == set(THINGS)
    for table, keys in KEYS.items():
        slot = next((slot for slot, name in PHRASED.items() if name == table), "")
        taught = PRESETS["mini"].taught.get(slot)
        new = set() if taught is None or key == "en" else set(keys) - {*taught, "move", "play"}
        assert [one for one in keys if one not in new and not pack.table(table).get(one)] == []
    assert set(pack.phrases.cameras) <= set(CAMERAS_SHOWN)
    assert set(pack.phrases.styles) <= set(STYLES_SHOWN)


def test_keys_of_the_world_are_known_without_it() -> None:
    shown = (tuple(THINGS), PLACES_SHOWN, tuple(CAMERAS_SHOWN), tuple(STYLES_SHOWN))
    assert shown == (NOUNS, PLACES, CAMERA_NAMES, STYLE_NAMES)


def test_a_missing_phrase_names_the_pack_and_the_key() -> None:
    with pytest.raises(KeyError, match="language pack 'fr' has no phrase for 'toy shot' in cameras"):
        LANGUAGES["fr"].phrase("cameras", "toy shot")
    with pytest.raises(KeyError, match="language pack 'ja' has no phrase for 'unicorn' in nouns"):
        LANGUAGES["ja"].names("unicorn")
    with pytest.raises(KeyError, match="no table 'smells'"):
        LANGUAGES["ja"].table("smells")
    with pytest.raises(KeyError, match="no language pack 'xx': one of en, es"):
        pack_of("xx")


PROMPTS = {
    "a red car in the park": "en",
    "no dogs in a park": "en",
    "un perro en la playa": "es",
    "una niña baila": "es",
    "um cachorro na praia": "pt",
    "um gato preto no parque": "pt",
    "uma mulher com um vestido vermelho": "pt",
    "una mujer con un vestido rojo": "es",
    "não há cães, só um parque": "pt",
    "un chien court sur la plage": "fr",
    "une voiture rouge en ville": "fr",
    "ein roter Hund läuft im Park": "de",
    "zwei Katzen am Strand": "de",
    "एक कुत्ता पार्क में दौड़ रहा है": "hi",
    "लाल कार": "hi",
    "犬が公園を走っている": "ja",
    "赤い車": "ja",
    "カメラ": "ja",
    "自転車": "ja",
    "電車": "ja",
    "一只狗在公园里奔跑": "zh",
    "红色的汽车": "zh",
    "小猫": "zh",
    "كلب في الحديقة": "ar",
}


@pytest.mark.parametrize(("prompt", "expected"), PROMPTS.items())
def test_languages_that_are_easily_confused_are_told_apart(prompt: str, expected: Language) -> None:
    assert language(prompt) == expected
    assert tongue(prompt, frozenset(NOUNS)) == expected


@pytest.mark.parametrize("key", LANGUAGES)
def test_captions_are_known_by_their_language(key: Language) -> None:
    right = 0
    for k in range(100):
        shown = draw_scene(np.random.default_rng([31, k]), SceneDistribution())
        right += language(caption(shown, np.random.default_rng(k), key)) == key
    assert right >= 97


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("犬が公園を走る。猫が海で泳ぐ。", ["犬が公園を走る。", "猫が海で泳ぐ。"]),
        ("एक कुत्ता दौड़ता है। एक बिल्ली सोती है।", ["एक कुत्ता दौड़ता है।", "एक बिल्ली सोती है।"]),
        ("Un chien court. Puis un chat dort.", ["Un chien court.", "un chat dort."]),
        ("Ein Hund rennt, dann springt er. Eine Katze z.B. schläft.", None),
        ("Um cão corre! Depois, uma gata dorme.", ["Um cão corre!", "uma gata dorme."]),
    ],
)
def test_prompts_are_split_into_takes(prompt: str, expected: list[str] | None) -> None:
    found = [part.text for part in takes(prompt)]
    if expected is None:
        assert len(found) == 2
    else:
        assert [text.startswith(wanted.rstrip(".。।!")) for text, wanted in zip(found, expected, strict=True)] == [
            True
        ] * 2


def test_a_take_without_a_place_plays_where_the_one_before_did() -> None:
    assert [part.text for part in takes("公園で犬が走っている。猫が跳ねている。")][1].startswith("公園で、猫")
    assert "पार्क में" in [part.text for part in takes("पार्क में एक कुत्ता दौड़ रहा है। एक बिल्ली चल रही है।")][1]
    assert takes("Un chien court dans un parc. Un chat saute.")[1].text == "Un chat saute dans un parc."


def test_the_first_languages_are_those_of_the_shipped_transformer() -> None:
    assert TRANSFORMER_LANGUAGES == ("en", "es", "zh", "ar")
