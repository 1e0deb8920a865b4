"""What a prompt says is not there, taken out of it: an encoder that was never told "no dogs" would read dogs."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from yozora.language.known import Token, plain, tokens
from yozora.language.languages import LANGUAGES
from yozora.language.pack import Language

MOST: Final = 8  # words that one negation may reach
PUNCTUATION: Final = re.compile(r"[,.;:!?()،؛؟।\n\r—–]")


def taken_out(text: str, language: Language) -> tuple[str, list[str]]:
    """The text without its negations, and these as they were written."""
    whole = LANGUAGES[language].wording.negated
    found = [match.span() for match in re.finditer(whole, text)] if whole else []
    spans = found or _spans(text, list(tokens(text)), language)
    if not spans:
        return text, []
    out, at = "", 0
    for start, stop in spans:
        out, at = out + text[at:start], stop
    rest = re.sub(r"^[\s,،，;.]+|(?<=\s)\s+", "", out + text[at:])
    return re.sub(r"\s+(?=[,.;،])|[\s,،，]+$", "", rest), [text[start:stop].strip() for start, stop in spans]


def words(language: Language) -> frozenset[str]:
    """The words that deny, as far as they tell languages apart."""
    return frozenset(_negators(language)) - {"no"}


@lru_cache(maxsize=16)
def _negators(language: Language) -> dict[str, list[tuple[str, ...]]]:
    out: dict[str, list[tuple[str, ...]]] = {}
    for phrase in LANGUAGES[language].wording.negators.split("|"):
        parts = tuple(plain(token.text) for token in tokens(phrase))
        if parts:
            out.setdefault(parts[0], []).append(parts)
    for found in out.values():
        found.sort(key=len, reverse=True)
    return out


@lru_cache(maxsize=16)
def _stops(language: Language) -> frozenset[str]:
    return frozenset(plain(word) for word in LANGUAGES[language].wording.negation_stops.split())


def _spans(text: str, found: Sequence[Token], language: Language) -> list[tuple[int, int]]:
    said = [plain(token.text) for token in found]
    table, wording, out, at = _negators(language), LANGUAGES[language].wording, [], 0
    while at < len(found):
        phrases = table.get(said[at], ()) if found[at].kind == "word" else ()
        size = next((len(one) for one in phrases if tuple(said[at : at + len(one)]) == one), 0)
        joined = text[found[at].stop : found[at].stop + 1] == "-"  # "no-parking"
        if size == 0 or joined or not wording.affirmed.isdisjoint(said[at + size : at + size + 1]):
            at += 1
            continue
        end = _negation_end(text, found, said, at + size, language)
        if end > at + size or " ".join(said[at : at + size]) in wording.denying:
            out.append((found[at].start, found[end - 1].stop))
        at = max(end, at + 1)
    return out


def _negation_end(text: str, found: Sequence[Token], said: Sequence[str], at: int, language: Language) -> int:
    """The token after the last one that a negation before `at` reaches."""
    first, wording = at, LANGUAGES[language].wording
    while at < len(found) and at - first < MOST:
        if PUNCTUATION.search(text, found[at - 1].stop, found[at].start) or said[at] in _stops(language):
            break
        if said[at] in wording.ands and (at + 1 >= len(found) or said[at + 1] in wording.articles):
            break
        if at > first and said[at] in _negators(language):
            break
        at += 1
    return at
