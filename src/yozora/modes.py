"""What to paint for each thing that can be asked for: a request and its clips become a canvas.

One pure function a mode, and the dict of them. Clips come encoded, `[c, T, h, w]` each: no file and no encoder is known
here. The verbs below the modes are for training too, which draws random canvases with them.
"""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from yozora.canvas import Canvas, Layout, blank, paste, say
from yozora.errors import UserError
from yozora.request import Request


class Mode(Protocol):
    """Request and clips to canvas. Raises UserError where the clips are not those that the mode is made of."""

    def __call__(self, request: Request, layout: Layout, clips: Sequence[Tensor] = ()) -> Canvas: ...


def text_to_video(request: Request, layout: Layout, clips: Sequence[Tensor] = ()) -> Canvas:
    """Everything is invented."""
    _expect(clips, 0, "Text to video takes no picture and no clip.")
    return say(_empty(request, layout), request.text)


def image_to_video(request: Request, layout: Layout, clips: Sequence[Tensor] = ()) -> Canvas:
    """The film starts with a still (a clip of one latent frame) or goes on from the clip that it starts with."""
    _expect(clips, 1, "Image to video takes one picture to start from.")
    return say(begin_with(_empty(request, layout), clips[0]), request.text)


def loop(request: Request, layout: Layout, clips: Sequence[Tensor] = ()) -> Canvas:
    """The way back from a clip's tail (the first of `clips`) to its head (the second), so that it plays on and on."""
    _expect(clips, 2, "A loop takes the end of a clip and its beginning.")
    return say(end_with(begin_with(_empty(request, layout), clips[0]), clips[1]), request.text)


MODES: dict[str, Mode] = {"text": text_to_video, "image": image_to_video, "loop": loop}


def begin_with(canvas: Canvas, latents_CTHW: Tensor) -> Canvas:
    """The picture's first frames are known: a first still, or a clip that is to go on."""
    return paste(canvas, latents_CTHW, at=0)


def end_with(canvas: Canvas, latents_CTHW: Tensor) -> Canvas:
    """The picture's last frames are known: a clip that is to be led up to.

    They must be latents from inside a clip: a lone still's latent belongs at frame 0, since it holds one frame and
    those after it hold four.
    """
    return paste(canvas, latents_CTHW, at=canvas.grid[0] - latents_CTHW.shape[1])


def _empty(request: Request, layout: Layout) -> Canvas:
    return blank(layout.grid(request.frames, request.height, request.width), layout.token_channels)


def _expect(clips: Sequence[Tensor], count: int, message: str) -> None:
    if len(clips) != count:
        raise UserError(message, f"There are {len(clips)}.")
