"""Canvases of the sizes that orders want, and seconds as frames of the film and of the model."""

from torch import Tensor

from yozora.core.canvas import Canvas, blank
from yozora.core.order import Order
from yozora.core.painters.given import Given
from yozora.core.timeline import Anchor, Piece


def lasting(*pieces: Piece) -> tuple[Piece, ...]:
    """Those that last."""
    return tuple(each for each in pieces if each.seconds > 1e-6)


def blank_of(latents: int, order: Order, given: Given) -> Canvas:
    """An empty canvas of so many latent frames, of the size that the model makes of the order."""
    width, height = given.preset.native(order.request.width, order.request.height)
    return blank((latents, *given.layout.grid(1, height, width)[1:]), given.layout.token_channels)


def empty(frames: int, order: Order, given: Given) -> Canvas:
    return blank_of((frames - 1) // given.stride + 1, order, given)


def canvas_like(latents: int, like_CTHW: Tensor, given: Given) -> Canvas:
    """An empty canvas of so many latent frames, of a clip's size."""
    t, y, x = given.layout.patch
    return blank((latents // t, like_CTHW.shape[2] // y, like_CTHW.shape[3] // x), given.layout.token_channels)


def with_its_end(seconds: float, order: Order) -> float:
    """How long a film of so many seconds is, at the order's rate, with the frame at its very end."""
    return (int(seconds * order.request.fps + 0.5) + 1) / order.request.fps


def most_shown(given: Given, more: int = 0) -> int:
    """How many frames of a clip's end the model is shown at most: a window of latents, and so many more."""
    return (given.preset.window + more - 1) * given.stride + 1


def last_frame(seconds: float, known_CTHW: Tensor, order: Order, given: Given) -> Anchor:
    """A clip's last frame: when it is shown, and which of the model's it is."""
    return seconds - 1 / order.request.fps, float((known_CTHW.shape[1] - 1) * given.stride)
