"""An order is data: it goes through JSON and comes back as it was."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.core.numbered import asked, possible, source

from yozora.core.modes import MODES, Blend, Generate, Remix, StoryboardCard
from yozora.core.order import CharacterSource, Order
from yozora.core.ordering import ordered, reseeded
from yozora.core.request import Request
from yozora.errors import UserError

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
WORD = TEXT.filter(str.strip)
SHARE = st.floats(0, 1)
SPANS = st.lists(st.tuples(st.integers(0, 9), st.integers(10, 30)).map(lambda pair: (pair[0] / 10, pair[1] / 10)))
OWN: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "generate": st.fixed_dictionaries({"seconds": st.floats(0.6, 600)}),
    "extend": st.fixed_dictionaries({"seconds": st.floats(0, 600), "backward": st.booleans()}),
    "loop": st.fixed_dictionaries({"seconds": st.floats(0.1, 600)}),
    "blend": st.fixed_dictionaries({"seconds": st.floats(0.1, 0.6)}),
    "remix": st.fixed_dictionaries({"strength": SHARE | st.sampled_from(["subtle", "mild", "strong"])}),
    "edit": st.fixed_dictionaries(
        {
            "region": st.none() | st.tuples(*[st.floats(0, 0.5)] * 2, *[st.floats(0.1, 0.5)] * 2),
            "start": SHARE,
            "stop": st.none() | st.floats(1.1, 5),
            "strength": st.none() | SHARE,
        }
    ),
    "recut": st.fixed_dictionaries({"keep": SPANS.filter(bool)}),
}
COMMON = st.fixed_dictionaries(
    {},
    optional={
        "size": st.sampled_from(["640x360", (1280, 720), None]),
        "fps": st.floats(1, 60),
        "fit": st.sampled_from(["crop", "pad", "stretch"]),
        "seed": st.integers(0, 2**63 - 1),
        "steps": st.integers(1, 200),
        "guidance": st.floats(0, 30),
        "negative_prompt": TEXT,
        "style": TEXT,
    },
)
SIZED = st.integers(1, 5000)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Orders of every mode."""
    mode = draw(st.sampled_from(sorted(MODES)))
    requested = draw(COMMON)
    people = draw(
        st.lists(st.builds(CharacterSource, name=WORD, at=WORD, plain=st.booleans(), sha256=TEXT), max_size=1)
    )
    sources = []
    for slot in MODES[mode].slots:
        if slot.needed or draw(st.booleans()):
            kind = {"width": draw(SIZED), "height": draw(SIZED), "prompt": draw(TEXT), "title": draw(TEXT)}
            sources.append(source(slot.name, draw(st.integers(20, 100)), sounds=draw(st.booleans()), **kind))
    if mode == "storyboard":
        stops = draw(st.lists(st.floats(0.1, 3), min_size=1, max_size=5))
        cards = [
            StoryboardCard(start=float(sum(stops[:k])), stop=sum(stops[: k + 1]), text=draw(TEXT))
            for k in range(len(stops))
        ]
        requested["cards"] = tuple(cards)
    else:
        requested |= draw(OWN.get(mode, st.just({})))  # else its defaults
    return ordered(mode, draw(WORD), requested, sources, people)


def test_every_mode_is_drawn() -> None:
    assert {*OWN, "storyboard"} <= set(MODES)
    needed = {name for name, mode in MODES.items() if any(option.needed for option in mode.own)}
    assert needed <= {*OWN, "storyboard"}


@given(orders())
def test_an_order_goes_through_json(order: Order) -> None:
    text = json.dumps(order.to_json(), allow_nan=False)
    again = Order.from_json(json.loads(text))
    assert again == order
    assert hash(again) == hash(order)
    assert repr(again) == repr(order)
    assert json.dumps(again.to_json(), allow_nan=False) == text
    assert again.prompts == order.prompts
    assert reseeded(again, order.request.seed ^ 1) != order


