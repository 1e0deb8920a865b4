"""Sentences out of a plan of what to say: what several languages share.

Packs name these functions in their `Grammar`, or write their own. The module that draws the
scene decides what is true or worth saying.
"""

import re
from typing import Final

from yozora.language.pack import CaptionPlan, Group, LanguagePack, Pen, Random

ON_THE_WAY: Final = ("walk", "run", "drive", "ride")


def write(plan: CaptionPlan, pack: LanguagePack, rng: Random) -> str:
    """The caption of a plan. The same plan and state of `rng` give the same words."""
    pen = Pen(pack, rng)
    text = pack.grammar.write(plan, pen)
    if not plan.bare and pen.chance(0.4):
        text = text[0].upper() + text[1:] + pack.grammar.stop
    return text


def group_of(plan: CaptionPlan, pen: Pen, mark: str = "") -> Group:
    """The first actors, or (`mark` "2") the others."""
    said = plan.said
    key = said[f"noun{mark}"]
    count, color = int(said.get(f"count{mark}", "0")), said.get(f"color{mark}", "")
    return Group(key, pen.name(key), count, color, "" if mark else plan.called, plan.kinds[bool(mark)])


def noun_phrase(group: Group, pen: Pen, oblique: bool = False) -> str:
    """ "two red cars" in the pen's language; `oblique` after a preposition."""
    return group.called or pen.pack.grammar.noun_phrase(group, pen, oblique)


def verb_forms(group: Group, pen: Pen, action: str) -> list[str]:
    """The forms of a verb, those for a kind of actors first."""
    special = f"{action}:{group.kind}"
    table = pen.pack.phrases.verbs
    return pen.word("verbs", special if special in table else action).split("/")


def actors(plan: CaptionPlan, group: Group) -> int:
    """How many act: 1, 2, or another number for several."""
    company = plan.together and "noun2" in plan.said
    return 3 if company and (group.count != 1 or plan.said.get("count2") != "1") else 2 if company else group.count


def plain_verb(plan: CaptionPlan, group: Group, pen: Pen, action: str, finite: bool) -> str:
    """A verb that agrees with the group: a participle, or (`finite`) in the present tense, one or many."""
    forms = verb_forms(group, pen, action)
    return forms[0] if not finite else forms[2] if actors(plan, group) != 1 or group.many else forms[1]


def where(plan: CaptionPlan, pen: Pen) -> tuple[str, bool]:
    """The place, and whether it told the weather too."""
    said, phrases = plan.said, pen.pack.phrases
    place, weather = said.get("place", ""), said.get("weather", "")
    if not place:
        return "", False
    if weather in phrases.adjectives and place in phrases.weather_in and pen.chance(0.3):
        forms = pen.word("adjectives", weather).split("/")
        written = pen.word("weather_in", place)
        return written.format(forms[0], m=forms[0], f=forms[-1]), True
    if said.get("action") in ON_THE_WAY and place in phrases.through and pen.chance(0.35):
        return pen.word("through", place), False
    return pen.word("places", place), False


def ends(plan: CaptionPlan, pen: Pen) -> list[str]:
    """What follows after commas: the occluder, the camera, the style."""
    said = plan.said
    out = [pen.word("behind", plan.occluder)] if said.get("occluder", "none") != "none" else []
    if "relation" in said and pen.chance(0.6):
        out.append(pen.word("views", "front"))
    if "camera" in said:
        out.append(pen.word("cameras", said["camera"]))
    if "style" in said:
        out.append(pen.word("styles", said["style"]))
    return out


def joined(first: str, second: str, pen: Pen) -> str:
    """Two things with "and" between them."""
    return f"{first}{pen.pack.grammar.conjunctions[1]}{second}"


