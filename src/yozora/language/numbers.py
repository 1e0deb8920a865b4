"""Numbers above four, of which the world shows four, and Chinese numbers in digits."""

import re
from functools import lru_cache
from typing import Final

from yozora.language.lexicon import MEASURES, Change, Table, matches
from yozora.language.synonyms import FOUR, MANY
from yozora.world import phrases
from yozora.world.lexicon import Language

CHINESE: Final = re.compile(
    rf"(?P<digits>\d+)(?=[{MEASURES}])|(?<![一二两三四])(?P<words>[五六七八九十百千]+|几十|数百)(?=[{MEASURES}])"
)


def counted(text: str, language: Language) -> tuple[str, list[str]]:
    """The text with four for every higher number of things, and these numbers."""
    if language == "zh":
        return _cap_chinese(text)
    out, at = "", 0
    found: list[str] = []
    for match in matches(text, _many(language)):
        written = text[match.start : match.stop]
        out += text[at : match.start] + match.prefix + FOUR[language]
        at = match.stop
        found.append(written)
    return out + text[at:], found


def _cap_chinese(text: str) -> tuple[str, list[str]]:
    found: list[str] = []

    def four(match: re.Match[str]) -> str:
        if match["digits"] and len(match["digits"]) < 6 and int(match["digits"]) < 5:
            return phrases.NUMBERS["zh"].get(str(int(match["digits"])), match.group())
        found.append(match.group())
        return FOUR["zh"]

    return CHINESE.sub(four, text), found


@lru_cache(maxsize=4)
def _many(language: Language) -> Table:
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    digits = [str(number) for number in range(5, 1001)]
    if language == "ar":
        digits += [number.translate(arabic) for number in digits]
    rows = [*MANY[language].split("|"), *digits]
    return Table.of(language, [(text, Change(FOUR[language], "count", "4", near=True)) for text in rows])
