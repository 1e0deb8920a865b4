"""The words that a model knows, as lists to choose from: by table of the world, with the phrases of one language.

What each phrase does to a picture is not known here, and neither are synonyms that prompts are put into (`lexicon`).
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from yozora.language.languages import LANGUAGES, pack_of
from yozora.language.pack import Language
from yozora.language.untaught import NO_ACTIONS

SLOTS: Final = {"actions": "action", "weathers": "weather", "cameras": "camera", "styles": "style"}
"""Lists whose names weights may or may not have been taught, and the slot of `Preset.taught`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWord:
    """One thing that a prompt may name. `value` is its name in the world's tables, `label` its most usual phrase,
    `phrases` all phrases and forms, the label first.
    """

    value: str
    label: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words of one model in one language. `open`: it knows any words, and only styles and cameras are listed."""

    open: bool
    nouns: tuple[KnownWord, ...]
    colors: tuple[KnownWord, ...]
    places: tuple[KnownWord, ...]
    actions: tuple[KnownWord, ...]
    weathers: tuple[KnownWord, ...]
    daytimes: tuple[KnownWord, ...]
    styles: tuple[KnownWord, ...]
    cameras: tuple[KnownWord, ...]


def vocabulary_of(nouns: Collection[str], taught: Mapping[str, Collection[str]], language: Language) -> Vocabulary:
    """What weights that know `nouns` (none: any words) and were `taught` names by slot can be told in a language.

    KeyError lists the languages there are.
    """
    pack_of(language)
    known = tuple((slot, frozenset(taught[slot])) for slot in sorted(taught))
    return _vocabulary(frozenset(nouns), known, language)


@lru_cache(maxsize=64)
def _vocabulary(
    nouns: frozenset[str], taught: tuple[tuple[str, frozenset[str]], ...], language: Language
) -> Vocabulary:
    pack, slots = LANGUAGES[language], dict(taught)

    def listed(name: str, table: str) -> tuple[KnownWord, ...]:
        known = slots.get(SLOTS.get(name, ""))
        found = _known_words(pack.table(table).items())
        return tuple(word for word in found if known is None or word.value in known)

    named = ((key, "|".join(dict.fromkeys(form for name in pack.names(key) for form in name.forms))) for key in nouns)
    closed = bool(nouns)
    return Vocabulary(
        open=not closed,
        nouns=tuple(sorted(_known_words(named), key=lambda word: word.label)),
        colors=listed("colors", "colors") if closed else (),
        places=listed("places", "places") if closed else (),
        actions=listed("actions", "verbs") if closed else (),
        weathers=listed("weathers", "weathers") if closed else (),
        daytimes=listed("daytimes", "daytimes") if closed else (),
        styles=listed("styles", "styles"),
        cameras=listed("cameras", "cameras"),
    )


def _known_words(entries: Iterable[tuple[str, str]]) -> list[KnownWord]:
    """Entries of a table of phrases; "fly:balloon" is one more way to say "fly"."""
    said: dict[str, list[str]] = {}
    for key, forms in entries:
        name = key.partition(":")[0]
        if name not in NO_ACTIONS:
            said.setdefault(name, []).extend(form for form in re.split(r"[|/]", forms) if form)
    return [KnownWord(value=name, label=forms[0], phrases=tuple(dict.fromkeys(forms))) for name, forms in said.items()]
