"""Sentences in four languages out of a plan of what to say.

Knows the words of `lexicon` and `phrases` and how they agree; what is true or worth saying is decided in `captions`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from yozora.world import phrases
from yozora.world.lexicon import Language
from yozora.world.noun_phrases import Group, Pen, noun_phrase
from yozora.world.nouns import NOUNS

ON_THE_WAY: Final = ("walk", "run", "drive", "ride")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionPlan:
    """What a caption says."""

    said: dict[str, str]  # slots and their values; no count where a plural is meant without its number
    together: bool = False  # the second kind of actor does what the first one does
    playing: bool = False  # people play with the second
    bare: bool = False  # only who is there
    occluder: str = ""  # what stands before the stage: tree, rock or pillar
    called: str = ""  # what the first actor is called instead of being described


def write(plan: CaptionPlan, language: Language, rng: np.random.Generator) -> str:
    """The caption of a plan. The same plan and state of `rng` give the same words."""
    pen = Pen(language, rng)
    text = _chinese_sentence(plan, pen) if language == "zh" else _sentence(plan, pen)
    if not plan.bare and pen.chance(0.4):
        text = text[0].upper() + text[1:] + ("。" if language == "zh" else ".")
    return text


def _group(plan: CaptionPlan, pen: Pen, mark: str = "") -> Group:
    said = plan.said
    key = said[f"noun{mark}"]
    count, color = int(said.get(f"count{mark}", "0")), said.get(f"color{mark}", "")
    return Group(key, pen.name(key), count, color, "" if mark else plan.called)


def _verb(plan: CaptionPlan, group: Group, pen: Pen, action: str, finite: bool) -> str:
    """The verb that agrees with the group: a participle, or (`finite`, and always in Arabic) in the present tense."""
    table = phrases.VERBS[pen.language]
    special = f"{action}:{NOUNS[group.key].kind}"
    forms = pen.of(table[special if special in table else action]).split("/")
    company = plan.together and "noun2" in plan.said
    number = 3 if company and (group.count != 1 or plan.said.get("count2") != "1") else 2 if company else group.count
    if pen.language != "ar":
        return forms[0] if not finite else forms[2] if number != 1 or group.many else forms[1]
    feminine = group.name.gender == "f"
    if number == 1:
        return forms[feminine]
    if number == 2:
        return forms[2 + feminine]
    return forms[4 + feminine] if group.human else forms[1]


def _where(plan: CaptionPlan, pen: Pen) -> tuple[str, bool]:
    """The place, and whether it told the weather too."""
    said, language = plan.said, pen.language
    place, weather = said.get("place", ""), said.get("weather", "")
    if not place:
        return "", False
    if weather in phrases.ADJECTIVES[language] and place in phrases.WEATHER_IN[language] and pen.chance(0.3):
        forms = pen.word(phrases.ADJECTIVES, weather).split("/")
        written = pen.word(phrases.WEATHER_IN, place)
        return written.format(forms[0], m=forms[0], f=forms[-1]), True
    if said.get("action") in ON_THE_WAY and place in phrases.THROUGH[language] and pen.chance(0.35):
        return pen.word(phrases.THROUGH, place), False
    return pen.word(phrases.PLACES, place), False


def _ends(plan: CaptionPlan, pen: Pen) -> list[str]:
    """What follows after commas: the occluder, the camera, the style."""
    said = plan.said
    out = [pen.word(phrases.BEHIND, plan.occluder)] if said.get("occluder", "none") != "none" else []
    if "relation" in said and pen.chance(0.6):
        out.append(pen.of(phrases.FRONT_VIEW[pen.language]))
    if "camera" in said:
        out.append(pen.word(phrases.CAMERAS, said["camera"]))
    if "style" in said:
        out.append(pen.word(phrases.STYLES, said["style"]))
    return out


COMMA: Final[dict[Language, str]] = {"en": ", ", "es": ", ", "zh": "，", "ar": "، "}
WITH: Final[dict[Language, tuple[str, str]]] = {"en": ("with", "and"), "es": ("con", "y"), "ar": ("مع", "و")}


def _and(first: str, second: str, language: Language) -> str:
    if language == "ar":
        return f"{first} و{second}"
    return f"{first} {WITH[language][1]} {second}"


def _sentence(plan: CaptionPlan, pen: Pen) -> str:
    """English, Spanish and Arabic."""
    said, language = plan.said, pen.language
    ends = _ends(plan, pen)
    if said.get("noun", "none") == "none":
        return COMMA[language].join([_stage(plan, pen), *ends] if "place" in said else ends)
    group = _group(plan, pen)
    if "place" in said and "relation" not in said and not plan.playing and pen.chance(0.12):
        return COMMA[language].join([_stage(plan, pen, group), *ends])
    place, told = _where(plan, pen)
    time = pen.word(phrases.DAYTIMES, said["daytime"]) if "daytime" in said else ""
    weather = pen.word(phrases.WEATHERS, said["weather"]) if "weather" in said and not told else ""
    around = [place, *((time, weather) if pen.chance(0.6) else (weather, time))]
    front = ""
    if (time or weather) and pen.chance(0.2):
        front, around = " ".join(part for part in around[1:] if part), [place]
    main = " ".join(part for part in (_who(plan, group, pen), *around) if part)
    if "noun2" in said and not (plan.together or plan.playing or "relation" in said):
        main += f"{COMMA[language]}{WITH[language][0]} {noun_phrase(_group(plan, pen, '2'), pen, True)}"
    return COMMA[language].join(part for part in (front, main, *ends) if part)


def _who(plan: CaptionPlan, group: Group, pen: Pen) -> str:
    """Who does what, and which way."""
    said, language = plan.said, pen.language
    if "relation" in said:
        return _related(plan, group, pen)
    subject = noun_phrase(group, pen)
    finite = pen.chance(0.25)
    if plan.playing:
        other = noun_phrase(_group(plan, pen, "2"), pen, True)
        return f"{subject} {_verb(plan, group, pen, 'play', finite)} {WITH[language][0]} {other}"
    if plan.together:
        subject = _and(subject, noun_phrase(_group(plan, pen, "2"), pen), language)
    if "action" not in said and "direction" not in said:
        return subject
    verb = _verb(plan, group, pen, said.get("action", "move"), finite)
    way = pen.word(phrases.DIRECTIONS, said["direction"]) if "direction" in said else ""
    if way.endswith("ándose") or "ándose " in way:  # Spanish "moving" says nothing beside these
        verb = verb if "action" in said else ""
    if language == "ar" and finite and group.count == 1 and not plan.together:
        return f"{verb} {subject} {way}".strip()
    return " ".join(part for part in (subject, verb, way) if part)


def _related(plan: CaptionPlan, group: Group, pen: Pen) -> str:
    first, second = noun_phrase(group, pen), noun_phrase(_group(plan, pen, "2"), pen, True)
    relation = plan.said["relation"]
    if relation == "on top of" and pen.chance(0.25):
        first, second, relation = second, first, "on the bottom of"
    return f"{first} {pen.word(phrases.RELATIONS, relation)} {second}"


def _stage(plan: CaptionPlan, pen: Pen, group: Group | None = None) -> str:
    """ "a serene beach at sunset with waves gently crashing and seagulls flying overhead"."""
    said, language = plan.said, pen.language
    place = pen.word(phrases.STAGES, said["place"])
    time = pen.word(phrases.DAYTIMES, said["daytime"]) if "daytime" in said else ""
    weather = pen.word(phrases.WEATHERS, said["weather"]) if "weather" in said else ""
    things = []
    if said["place"] in ("beach", "sea") and pen.chance(0.6):
        things.append(pen.word(phrases.WAVES, said["place"]))
    if group is not None:
        things.append(_doing(plan, group, pen))
        if "noun2" in said:
            things.append(noun_phrase(_group(plan, pen, "2"), pen, True))
    text = " ".join(part for part in (place, time, weather) if part)
    if not things:
        return text
    joined = things[0]
    for thing in things[1:]:
        joined = _and(joined, thing, language)
    return f"{text}{COMMA[language] if weather else ' '}{WITH[language][0]} {joined}"


def _doing(plan: CaptionPlan, group: Group, pen: Pen) -> str:
    said = plan.said
    parts = [noun_phrase(group, pen, True)]
    if "action" in said or "direction" in said:
        parts.append(_verb(CaptionPlan(said={}), group, pen, said.get("action", "move"), False))
    if "direction" in said:
        parts.append(pen.word(phrases.DIRECTIONS, said["direction"]))
    elif said.get("action") == "fly" and NOUNS[group.key].kind != "thing":
        parts.append(pen.of(phrases.OVERHEAD[pen.language]))
    return " ".join(parts)


def _chinese_sentence(plan: CaptionPlan, pen: Pen) -> str:
    said = plan.said
    ends = _ends(plan, pen)
    time = pen.word(phrases.DAYTIMES, said["daytime"]) if "daytime" in said else ""
    if said.get("noun", "none") == "none":
        weather = pen.word(phrases.WEATHERS, said["weather"]) if "weather" in said else ""
        stage = pen.word(phrases.STAGES, said["place"]) if "place" in said else ""
        waves = (
            pen.word(phrases.WAVES, said["place"]) if said.get("place") in ("beach", "sea") and pen.chance(0.6) else ""
        )
        return "，".join(part for part in (time, stage, weather, waves, *ends) if part)
    place, told = _where(plan, pen)
    weather = pen.word(phrases.WEATHERS, said["weather"]) if "weather" in said and not told else ""
    group = _group(plan, pen)
    other = noun_phrase(_group(plan, pen, "2"), pen) if "noun2" in said else ""
    beside = f"旁边有{other}" if other and not (plan.together or plan.playing or "relation" in said) else ""
    if place and pen.chance(0.3):
        head = f"{time}{'，' if told else '的'}{place}" if time else pen.of(f"{place}|在{place}")
        main = [head, weather, _chinese_who(plan, group, other, "", pen)]
    elif pen.chance(0.4):
        main = [time, weather, _chinese_who(plan, group, other, place, pen)]
    else:
        main = [_chinese_who(plan, group, other, place, pen), time, weather]
    return "，".join(part for part in (*main, beside, *ends) if part)


def _chinese_who(plan: CaptionPlan, group: Group, other: str, place: str, pen: Pen) -> str:
    said = plan.said
    subject = noun_phrase(group, pen)
    at = f"在{place}" if place else ""
    if "relation" in said:
        relation = said["relation"]
        if relation == "on top of" and pen.chance(0.25):
            subject, other, relation = other, subject, "on the bottom of"
        main = f"{subject}在{other}{pen.word(phrases.RELATIONS, relation)}"
        return f"{main}，{at}" if at else main
    if plan.playing:
        return f"{subject}{at}{pen.of('和|与|跟')}{other}{pen.of('一起|')}{pen.word(phrases.VERBS, 'play')}"
    if plan.together:
        subject += pen.of("和|与") + other
    if "action" not in said and "direction" not in said:
        return subject + at
    verb = _verb(plan, group, pen, said.get("action", "move"), False)
    way = pen.word(phrases.DIRECTIONS, said["direction"]) if "direction" in said else ""
    if not way and said.get("action") == "fly" and not at:
        at = pen.of(phrases.OVERHEAD["zh"])
    now = "正在" if said.get("action") != "stand" and pen.chance(0.4) else ""
    return subject + at + now + way + verb
