"""Captions say what the scene shows, in every language, and only that."""

import re

import numpy as np
import pytest

from yozora.language.grammar import write
from yozora.language.languages import LANGUAGES
from yozora.language.pack import CaptionPlan, Language
from yozora.world.cameras import CAMERAS
from yozora.world.captions import LENGTHS, PHRASED, SLOTS, caption, said, slots
from yozora.world.nouns import NOUNS
from yozora.world.scene import COLORS, DAYTIMES, DIRECTIONS, PLACES, RELATIONS, Actor, Relation, Scene
from yozora.world.styles import STYLES
from yozora.world.weathers import WEATHERS


def scene_of(seed: int) -> Scene:
    """A scene made at random: one to four actors, sometimes a second kind, sometimes nobody."""
    rng = np.random.default_rng([7, seed])

    def one(options):
        return list(options)[int(rng.integers(len(options)))]

    def actor() -> Actor:
        noun = NOUNS[one(list(NOUNS))]
        action = one(noun.actions)
        way = "none" if action == "stand" else one(DIRECTIONS)
        color = one((None, *COLORS))
        return Actor(noun=noun.key, color=color, action=action, direction=way, x=0.5, y=0.8, height=noun.height)

    first, count, kind = actor(), int(rng.integers(1, 5)), float(rng.random())
    actors: tuple[Actor, ...] = (first,) * count
    relation: Relation | None = None
    if kind < 0.25:
        actors += (actor(),) * int(rng.integers(1, 3))
    elif kind < 0.45:
        actors, count, relation = (first, actor()), 1, one(RELATIONS)
    elif kind < 0.5:
        actors, count = (), 1
    return Scene(
        seed=seed,
        place=one(PLACES),
        daytime=one(DAYTIMES),
        weather=one(WEATHERS),
        camera=one(CAMERAS),
        style=one(STYLES),
        actors=actors,
        count=count,
        relation=relation,
        occluder=bool(rng.random() < 0.2),
    )


def spellings(key: str, language: Language) -> list[str]:
    out = []
    for name in LANGUAGES[language].names(key):
        parts = list(name.forms)
        out += [part.casefold() for part in parts if part]
    return out


@pytest.mark.parametrize("language", LANGUAGES)
def test_captions_name_who_is_there(language: Language) -> None:
    for seed in range(500):
        scene = scene_of(seed)
        for length in LENGTHS:
            text, mentioned = said(scene, np.random.default_rng(seed), language, length)
            assert text == text.strip() != ""
            assert not re.search(r"None|[{}|/]|\s\s|\s,|,,| $", text), text
            for slot in ("noun", "noun2"):
                if mentioned.get(slot, "none") != "none":
                    assert any(name in text.casefold() for name in spellings(mentioned[slot], language)), text


def test_slots_are_complete_and_captions_only_say_what_is_so() -> None:
    for seed in range(300):
        scene = scene_of(seed)
        truth = slots(scene)
        assert set(truth) == set(SLOTS)
        assert all(value in SLOTS[slot] for slot, value in truth.items())
        for length in LENGTHS:
            for language in LANGUAGES:
                _, mentioned = said(scene, np.random.default_rng(seed), language, length)
                assert mentioned.items() <= truth.items()
                assert "natural" not in mentioned.values()
                assert mentioned.get("direction") != "none"


def test_all_languages_say_the_same() -> None:
    """Of what each has a phrase for."""
    phrased = [set.intersection(*(set(pack.table(PHRASED[slot])) for pack in LANGUAGES.values())) for slot in PHRASED]
    sayable = set().union(*phrased)
    for seed in range(100):
        scene = scene_of(seed)
        if not {slots(scene)[slot] for slot in PHRASED} <= sayable:
            continue
        plans = [said(scene, np.random.default_rng(seed), language)[1] for language in LANGUAGES]
        assert all(plan == plans[0] for plan in plans)


def test_long_captions_say_more_than_short_ones() -> None:
    said_of = {
        length: np.mean([len(said(scene_of(k), np.random.default_rng(k), "en", length)[1]) for k in range(200)])
        for length in LENGTHS
    }
    assert said_of["long"] > said_of["short"] + 1 > said_of["bare"] + 1


def lone(noun: str, color=None, count: int = 1, **more) -> Scene:
    actor = Actor(noun=noun, color=color, x=0.5, y=0.8, height=0.4)
    return Scene(seed=0, place="park", actors=(actor,) * count, count=count, **more)


def said_by_many(scene: Scene, language: Language, length="bare", tries: int = 60) -> set[str]:
    return {caption(scene, np.random.default_rng(k), language, length) for k in range(tries)}


def test_bare_captions_are_those_of_vbench() -> None:
    assert "a red bicycle" in said_by_many(lone("bicycle", "red"), "en")
    assert "an orange car" in said_by_many(lone("car", "orange"), "en")
    assert said_by_many(lone("scissors"), "en") == {"scissors"}
    bird, cat = (Actor(noun=noun, x=0.5, y=0.8, height=0.4) for noun in ("bird", "cat"))
    assert "a bird and a cat" in said_by_many(Scene(seed=0, place="park", actors=(bird, cat)), "en")
    dog, horse = (Actor(noun=noun, x=0.5, y=0.8, height=0.4) for noun in ("dog", "horse"))
    beside = Scene(seed=0, place="park", actors=(dog, horse), relation="left of")
    assert "a dog on the left of a horse, front view" in said_by_many(beside, "en", tries=200)
    above = Scene(seed=0, place="park", actors=(dog, horse), relation="on top of")
    assert "a horse on the bottom of a dog, front view" in said_by_many(above, "en", tries=600)


def test_sentences_like_those_people_write() -> None:
    def written(said_slots: dict[str, str], wanted: str, **more) -> bool:
        plan = CaptionPlan(said=said_slots, kinds=(NOUNS[said_slots["noun"]].kind, ""), **more)
        return any(
            write(plan, LANGUAGES["en"], np.random.default_rng(k)).rstrip(".").lower() == wanted for k in range(20000)
        )

    night = {"place": "city", "daytime": "night", "weather": "snow"}
    walking = {"noun": "person", "count": "2", "action": "walk", **night}
    assert written(walking, "two people walking through a snowy city at night")
    woman = {"noun": "woman", "count": "1", "color": "red", "action": "walk", "place": "city"}
    assert written(woman, "a young woman in a red dress walking through a bustling city")
    gulls = {"noun": "seagull", "action": "fly", "place": "beach", "daytime": "sunset"}
    assert written(gulls, "a serene beach at sunset with waves gently crashing and seagulls flying overhead")
