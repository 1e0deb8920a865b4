"""Who is there, in four languages: a noun with its number, its colour and what both agree in.

Knows the words of `lexicon` and `phrases`, and no sentences.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from yozora.world import phrases
from yozora.world.lexicon import FEMININE_WITH_UN, Language, Name, arabic_case, arabic_dual, names
from yozora.world.nouns import NOUNS


@dataclass(frozen=True, slots=True)
class Pen:
    """Picks among synonyms in one language."""

    language: Language
    rng: np.random.Generator

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def of(self, written: str) -> str:
        """One of the synonyms, the first one twice as often as any other."""
        options = written.split("|")
        return options[max(0, int(self.rng.integers(-1, len(options))))]

    def word(self, table: phrases.Table, key: str) -> str:
        return self.of(table[self.language][key])

    def name(self, key: str) -> Name:
        options = names(key, self.language)
        return options[max(0, int(self.rng.integers(-2, len(options))))]


@dataclass(frozen=True, slots=True)
class Group:
    """Actors of one kind and colour, named."""

    key: str
    name: Name
    count: int  # 0: several
    color: str  # "": not said
    called: str = ""  # said instead of all this

    @property
    def human(self) -> bool:
        return NOUNS[self.key].kind == "person"

    @property
    def woman(self) -> bool:
        return self.key in ("woman", "girl", "old woman")

    @property
    def costumed(self) -> bool:
        return self.key in ("cyclist", "superhero", "mermaid", "fairy")

    @property
    def many(self) -> bool:
        return self.count != 1 or self.name.plural


def noun_phrase(group: Group, pen: Pen, oblique: bool = False) -> str:
    """ "two red cars" in the pen's language; `oblique` after a preposition (Arabic duals show it)."""
    if group.called:
        return group.called
    write_one: dict[Language, Callable[[Group, Pen, bool], str]] = {
        "en": _english_noun,
        "es": _spanish_noun,
        "zh": _chinese_noun,
        "ar": _arabic_noun,
    }
    return write_one[pen.language](group, pen, oblique)


def _english_noun(group: Group, pen: Pen, oblique: bool) -> str:
    name = group.name
    words = name.one if group.count == 1 else name.many
    color = pen.word(phrases.COLORS, group.color) if group.color else ""
    worn = ""
    if color and group.human:
        garment = "dress" if group.woman else "shirt"
        if group.costumed:
            options = f"in {color}|wearing {color}"
        elif group.many:
            options = f"in {color} {garment}{'es' if group.woman else 's'}|in {color}|wearing {color} clothes"
        else:
            options = f"in a {color} {garment}|in {color}|wearing a {color} {garment}|in {color} clothes"
        worn, color = " " + _an(pen.of(options)), ""
    phrase = f"{color} {words}".strip()
    if group.count == 0:
        return ("some " if pen.chance(0.2) else "") + phrase + worn
    if group.count > 1:
        return f"{phrases.NUMBERS['en'][str(group.count)]} {phrase}{worn}"
    if name.plural:
        return phrase + worn
    article = "one " if pen.chance(0.03) else "a "
    return _an(article + phrase) + worn


def _an(phrase: str) -> str:
    """ "a orange car" -> "an orange car"; "in a orange dress" too."""
    words = phrase.split(" ")
    for i in range(len(words) - 1):
        if words[i] == "a" and words[i + 1][0] in "aeiou" and words[i + 1] != "ufo":
            words[i] = "an"
    return " ".join(words).replace("a suv", "an suv")


def _spanish_noun(group: Group, pen: Pen, oblique: bool) -> str:
    name = group.name
    words = name.many if group.many else name.one
    color = ""
    if group.color:
        forms = pen.word(phrases.COLORS, group.color).split("/")
        color = " " + forms[(2 if group.many else 0) + (name.gender == "f")]
        if group.human:
            worn = f"de {forms[0]}|con ropa {forms[1]}"
            if group.costumed:
                worn = f"de {forms[0]}"
            elif group.woman:
                worn += (
                    f"|con vestidos {forms[2]}" if group.many else f"|con un vestido {forms[0]}|con vestido {forms[0]}"
                )
            else:
                worn += f"|con camisas {forms[3]}" if group.many else f"|con una camisa {forms[1]}"
            color = " " + pen.of(worn)
    feminine = name.gender == "f"
    if group.count > 1:
        return f"{phrases.NUMBERS['es'][str(group.count)]} {words}{color}"
    if group.many:
        article = ("unas " if feminine else "unos ") if name.plural and group.count else ""
        return f"{article}{words}{color}"
    article = "una" if feminine and words.split(" ")[0] not in FEMININE_WITH_UN else "un"
    return f"{article} {words}{color}"


def _chinese_noun(group: Group, pen: Pen, oblique: bool) -> str:
    name = group.name
    color = ""
    if group.color:
        color = pen.word(phrases.COLORS, group.color)
        if group.human:
            color = pen.of("穿|穿着|身穿") + color + ("" if len(color) == 1 else "的" if pen.chance(0.3) else "")
            color += ("裙子" if group.woman else "衣服") + "的"
        elif len(color) == 1 and len(name.one) > 2:
            color += "色的"
        elif len(color) > 1 and pen.chance(0.6):
            color += "的"
    if group.count == 0:
        return pen.of(f"一群|几{name.measure}") + color + name.one
    return phrases.NUMBERS["zh"][str(group.count)] + name.measure + color + name.one


def _arabic_noun(group: Group, pen: Pen, oblique: bool) -> str:
    name = group.name
    feminine = name.gender == "f"
    color = ""
    if group.color:
        forms = pen.word(phrases.COLORS, group.color).split("/")
        if group.human:
            color = (
                f" بفستان {forms[0]}" if group.woman and group.count == 1 and pen.chance(0.6) else f" بملابس {forms[1]}"
            )
        elif group.count == 1:
            color = " " + forms[feminine]
        elif group.count == 2:
            color = " " + arabic_case(arabic_dual(forms[feminine]), oblique)
        else:
            color = " " + forms[1]
    if group.count == 1:
        return name.one + color
    if group.count == 2:
        return " ".join(arabic_case(part, oblique) for part in name.two.split(" ")) + color
    if group.count == 0:
        return name.many + color
    return phrases.NUMBERS["ar"][str(group.count)].split("/")[feminine] + f" {name.many}{color}"
