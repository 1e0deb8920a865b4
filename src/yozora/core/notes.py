"""What of an order is not as it was said, or was chosen for the user: a line each. Knows no files."""

from collections.abc import Iterator, Mapping
from typing import Any

from yozora.core import modes
from yozora.core.modes import Mode
from yozora.core.order import Order
from yozora.core.ordering import as_large_as, like_of, values
from yozora.core.quality import LEAST_STEPS
from yozora.core.request import Request


def order_notes(order: Order, requested: Mapping[str, Any]) -> tuple[str, ...]:
    """Lines on an order that was made of these requested options."""
    mode = modes.find(order.mode)
    shortened = mode.shortened(values(mode, requested), order.sources)
    return (*shortened, *_chosen(mode, order), *_estimated(order.request), *_rounded(order.request))


def transparent(title: str) -> str:
    """What is said of a source through which something would show."""
    return f"{title}: transparency is not supported; transparent areas become white"


def _chosen(mode: Mode, order: Order) -> Iterator[str]:
    """Which of several sources, of different sizes or rates, the film is like."""
    like, request = like_of(mode, order.sources), order.request
    formats = {(each.width, each.height, each.fps or None) for each in order.sources}
    if like is None or len(formats) < 2:
        return
    same = [
        ("size", (request.width, request.height) == as_large_as(like)),
        ("rate", abs(request.fps - like.fps) < 1e-3),
    ]
    taken = " and ".join(f"the {what}" for what, is_same in same if is_same)
    if taken:
        yield f"the film takes {taken} from {like.title}"


def _rounded(request: Request) -> Iterator[str]:
    """That weights have eight bits, because more did not fit or because they were asked for."""
    if request.weights in ("fp8", "int8"):
        yield f"the weights are rounded to {request.weights.upper()}, so the film differs slightly"


def _estimated(request: Request) -> Iterator[str]:
    """What another quality than exact means for the film."""
    if request.quality == "exact":
        return
    if request.steps < LEAST_STEPS:
        yield f"quality {request.quality} has no effect, because films with fewer than {LEAST_STEPS} steps are exact"
    else:
        yield f"quality {request.quality}: some steps are estimated, so the film differs from an exact one"
