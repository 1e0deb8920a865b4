"""Numbers above four, of which the world shows four, and numbers in digits where words have no spaces."""

import re
from functools import lru_cache

from yozora.language.languages import LANGUAGES
from yozora.language.lexicon import Change, Table, matches
from yozora.language.pack import Language, LanguagePack


def four(pack: LanguagePack) -> str:
    """The number four, as it stands before a noun."""
    return pack.phrase("numbers", "4").split("|")[0].split("/")[0]


def counted(text: str, language: Language) -> tuple[str, list[str]]:
    """The text with four for every higher number of things, and these numbers."""
    pack = LANGUAGES[language]
    if not pack.spaced:
        return _cap_unspaced(text, pack)
    out, at = "", 0
    found: list[str] = []
    for match in matches(text, _many(language)):
        written = text[match.start : match.stop]
        out += text[at : match.start] + match.prefix + four(pack)
        at = match.stop
        found.append(written)
    return out + text[at:], found


def _cap_unspaced(text: str, pack: LanguagePack) -> tuple[str, list[str]]:
    found: list[str] = []
    measures = f"(?=[{pack.wording.measures}])"

    def capped(match: re.Match[str]) -> str:
        if match["digits"] and len(match["digits"]) < 6 and int(match["digits"]) < 5:
            small = pack.phrases.numbers.get(str(int(match["digits"])), match.group()).split("|")
            return match.group() if match.group() in small else small[0]
        found.append(match.group())
        return four(pack)

    return re.sub(rf"(?P<digits>\d+){measures}|{pack.wording.large_numbers}{measures}", capped, text), found


@lru_cache(maxsize=16)
def _many(language: Language) -> Table:
    digits = [str(number) for number in range(5, 1001)]
    pack = LANGUAGES[language]
    if pack.digits:
        native = str.maketrans("0123456789", pack.digits)
        digits += [number.translate(native) for number in digits]
    rows = [*pack.wording.many.split("|"), *digits]
    return Table.of(language, [(text, Change(four(pack), "count", "4", near=True)) for text in rows if text])
