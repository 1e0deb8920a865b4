"""The words that captions of the world may hold, in four languages, and a prompt cut into words.

Combining marks belong to the letter before them. Knows no synonyms.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal, cast

from yozora.world import phrases
from yozora.world.lexicon import LANGUAGES, Language, arabic_case, arabic_dual, names
from yozora.world.nouns import NOUNS

Kind = Literal["word", "han", "number", "emoji"]

HAN: Final = "\u3400-\u9fff"
MARKS: Final = re.compile(r"[\u0300-\u036f\u064b-\u065f\u0670\u0640]")
ARABIC: Final = str.maketrans("أإآىة", "اااية")
CLITICS: Final = ("و", "ب", "ل", "ال", "وال", "بال", "لل")  # written together with the Arabic word that follows
EMOJI: Final = "\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
JOINERS: Final = "\ufe0f\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"  # of emoji: variants, skin tones, tags

SMALL: Final[dict[Language, str]] = {  # words beside `phrases.GLUE` that change nothing which can be shown
    "en": " really still want also there here quite some any same other another like such too alone "
    "together happily slowly quickly",
    "es": " también aquí allí otro otra sola mientras lentamente rápidamente como",
    "zh": " 也 都 还 慢慢 快速 地 快乐",
    "ar": " أيضا هنا معا ببطء بسرعة وحيدا وحده",
}


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or emoji, or a run of Chinese characters, and where it stands in the prompt."""

    text: str
    start: int
    kind: Kind

    @property
    def stop(self) -> int:
        return self.start + len(self.text)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text, in order; what is between them is spaces and punctuation."""
    for match in _pattern().finditer(text):
        yield Token(match.group(), match.start(), cast(Kind, match.lastgroup))


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    letter, mark = rf"[^\W\d_{HAN}]", f"[{marks()}\u200c\u200d]"
    return re.compile(
        rf"(?P<han>[{HAN}]+)|(?P<word>{letter}(?:{letter}|{mark})*)|(?P<number>\d+)|(?P<emoji>[{EMOJI}][{JOINERS}]*)"
    )


@lru_cache(maxsize=1)
def marks() -> str:
    """All combining marks of the basic plane, as ranges for a class of a regular expression."""
    found = [code for code in range(0x300, 0xFE00) if unicodedata.category(chr(code)) in ("Mn", "Mc")]
    gaps = [(before, code) for before, code in pairwise(found) if code != before + 1]
    starts, stops = [found[0], *(code for _, code in gaps)], [*(before for before, _ in gaps), found[-1]]
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in zip(starts, stops, strict=True))


@lru_cache(maxsize=8192)
def plain(word: str) -> str:
    """A word without case, accents, vowel marks and the letters that Arabic writes in several ways."""
    return MARKS.sub("", unicodedata.normalize("NFKD", word.casefold().translate(ARABIC)))


@dataclass(frozen=True, slots=True)
class Known:
    """What captions about some nouns hold: plain words of alphabets, and runs of Chinese characters."""

    words: frozenset[str]
    runs: frozenset[str]
    longest: int  # characters of the longest run


@lru_cache(maxsize=16)
def known(nouns: frozenset[str], language: Language | None = None, glue: bool = True) -> Known:
    """All words of captions about these nouns, in one language or in all; without `glue`, those that say something."""
    tongues = LANGUAGES if language is None else (language,)
    texts = [text for tongue in tongues for table in written(tongue, glue) for text in table]
    for key in nouns:
        for name in (name for tongue in tongues for name in names(key, tongue)):
            texts += [name.one, name.many, name.two, *([name.measure] if glue else [])]
            texts += [arabic_case(part, True) for part in name.two.split(" ") if part]
    if "ar" in tongues:
        for form in (form for forms in phrases.COLORS["ar"].values() for form in re.split("[|/]", forms)):
            texts += [arabic_dual(form), arabic_case(arabic_dual(form), True)]
    cut = [token for text in texts for token in tokens(text)]
    words = {plain(token.text) for token in cut if token.kind == "word"}
    words |= {clitic + word for word in words if "\u0600" < word[0] < "\u06ff" for clitic in CLITICS}
    runs = {token.text for token in cut if token.kind == "han"}
    if not glue:
        small = {plain(word) for tongue in tongues for word in (phrases.GLUE[tongue] + SMALL[tongue]).split()}
        words -= small | {plain(clitic + word) for word in small for clitic in CLITICS}
        runs -= small
    runs |= {run.removesuffix("的") for run in runs}
    runs |= {run[:-1] for run in runs if len(run) > 2 and run[-1] in "里上中"}  # the place alone
    return Known(frozenset(words), frozenset(runs - {""}), max(map(len, runs), default=1))


def written(language: Language, glue: bool = False) -> list[list[str]]:
    """Every phrase of one language, synonyms and forms apart."""
    tables = (
        phrases.COLORS, phrases.NUMBERS, phrases.VERBS, phrases.DIRECTIONS, phrases.PLACES, phrases.THROUGH,
        phrases.WEATHER_IN, phrases.ADJECTIVES, phrases.STAGES, phrases.DAYTIMES, phrases.WEATHERS, phrases.CAMERAS,
        phrases.STYLES, phrases.RELATIONS, phrases.BEHIND, phrases.WAVES,
    )  # fmt: skip
    out = [re.split(r"[|/]|\{[mf]?\}", text) for table in tables for text in table[language].values()]
    singles = (phrases.OVERHEAD, phrases.FRONT_VIEW)
    out += [text[language].split("|") for text in singles]
    return [*out, phrases.GLUE[language].split(" "), SMALL.get(language, "").split(" ")] if glue else out


def unknown_words(prompt: str, nouns: Collection[str] = tuple(NOUNS)) -> list[str]:
    """Words of a prompt, in any of the four languages, that no caption about `nouns` could hold, in order, each once;
    emoji too.

    Digits and punctuation never count. Chinese is cut into the longest known runs; what is left over is unknown.
    """
    table = known(frozenset(nouns))
    out: list[str] = []
    for token in tokens(prompt):
        if token.kind == "han":
            out += _leftovers(token.text, table)
        elif token.kind == "emoji" or (
            token.kind == "word" and len(token.text) > 1 and plain(token.text) not in table.words
        ):
            out.append(token.text.casefold())
    return list(dict.fromkeys(out))


def _leftovers(text: str, table: Known) -> list[str]:
    """Chinese characters that no known run covers, neighbours together: the cut that leaves the fewest over."""
    best: list[tuple[int, int, int]] = [(0, 0, 0)]  # characters left over, pieces, length of the last (0: left over)
    for end in range(1, len(text) + 1):
        options = [(best[end - 1][0] + 1, best[end - 1][1] + 1, 0)]
        sizes = [size for size in range(1, min(table.longest, end) + 1) if text[end - size : end] in table.runs]
        options += [(best[end - size][0], best[end - size][1] + 1, size) for size in sizes]
        best.append(min(options))
    out: list[str] = []
    end, joined = len(text), False
    while end > 0:
        size = best[end][2]
        if size == 0:
            letter = text[end - 1]
            if joined:
                out[-1] = letter + out[-1]
            else:
                out.append(letter)
        joined, end = size == 0, end - max(size, 1)
    return out[::-1]
