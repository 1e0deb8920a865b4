"""Qualities are data: what each saves, and where nothing is saved."""

import pytest

from yozora.core.modes import COMMON
from yozora.core.options import ArgumentError
from yozora.core.order import Order
from yozora.core.ordering import ordered
from yozora.core.quality import LEAST_STEPS, QUALITIES, SAVINGS, Saving, saving_of
from yozora.core.request import Request
from yozora.errors import UserError
from yozora.families.presets import PRESETS


def test_every_quality_is_declared_once() -> None:
    (option,) = [each for each in COMMON if each.name == "quality"]
    assert (option.choices, option.default) == (QUALITIES, "exact")
    assert list(SAVINGS) == list(QUALITIES)
    assert SAVINGS["exact"] is None


def test_more_is_saved_where_it_is_to_be_fast() -> None:
    balanced, fast = SAVINGS["balanced"], SAVINGS["fast"]
    assert balanced is not None
    assert fast is not None
    assert (fast.change > balanced.change, fast.guided_each > balanced.guided_each) == (True, True)


@pytest.mark.parametrize("quality", QUALITIES)
def test_few_steps_are_all_computed(quality: str) -> None:
    assert saving_of(quality, LEAST_STEPS - 1, "unipc") is None  # type: ignore[arg-type]
    assert saving_of(quality, 50, "renoise") is None  # type: ignore[arg-type]
    assert saving_of(quality, LEAST_STEPS, "unipc") == SAVINGS[quality]  # type: ignore[index]


def test_models_of_a_few_steps_are_exact_by_themselves() -> None:
    few = [each for each in PRESETS.values() if each.times]
    assert few
    assert all(saving_of("fast", each.steps, each.solver) is None for each in few)


def test_an_order_keeps_its_quality() -> None:
    order = ordered("generate", "a car", {"quality": "balanced", "seed": 1})
    assert order.request.quality == "balanced"
    assert Order.from_json(order.to_json()) == order
    assert ordered("generate", "a car", {"seed": 1}).request.quality == "exact"


def test_an_order_of_before_is_exact() -> None:
    said = ordered("generate", "a car", {"seed": 1}).to_json()
    del said["request"]["quality"]
    assert Order.from_json(said).request.quality == "exact"


def test_other_words_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"quality .high. is not known\. Use exact, balanced or fast\."):
        ordered("generate", "a car", {"quality": "high"})
    with pytest.raises(UserError, match="The quality"):
        Request(prompt="", quality="high")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="saves nothing"):
        Saving(change=0.0, most=1)
