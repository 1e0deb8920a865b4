"""Names of everything: each noun has its own in every language."""

import pytest

from yozora.language.languages import LANGUAGES
from yozora.language.pack import Language
from yozora.language.packs.ar import arabic_case, arabic_dual
from yozora.world.nouns import NOUNS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_noun_has_its_own_names(language: Language) -> None:
    owners: dict[str, str] = {}
    for key in NOUNS:
        for name in LANGUAGES[language].names(key):
            assert name.one.strip() == name.one != ""
            assert name.many
            assert bool(name.measure) == (language in ("zh", "ja"))
            assert bool(name.two) == (language == "ar")
            assert owners.setdefault(name.one, key) == key, name.one


def test_arabic_duals() -> None:
    assert [arabic_dual(word) for word in ("كلب", "سيارة", "حمراء")] == ["كلبان", "سيارتان", "حمراوان"]
    assert [arabic_case(word, True) for word in ("كلبان", "سيارتان", "سيارتا")] == ["كلبين", "سيارتين", "سيارتي"]