@given(orders())
def test_an_order_is_settled(order: Order) -> None:
    """All defaults are filled in: asked for again, with what it says, it is the same."""
    requested = {each.name: getattr(order.options, each.name) for each in MODES[order.mode].own}
    request = order.request
    requested |= {"size": (request.width, request.height)}
    names = ("fps", "fit", "seed", "steps", "guidance", "negative_prompt", "style", "model")
    requested |= {name: getattr(request, name) for name in names}
    assert ordered(order.mode, request.prompt, requested, order.sources, order.characters) == order


JSON: dict[str, Any] = asked("remix", (33,)).to_json()
BAD: list[tuple[tuple[str, ...], object]] = [
    (("mode",), "dance"),
    (("mode",), []),
    (("mode",), "loop"),
    (("options",), None),
    (("options", "strength"), "a" * 100_000),
    (("options", "strength"), True),
    (("options", "strength"), 1.5),
    (("options", "colour"), "red"),
    (("request",), []),
    (("request", "colour"), "red"),
    (("request", "seed"), "7"),
    (("request", "seed"), 7.0),
    (("request", "seconds"), True),
    (("request", "seconds"), float("nan")),
    (("request", "seconds"), 10**400),
    (("request", "prompt"), None),
    (("sources",), {}),
    (("sources",), None),
    (("sources",), [{"at": "x"}]),
    (("sources",), ["x"]),
    (("characters",), [{"name": "x", "at": "x", "consent": True}]),
]


@pytest.mark.parametrize(("where", "value"), BAD, ids=str)
def test_what_is_no_order_is_said(where: tuple[str, ...], value: object) -> None:
    said = json.loads(json.dumps(JSON))
    at = said
    for key in where[:-1]:
        at = at[key]
    at[where[-1]] = value
    with pytest.raises((ValueError, UserError)):
        Order.from_json(said)


@pytest.mark.parametrize("said", [None, [], "text", 7, {}, {"mode": "remix"}], ids=str)
def test_what_is_no_order_at_all_is_said(said: Any) -> None:
    with pytest.raises(ValueError, match="this is no order"):
        Order.from_json(said)


@pytest.mark.parametrize("missing", ["mode", "request", "options", "sources", "characters"])
def test_an_order_has_all_of_its_parts(missing: str) -> None:
    with pytest.raises(ValueError, match="this is no order"):
        Order.from_json({name: value for name, value in JSON.items() if name != missing})


def test_a_request_that_cannot_be_made_is_told() -> None:
    with pytest.raises(UserError, match="frames a second"):
        Order.from_json({**JSON, "request": {**JSON["request"], "fps": 100.0}})


def test_options_are_those_of_the_mode() -> None:
    with pytest.raises(ValueError, match="no options of loop"):
        Order(mode="loop", request=Request(prompt=""), options=Remix())
    order = Order.of(Request(prompt=""), Generate(seconds=1.0))
    assert order.mode == "generate"
    assert order.options_as(Generate).seconds == 1
    with pytest.raises(TypeError, match="generate has no Blend"):
        order.options_as(Blend)


def test_sources_are_found_by_what_they_are_to_the_mode() -> None:
    order = asked("generate", (1,), ("last",))
    assert (order.index("image"), order.index("last")) == (None, 0)
    assert order.sources[0].aspect == 2


def test_orders_of_other_prompts_sources_or_options_are_not_equal() -> None:
    order = asked("remix", (33,), strength=0.5)
    assert order == asked("remix", (33,), strength=0.5)
    for other in (
        asked("remix", (33,), strength=0.6),
        asked("remix", (34,), strength=0.5),
        asked("remix", (33,), strength=0.5, prompt="a boat"),
        replace(order, characters=(CharacterSource(name="rex", at="rex.png"),)),
    ):
        assert order != other


@given(mode=st.sampled_from(sorted(MODES)), frames=st.tuples(st.integers(1, 40), st.integers(1, 40)))
def test_an_order_is_as_long_as_its_request_says(mode: str, frames: tuple[int, int]) -> None:
    order = possible(mode, frames)
    assume(order is not None)
    assert order is not None
    assert order.request.seconds == MODES[mode].length(order.options, order.sources, None)  # type: ignore[arg-type]
