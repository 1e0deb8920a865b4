"""What to paint for each mode: an order and its sources become shots, a canvas each and what of it is shown.

One pure function a mode, named as the mode is. Sources arrive as an autoencoder sees them: no file and no encoder is
known here. The verbs (`begin_with`, `end_with`, `meet`) are for training too, which draws random canvases with them.
"""

from dataclasses import replace

from yozora.core.modes import find
from yozora.core.order import Order
from yozora.core.painters.boards import *  # noqa: F403 - a mode's name is spelled where it is painted
from yozora.core.painters.continuing import *  # noqa: F403
from yozora.core.painters.given import EncodedClip, Given, Painter, Shot, Shots
from yozora.core.painters.repainting import *  # noqa: F403
from yozora.core.painters.verbs import begin_with, end_with, lead, meet
from yozora.core.painters.words import *  # noqa: F403

__all__ = ["EncodedClip", "Given", "Painter", "Shot", "Shots", "begin_with", "end_with", "lead", "meet", "painted"]


def painted(order: Order, given: Given) -> Shots:
    """The shots of an order, informed by its characters."""
    shots: Shots = find(order.mode).paint(order, given)
    if not given.stills:
        return shots
    return tuple(shot if shot.canvas is None else replace(shot, canvas=meet(shot.canvas, given)) for shot in shots)
