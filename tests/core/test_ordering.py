"""Wishes become orders, and whatever cannot be is refused by name, whichever way it came in."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.numbered import MINI, asked, source

from yozora.core.modes import COMMON, MODES, StoryboardCard
from yozora.core.options import ArgumentError
from yozora.core.order import CharacterSource, Source
from yozora.core.ordering import ordered, sources_of, unknown, values
from yozora.core.request import MAX_PIXELS, MAX_SIDE, MIN_SIDE
from yozora.families import presets

CLIP = source("source", 33)


def refused(mode: str, requested: dict[str, Any], sources: list[Source], prompt: Any = "a car") -> ArgumentError:
    with pytest.raises(ArgumentError) as caught:
        ordered(mode, prompt, requested, sources)
    line = str(caught.value)
    assert "\n" not in line
    assert caught.value.hint
    return caught.value


# --- names


@pytest.mark.parametrize("mode", MODES)
def test_every_option_may_be_said_by_any_of_its_names(mode: str) -> None:
    good = {"number": 1, "whole": 64, "flag": "yes", "text": "a", "size": "64x64", "strength": 0.5}
    good |= {"region": "0,0,1,1", "spans": "0-1", "cards": (), "pair": "4,3", "loras": "a.safetensors:0.5"}
    good |= {"bytes": "8GB"}
    needed = {option.name: good[option.kind] for option in MODES[mode].own if option.needed}
    for option in MODES[mode].takes:
        others = {name: value for name, value in needed.items() if name != option.name}
        for name in {option.name, option.wired, *option.aliases}:
            value = option.choices[0] if option.kind == "choice" else good[option.kind]
            said = values(MODES[mode], {**others, name: value})
            assert said.keys() == {option.name, *needed}


def test_fault_4_an_option_of_another_mode_is_refused_by_name() -> None:
    error = refused("remix", {"seconds": 5}, [CLIP])
    assert error.argument == "seconds"
    having = [mode.name for mode in MODES.values() if "seconds" in {option.name for option in mode.own}]
    assert having[:4] == ["generate", "extend", "loop", "blend"]
    assert str(error) == f"remix takes no seconds. Use it with {', '.join(having)}."


@pytest.mark.parametrize(("mode", "other"), list(product(MODES, MODES)))
def test_fault_4_no_mode_ignores_what_another_one_takes(mode: str, other: str) -> None:
    for option in MODES[other].own:
        if option.name not in {each.name for each in MODES[mode].own}:
            error = unknown(MODES[mode], option.name)
            assert error.argument == option.name
            assert other in error.hint
            with pytest.raises(ArgumentError, match=f"{mode} takes no {option.name}"):
                values(MODES[mode], {option.name: 1})
    for slot in MODES[other].slots:
        if slot.name not in {each.name for each in MODES[mode].slots}:
            assert other in unknown(MODES[mode], slot.name).hint


def test_a_slip_of_the_keyboard_is_seen() -> None:
    assert refused("generate", {"secnods": 5}, []).hint == "Did you mean seconds?"
    assert refused("generate", {"guidanse": 5}, []).hint == "Did you mean guidance?"
    assert refused("generate", {"x" * 9999: 5}, []).hint.startswith("Use one of: seconds, size")
    assert refused("generate", {"Seconds": 5}, []).argument == "Seconds"


def test_what_is_said_twice_is_refused() -> None:
    assert refused("generate", {"seconds": 1, "duration": 2}, []).argument == "seconds"
    assert ordered("generate", "a car", {"seconds": 1, "duration": None}).request.seconds == 1


def test_a_source_may_be_said_by_another_name() -> None:
    mode = MODES["generate"]
    assert sources_of(mode, {"image": None}, {"first_frame": "a.png", "seed": 1}) == ({"image": "a.png"}, {"seed": 1})
    with pytest.raises(ArgumentError, match="image appears twice"):
        sources_of(mode, {"image": "a.png"}, {"first": "b.png"})
    assert sources_of(MODES["edit"], {"source": "a.mp4"}, {"from": 1, "to": 2}) == (
        {"source": "a.mp4"},
        {"from": 1, "to": 2},
    )


# --- prompts and sources


@pytest.mark.parametrize(
    "prompt", [None, "", " \n\t", 7, b"a car", ["a car"], "a" * 33_000, "a\0b", "\ud800"], ids=repr
)
def test_fault_5_a_prompt_is_text(prompt: Any) -> None:
    assert refused("generate", {}, [], prompt).argument == "prompt"


def test_where_nothing_is_said_a_clip_is_what_it_was_made_from() -> None:
    clip = replace(CLIP, prompt="a dog")
    assert ordered("extend", None, {}, [clip]).request.prompt == "a dog"
    assert ordered("extend", "a cat", {}, [clip]).request.prompt == "a cat"
    assert ordered("extend", None, {}, [CLIP]).request.prompt == ""
    assert refused("remix", {}, [clip], None).argument == "prompt"


@pytest.mark.parametrize("mode", [name for name, mode in MODES.items() if any(slot.needed for slot in mode.slots)])
def test_sources_are_needed_and_of_their_kind(mode: str) -> None:
    requested = {"keep": "0-1"} if mode == "recut" else {}
    slots = [slot.name for slot in MODES[mode].slots]
    for slot in slots:
        others = [source(each, 33) for each in slots if each != slot]
        error = refused(mode, requested, others)
        assert (error.argument, error.message) == (slot, f"{mode} needs a clip.")
        still = source(slot, 1, fps=0.0)
        assert refused(mode, requested, [*others, still]).message == "This is a picture, not a clip."


def test_more_characters_than_the_weights_were_taught_are_refused() -> None:
    two = [CharacterSource(name=name, at=name, plain=True) for name in ("rex", "max")]
    with pytest.raises(ArgumentError, match="takes 1 of these 2 characters") as caught:
        ordered("generate", "rex and max", {}, [], two)
    assert caught.value.argument == "cast"
    with pytest.raises(ArgumentError) as caught:
        ordered("generate", "@rex and @max", {}, [], [replace(each, plain=False) for each in two])
    assert caught.value.argument == "prompt"


# --- models


def test_a_model_that_is_not_known_is_refused_by_name() -> None:
    for model in ("maxi", "", "a\0b"):
        assert refused("generate", {"model": model}, []).argument == "model"


def test_weights_say_what_they_cannot_do(monkeypatch: pytest.MonkeyPatch) -> None:
    modest = replace(MINI, name="modest", known=presets.ANYTHING[:3], max_seconds=4.0)
    monkeypatch.setattr(presets, "PRESETS", {"mini": MINI, "modest": modest})
    image, last = source("image", 1), source("last", 1)
    ordered("generate", "a car", {"model": "modest"}, [image])
    error = refused("generate", {"model": "modest"}, [image, last])
    assert (error.argument, error.hint) == ("model", "Models that can do this: mini.")
    assert refused("extend", {"model": "modest"}, [CLIP]).argument == "model"
    error = refused("generate", {"model": "modest", "seconds": 5}, [])
    assert (error.argument, error.hint) == ("seconds", "Use up to 4.")


def test_the_defaults_are_the_models() -> None:
    request = ordered("generate", "a car", {}).request
    assert (request.width, request.height, request.fps, request.seconds) == (*MINI.sizes[0], MINI.fps, MINI.seconds)
    assert (request.steps, request.guidance, request.model) == (MINI.steps, MINI.guidance, "mini")


def test_without_a_seed_every_order_is_another() -> None:
    seeds = {ordered("generate", "a car", {"seed": None}).request.seed for _ in range(8)}
    assert len(seeds) == 8


# --- lengths


def test_a_clip_of_ten_minutes_can_go_on() -> None:
    """What the weights make is bounded, not what is kept."""
    clip = source("source", 18_000, 30.0)
    assert ordered("extend", "a car", {"seconds": 4}, [clip]).request.seconds == 604
    assert refused("extend", {"seconds": 601}, [CLIP]).argument == "seconds"
    assert refused("remix", {}, [source("source", 18_001, 30.0)]).argument == "source"
    assert refused("loop", {}, [source("source", 90_000, 30.0)]).argument == "seconds"


# --- sizes and rates


def size(mode: str = "generate", *sources: Source, **requested: Any) -> tuple[int, int, float]:
    request = ordered(mode, "a car", requested, sources).request
    return request.width, request.height, request.fps


def test_a_film_of_words_has_any_size_and_rate() -> None:
    assert size(size="1280x720", fps=24) == (1280, 720, 24)
    assert size(size=(640, 360)) == (640, 360, 16)
    assert size(width=640, height=360) == (640, 360, 16)
    assert size(native=True) == (224, 128, 16)


def test_fault_3_one_side_is_enough() -> None:
    """The other one follows the source's shape, or the model's."""
    image = source("image", 1, width=3000, height=2000, fps=0.0)
    assert size("generate", image, height=224) == (336, 224, 16)
    assert size("generate", image, width=336) == (336, 224, 16)
    assert size(height=256) == (448, 256, 16)
    assert size("remix", replace(CLIP, width=640, height=360), width=1280) == (1280, 720, 16)


def test_a_film_of_a_clip_has_its_size_and_rate() -> None:
    clip = replace(CLIP, width=3840, height=2160, fps=29.97)
    assert size("extend", clip) == (3840, 2160, 29.97)
    assert size("extend", clip, fps=25) == (3840, 2160, 25)
    assert size("extend", clip, native=True) == (224, 128, 16)
    assert size("extend", replace(clip, width=2160, height=3840), native=True) == (128, 224, 16)
    assert size("extend", replace(clip, fps=120.0)) == (3840, 2160, 60)
    assert size("edit", replace(clip, width=641, height=361)) == (640, 360, 29.97), "sides are even"


def test_a_film_that_begins_with_a_picture_is_no_larger_than_a_film_should_be() -> None:
    photo = source("image", 1, width=8000, height=6000, fps=0.0)
    width, height, fps = size("generate", photo)
    assert width * height <= 1920 * 1080
    assert (width / height, fps) == (pytest.approx(4 / 3, rel=0.01), 16)


@given(width=st.integers(1, 20_000), height=st.integers(1, 20_000), clip=st.booleans(), fps=st.floats(0.1, 1000))
def test_a_source_of_any_size_can_be_used(width: int, height: int, clip: bool, fps: float) -> None:
    given = source("source" if clip else "image", 33, fps, width=width, height=height)
    if not clip:
        given = replace(given, fps=0.0, seconds=0.0)
    found = size("loop" if clip else "generate", given)
    assert all(side % 2 == 0 and MIN_SIDE <= side <= MAX_SIDE for side in found[:2])
    assert found[0] * found[1] <= MAX_PIXELS


@pytest.mark.parametrize(
    ("requested", "argument"),
    [
        ({"size": "1280x720", "width": 1280}, "width"),
        ({"native": True, "size": "1280x720"}, "native"),
        ({"native": True, "fps": 24}, "native"),
        ({"size": "32x32"}, "size"),
        ({"size": "5000x64"}, "size"),
        ({"size": "4096x4096"}, "size"),
        ({"size": "101x101"}, "size"),
        ({"width": 101}, "width"),
        ({"width": 63}, "width"),
        ({"height": 4097}, "height"),
        ({"height": 4096}, "height"),
        ({"width": 10**400}, "width"),
        ({"size": (10**5000, 10)}, "size"),
        ({"size": (-64, -64)}, "size"),
    ],
    ids=list(range(14)),
)
def test_sizes_that_cannot_be_made(requested: dict[str, Any], argument: str) -> None:
    assert refused("generate", requested, []).argument == argument


@given(st.tuples(st.integers(1, 9999), st.integers(1, 9999)))
def test_fault_8_what_an_error_says_can_be_made_can_be_made(asked: tuple[int, int]) -> None:
    try:
        size(size=asked)
    except ArgumentError as error:
        hint = error.hint.rstrip(".").split("Try ")[-1].split("try ")[-1]
        assert size(size=hint)[0] > 0


@pytest.mark.parametrize("option", COMMON, ids=[option.name for option in COMMON])
def test_fault_5_every_common_option_is_checked(option: Any) -> None:
    for value in (object(), [object()], b"x", float("nan")):
        assert refused("generate", {option.name: value}, []).argument == option.name


# --- storyboards


def test_cards_follow_each_other() -> None:
    one, two = StoryboardCard(start=0, stop=1, text="a"), StoryboardCard(start=1, stop=2, text="b", source=0)
    for cards in (
        (),
        [one],
        (one, "two"),
        (two,),
        (one, replace(two, start=1.5)),
        (one, replace(two, stop=0.5)),
        (one, two),
    ):
        error = refused("storyboard", {"cards": cards}, [], None)
        assert error.argument == "cards"
    assert refused("storyboard", {}, [], None).argument == "cards"
    assert asked("storyboard", (1,), cards=(one, two)).request.seconds == 2
