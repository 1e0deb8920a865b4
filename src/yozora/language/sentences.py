"""Prompts of several sentences: where one take ends, how the next one follows, and in which language it is told.

Rules only, which the packs of the languages hold. Knows nothing of boards, seconds and models.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from yozora.language.languages import LANGUAGES, UNSPACED
from yozora.language.pack import TABLES, Language, LanguagePack

Joint = Literal["", "cut", "flow"]  # what the prompt says of how a take follows the one before


def _rules(name: str) -> str:
    """One of all packs' regular expressions of a kind."""
    return "|".join(filter(None, (getattr(pack.sentences, name) for pack in LANGUAGES.values())))


LABEL: Final = rf"(?:{_rules('labels')})\s*\d{{1,2}}\s*[:.)\-–：、]"
NUMBER: Final = re.compile(
    rf"(?:(?:^|(?<=[.!?。！？؟…।])\s*)(?:{LABEL}|\(?(\d{{1,2}})(?:[.)、](?!\d)|\s*[-–:：]\s))|(?<=\s)\(?(\d{{1,2}})\)(?=\s))\s*",
    re.IGNORECASE,
)
BULLET: Final = re.compile(r"^(?:[-*+•·–—▪◦]+\s+|#+\s+)")
CLOSERS: Final = "\"'”’»)\\]」』）"
STOPS: Final = "。！？｡।॥"  # marks that end a sentence whatever follows
END: Final = re.compile(
    rf"(?<![.!?؟۔…])(?:\.{{3,}}+|…++|[.!?؟۔]++)(?P<quote>[{CLOSERS}]*+)(?=\s|$)|[{STOPS}]++[{CLOSERS}]*+"
)
NEVER_LAST: Final = re.compile(_rules("never_last"), re.IGNORECASE)
BEFORE_A_NUMBER: Final = re.compile(_rules("before_a_number"), re.IGNORECASE)
RARELY_LAST: Final = re.compile(_rules("rarely_last"), re.IGNORECASE)
JOINT: Final = re.compile(
    rf"(?:^[\s¡¿]*|(?P<mark>[,;:，；、،؛—–]\s*)|\s+|(?<=[{UNSPACED}])(?=[{UNSPACED}]))"
    rf"(?:(?P<cut>{_rules('cut')})|(?P<flow>{_rules('flow')}))[\s,:，：،、]*",
    re.IGNORECASE,
)
NOT_A_JOINT_AFTER: Final = re.compile(rf"\b(?:{_rules('not_after')})$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PromptPart:
    """One sentence or clause, and how it follows the one before: "" where the prompt does not say."""

    text: str
    joint: Joint = ""


def takes(prompt: str) -> list[PromptPart]:
    """The takes of a prompt, in order; none where it holds no word.

    Ends are . ! ? and their like in other scripts, line breaks, numbers of a list, and words such as "then" and
    "cut to"; abbreviations and decimals are not ends. "Then" inside a sentence parts it only where a new actor is
    named ("then a cat sleeps", not "then sleeps"). A take that names no place plays where the one before did, unless
    it is cut to.
    """
    lines = re.split(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+", prompt)
    sentences = (one for line in lines for item in _items(line) for one in _sentences(item))
    return list(_carry_over_settings(take for sentence in sentences for take in _clauses(sentence)))


def language(text: str) -> Language:
    """The language that a text is most probably in, by its script, its small words and all its words."""
    found = by_script(text)
    if found:
        return found
    words = re.findall(r"[^\W\d_]+", text.casefold())
    latin = [pack for pack in LANGUAGES.values() if not pack.script]
    return max(latin, key=lambda pack: _likeness(pack, words)).key


def by_script(text: str) -> Language | Literal[""]:
    """The language whose letters these are; "" where several are written in them. Letters that several packs without
    spaces share are of the one whose words hold most of them, of the first one where they are equal.
    """
    letters = len(re.findall(r"[^\W\d_]", text))
    for pack in LANGUAGES.values():
        if pack.script and pack.spaced and len(re.findall(f"[{pack.script}]", text)) * 2 > letters:
            return pack.key
    sharing = []
    for pack in (pack for pack in LANGUAGES.values() if not pack.spaced):
        if re.search(f"(?![{pack.shared_script}])[{pack.script}]" if pack.shared_script else f"[{pack.script}]", text):
            return pack.key
        sharing += [pack] if pack.shared_script else []
    shared = re.findall(f"[{''.join(pack.shared_script for pack in sharing)}]", text) if sharing else []
    if not shared:
        return ""
    return max(sharing, key=lambda pack: sum(one in _characters(pack.key) for one in shared)).key


@lru_cache(maxsize=32)
def _characters(tongue: Language) -> frozenset[str]:
    """The characters of all words of a pack."""
    return frozenset("".join(_all_written(LANGUAGES[tongue])))


def _likeness(pack: LanguagePack, words: list[str]) -> tuple[int, int, int]:
    """How many small words, how many words, and how many words with letters that few others use are this language's."""
    small, every = _small_words(pack.key), _every_word(pack.key)
    marked = bool(pack.marks) and not set(pack.marks).isdisjoint("".join(words))
    return (sum(word in small for word in words), sum(word in every for word in words), marked)


@lru_cache(maxsize=32)
def _small_words(tongue: Language) -> frozenset[str]:
    return frozenset(LANGUAGES[tongue].phrases.glue.casefold().split())


@lru_cache(maxsize=32)
def _every_word(tongue: Language) -> frozenset[str]:
    return frozenset(
        word for text in _all_written(LANGUAGES[tongue]) for word in re.findall(r"[^\W\d_]+", text.casefold())
    )


def _all_written(pack: LanguagePack) -> list[str]:
    tables = [text for name in TABLES for text in pack.table(name).values()]
    return [*tables, *pack.nouns.values(), pack.phrases.glue, pack.grammar.inflected()]


def weight(text: str) -> float:
    """How many words a text has, two characters without spaces being one; at least 1. Combining marks part no words."""
    text = "".join(char for char in text if unicodedata.category(char) not in ("Mn", "Mc"))
    unspaced = len(re.findall(f"[{UNSPACED}]", text))
    return max(1.0, len(re.findall(rf"[^\W{UNSPACED}]+", text)) + unspaced / 2)


def _items(line: str) -> Iterator[str]:
    """A line without its bullet, parted at the numbers of a list that count up from 1, or from any at its start."""
    line = BULLET.sub("", " ".join(line.split()))
    start, expected = 0, None
    for match in NUMBER.finditer(line):
        number = match[1] or match[2]
        if number is not None and match.start() > 0 and int(number) != (expected or 1):
            continue
        expected = int(number) + 1 if number is not None else None
        yield line[start : match.start()]
        start = match.end()
    yield line[start:]


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for match in END.finditer(text):
        if _ends(text, match):
            yield text[start : match.end()].strip()
            start = match.end()
    yield text[start:].strip()


def _ends(text: str, match: re.Match[str]) -> bool:
    """Whether a mark ends the sentence: not after an abbreviation or an initial, nor where speech or dots go on."""
    mark, after = match.group(), text[match.end() : match.end() + 2].lstrip()
    if not after or mark[0] in STOPS:
        return True
    goes_on = after[0].islower()
    if mark[0] != "." or mark.startswith("..."):
        return not (goes_on and (match["quote"] or mark[0] in ".…"))
    word = re.split(r"[\s(\"“'«]", text[max(0, match.start() - 20) : match.start()])[-1]
    if RARELY_LAST.fullmatch(word):
        return not goes_on
    numbered = BEFORE_A_NUMBER.fullmatch(word) and after[0].isdecimal()
    return not (numbered or NEVER_LAST.fullmatch(word) or _initial(word))


def _initial(word: str) -> bool:
    """ "J" of "J. R. Smith", and the doctor's of Arabic; no English I."""
    return len(word) == 1 and (word.isupper() or word == "د") and word != "I"


def _clauses(sentence: str) -> Iterator[PromptPart]:
    """A sentence parted at its joints."""
    start: int = 0
    joint: Joint = ""
    for match in JOINT.finditer(sentence):
        before, after = sentence[start : match.start()], sentence[match.end() :]
        if not _has_words(after) or (_has_words(before) and not _is_joint(match, before, after)):
            continue
        yield from _yield_take(before, joint)
        start, joint = match.end(), "cut" if match["cut"] else "flow"
    yield from _yield_take(sentence[start:], joint)


def _yield_take(text: str, joint: Joint) -> Iterator[PromptPart]:
    if _has_words(text):
        yield PromptPart(text.strip(" \t,;:，；、،؛—–"), joint)


def _has_words(text: str) -> bool:
    return re.search(r"[^\W_]", text) is not None


def _is_joint(match: re.Match[str], before: str, after: str) -> bool:
    """Whether what reads like a joint inside a sentence is one."""
    if match["cut"]:
        return bool(match["mark"]) or match["cut"].isupper() or len(match["cut"].split()) > 2
    if not _names_subject(after[:80].strip()):
        return False
    near = before[-200:].rstrip()
    return not (NOT_A_JOINT_AFTER.search(near) or re.search(r"\bif\b", near, re.IGNORECASE))


def _names_subject(text: str) -> bool:
    """Whether a clause begins with what it shows, or has it after its verb where the pack is `verb_first`."""
    nouns = _nouns()
    if re.match(f"[{UNSPACED}]", text):
        begun = any(re.match(_determiners(pack), text) for pack in LANGUAGES.values() if not pack.spaced)
        return begun or any(text[:size] in nouns for size in range(1, 12))
    words = re.findall(r"[^\W_]+", text.casefold())[:3]
    prefixes = {prefix for pack in LANGUAGES.values() for prefix in pack.prefixes}
    verb_first = "".join(pack.script for pack in LANGUAGES.values() if pack.grammar.verb_first)
    if verb_first and re.search(f"[{verb_first}]", text[:3]):
        return any(word in nouns or word.removeprefix(prefix) in nouns for word in words for prefix in prefixes)
    spaced = "|".join(
        pack.sentences.determiners for pack in LANGUAGES.values() if pack.spaced and pack.sentences.determiners
    )
    named = re.match(rf"(?:{spaced})(?!\w)", text, re.IGNORECASE)
    return bool(named) or _first_words(text, 1) in nouns or _first_words(text, 2) in nouns


def _first_words(text: str, count: int) -> str:
    return " ".join(re.split(r"[\s,.;:!?।]+", text.casefold())[:count])


def _determiners(pack: LanguagePack) -> str:
    return pack.sentences.determiners or "(?!)"


@lru_cache(maxsize=1)
def _nouns() -> frozenset[str]:
    """The names of all things in all languages, one and many."""
    every = (name for pack in LANGUAGES.values() for key in pack.nouns for name in pack.names(key))
    return frozenset(form.casefold() for name in every for form in name.forms)


def _carry_over_settings(found: Iterator[PromptPart]) -> Iterator[PromptPart]:
    """The takes, told where they play where they do not say so and the one before did."""
    setting = ""
    for take in found:
        tongue = language(take.text)
        table, text = _settings(tongue), take.text
        named = [match.group() for match in table.finditer(text)]
        if named:
            setting = named[-1]
        elif take.joint == "cut" or _elsewhere(text, tongue):
            setting = ""
        elif setting and table.fullmatch(setting):
            text = _placed(text, setting, tongue)
        yield PromptPart(text, take.joint)


def _placed(text: str, setting: str, tongue: Language) -> str:
    placed = LANGUAGES[tongue].sentences.placed
    if placed.startswith("{text}"):
        body = text.rstrip(".!?؟۔… ")
        return f"{body} {setting}{text[len(body) :]}"
    return placed.format(setting=setting, text=text)


@lru_cache(maxsize=32)
def _settings(tongue: Language) -> re.Pattern[str]:
    """Matches the world's phrases for a place, such as "in a park"."""
    phrases = LANGUAGES[tongue].phrases
    return _any_of([text for table in (phrases.places, phrases.through) for text in table.values()], tongue)


@lru_cache(maxsize=32)
def _asides(tongue: Language) -> re.Pattern[str]:
    """Matches phrases that hold words of place and name none, such as "to the left" and "in the rain"."""
    pack = LANGUAGES[tongue]
    tables = [pack.table(name) for name in ("directions", "daytimes", "weathers", "cameras", "styles")]
    return _any_of([text for table in tables for text in table.values()] + list(pack.sentences.asides), tongue)


def _any_of(written: list[str], tongue: Language) -> re.Pattern[str]:
    options = sorted({option for text in written for option in text.split("|")}, key=len, reverse=True)
    bounds = ("", "") if not LANGUAGES[tongue].spaced else (r"(?<!\w)", r"(?!\w)")
    return re.compile(f"{bounds[0]}(?:{'|'.join(map(re.escape, options))}){bounds[1]}", re.IGNORECASE)


def _elsewhere(text: str, tongue: Language) -> bool:
    """Whether a sentence without a place of the world may name another one."""
    return re.search(LANGUAGES[tongue].sentences.settings, _asides(tongue).sub("", text), re.IGNORECASE) is not None
