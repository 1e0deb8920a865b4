"""A shot's canvas, filled window by window. Knows no modes, no files and no frames but those it was painted in."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from yozora.core.canvas import Canvas, picture
from yozora.core.request import Request
from yozora.core.sampler import Step
from yozora.core.windows import cut, settle
from yozora.engine.conditioning import NONE, frames_as_pixels

if TYPE_CHECKING:
    from yozora.engine.engine import Engine

Frames = NDArray[np.uint8]


class Filling:
    """A shot's canvas as it is filled window by window, in latents; beside it, of weights that are conditioned by
    pixels, the canvas that was painted in these."""

    def __init__(self, engine: "Engine", canvas: Canvas, pixels: Canvas | None) -> None:
        self.engine, self.canvas, self.pixels = engine, canvas, pixels

    @classmethod
    def of(cls, engine: "Engine", painted: Canvas) -> "Filling":
        """The canvas that was painted, before any of it is filled."""
        if engine.conditioner is None:
            return cls(engine, painted, None)
        tokens, C = painted.picture_tokens, engine.layout.token_channels
        canvas = replace(
            painted,
            known_NC=torch.zeros(tokens, C),
            strength_N=painted.strength_N[:tokens],
            pos_N3=painted.pos_N3[:tokens],
            reads_NP=painted.reads_NP[:tokens],
        )
        return cls(engine, canvas, painted)

    def window(self, first: int, last: int, request: Request, seed: int) -> Iterator[tuple[Step, Callable[[], Frames]]]:
        """Fills token frames [first, last): a step each, and how to see what is expected by then."""
        engine, conditions = self.engine, NONE
        window = cut(self.canvas if self.pixels is None else self.pixels, first, last, engine.reach.opening)
        if engine.conditioner is not None:
            with torch.inference_mode():
                window, conditions = engine.conditioner(window)
        tokens_NC = window.known_NC
        for step in engine.fill(window, request, seed, conditions):
            tokens_NC = step.tokens_NC
            yield step, partial(engine.preview, window, step.clean_NC)
        self.canvas = settle(self.canvas, first, last, tokens_NC)
        if self.pixels is not None and bool(self.pixels.strength_T[last:].any()):
            self._store_pixels(first, last)

    def _store_pixels(self, first: int, last: int) -> None:
        """What a window made is known in pixels, too, for those that come after it."""
        assert self.pixels is not None
        latents_CTHW = picture(self.canvas, self.canvas.known_NC, self.engine.layout.patch)[:, first:last]
        frames = [frame for piece in self.engine.decode(latents_CTHW) for frame in piece]
        tokens_NC = frames_as_pixels(frames, self.engine.layout)
        self.pixels = settle(self.pixels, first, last, tokens_NC)
