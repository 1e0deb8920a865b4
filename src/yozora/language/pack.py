"""What a language pack holds: names of things, phrases, grammar, and how prompts in the language are read.

One file of `packs` writes one `LanguagePack`; `languages.LANGUAGES` lists them. Keys (nouns, places, cameras, styles)
are the strings of the procedural world's tables. Knows no pictures, no models and no random scenes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

Language = str  # a key of `languages.LANGUAGES`: "en"
Table = Mapping[str, str]
Row = tuple[str, str, str, str]  # slot, value, phrase, words: see `Wording.synonyms`

TABLES: Final = (
    "colors", "numbers", "verbs", "directions", "places", "through", "weather_in", "adjectives", "stages", "waves",
    "daytimes", "weathers", "cameras", "styles", "relations", "behind", "views",
)  # fmt: skip


class Random(Protocol):
    """The part of numpy's Generator that captions need."""

    def random(self) -> float: ...
    def integers(self, low: int, high: int) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One way to name a thing in one language."""

    one: str
    many: str
    gender: str = "m"  # m, f or n
    plural: bool = False  # a word like "scissors", plural though one thing is meant
    measure: str = ""  # measure word or counter (Chinese, Japanese)
    two: str = ""  # Arabic dual
    oblique: str = ""  # after a preposition or before a postposition, where it differs (German, Hindi)
    oblique_many: str = ""

    @property
    def forms(self) -> tuple[str, ...]:
        """Every form that may stand in a text."""
        found = (self.one, self.many, self.two, self.oblique, self.oblique_many)
        return tuple(dict.fromkeys(form for form in found if form))


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """Everything that captions say beside names; synonyms apart by "|", forms that agree apart by "/".

    Which forms a table holds is a matter of the pack's grammar. `views` holds "overhead" and "front".
    """

    colors: Table
    numbers: Table
    verbs: Table  # "action:kind" goes before "action"
    directions: Table
    places: Table  # where it happens: "in a park"
    through: Table  # said instead of `places` of those that walk, run, drive or ride: "through a park"
    weather_in: Table  # place and weather in one: the weather's adjective goes into the braces
    adjectives: Table  # of weathers
    stages: Table  # the place as the subject of a caption: "a green park"
    waves: Table  # waves of water places, which are only decoration: "with waves gently crashing"
    daytimes: Table
    weathers: Table
    cameras: Table
    styles: Table
    relations: Table  # "on the bottom of" is "on top of" with the two exchanged
    behind: Table  # the thing before the stage
    views: Table
    glue: str  # small words of captions, apart by spaces: "a the of with"; they tell languages of one script apart
    small: str = ""  # other words without effect on the picture, apart by spaces: "very please"


@dataclass(frozen=True, slots=True)
class Group:
    """Actors of one kind and colour, named."""

    key: str
    name: Name
    count: int  # 0: several
    color: str  # "": not said
    called: str = ""  # said instead of all this
    kind: str = ""  # of the world's nouns: person, animal, vehicle, ...

    @property
    def human(self) -> bool:
        return self.kind == "person"

    @property
    def alive(self) -> bool:
        return self.kind in ("person", "animal", "bird", "fish")

    @property
    def woman(self) -> bool:
        return self.key in ("woman", "girl", "old woman")

    @property
    def costumed(self) -> bool:
        return self.key in ("cyclist", "superhero", "mermaid", "fairy")

    @property
    def many(self) -> bool:
        return self.count != 1 or self.name.plural


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionPlan:
    """What a caption says."""

    said: Mapping[str, str]  # slots and their values; no count where a plural is meant without its number
    together: bool = False  # the second kind of actor does what the first one does
    playing: bool = False  # people play with the second
    bare: bool = False  # only who is there
    occluder: str = ""  # what stands before the stage: tree, rock or pillar
    called: str = ""  # what the first actor is called instead of being described
    kinds: tuple[str, str] = ("", "")  # of the first actor's noun and of the second's


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """How a pack's words become sentences. `verb` takes plan, group, pen, action and whether it is finite."""

    write: Callable[[CaptionPlan, "Pen"], str]
    noun_phrase: Callable[[Group, "Pen", bool], str]  # True: after a preposition
    verb: Callable[[CaptionPlan, Group, "Pen", str, bool], str]
    comma: str = ", "
    stop: str = "."
    conjunctions: tuple[str, str] = ("", "")  # with; and (with the spaces around it)
    verb_first: bool = False  # a finite verb stands before one who acts (Arabic)
    fused: Callable[[str], str] = str  # what a preposition and an article become together
    inflected: Callable[[], str] = str  # further forms of the tables' words that captions hold, apart by spaces
    moving: str = r"(?!)"  # directions that are verbs themselves, as a regular expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Everyday words, and what captions say instead of them.

    A row of `synonyms` is slot, value, phrase, words apart by "|". The phrase takes the place of the word. "+" before
    it: the word goes, and the phrase is said at the end of the prompt. "~" before it: it is near to what was meant, not
    the same, and a note says so.
    """

    synonyms: tuple[Row, ...] = ()
    dropped: str = ""  # words that are taken out of prompts: they have no effect, but would mislead the encoder
    unknown_places: str = ""  # places that the world has nothing near to
    many: str = ""  # numbers above four, beside digits
    units: frozenset[str] = frozenset()  # words after a number that counts no things
    negators: str = ""
    negation_stops: str = ""  # words at which a negation ends
    denying: frozenset[str] = frozenset()  # negators that deny something without another word
    ands: frozenset[str] = frozenset()
    articles: frozenset[str] = frozenset()  # words that begin a new thing after "and"
    affirmed: frozenset[str] = frozenset()  # words after a negator that make it none: "not only"
    plurals: bool = True  # whether what is said instead of a noun stands in the plural where that does
    links: str = ""  # characters that link a word to the noun after it, where words have no spaces (Chinese)
    inside: str = ""  # characters after the name of a place, such as "in", where words have no spaces
    before_measures: str = ""  # characters after which a measure word stands (Chinese "one", "two", "this")
    measures: str = ""  # characters that stand between a number and what it counts, where words have no spaces
    large_numbers: str = ""  # a regular expression of numbers above four in words, where words have no spaces
    negated: str = ""  # a regular expression that finds whole negations, where words have no spaces


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceRules:
    """How a prompt is split into takes; regular expressions, empty where the language has none."""

    labels: str = ""  # "scene", "shot": before a number and a colon
    cut: str = ""
    flow: str = ""
    never_last: str = ""  # abbreviations
    before_a_number: str = ""
    rarely_last: str = ""
    determiners: str = ""
    not_after: str = ""  # words after which "then" begins no sentence
    settings: str = r"(?!)"  # a sentence that holds one of these may well name a place of its own
    asides: tuple[str, ...] = ()  # phrases that hold words of place and name none
    placed: str = "{text} {setting}"  # a sentence and where it plays


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguagePack:
    """One language."""

    key: Language
    title: str  # in English
    nouns: Table  # key -> names, apart by "|", their fields by "/": see `read_name`
    read_name: Callable[[Sequence[str]], Name]
    phrases: Phrases
    grammar: Grammar
    wording: Wording = Wording()
    sentences: SentenceRules = SentenceRules()
    script: str = ""  # letters that this language is written in, as a class of a regular expression; "": Latin
    shared_script: str = ""  # those of its letters in which another pack is written, too (Chinese characters)
    digits: str = ""  # its own digits, 0 to 9, where it has some besides 0123456789
    marks: str = ""  # letters and marks that few other languages use, which decide between languages of one script
    spaced: bool = True  # whether spaces stand between words
    prefixes: tuple[str, ...] = ()  # written together with the word that follows (Arabic)

    def names(self, key: str) -> tuple[Name, ...]:
        """The names of a noun, the most common one first. KeyError names the pack and the noun."""
        return _names(self.key, key, self.read_name, self._entry("nouns", self.nouns, key))

    def phrase(self, table: str, key: str) -> str:
        """What a table of `Phrases` has for a key. KeyError names the pack, the table and the key."""
        return self._entry(table, self.table(table), key)

    def table(self, name: str) -> Table:
        """A table of the phrases by its name, one of TABLES."""
        if name not in TABLES:
            raise KeyError(f"no table {name!r} of phrases: one of {', '.join(TABLES)}")
        found: Table = getattr(self.phrases, name)
        return found

    def _entry(self, table: str, entries: Table, key: str) -> str:
        if key not in entries:
            raise KeyError(f"the language pack {self.key!r} has no phrase for {key!r} in {table}")
        return entries[key]


@lru_cache(maxsize=8192)
def _names(language: Language, key: str, read: Callable[[Sequence[str]], Name], entry: str) -> tuple[Name, ...]:
    return tuple(read(one.split("/")) for one in entry.split("|"))


@dataclass(frozen=True, slots=True)
class Pen:
    """Picks among synonyms in one language."""

    pack: LanguagePack
    rng: Random

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def of(self, written: str) -> str:
        """One of the synonyms, the first one twice as often as any other."""
        options = written.split("|")
        return options[max(0, int(self.rng.integers(-1, len(options))))]

    def word(self, table: str, key: str) -> str:
        return self.of(self.pack.phrase(table, key))

    def name(self, key: str) -> Name:
        options = self.pack.names(key)
        return options[max(0, int(self.rng.integers(-2, len(options))))]
