"""What a scene says of itself: its slots, and captions in every language.

A caption is planned first (which slots it mentions), then written (`language.grammar`). The plan does not depend on the
language: the same scene and the same state of the random generator give captions that say the same.
"""

from dataclasses import replace
from typing import Final, Literal

import numpy as np

from yozora.language.grammar import write
from yozora.language.languages import pack_of
from yozora.language.pack import CaptionPlan, Language, LanguagePack
from yozora.world.actions import ACTIONS
from yozora.world.cameras import CAMERAS
from yozora.world.nouns import NOUNS
from yozora.world.scene import COLORS, DAYTIMES, DIRECTIONS, PLACES, RELATIONS, Actor, Scene
from yozora.world.styles import STYLES
from yozora.world.weathers import WEATHERS

Length = Literal["long", "short", "bare"]
LENGTHS: Final[tuple[Length, ...]] = ("long", "short", "bare")

SLOTS: Final[dict[str, tuple[str, ...]]] = {
    "noun": (*NOUNS, "none"),
    "color": (*COLORS, "natural", "none"),
    "count": ("0", "1", "2", "3", "4"),
    "action": (*ACTIONS, "none"),
    "direction": DIRECTIONS,
    "place": PLACES,
    "daytime": DAYTIMES,
    "weather": tuple(WEATHERS),
    "camera": tuple(CAMERAS),
    "style": tuple(STYLES),
    "noun2": (*NOUNS, "none"),
    "color2": (*COLORS, "natural", "none"),
    "count2": ("0", "1", "2", "3", "4"),
    "relation": (*RELATIONS, "none"),
    "occluder": ("none", "some"),
}

PHRASED: Final = {"action": "verbs", "weather": "weathers", "camera": "cameras", "style": "styles"}
"""Slots whose values may be new, and the tables of packs that say them."""

OCCLUDERS: Final[dict[str, str]] = {  # what the stage of each place hides its actor behind
    "park": "tree",
    "beach": "rock",
    "city": "pillar",
    "snow": "tree",
    "desert": "rock",
    "sea": "rock",
    "mountains": "rock",
    "room": "pillar",
}


def _second(scene: Scene) -> tuple[Actor | None, int]:
    """The first actor that is not one of `scene.count`, and how many there are like it."""
    others = scene.actors[scene.count :]
    if not others:
        return None, 0
    like = [actor for actor in others if (actor.noun, actor.color) == (others[0].noun, others[0].color)]
    return others[0], min(len(like), 4)


def slots(scene: Scene) -> dict[str, str]:
    """Every slot's value, all of SLOTS, whether a caption would mention it or not."""
    first = scene.actors[0] if scene.actors else None
    other, others = _second(scene)
    return {
        "noun": first.noun if first else "none",
        "color": (first.color or "natural") if first else "none",
        "count": str(scene.count if first else 0),
        "action": first.action if first else "none",
        "direction": first.direction if first else "none",
        "place": scene.place,
        "daytime": scene.daytime,
        "weather": scene.weather,
        "camera": scene.camera,
        "style": scene.style,
        "noun2": other.noun if other else "none",
        "color2": (other.color or "natural") if other else "none",
        "count2": str(others),
        "relation": scene.relation or "none",
        "occluder": "some" if scene.occluder else "none",
    }


def said(
    scene: Scene, rng: np.random.Generator, language: Language = "en", length: Length = "long", called: str = ""
) -> tuple[str, dict[str, str]]:
    """A caption, and the slots that it mentions with their values.

    Long captions mention nearly everything, short ones drop some of it, bare ones only name the actors (or, without
    any, the place). Daylight, clear weather, the paper style and a static camera are rarely mentioned. `called` stands
    for the first actor, such as "@rex", instead of what it is. An action, a weather, a camera move or a style for which
    the language has no phrase is not mentioned.
    """
    plan, pack = _plan(scene, rng, length), pack_of(language)
    mentioned = {slot: value for slot, value in plan.said.items() if _has_phrase(pack, slot, value)}
    kinds = (_kind(mentioned.get("noun", "")), _kind(mentioned.get("noun2", "")))
    plan = replace(plan, said=mentioned, called=called, kinds=kinds)
    replaced = ("noun", "color") if called else ()
    return write(plan, pack, rng), {slot: value for slot, value in mentioned.items() if slot not in replaced}