def sentence(plan: CaptionPlan, pen: Pen) -> str:
    """Languages in which who is there comes first, then what they do, then place and time."""
    said, comma = plan.said, pen.pack.grammar.comma
    last = ends(plan, pen)
    if said.get("noun", "none") == "none":
        return comma.join([stage(plan, pen), *last] if "place" in said else last)
    group = group_of(plan, pen)
    if "place" in said and "relation" not in said and not plan.playing and pen.chance(0.12):
        return comma.join([stage(plan, pen, group), *last])
    place, told = where(plan, pen)
    time = pen.word("daytimes", said["daytime"]) if "daytime" in said else ""
    weather = pen.word("weathers", said["weather"]) if "weather" in said and not told else ""
    around = [place, *((time, weather) if pen.chance(0.6) else (weather, time))]
    front = ""
    if (time or weather) and pen.chance(0.2):
        front, around = " ".join(part for part in around[1:] if part), [place]
    main = " ".join(part for part in (_who(plan, group, pen), *around) if part)
    if "noun2" in said and not (plan.together or plan.playing or "relation" in said):
        main += f"{comma}{_with(noun_phrase(group_of(plan, pen, '2'), pen, True), pen)}"
    return comma.join(part for part in (front, main, *last) if part)


def _with(phrase: str, pen: Pen) -> str:
    return f"{pen.pack.grammar.conjunctions[0]} {phrase}"


def _who(plan: CaptionPlan, group: Group, pen: Pen) -> str:
    """Who does what, and which way."""
    said, grammar = plan.said, pen.pack.grammar
    if "relation" in said:
        return _related(plan, group, pen)
    subject = noun_phrase(group, pen)
    finite = pen.chance(0.25)
    if plan.playing:
        other = noun_phrase(group_of(plan, pen, "2"), pen, True)
        return f"{subject} {grammar.verb(plan, group, pen, 'play', finite)} {_with(other, pen)}"
    if plan.together:
        subject = joined(subject, noun_phrase(group_of(plan, pen, "2"), pen), pen)
    if "action" not in said and "direction" not in said:
        return subject
    verb = grammar.verb(plan, group, pen, said.get("action", "move"), finite)
    way = pen.word("directions", said["direction"]) if "direction" in said else ""
    if re.search(grammar.moving, way):
        verb = verb if "action" in said else ""
    if grammar.verb_first and finite and group.count == 1 and not plan.together:
        return f"{verb} {subject} {way}".strip()
    return " ".join(part for part in (subject, verb, way) if part)


def _related(plan: CaptionPlan, group: Group, pen: Pen) -> str:
    first, second = noun_phrase(group, pen), noun_phrase(group_of(plan, pen, "2"), pen, True)
    relation = plan.said["relation"]
    if relation == "on top of" and pen.chance(0.25):
        first, second, relation = second, first, "on the bottom of"
    return pen.pack.grammar.fused(f"{first} {pen.word('relations', relation)} {second}")


def stage(plan: CaptionPlan, pen: Pen, group: Group | None = None) -> str:
    """ "a serene beach at sunset with waves gently crashing and seagulls flying overhead"."""
    said, comma = plan.said, pen.pack.grammar.comma
    place = pen.word("stages", said["place"])
    time = pen.word("daytimes", said["daytime"]) if "daytime" in said else ""
    weather = pen.word("weathers", said["weather"]) if "weather" in said else ""
    things = []
    if said["place"] in ("beach", "sea") and pen.chance(0.6):
        things.append(pen.word("waves", said["place"]))
    if group is not None:
        things.append(_doing(plan, group, pen))
        if "noun2" in said:
            things.append(noun_phrase(group_of(plan, pen, "2"), pen, True))
    text = " ".join(part for part in (place, time, weather) if part)
    if not things:
        return text
    listed = things[0]
    for thing in things[1:]:
        listed = joined(listed, thing, pen)
    return f"{text}{comma if weather else ' '}{_with(listed, pen)}"


def _doing(plan: CaptionPlan, group: Group, pen: Pen) -> str:
    said = plan.said
    parts = [noun_phrase(group, pen, True)]
    if "action" in said or "direction" in said:
        alone = CaptionPlan(said={})
        parts.append(pen.pack.grammar.verb(alone, group, pen, said.get("action", "move"), False))
    if "direction" in said:
        parts.append(pen.word("directions", said["direction"]))
    elif said.get("action") == "fly" and group.kind != "thing":
        parts.append(pen.word("views", "overhead"))
    return " ".join(parts)
