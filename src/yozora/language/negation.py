"""What a prompt says is not there, taken out of it: an encoder that was never told "no dogs" would read dogs."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from yozora.language.known import Token, plain, tokens
from yozora.world.lexicon import Language

NEGATORS: Final[dict[Language, str]] = {
    "en": "without any|without a|without|no|not|never|nobody|no one|none of|don t|doesn t|isn t|aren t|do not show|"
    "do not|does not|is not|free of|with no|there are no|there is no|devoid of",
    "es": "sin ningún|sin ninguna|sin|ningún|ninguna|no hay|que no haya|no|nunca|nadie|tampoco",
    "zh": "",
    "ar": "بدون أي|بدون|من دون|دون|بلا|بغير|لا يوجد|لا توجد|ليس هناك|ليس|ليست|لا",
}  # fmt: skip
STOPS: Final[dict[Language, str]] = {
    "en": "in on at but only just with while during through under over near behind beside inside instead although "
    "though because where who that which is are from for as along across above below it they he she there",
    "es": "en a al por con sobre bajo de desde pero solo sólo solamente mientras durante entre hacia que es hay "
    "cerca sino",
    "zh": "",
    "ar": "في على مع من إلى عند فقط لكن ولكن تحت خلف أمام بل بين عبر بينما نحو",
}  # fmt: skip
ALONE: Final = frozenset({"nobody", "no one", "nadie"})  # deny something without another word
AND: Final = frozenset({"and", "y", "e"})
NAMING: Final = frozenset(
    {"a", "an", "the", "one", "two", "three", "four", "some"}
    | {"un", "una", "el", "la", "los", "las", "unos", "unas", "dos", "tres", "cuatro"}
)
UNDENIED: Final = frozenset({"only", "just", "solo", "way", "matter", "doubt", "problem"})  # "not only", "no matter"
MOST: Final = 8  # words that one negation may reach

CHINESE: Final = re.compile(
    r"(?:没有任何|没有|(?<![淹沉埋])没|不要有|不要|不带|不含|禁止|无(?![数尽边限比人云聊敌])|(?<![特分区个])别(?![墅的致]))"
    r"(?P<what>[^，。；、,.;!?！？\s在只但的]{1,12})的?"
)
PUNCTUATION: Final = re.compile(r"[,.;:!?()،؛؟\n\r—–]")


def taken_out(text: str, language: Language) -> tuple[str, list[str]]:
    """The text without its negations, and these as they were written."""
    spans = _find_chinese(text) if language == "zh" else _spans(text, list(tokens(text)), language)
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


@lru_cache(maxsize=4)
def _negators(language: Language) -> dict[str, list[tuple[str, ...]]]:
    out: dict[str, list[tuple[str, ...]]] = {}
    for phrase in NEGATORS[language].split("|"):
        parts = tuple(plain(token.text) for token in tokens(phrase))
        if parts:
            out.setdefault(parts[0], []).append(parts)
    for found in out.values():
        found.sort(key=len, reverse=True)
    return out


@lru_cache(maxsize=4)
def _stops(language: Language) -> frozenset[str]:
    return frozenset(plain(word) for word in STOPS[language].split())


def _find_chinese(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in CHINESE.finditer(text)]


def _spans(text: str, found: Sequence[Token], language: Language) -> list[tuple[int, int]]:
    said = [plain(token.text) for token in found]
    table, out, at = _negators(language), [], 0
    while at < len(found):
        phrases = table.get(said[at], ()) if found[at].kind == "word" else ()
        size = next((len(one) for one in phrases if tuple(said[at : at + len(one)]) == one), 0)
        joined = text[found[at].stop : found[at].stop + 1] == "-"  # "no-parking"
        if size == 0 or joined or not UNDENIED.isdisjoint(said[at + size : at + size + 1]):
            at += 1
            continue
        end = _negation_end(text, found, said, at + size, language)
        if end > at + size or " ".join(said[at : at + size]) in ALONE:
            out.append((found[at].start, found[end - 1].stop))
        at = max(end, at + 1)
    return out


def _negation_end(text: str, found: Sequence[Token], said: Sequence[str], at: int, language: Language) -> int:
    """The token after the last one that a negation before `at` reaches."""
    first = at
    while at < len(found) and at - first < MOST:
        if PUNCTUATION.search(text, found[at - 1].stop, found[at].start) or said[at] in _stops(language):
            break
        if said[at] in AND and (at + 1 >= len(found) or said[at + 1] in NAMING):
            break
        if at > first and said[at] in _negators(language):
            break
        at += 1
    return at
