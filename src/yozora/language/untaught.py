"""Actions, weathers, camera moves and styles that a prompt names and that weights were never taught.

The world and the packs may know more of them than weights that were trained before. Knows no weights: what they were
taught is given.
"""

import re
import zlib
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache, partial
from typing import Final

from yozora.language.known import tokens, written
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


@lru_cache(maxsize=64)
def is_taught(language: Language, hashes: frozenset[int]) -> bool:
    """Whether a text encoder knows a language: at least half of the words that no other pack has are among `hashes`,
    CRC-32 of the words that it knows. True where there are none: weights that do not say it may know any language.
    """
    own = _caption_words(language) - {
        word for other in LANGUAGES if other != language for word in _caption_words(other)
    }
    return not hashes or 2 * sum(zlib.crc32(word.encode()) in hashes for word in own) >= len(own)


@lru_cache(maxsize=32)
def _caption_words(language: Language) -> frozenset[str]:
    """The words of captions, in small letters; single characters where no spaces part them."""
    pack = LANGUAGES[language]
    texts = [text for table in written(language, glue=True) for text in table]
    texts += [form for key in pack.nouns for name in pack.names(key) for form in name.forms]
    cut = [token for text in texts for token in tokens(text.casefold())]
    whole = {token.text for token in cut if token.kind == "word"}
    return frozenset(whole | {letter for token in cut if token.kind == "run" for letter in token.text})
