"""The words that captions of the world may hold, in every language, and a prompt cut into words.

Combining marks belong to the letter before them. Knows no synonyms.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal, cast

from yozora.language.languages import LANGUAGES, NOUNS, UNSPACED
from yozora.language.pack import TABLES, Language, LanguagePack

Kind = Literal["word", "run", "number", "emoji"]

MARKS: Final = re.compile(r"[\u0300-\u036f\u064b-\u065f\u0670\u0640]")
ARABIC: Final = str.maketrans("أإآىة", "اااية")
EMOJI: Final = "\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
JOINERS: Final = "\ufe0f\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"  # of emoji: variants, skin tones, tags


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or emoji, or a run of text without spaces, and where it stands in the prompt."""

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
    letter, mark = rf"[^\W\d_{UNSPACED}]", f"[{marks()}\u200c\u200d]"
    return re.compile(
        rf"(?P<run>[{UNSPACED}]+)|(?P<word>{letter}(?:{letter}|{mark})*)|(?P<number>\d+)|(?P<emoji>[{EMOJI}][{JOINERS}]*)"
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


@lru_cache(maxsize=64)
def known(nouns: frozenset[str], languages: tuple[Language, ...] = (), glue: bool = True) -> Known:
    """All words of captions about these nouns, in some languages or all; without `glue`, those that say something."""
    packs = [LANGUAGES[language] for language in languages or LANGUAGES]
    words: set[str] = set()
    runs: set[str] = set()
    for pack in packs:
        own, own_runs = _known_of(pack, nouns, glue)
        words |= own
        runs |= own_runs
    return Known(frozenset(words), frozenset(runs - {""}), max(map(len, runs), default=1))


def _known_of(pack: LanguagePack, nouns: frozenset[str], glue: bool) -> tuple[set[str], set[str]]:
    """The plain words and the runs of one pack."""
    texts = [text for table in written(pack.key, glue) for text in table]
    texts += [*pack.grammar.inflected().split(" "), *([pack.wording.measures] if glue else [])]
    for name in (name for key in nouns for name in pack.names(key)):
        texts += [*name.forms, *([name.measure] if glue else [])]
    cut = [token for text in texts for token in tokens(text)]
    words = {plain(token.text) for token in cut if token.kind == "word"}
    words |= {prefix + word for word in words for prefix in pack.prefixes}
    runs = {token.text for token in cut if token.kind == "run"}
    if not glue:
        small = {plain(word) for word in f"{pack.phrases.glue} {pack.phrases.small}".split()}
        words -= small | {plain(prefix + word) for word in small for prefix in pack.prefixes}
        runs -= small
    runs |= {run[:-1] for run in runs if run[-1] in pack.wording.links}
    runs |= {run[:-1] for run in runs if len(run) > 2 and run[-1] in pack.wording.inside}  # the place alone
    return words, runs


def written(language: Language, glue: bool = False) -> list[list[str]]:
    """Every phrase of one language, synonyms and forms apart."""
    phrases = LANGUAGES[language].phrases
    tables = [LANGUAGES[language].table(name) for name in TABLES]
    out = [re.split(r"[|/]|\{[mf]?\}", text) for table in tables for text in table.values()]
    return [*out, phrases.glue.split(" "), phrases.small.split(" ")] if glue else out


def unknown_words(prompt: str, nouns: Collection[str] = NOUNS) -> list[str]:
    """Words of a prompt, in any of the languages, that no caption about `nouns` could hold, in order, each once;
    emoji too.

    Digits and punctuation never count. Text without spaces is cut into the longest known runs; what is left
    over is unknown.
    """
    table = known(frozenset(nouns))
    out: list[str] = []
    for token in tokens(prompt):
        if token.kind == "run":
            out += _leftovers(token.text, table)
        elif token.kind == "emoji" or (
            token.kind == "word" and len(token.text) > 1 and plain(token.text) not in table.words
        ):
            out.append(token.text.casefold())
    return list(dict.fromkeys(out))


def _leftovers(text: str, table: Known) -> list[str]:
    """Characters that no known run covers, neighbours together: the cut that leaves the fewest over."""
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
