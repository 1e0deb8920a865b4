"""What is known of a canvas's beginning and end, and which characters it shows: for painters, and for training too."""

from dataclasses import replace

from torch import Tensor

from yozora.core.canvas import Canvas, paste, refer
from yozora.core.painters.given import Given


def begin_with(canvas: Canvas, latents_CTHW: Tensor) -> Canvas:
    """The picture's first frames are known: a first still, or a clip that is to go on."""
    return paste(canvas, latents_CTHW, at=0)


def end_with(canvas: Canvas, latents_CTHW: Tensor) -> Canvas:
    """The picture's last frames are known: a clip that the film is to end in, in latents as a film goes on."""
    return paste(canvas, latents_CTHW, at=canvas.grid[0] - latents_CTHW.shape[1])


def meet(canvas: Canvas, given: Given) -> Canvas:
    """The canvas, informed by a still of each character, named in its prompts as the model was taught."""
    canvas = replace(canvas, prompts=tuple(given.rename(prompt) for prompt in canvas.prompts))
    for index, latents_CTHW in enumerate(given.stills):
        canvas = refer(canvas, latents_CTHW, at=given.preset.character_at * (index + 1))
    return canvas


def lead(frames: int, stride: int) -> int:
    """For how many frames a clip's first one stands before it moves, so that its last latent is full."""
    return -(frames - 1) % stride
