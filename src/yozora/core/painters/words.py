"""Films of words, perhaps with a first and a last picture."""

from yozora.core.canvas import say
from yozora.core.mode_options import Generate
from yozora.core.order import Order
from yozora.core.painters.given import Given, Shot, Shots
from yozora.core.painters.sizes import empty, lasting, with_its_end
from yozora.core.painters.verbs import begin_with, end_with
from yozora.core.timeline import Invented, Kept

__all__ = ["generate"]


def generate(order: Order, given: Given) -> Shots:
    """Everything is invented, but for the first and the last picture where they are given."""
    request, options = order.request, order.options_as(Generate)
    assert options.seconds is not None
    first, last = order.index("image"), order.index("last")
    canvas = empty(given.preset.frames(options.seconds), order, given)
    if first is not None:
        canvas = begin_with(canvas, given.clips[first].first().opening())
    if last is not None:
        canvas = end_with(canvas, given.clips[last].first().ongoing())
    still = 1 / request.fps
    stills = [Kept(source=each, seconds=still) for each in (first, last) if each is not None]
    invented = Invented(seconds=with_its_end(options.seconds, order) - still * len(stills))
    pieces = lasting(*stills[: first is not None], invented, *stills[first is not None :])
    return (Shot(canvas=say(canvas, request.text), pieces=pieces, frames=given.preset.shown(options.seconds) + 1),)
