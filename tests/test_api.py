"""The functions of the package: written out, as the modes are declared, and no argument is passed over."""

import inspect
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import yozora
from yozora import api
from yozora.core.modes import COMMON, MODES, Mode, Storyboard
from yozora.core.options import ArgumentError
from yozora.families import presets
from yozora.families.presets import Preset
from yozora.films import making, orders
from yozora.films.film import Film
from yozora.films.orders import Choices, LocalOrder
from yozora.story.board import Board, Card

FRAMES = np.zeros((9, 64, 96, 3), np.uint8)
CLIP = Film(FRAMES, 16)
BOARD = Board(cards=(Card(start=0, stop=1, prompt="a car"), Card(start=1, stop=2, prompt="a dog")))
MORE: dict[str, dict[str, Any]] = {"blend": {"seconds": 0.25}, "recut": {"keep": "0-0.2"}}  # that the clip allows


def least(mode: Mode) -> dict[str, Any]:
    """What a mode's function is called with at least."""
    if mode.options is Storyboard:
        return {"board": BOARD}
    said = {slot.name: CLIP for slot in mode.slots if slot.needed}
    return {**said, **({"prompt": "a car"} if mode.prompt == "needed" else {}), **MORE.get(mode.name, {})}


CALLS: dict[str, dict[str, Any]] = {name: least(mode) for name, mode in MODES.items()}
WRITTEN = [name for name in MODES if name in vars(api)]


def functions() -> dict[str, Callable[..., Film]]:
    return {name: getattr(api, name) for name in MODES}


def arguments(name: str) -> list[str]:
    """All arguments of a function, those that every mode takes too."""
    own = [each for each in inspect.signature(getattr(api, name)).parameters if each != "choices"]
    return [*own, *Choices.__annotations__]


