"""Words and short phrases, found in a text and changed: in alphabets word by word, in Chinese the longest run first."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Final

from yozora.language.known import CLITICS, Token, known, plain, tokens, written
from yozora.language.synonyms import NEAREST, SYNONYMS, UNSAID
from yozora.world.lexicon import Language, Name, arabic_case, names

CALLED: Final = re.compile(r"(?<![\w@])@[^\W\d_][\w-]*")  # a character, called by name
PREFIXES: Final = ("", *sorted(CLITICS, key=len, reverse=True))
MIN_ARABIC: Final = 3  # letters that a prefix leaves
BETWEEN: Final = re.compile(r"[\s'’-]*")  # what may stand between the words of a phrase
MEASURES: Final = "只个名位条头匹辆架艘把本座棵朵件块张台部盏支枚顶列"
MEASURED: Final = re.compile(f"[一两三四这那][{MEASURES}]$")
UNITS: Final = frozenset(
    {"second", "seconds", "minute", "minutes", "hour", "hours", "segundo", "segundos", "minuto", "minutos"}
    | {"fps", "frames", "bit", "bits", "mm"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """What is said instead of a word, in its place (`phrase`) or at the end of the prompt (`added`)."""

    phrase: str
    slot: str
    value: str = ""
    added: str = ""
    near: bool = False  # not the same as what was meant


@dataclass(frozen=True, slots=True)
class Match:
    """A word or phrase, where it stands, and what is said instead; `prefix` is what Arabic writes in one with it,
    or a Chinese measure word that takes the place of the character before."""

    start: int
    stop: int
    change: Change
    prefix: str = ""
    before: int = 0  # characters before it that go


@dataclass(frozen=True, slots=True)
class Table:
    """Phrases of one language by their first word, the longest first; None for those that stay. Chinese ones whole."""

    language: Language
    entries: dict[str, list[tuple[tuple[str, ...], Change | None]]]
    kept: frozenset[str] = frozenset()  # Chinese runs that are known as they are
    longest: int = 1

    @classmethod
    def of(
        cls, language: Language, rows: Sequence[tuple[str, Change | None]], kept: frozenset[str] = frozenset()
    ) -> "Table":
        entries: dict[str, list[tuple[tuple[str, ...], Change | None]]] = {}
        for text, change in rows:
            words = (text,) if language == "zh" else tuple(plain(token.text) for token in tokens(text))
            entries.setdefault(words[0], []).append((words, change))
        for found in entries.values():
            found.sort(key=lambda entry: -len(entry[0]))
        return cls(language, entries, kept, max(map(len, [*entries, *kept]), default=1))


@lru_cache(maxsize=16)
def table(nouns: frozenset[str], language: Language) -> Table:
    """All synonyms of a language for weights that know these nouns. No word that they know is among them."""
    held = known(nouns)
    rows: dict[str, Change] = {word: Change("", "unsaid") for word in UNSAID[language].split("|")}
    for slot, value, phrase, words in SYNONYMS[language]:
        if slot != "noun" or value in nouns:
            rows |= {word.lstrip("~"): change_of(slot, value, phrase, word) for word in words.split("|")}
    for key, others in NEAREST.items():
        shown = next((other for other in others if other in nouns), None)
        if key not in nouns and shown is not None:
            rows |= {form: change for form, change in _forms(key, shown, language) if form not in rows}
    own = forms(nouns, language)
    said = known(frozenset()).words | {plain(form) for form in own}
    free = {word: change for word, change in rows.items() if word not in held.runs and plain(word) not in said}
    return Table.of(language, [*kept(own, language), *free.items()], held.runs if language == "zh" else frozenset())


def forms(nouns: Collection[str], language: Language) -> list[str]:
    """All names of some nouns, one and many."""
    return [form for key in nouns for name in names(key, language) for form in _number_forms(name, language)]


def kept(names_too: Sequence[str], language: Language) -> list[tuple[str, None]]:
    """What captions say as a whole, where no part of it is changed: "niño pequeño", "the camera tilts up"; in Arabic
    also words that look like one with a prefix.
    """
    said = [form.strip() for table in written(language) for form in table]
    return [(form, None) for form in [*said, *names_too] if " " in form or (form and language == "ar")]


def change_of(slot: str, value: str, phrase: str, word: str) -> Change:
    """One word of a row of `SYNONYMS`."""
    added, near = phrase.startswith("+"), "~" in (phrase[:2] + word[:1])
    phrase = phrase.lstrip("+~")
    return Change("" if added else phrase, slot, value, phrase if added else "", near)


def _forms(key: str, shown: str, language: Language) -> Iterator[tuple[str, Change]]:
    """Every name of a noun with that of the one which is shown for it, in the same number."""
    target = names(shown, language)[0]
    for name in names(key, language):
        said = [target.one] * 4 if language == "ar" else [target.one, target.many]  # see `SYNONYMS`
        for form, phrase in zip(_number_forms(name, language), said, strict=False):
            yield form, Change(phrase, "noun", shown, near=True)


def _number_forms(name: Name, language: Language) -> list[str]:
    if language != "ar":
        return [name.one, name.many]
    oblique = " ".join(arabic_case(part, True) for part in name.two.split(" "))
    return [name.one, name.many, name.two, oblique]


def matches(text: str, among: Table) -> Iterator[Match]:
    """Where phrases of a table stand in a text, one after the other; names of characters are left alone."""
    if among.language == "zh":
        yield from _match_chinese(text, among)
        return
    called = [match.span() for match in CALLED.finditer(text)]
    found = [token for token in tokens(text) if not any(first <= token.start < last for first, last in called)]
    after = 0
    for at, token in enumerate(found):
        if at < after:
            continue
        for prefix in PREFIXES if among.language == "ar" else ("",):
            size, change = _match(text, found[at : at + 8], prefix, among)
            after = max(after, at + size)
            if change is not None:
                kept = "" if change.added or among.language != "ar" else token.text[: len(prefix)]
                yield Match(token.start, found[after - 1].stop, change, kept)
            if size:
                break


def _match(text: str, found: Sequence[Token], prefix: str, among: Table) -> tuple[int, Change | None]:
    """The longest phrase that begins with the first token, less a prefix: how many tokens, and what is said instead."""
    words = [plain(token.text) for token in found]
    if not words[0].startswith(prefix) or (prefix and len(words[0]) - len(prefix) < MIN_ARABIC):
        return 0, None
    words[0] = words[0][len(prefix) :]
    for phrase, change in among.entries.get(words[0], ()):
        size = len(phrase)
        if tuple(words[:size]) != phrase or not _are_adjacent(text, found[:size]):
            continue
        if size == 1 and found[0].kind == "number" and not _counts(text, found[:2]):
            continue
        return size, change
    return 0, None


def _are_adjacent(text: str, found: Sequence[Token]) -> bool:
    return all(BETWEEN.fullmatch(text, before.stop, after.start) for before, after in pairwise(found))


def _counts(text: str, found: Sequence[Token]) -> bool:
    """Whether a number counts things: a word follows it that is no unit."""
    if len(found) < 2 or found[1].kind != "word" or found[1].text.casefold() in UNITS:
        return False
    return len(found[1].text) > 2 and text[found[0].stop : found[1].start].isspace()


def _match_chinese(text: str, among: Table) -> Iterator[Match]:
    for token in tokens(text):
        at = 0
        while token.kind == "han" and at < len(token.text):
            for size in range(min(among.longest, len(token.text) - at), 0, -1):
                piece = token.text[at : at + size]
                if piece in among.kept and (size == 1 or piece[0] != "的"):
                    break
                if piece in among.entries:
                    change = among.entries[piece][0][1]
                    if change is not None:
                        yield _add_measure_word(
                            token.text[:at], Match(token.start + at, token.start + at + size, change)
                        )
                    break
            at += max(size, 1)


def _add_measure_word(before: str, match: Match) -> Match:
    """In Chinese a number and a measure word stand before a noun: another noun has another one."""
    if match.change.slot != "noun" or not MEASURED.search(before):
        return match
    name = names(match.change.value, "zh")[0]
    return replace(match, prefix=name.measure, before=1)


def changed(text: str, among: Table) -> tuple[str, list[tuple[str, Change]]]:
    """The text with every phrase of a table changed, and what was changed for what."""
    out, at = "", 0
    found: list[tuple[str, Change]] = []
    added: list[str] = []
    for match in matches(text, among):
        out += text[at : match.start - match.before] + match.prefix + match.change.phrase
        at = match.stop
        found.append((text[match.start : match.stop], match.change))
        added += [match.change.added] if match.change.added else []
    comma = {"zh": "，", "ar": "، "}.get(among.language, ", ")
    told = re.sub(" {2,}", " ", out + text[at:]).strip() if found else text
    if added:
        told = comma.join([told.rstrip(" .,。，"), *dict.fromkeys(added)])
    return told, found
