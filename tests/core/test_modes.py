"""Modes are declared once, and whole."""

import importlib
import inspect
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from tests.core.numbered import MINI, asked, source

from yozora.core import modes
from yozora.core.modes import COMMON, MODES, Edit, Extend, Mode, Option, Recut
from yozora.core.options import ArgumentError, options_of, read
from yozora.errors import UserError

OWN = [(mode, option) for mode in MODES.values() for option in mode.own]
ALL = [*OWN, *[(None, option) for option in COMMON]]


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_a_declaration_is_whole(mode: Mode) -> None:
    assert MODES[mode.name] is mode
    assert is_dataclass(mode.options)
    assert [option.name for option in mode.own] == [field.name for field in fields(mode.options)]
    assert mode.summary.endswith(".")
    assert "\n" not in mode.summary
    assert mode.paint.__doc__
    assert list(inspect.signature(mode.paint).parameters) == ["order", "given"]
    assert mode.prompt_help.endswith(".")
    for slot in mode.slots:
        assert slot.help.endswith(".")


@pytest.mark.parametrize(("mode", "option"), ALL, ids=[option.name for _, option in ALL])
def test_an_option_says_what_it_is(mode: Mode | None, option: Option) -> None:
    assert option.help.endswith("."), option
    assert option.flagged.startswith("--")
    assert option.wired.replace("_", "").isalpha()
    if option.kind == "choice":
        assert option.default in (None, *option.choices)
    if option.default is not None:
        assert read(option, option.default) == option.default, "a default is a value"
    if option.kind in ("number", "whole") and option.name not in ("stop",):
        assert option.low is not None, "a number has bounds"


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_no_name_means_two_things(mode: Mode) -> None:
    """Names, aliases, flags and names of the API, of options and of slots."""
    for names in (
        [name for each in mode.takes for name in {each.name, each.wired, *each.aliases}],
        [name for each in mode.slots for name in {each.name, *each.aliases}],
        [each.flagged for each in mode.takes],
        [each.wired for each in mode.takes],
    ):
        assert len(names) == len(set(names))
    names = {name for each in mode.takes for name in (each.name, *each.aliases)}
    assert not names & {name for each in mode.slots for name in (each.name, *each.aliases)}
    assert not names & {"prompt", "cast", "device", "board"}


def test_every_option_has_its_place_in_the_dataclass() -> None:
    for mode in MODES.values():
        own = {option.name for option in mode.own}
        assert not own & {option.name for option in COMMON}, "what every mode takes is not declared again"
        assert modes.of(mode.options(**{option.name: () for option in mode.own if option.needed})) is mode


def test_what_is_needed_has_no_default() -> None:
    assert [option.name for _, option in OWN if option.needed] == ["keep", "cards"]
    with pytest.raises(TypeError):
        Recut()  # type: ignore[call-arg]
    assert Extend() == Extend(seconds=1.25, backward=False)


def test_an_unknown_mode_lists_the_known_ones() -> None:
    with pytest.raises(UserError, match="The mode 'dance' is not known") as refused:
        modes.find("dance")
    assert refused.value.hint == f"Use one of: {', '.join(MODES)}."


def test_painters_are_named_where_they_are_not_in_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    mode = replace(MODES["generate"], painter="yozora.core.painters:loop")
    assert mode.paint is importlib.import_module("yozora.core.painters").loop


@pytest.mark.parametrize(
    ("start", "stop", "argument"), [(3.0, None, "start"), (1.0, 0.5, "stop"), (1.0, 1.0, "stop"), (9.0, 4.0, "start")]
)
def test_an_edit_names_the_end_of_its_span_that_is_wrong(start: float, stop: float | None, argument: str) -> None:
    with pytest.raises(ArgumentError, match=r"outside the clip\. Use 0 to 2\.06") as refused:
        asked("edit", (33,), start=start, stop=stop)
    assert refused.value.argument == argument


def test_spans_that_touch_are_one_and_the_end_is_what_is_left() -> None:
    order = asked("recut", (33,), keep=[(1.5, 9), (0, 0.5), (0.25, 0.75)])
    assert order.options.keep == ((0, 0.75), (1.5, 33 / 16))
    assert asked("recut", (33,), keep="0-0.5, 1-2").options.keep == ((0, 0.5), (1, 33 / 16)), "a frame is left"


def test_an_edit_is_free_in_a_region_and_strong_without() -> None:
    assert asked("edit", (33,)).options == Edit(start=0.0, stop=33 / 16, strength=MINI.strengths[2])
    assert asked("edit", (33,), region="0,0,0.5,0.5").options.strength == 1.0


def test_what_weights_must_know_is_what_they_are_given() -> None:
    known = MODES["generate"].known
    image, last = source("image", 1), source("last", 1)
    assert [known(None, each) for each in ([], [image], [last], [image, last])] == [
        "nothing",
        "first frame",
        "frames",
        "first and last frame",
    ]
    clip = [source("clip", 33)]
    needed = {name: MODES[name].known(None, clip) for name in ("extend", "loop", "blend", "remix", "recut")}
    assert needed == {
        "extend": "frames",
        "loop": "frames",
        "blend": "anything",
        "remix": "whole clip",
        "recut": "frames",
    }


def test_what_an_edit_needs_hangs_on_how_far_it_goes() -> None:
    def needed(**options: Any) -> str:
        order = asked("edit", (33,), **options)
        return MODES["edit"].known(order.options, order.sources)

    assert needed() == "whole clip"
    assert needed(region="0,0,0.5,0.5") == "frames"
    assert needed(region="0,0,0.5,0.5", strength=0.5) == "anything"
    assert needed(stop=1) == "anything"


def test_options_of_ignores_what_is_none() -> None:
    assert options_of(modes.StoryboardCard) == ()