@pytest.fixture
def asked(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> list[LocalOrder]:
    """What would be made."""
    found: list[LocalOrder] = []

    def film(asked: LocalOrder, engine: object) -> Film:
        found.append(asked)
        return CLIP

    monkeypatch.setattr("yozora.families.presets.PRESETS", {"mini": replace(toy, name="mini")})
    monkeypatch.setattr(making, "film", film)
    monkeypatch.setattr(api, "_engine", lambda preset, device: None)
    return found


# --- as declared


def test_every_mode_has_a_function_and_the_package_offers_it() -> None:
    assert set(WRITTEN) <= set(yozora.__all__)
    assert set(MODES) <= set(dir(yozora))
    for name, function in functions().items():
        assert callable(getattr(yozora, name))
        assert function.__doc__
    assert all(getattr(yozora, name) is getattr(api, name) for name in WRITTEN)


@pytest.mark.parametrize("name", [name for name in WRITTEN if MODES[name].options is not Storyboard])
def test_a_function_that_is_made_of_a_declaration_takes_what_a_written_one_takes(name: str) -> None:
    made, written = inspect.signature(api.function_of(MODES[name])), inspect.signature(getattr(api, name))
    assert made == api.signature_of(MODES[name])
    assert made.return_annotation is written.return_annotation is Film
    for one, other in zip(made.parameters.values(), written.parameters.values(), strict=True):
        assert (one.name, one.kind, one.default) == (other.name, other.kind, other.default)


@pytest.fixture
def pong(monkeypatch: pytest.MonkeyPatch) -> Mode:
    """A mode that is not written out."""
    mode = replace(MODES["extend"], name="pong", route="pongs", painter="yozora.core.painters:extend")
    monkeypatch.setitem(MODES, "pong", mode)
    return mode


def test_a_mode_that_is_not_written_out_is_a_function(pong: Mode, asked: list[LocalOrder]) -> None:
    assert "pong" in dir(yozora)
    assert yozora.pong.__name__ == "pong"
    assert yozora.pong.__doc__.startswith(pong.summary)
    assert "`seconds`: Seconds to add." in yozora.pong.__doc__
    assert get_type_hints(yozora.pong)["backward"] == bool | None
    yozora.pong(CLIP, "a car", seconds=0.5, seed=3, device="cpu")
    yozora.extend(CLIP, "a car", seconds=0.5, seed=3, device="cpu")
    made, written = (each.order for each in asked)
    assert (made.request, made.options) == (written.request, written.options)


@pytest.mark.parametrize(
    ("more", "argument"), [({"seconds": -1}, "seconds"), ({"strength": 1}, "strength"), ({"device": 5}, "device")]
)
def test_a_function_of_a_declaration_refuses_as_others_do(pong: Mode, more: dict[str, Any], argument: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        yozora.pong(CLIP, **more)
    assert refused.value.argument == argument
    with pytest.raises(TypeError, match="missing a required argument: 'source'"):
        yozora.pong()


def test_what_is_no_mode_is_no_attribute() -> None:
    for module in (yozora, api):
        with pytest.raises(AttributeError, match=f"module '{module.__name__}' has no attribute 'pong'"):
            module.pong  # noqa: B018 # it is asked for


@pytest.mark.parametrize("name", MODES)
def test_a_function_takes_what_its_mode_declares(name: str) -> None:
    mode = MODES[name]
    parameters = inspect.signature(getattr(api, name)).parameters
    board = mode.options is Storyboard
    options = {option.name: option for option in mode.own if not board}
    slots = {slot.name: slot for slot in mode.slots}
    said = {*options, *slots, "device", "choices", *(["board"] if board else ["prompt"])}
    assert set(parameters) == said
    for parameter in parameters.values():
        needed = (
            parameter.name == "board"
            or (parameter.name == "prompt" and mode.prompt == "needed")
            or (parameter.name in options and options[parameter.name].needed)
            or (parameter.name in slots and slots[parameter.name].needed)
        )
        if parameter.name != "choices":
            assert parameter.default is (inspect.Parameter.empty if needed else None), parameter
        optional = parameter.name in {*options, *slots, "device"} and not needed
        assert (parameter.kind is inspect.Parameter.KEYWORD_ONLY) == optional, parameter
    assert get_type_hints(getattr(api, name))["return"] is Film


def test_what_every_mode_takes_is_typed_and_said() -> None:
    hints = get_type_hints(Choices)
    assert list(hints) == [*(option.name for option in COMMON), "cast"]
    assert Choices.__doc__
    for name in ("size", "width", "fit", "native", "cast", "model"):
        assert f"`{name}`" in Choices.__doc__


@pytest.mark.parametrize("name", MODES)
def test_a_docstring_names_what_a_person_may_say(name: str) -> None:
    said = getattr(api, name).__doc__
    for option in MODES[name].own:
        assert f"`{option.name}`" in said or option.name in ("keep", "cards", "backward"), option.name


# --- as asked


@pytest.mark.parametrize("name", MODES)
def test_the_least_that_can_be_said_is_an_order(name: str, asked: list[LocalOrder]) -> None:
    functions()[name](**CALLS[name])
    assert [each.order.mode for each in asked] == [name]
    functions()[name](**CALLS[name], seed=7, size=(128, 64), fps=24, style="noir", steps=3, guidance=2, fit="pad")
    request = asked[1].order.request
    assert (request.seed, request.width, request.height, request.fps) == (7, 128, 64, 24)
    assert (request.style, request.steps, request.guidance, request.fit) == ("noir" if name != "x" else "", 3, 2, "pad")


def test_fault_5_without_a_seed_every_film_is_another(asked: list[LocalOrder]) -> None:
    for _ in range(3):
        yozora.generate("a car", seed=None)
    assert len({each.order.request.seed for each in asked}) == 3


def test_fault_2_a_last_picture_counts_alone(asked: list[LocalOrder], tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"does-not-exist\.png") as refused:
        yozora.generate("a dog", last="does-not-exist.png")
    assert refused.value.argument == "last"
    yozora.generate("a dog", last=FRAMES[0])
    assert [source.slot for source in asked[0].order.sources] == ["last"]


def test_fault_3_a_height_alone_counts(asked: list[LocalOrder]) -> None:
    yozora.generate("a dog", image=FRAMES[0], height=224)
    request = asked[0].order.request
    assert (request.width, request.height) == (336, 224)
    yozora.generate("a dog", width=448)
    assert (asked[1].order.request.width, asked[1].order.request.height) == (448, 448)  # the toy's are squares


@pytest.mark.parametrize("name", MODES)
@pytest.mark.parametrize(
    "foreign", ["seconds", "strength", "region", "keep", "backward", "image", "b", "cards", "nonsense"]
)
def test_fault_4_an_option_of_another_mode_is_refused_by_name(name: str, foreign: str, asked: list[LocalOrder]) -> None:
    if foreign in arguments(name):
        return
    with pytest.raises(ArgumentError) as refused:
        functions()[name](**CALLS[name], **{foreign: 1})
    assert refused.value.argument == foreign
    assert asked == []


def test_fault_4_says_whose_it_is(asked: list[LocalOrder]) -> None:
    with pytest.raises(ArgumentError) as refused:
        yozora.remix(CLIP, "a car", seconds=5)  # type: ignore[call-arg]
    having = [mode.name for mode in MODES.values() if "seconds" in {option.name for option in mode.own}]
    assert str(refused.value) == f"remix takes no seconds. Use it with {', '.join(having)}."


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (partial(yozora.generate, "a car", steps=2.5), "steps"),
        (partial(yozora.generate, ["a car"]), "prompt"),
        (partial(yozora.generate, "a car", image=np.zeros((4, 4))), "image"),
        (partial(yozora.generate, "a car", seconds=700), "seconds"),
        (partial(yozora.generate, "a car", seconds=0), "seconds"),
        (partial(yozora.generate, "a car", device="tpu"), "device"),
        (partial(yozora.generate, "a car", device=["cpu"]), "device"),
        (partial(yozora.generate, "a car", cast={"a": CLIP, "b": CLIP}), "cast"),
        (partial(yozora.blend, CLIP, CLIP, seconds=3), "seconds"),
        (partial(yozora.edit, CLIP, "a car", region=(0, 0, 9, 9)), "region"),
        (partial(yozora.edit, CLIP, "a car", start=3), "start"),
        (partial(yozora.recut, CLIP, []), "keep"),
        (partial(yozora.storyboard, "missing.yaml"), "board"),
        (partial(yozora.storyboard, 5), "board"),
        (partial(yozora.extend, "missing.mp4"), "source"),
        (partial(yozora.extend, None), "source"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # equal in all processes
)
def test_fault_5_a_wrong_value_is_refused_by_name(call: Callable[[], Film], argument: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        call()
    assert refused.value.argument == argument
    assert refused.value.hint


def test_fault_18_two_pictures_need_time_between_them() -> None:
    with pytest.raises(ArgumentError, match="too short for frames between") as refused:
        yozora.generate("a car", image=FRAMES[0], last=FRAMES[0], seconds=0.3)
    assert (refused.value.argument, refused.value.hint) == ("seconds", "Ask for at least 0.5 seconds.")


def test_fault_19_a_blend_says_how_many_seconds_there_are(asked: list[LocalOrder]) -> None:
    with pytest.raises(ArgumentError, match="too short to blend") as refused:
        yozora.blend(CLIP, CLIP, seconds=3)
    assert refused.value.hint == "Ask for at most 0.5 seconds."
    yozora.blend(CLIP, CLIP, seconds=0.5)
    assert asked[0].order.request.seconds == pytest.approx(18 / 16 - 0.5)


# --- rubbish


class Odd:
    """Something of another kind."""

    def __fspath__(self) -> bytes:
        return b"odd"


RUBBISH = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(),
    st.sampled_from(
        ["", " ", "\0", "\ud800", "a\0b", "x" * 40_000, "-", "..", "/", "nan", "1e999", "640x360", "a" * 300]
    ),
    st.text(max_size=20),
    st.binary(max_size=20),
    st.lists(st.one_of(st.none(), st.floats(), st.text(max_size=3)), max_size=5),
    st.dictionaries(st.text(max_size=3), st.one_of(st.none(), st.floats(), st.text(max_size=3)), max_size=3),
    st.builds(lambda make: make(), st.sampled_from([object, Odd, dict, list, set, lambda: int, lambda: 10**5000])),
    st.builds(
        lambda shape, dtype: np.zeros(shape, dtype),
        st.sampled_from(
            [(), (0,), (3,), (4, 4), (4, 4, 3), (4, 4, 4), (0, 4, 3), (2, 4, 4, 3), (1, 1, 3), (2, 2, 2, 2, 3)]
        ),
        st.sampled_from(["uint8", "float32", "int64", "bool", "object", "U3"]),
    ),
    st.sampled_from(
        [Image.new("RGBA", (3, 3)), Image.new("1", (1, 9)), Image, CLIP, Film(FRAMES, 1e-3), Film(FRAMES, 1e9)]
    ),
    st.builds(Path, st.sampled_from(["missing.png", ".", "a\0b", "x" * 5000])),
)


@settings(max_examples=1500, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_fault_5_rubbish_works_or_is_refused_by_name(data: st.DataObject, asked: list[LocalOrder]) -> None:
    name = data.draw(st.sampled_from(sorted(MODES)))
    argument = data.draw(st.sampled_from(arguments(name)))
    value = data.draw(RUBBISH)
    asked.clear()
    refused = refusal(name, argument, value)
    if refused is None:
        (each,) = asked
        assert orders.Order.from_json(each.order.to_json()) == each.order
        return
    assert refused.argument in arguments(name), refused.argument
    assert "\n" not in str(refused)
    assert refused.hint


def refusal(name: str, argument: str, value: object) -> ArgumentError | None:
    """What is said where a function is called with that argument; None where it works."""
    try:
        functions()[name](**{**CALLS[name], argument: value})
    except ArgumentError as refused:
        return refused
    return None


@pytest.mark.parametrize(
    "value",
    [None, 0.5, -1, float("nan"), 10**5000, "", "\0", "\ud800", b"x", [], {}, object(), FRAMES, FRAMES[0], np.zeros(0)],
    ids=lambda value: type(value).__name__,
)
def test_fault_5_every_argument_of_every_function(value: Any, asked: list[LocalOrder]) -> None:
    for name in MODES:
        for argument in arguments(name):
            refused = refusal(name, argument, value)
            assert refused is None or refused.argument in arguments(name), (name, argument)


def test_the_model_that_was_used_last_stays_loaded(toy: Preset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yozora.families.presets.PRESETS", {"mini": replace(toy, name="mini")})
    api._engine.cache_clear()
    preset = presets.find("mini")
    assert api._engine(preset, "cpu") is api._engine(preset, "cpu")
    api._engine.cache_clear()
