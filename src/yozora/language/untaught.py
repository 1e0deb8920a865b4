"""Actions, weathers, camera moves and styles that a prompt names and that weights were never taught.

The world and the packs may know more of them than weights that were trained before. Knows no weights: what they were
taught is given.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache, partial
from typing import Final

from yozora.language.languages import LANGUAGES
from yozora.language.pack import Language

TABLES: Final = {"action": "verbs", "weather": "weathers", "camera": "cameras", "style": "styles"}
NO_ACTIONS: Final = frozenset({"move", "play"})  # verbs of captions that stand for no action


def untaught(text: str, language: Language, taught: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """The names, such as "camera move crane up", of what the text asks for and `taught`, names by slot, does not hold.
    A slot that is not in `taught` is not looked at.
    """
    return tuple(
        f"{'camera move' if slot == 'camera' else slot} {name}"
        for slot, known in taught.items()
        for name, pattern in _patterns(slot, language, frozenset(known))
        if pattern.search(text)
    )


@lru_cache(maxsize=64)
def _patterns(slot: str, language: Language, known: frozenset[str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Names that are not known, and how each is said."""
    bound = "{}".format if not LANGUAGES[language].spaced else partial(r"(?<!\w){}(?!\w)".format)
    said: dict[str, list[str]] = {}
    for key, forms in _phrases(slot, language):
        name = key.partition(":")[0]  # "fly:balloon" is how balloons fly
        if name not in known:
            said.setdefault(name, []).extend(re.split(r"[|/]", forms))
    return tuple(
        (name, re.compile("|".join(bound(re.escape(form)) for form in forms), re.IGNORECASE))
        for name, forms in said.items()
    )


def _phrases(slot: str, language: Language) -> Iterator[tuple[str, str]]:
    return ((key, forms) for key, forms in LANGUAGES[language].table(TABLES[slot]).items() if key not in NO_ACTIONS)
