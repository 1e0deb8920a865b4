"""What a text says, however it is spelled: for rules that look for words in it.

A text is read in several ways, as plain words and with its disguises taken off: full-width and look-alike letters,
zero widths, accents, digits and signs for letters, spaced or dotted letters, stretched vowels. Knows no rule and no
category.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final, Generic, TypeVar

from yozora.errors import UserError

Label = TypeVar("Label", bound=Hashable)
Span = tuple[int, int]  # of words: the first, and the one after the last

STOP: Final = "."
STOPS: Final = " ".join([STOP] * 4)  # the end of a sentence counts as four words
MAX_GAP: Final = 3  # words that ".." in a term may stand for

HAN: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"  # and kana: written without spaces, so each is a word
VOWELS: Final = "\u0900-\u0903\u093a\u093b\u093e-\u094f\u0955-\u0957\u0962\u0963"  # signs of Hindi, parts of words
KEPT: Final = re.compile(f"[{VOWELS}\u3099\u309a]")  # marks that tell words apart; accents do not
WORD: Final = re.compile(rf"([{HAN}]|(?:[^\W_{HAN}]|[{VOWELS}])+)|([.!?;](?=\s|$)|[\u3002\uff01\uff1f\u061f\n])")
APOSTROPHES: Final = re.compile(r"(?<=\w)['\u2019`\u00b4](?=\w)")
STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")
LETTER: Final = re.compile(r"[^\W\d_]")
SIGNS: Final = re.compile(r"[0-9@$!|+\u20ac]")
BLANKS: Final = dict.fromkeys(map(ord, "\u0640\u115f\u1160\u2800\u3164\uffa0"))  # letters that show nothing
LEET: Final = str.maketrans("0134578@$!|+\u20ac", "oieastbasiite")
ARABIC: Final = str.maketrans(
    "\u0623\u0625\u0622\u0671\u0649\u0629\u0624\u0626", "\u0627\u0627\u0627\u0627\u064a\u0647\u0648\u064a"
)
THE: Final = "\u0627\u0644"
WITH: Final = ("", THE, *(letter + the for letter in "\u0628\u0643" for the in ("", THE)), "\u0644", "\u0644\u0644")
ARABIC_PREFIXES: Final = tuple(joined + before for joined in ("", "\u0648", "\u0641") for before in WITH)
"""And, with, as, to, the: written in one with the word. The first one is none."""

MIN_ARABIC: Final = 3  # letters that a prefix leaves
LOOKALIKES: Final = str.maketrans("аеорсухіјѕԁԛԝьαονρτκικυѵ", "aeopcyxijsdqwbaovptkikuv")


@dataclass(frozen=True, slots=True)
class Piece:
    """One word of a term: with any ending, where it is `open`; up to `gap` words may stand before it."""

    word: str
    open: bool
    gap: int

    def fits(self, word: str) -> bool:
        if word == self.word:
            return True
        return any(form.startswith(self.word) if self.open else form == self.word for form in forms(word))


Term = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class TextForm:
    """One way to read a text: its words, and the same with one space between them."""

    words: tuple[str, ...]
    text: str

    @classmethod
    def of(cls, text: str) -> "TextForm":
        return cls(tuple(text.split(" ")), text)

    def spans(self, pattern: re.Pattern[str]) -> list[Span]:
        """Where a regular expression matches, counted in words."""
        starts: list[int] = []
        found: list[Span] = []
        for match in pattern.finditer(self.text):
            starts = starts or list(accumulate((len(word) + 1 for word in self.words), initial=0))
            found.append(
                (bisect_right(starts, match.start()) - 1, bisect_right(starts, max(match.start(), match.end() - 1)))
            )
        return found


class Lexicon(Generic[Label]):
    """Terms, each with a label, and all of them found in one pass over a reading."""

    def __init__(self, entries: Iterable[tuple[Label, Term]]) -> None:
        self._whole: dict[str, list[tuple[Label, Term]]] = {}
        self._begun: dict[str, list[tuple[Label, Term]]] = {}
        for label, term in entries:
            (self._begun if term[0].open else self._whole).setdefault(term[0].word, []).append((label, term))
        self._lengths = sorted({len(stem) for stem in self._begun})

    def found(self, text_form: TextForm) -> dict[Label, list[Span]]:
        """Where the terms of each label stand, in the order of their beginnings."""
        spans: dict[Label, list[Span]] = {}
        for at, word in enumerate(text_form.words):
            for label, term in self._beginning(word):
                end = _term_end(term[1:], text_form.words, at + 1)
                if end is not None:
                    spans.setdefault(label, []).append((at, end))
        return spans

    def _beginning(self, word: str) -> Iterator[tuple[Label, Term]]:
        for form in forms(word):
            yield from self._whole.get(form, ())
            for length in self._lengths:
                if length > len(form):
                    break
                yield from self._begun.get(form[:length], ())


def readings(text: str) -> list[TextForm]:
    """The ways to read a text that differ, the plain one first."""
    shown = folded(text)
    bare = _undisguised(shown)
    ways = [_words(shown), _words(STRETCHED.sub(r"\1\1", bare)), _words(STRETCHED.sub(r"\1", bare))]
    return [TextForm.of(way) for way in dict.fromkeys(ways)]


def forms(word: str) -> tuple[str, ...]:
    """The word, and an Arabic one without what is written in one with it."""
    if not "\u0621" <= word[:1] <= "\u064a":
        return (word,)
    return tuple(
        word[len(prefix) :]
        for prefix in ARABIC_PREFIXES
        if word.startswith(prefix) and (not prefix or len(word) - len(prefix) >= MIN_ARABIC)
    )


def near(first: Sequence[Span], second: Sequence[Span], within: int, *, ordered: bool = False) -> bool:
    """Whether one of each stands with at most so many words between; `ordered`: the first kind first.

    Both are given in the order of their beginnings.
    """
    stops = sorted(stop for _, stop in first)
    starts = [start for start, _ in first]
    for start, stop in second:
        before, after = bisect_right(stops, start) - 1, bisect_right(starts, stop - 1)
        if before >= 0 and start - stops[before] <= within:
            return True
        if not ordered and after < len(starts) and starts[after] - stop <= within:
            return True
    return False


def apart(spans: Iterable[Span], others: Sequence[Span]) -> list[Span]:
    """Those of the first that share no word with one of the others, which are few or far between."""
    taken = {at for start, stop in others for at in range(start, stop)}
    return [span for span in spans if not taken or taken.isdisjoint(range(*span))]


@lru_cache(maxsize=8192)
def term(text: str) -> Term:
    """A term as people write it: `*` ends a word anyhow, `..` stands for up to three words. Raises `UserError`."""
    pieces: list[Piece] = []
    gap = 0
    for part in text.split():
        if part == "..":
            if gap or not pieces:
                raise UserError(
                    f"{text[:60]!r} begins with a gap, or has two in a row.",
                    "Write gaps between words only.",
                    code="phrase_gap_misplaced",
                )
            gap = MAX_GAP
            continue
        words = _words(folded(part.removesuffix("*"))).split()
        if not words or STOP in words:
            raise UserError(
                f"{text[:60]!r} has no words.",
                "Write words. Use * at the ends of words and .. between words.",
                code="phrase_without_word",
            )
        for k, word in enumerate(words):
            pieces.append(Piece(word, part.endswith("*") and k == len(words) - 1, 0 if k else gap))
        gap = 0
    if gap or not pieces:
        raise UserError(
            f"{text[:60]!r} ends with a gap, or is empty.",
            "Write gaps between words only.",
            code="phrase_gap_misplaced",
        )
    return tuple(pieces)


def folded(text: str) -> str:
    """Compatible forms made one, no case, no accents, no letters that cannot be seen."""
    shown = unicodedata.normalize("NFKC", text)
    if len(shown) > 2 * len(text):  # a letter may stand for a whole sentence
        shown = "".join(one if len(one) <= 4 else " " for one in (unicodedata.normalize("NFKC", char) for char in text))
    parts = unicodedata.normalize("NFD", shown.casefold())
    seen = "".join(
        char for char in parts if unicodedata.category(char) not in ("Mn", "Me", "Cf") or KEPT.fullmatch(char)
    )
    one = unicodedata.normalize("NFC", seen.replace("\u0901", "\u0902")).translate(BLANKS).translate(ARABIC)
    return " ".join(_latin(chunk) for chunk in APOSTROPHES.sub("", one).split(" "))


def _words(text: str) -> str:
    return " ".join(match[1] or STOPS for match in WORD.finditer(text))


def _latin(chunk: str) -> str:
    """Cyrillic and Greek letters that look Latin, where they stand among Latin ones."""
    return chunk.translate(LOOKALIKES) if re.search("[a-z]", chunk) and not chunk.isascii() else chunk


def _undisguised(text: str) -> str:
    """Each chunk between spaces as one word, with letters for digits; single letters in a row are one word too."""
    words: list[str] = []
    single: list[str] = []
    for chunk in [*text.split(), ""]:
        bare = _bare(chunk)
        if len(bare) == 1 and not re.match(f"[{HAN}]", bare):
            single.append(bare)
            continue
        words += ["".join(single)] if len(single) > 2 else single
        single = []
        words.append(bare + (". " if chunk[-1:] in (".", "?", ";") and len(bare) > 1 else ""))
    return " ".join(words)


def _bare(chunk: str) -> str:
    inner = chunk.strip(".,;:!?\"'()[]")
    if LETTER.search(inner) and SIGNS.search(inner):
        inner = inner.translate(LEET)
    return re.sub(f"[^\\w{VOWELS}\u3002\uff01\uff1f\u061f]|_", "", inner)


def _term_end(pieces: Term, words: Sequence[str], at: int) -> int | None:
    """Where the rest of a term ends that goes on at a word; None where it does not."""
    if not pieces:
        return at
    for skipped in range(pieces[0].gap + 1):
        if at + skipped >= len(words) or (skipped and words[at + skipped - 1] == STOP):
            return None
        if pieces[0].fits(words[at + skipped]):
            end = _term_end(pieces[1:], words, at + skipped + 1)
            if end is not None:
                return end
    return None