def _has_phrase(pack: LanguagePack, slot: str, value: str) -> bool:
    """Whether a language can say the value of a slot; of slots whose values are in all packs, always."""
    return slot not in PHRASED or value in pack.table(PHRASED[slot])


def caption(scene: Scene, rng: np.random.Generator, language: Language = "en", length: Length = "long") -> str:
    """A caption of the scene; see `said`."""
    return said(scene, rng, language, length)[0]


def _kind(noun: str) -> str:
    """Of a noun; "" where there is none."""
    return NOUNS[noun].kind if noun in NOUNS else ""


def _plan(scene: Scene, rng: np.random.Generator, length: Length) -> CaptionPlan:
    """Which slots a caption of this length mentions."""
    truth = slots(scene)
    other, _ = _second(scene)
    around = _around(truth, rng, length)
    if truth["noun"] == "none":
        return CaptionPlan(
            said={"noun": "none", "count": "0", "place": truth["place"], **around}, bare=length == "bare"
        )
    mentioned = _named(truth, rng, length)
    first = scene.actors[0]
    mind = length != "bare" and truth["relation"] == "none"
    together = (
        other is not None
        and truth["relation"] == "none"
        and (not mind or (other.action, other.direction) == (first.action, first.direction))
    )
    fond = NOUNS[first.noun].kind == "person" and other is not None and NOUNS[other.noun].kind == "animal"
    playing = mind and fond and bool(rng.random() < 0.6)
    if mind and not playing:
        mentioned |= _deeds(truth, rng, length)
    moves = truth["direction"] in ("left", "right")
    if scene.occluder and length != "bare" and moves and rng.random() < (0.9 if length == "long" else 0.4):
        mentioned["occluder"] = "some"
    return CaptionPlan(
        said=mentioned | around,
        together=together and not playing,
        playing=playing,
        bare=length == "bare",
        occluder=OCCLUDERS[scene.place],
    )


def _named(truth: dict[str, str], rng: np.random.Generator, length: Length) -> dict[str, str]:
    """The actors, their colours and numbers."""
    out = {"noun": truth["noun"]}
    vague = truth["count"] != "1" and length != "bare" and rng.random() < 0.12
    out |= {} if vague else {"count": truth["count"]}
    for slot in ("color", "color2"):
        drop = 0.15 if length == "short" else 0.03 if length == "long" else 0.0
        if truth[slot] not in ("natural", "none") and rng.random() >= drop:
            out[slot] = truth[slot]
    if truth["noun2"] == "none":
        return out
    out["noun2"] = truth["noun2"]
    if truth["count2"] == "1" or rng.random() >= 0.15:
        out["count2"] = truth["count2"]
    if truth["relation"] != "none":
        out["relation"] = truth["relation"]
    return out


def _deeds(truth: dict[str, str], rng: np.random.Generator, length: Length) -> dict[str, str]:
    """Action and direction."""
    out = {}
    still = truth["action"] == "stand"
    alive = NOUNS[truth["noun"]].kind in ("animal", "person", "bird")
    share = (0.5 if alive else 0.25) if still else 0.95 if length == "long" else 0.7
    if rng.random() < share:
        out["action"] = truth["action"]
    if truth["direction"] != "none" and not still and rng.random() < (0.95 if length == "long" else 0.7):
        out["direction"] = truth["direction"]
    return out


def _around(truth: dict[str, str], rng: np.random.Generator, length: Length) -> dict[str, str]:
    """Place, time, weather, camera and style."""
    if length == "bare":
        return {}
    plain = {"daytime": "day", "weather": "clear", "camera": "static", "style": "paper"}
    shares = {"place": 0.97, "daytime": 0.95, "weather": 0.95, "camera": 0.9, "style": 0.95}
    out = {}
    for slot, share in shares.items():
        if truth[slot] == plain.get(slot):
            share = 0.15 if slot == "daytime" else 0.06
        elif length == "short":
            share *= 0.5
        if rng.random() < share:
            out[slot] = truth[slot]
    return out
