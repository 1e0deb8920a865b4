"""Words and short phrases, found in a text and changed: word by word, without spaces the longest run first."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Final

from yozora.language.known import Token, known, plain, tokens, written
from yozora.language.languages import LANGUAGES, TRANSFORMER_LANGUAGES
from yozora.language.nearest import NEAREST
from yozora.language.pack import Language, LanguagePack

CALLED: Final = re.compile(r"(?<![\w@])@[^\W\d_][\w-]*")  # a character, called by name
MIN_PREFIXED: Final = 3  # letters that a prefix leaves
BETWEEN: Final = re.compile(r"[\s'’-]*")  # what may stand between the words of a phrase


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
    """Phrases of one language by their first word, the longest first; None for those that stay. Where words have no
    spaces, phrases stand whole."""

    pack: LanguagePack
    entries: dict[str, list[tuple[tuple[str, ...], Change | None]]]
    kept: frozenset[str] = frozenset()  # runs that are known as they are
    longest: int = 1

    @classmethod
    def of(
        cls, language: Language, rows: Sequence[tuple[str, Change | None]], kept: frozenset[str] = frozenset()
    ) -> "Table":
        pack = LANGUAGES[language]
        entries: dict[str, list[tuple[tuple[str, ...], Change | None]]] = {}
        for text, change in rows:
            words = tuple(plain(token.text) for token in tokens(text)) if pack.spaced else (text,)
            entries.setdefault(words[0], []).append((words, change))
        for found in entries.values():
            found.sort(key=lambda entry: -len(entry[0]))
        return cls(pack, entries, kept, max(map(len, [*entries, *kept]), default=1))


@lru_cache(maxsize=16)
def table(nouns: frozenset[str], language: Language) -> Table:
    """All synonyms of a language for weights that know these nouns. No word that they know is among them."""
    pack, together = LANGUAGES[language], TRANSFORMER_LANGUAGES if language in TRANSFORMER_LANGUAGES else (language,)
    held = known(nouns, together)
    rows: dict[str, Change] = {word: Change("", "unsaid") for word in pack.wording.dropped.split("|") if word}
    for slot, value, phrase, words in pack.wording.synonyms:
        if slot != "noun" or value in nouns:
            rows |= {word.lstrip("~"): change_of(slot, value, phrase, word) for word in words.split("|")}
    for key, others in NEAREST.items():
        shown = next((other for other in others if other in nouns), None)
        if key not in nouns and shown is not None:
            rows |= {form: change for form, change in _forms(key, shown, pack) if form not in rows}
    own = forms(nouns, language)
    said = known(frozenset(), together).words | {plain(form) for form in own}
    free = {word: change for word, change in rows.items() if word not in held.runs and plain(word) not in said}
    return Table.of(language, [*kept(own, language), *free.items()], frozenset() if pack.spaced else held.runs)


def forms(nouns: Collection[str], language: Language) -> list[str]:
    """All names of some nouns, one and many."""
    return [form for key in nouns for name in LANGUAGES[language].names(key) for form in name.forms]


def kept(names_too: Sequence[str], language: Language) -> list[tuple[str, None]]:
    """What captions say as a whole, where no part of it is changed: "niño pequeño", "the camera tilts up"; where words
    have prefixes, also those that look like one with a prefix.
    """
    said = [form.strip() for table in written(language) for form in table]
    whole, spaced = bool(LANGUAGES[language].prefixes), LANGUAGES[language].spaced
    if not spaced:
        return [(form, None) for form in names_too]
    return [(form, None) for form in [*said, *names_too] if " " in form or (form and whole)]


def change_of(slot: str, value: str, phrase: str, word: str) -> Change:
    """One word of a row of `Wording.synonyms`."""
    added, near = phrase.startswith("+"), "~" in (phrase[:2] + word[:1])
    phrase = phrase.lstrip("+~")
    return Change("" if added else phrase, slot, value, phrase if added else "", near)


def _forms(key: str, shown: str, pack: LanguagePack) -> Iterator[tuple[str, Change]]:
    """Every name of a noun with that of the one which is shown for it, in the same number."""
    target = pack.names(shown)[0]
    for name in pack.names(key):
        for form in name.forms:
            several = pack.wording.plurals and form in (name.many, name.oblique_many) and form != name.one
            yield form, Change(target.many if several else target.one, "noun", shown, near=True)


def matches(text: str, among: Table) -> Iterator[Match]:
    """Where phrases of a table stand in a text, one after the other; names of characters are left alone."""
    if not among.pack.spaced:
        yield from _match_unspaced(text, among)
        return
    prefixes = ("", *sorted(among.pack.prefixes, key=len, reverse=True))
    called = [match.span() for match in CALLED.finditer(text)]
    found = [token for token in tokens(text) if not any(first <= token.start < last for first, last in called)]
    after = 0
    for at, token in enumerate(found):
        if at < after:
            continue
        for prefix in prefixes:
            size, change = _match(text, found[at : at + 8], prefix, among)
            after = max(after, at + size)
            if change is not None:
                kept = "" if change.added else token.text[: len(prefix)]
                yield Match(token.start, found[after - 1].stop, change, kept)
            if size:
                break


def _match(text: str, found: Sequence[Token], prefix: str, among: Table) -> tuple[int, Change | None]:
    """The longest phrase that begins with the first token, less a prefix: how many tokens, and what is said instead."""
    words = [plain(token.text) for token in found]
    if not words[0].startswith(prefix) or (prefix and len(words[0]) - len(prefix) < MIN_PREFIXED):
        return 0, None
    words[0] = words[0][len(prefix) :]
    for phrase, change in among.entries.get(words[0], ()):
        size = len(phrase)
        if tuple(words[:size]) != phrase or not _are_adjacent(text, found[:size]):
            continue
        if size == 1 and found[0].kind == "number" and not _counts(text, found[:2], among.pack.wording.units):
            continue
        return size, change
    return 0, None


def _are_adjacent(text: str, found: Sequence[Token]) -> bool:
    return all(BETWEEN.fullmatch(text, before.stop, after.start) for before, after in pairwise(found))


def _counts(text: str, found: Sequence[Token], units: frozenset[str]) -> bool:
    """Whether a number counts things: a word follows it that is no unit."""
    if len(found) < 2 or found[1].kind != "word" or found[1].text.casefold() in units:
        return False
    return len(found[1].text) > 2 and text[found[0].stop : found[1].start].isspace()


def _match_unspaced(text: str, among: Table) -> Iterator[Match]:
    for token in tokens(text):
        at = 0
        while token.kind == "run" and at < len(token.text):
            for size in range(min(among.longest, len(token.text) - at), 0, -1):
                piece = token.text[at : at + size]
                if piece in among.kept and (size == 1 or piece[0] not in among.pack.wording.links):
                    break
                if piece in among.entries:
                    change = among.entries[piece][0][1]
                    if change is not None:
                        match = Match(token.start + at, token.start + at + size, change)
                        yield _add_measure_word(token.text[:at], match, among.pack)
                    break
            at += max(size, 1)


def _add_measure_word(before: str, match: Match, pack: LanguagePack) -> Match:
    """In Chinese a number and a measure word stand before a noun: another noun has another one."""
    wording = pack.wording
    counted = wording.before_measures and re.search(f"[{wording.before_measures}][{wording.measures}]$", before)
    if match.change.slot != "noun" or not counted:
        return match
    return replace(match, prefix=pack.names(match.change.value)[0].measure, before=1)


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
    comma = among.pack.grammar.comma
    told = re.sub(" {2,}", " ", out + text[at:]).strip() if found else text
    if added:
        told = comma.join([told.rstrip(" .,。，।"), *dict.fromkeys(added)])
    return told, found
