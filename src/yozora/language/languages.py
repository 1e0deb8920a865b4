"""The languages that captions are written and prompts are understood in: one pack each, by its key.

A new language is a file in `packs` and a line here; see docs/adding-a-language.md.
"""

from typing import Final

from yozora.language.pack import LanguagePack
from yozora.language.packs.ar import ARABIC
from yozora.language.packs.de import GERMAN
from yozora.language.packs.en import ENGLISH
from yozora.language.packs.es import SPANISH
from yozora.language.packs.fr import FRENCH
from yozora.language.packs.hi import HINDI
from yozora.language.packs.ja import JAPANESE
from yozora.language.packs.pt import PORTUGUESE
from yozora.language.packs.zh import CHINESE

LANGUAGES: Final[dict[str, LanguagePack]] = {
    "en": ENGLISH,
    "es": SPANISH,
    "zh": CHINESE,
    "ar": ARABIC,
    "fr": FRENCH,
    "de": GERMAN,
    "pt": PORTUGUESE,
    "ja": JAPANESE,
    "hi": HINDI,
}

TRANSFORMER_LANGUAGES: Final = ("en", "es", "zh", "ar")  # those that the transformer of mini was trained with
UNSPACED: Final = "".join(dict.fromkeys(pack.script for pack in LANGUAGES.values() if not pack.spaced))
"""Letters of the languages without spaces between words, for a class of a regular expression."""

NOUNS: Final = tuple(ENGLISH.nouns)
PLACES: Final = tuple(ENGLISH.phrases.places)
CAMERA_NAMES: Final = tuple(ENGLISH.phrases.cameras)
STYLE_NAMES: Final = tuple(ENGLISH.phrases.styles)


def pack_of(language: str) -> LanguagePack:
    """The pack of a language. KeyError lists the languages there are."""
    if language not in LANGUAGES:
        raise KeyError(f"no language pack {language!r}: one of {', '.join(LANGUAGES)}")
    return LANGUAGES[language]


def first_phrase(table: str, key: str, language: str) -> str:
    """The most usual phrase for an entry of a table of `pack.TABLES`; in English where the language has none."""
    said = LANGUAGES[language].table(table).get(key) or LANGUAGES["en"].table(table)[key]
    return said.split("|")[0]
