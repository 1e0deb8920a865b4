"""What a painter is given and what it returns: clips as latents, and shots."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from yozora.core.canvas import Canvas, Layout
from yozora.core.order import Order
from yozora.core.timeline import Piece
from yozora.families.presets import Preset


class EncodedClip(Protocol):
    """Frames that are given, at the model's size and rate, as latents `[c, t, h, w]`; cut to whole ones at the end.

    `tail` and `head` are how many latents are wanted at most: a clip of minutes is not encoded for the sake of its end.
    """

    @property
    def frames(self) -> int:
        """How many there are, before they are cut."""

    def first(self) -> "EncodedClip":
        """Its first frame alone."""

    def opening(self, *, whole: bool = False, head: int | None = None) -> Tensor:
        """As a film begins: the first latent is one frame, each later one is `stride[0]`. `whole`: nothing is cut, the
        last frame stands until its latent is full."""

    def ongoing(self, *, whole: bool = False, head: int | None = None) -> Tensor:
        """As a film goes on: every latent is `stride[0]` frames. `whole` as in `opening`; what is shorter than a latent
        stands until it is full in any case."""

    def closing(self, *, tail: int | None = None) -> Tensor:
        """As a film begins, and nothing is cut at its end, which is that of the source: the first frame stands for so
        many frames before it moves that the last latent is full, see `lead`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """What an order is painted with: its sources as clips, a still of each character, what the model was taught.

    `rename` turns a prompt's names of characters into those that the model was taught.
    """

    layout: Layout
    preset: Preset
    clips: Sequence[EncodedClip] = ()
    stills: Sequence[Tensor] = ()
    rename: Callable[[str], str] = str

    @property
    def stride(self) -> int:
        """Frames of a latent, but for the first."""
        return self.layout.stride[0]

    @property
    def fps(self) -> float:
        """Frames a second that the model makes."""
        return self.preset.fps

    def latents(self, seconds: float) -> int:
        """Latents in so many seconds, at least one."""
        return max(1, round(seconds * self.fps / self.stride))

    def covering(self, seconds: float) -> int:
        """As many latents as are needed for so many seconds, at least one."""
        return max(1, math.ceil(seconds * self.fps / self.stride - 1e-6))

    def nearest(self, seconds: float) -> int:
        """The latent that begins nearest to a second."""
        return max(0, math.floor((seconds * self.fps - 1) / self.stride + 0.5)) + 1 if seconds > 0 else 0

    def second(self, latent: int) -> float:
        """When latent number `latent` begins: the first one is one frame, each later one `stride`."""
        return (self.stride * (latent - 1) + 1) / self.fps if latent > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shot:
    """A canvas, and what is shown: `pieces`, in turn, of it and of the sources. Without a canvas, of these alone.

    What the model itself has of the shot are `frames` of those that the canvas decodes to, from `first` on, or all.
    `returns` (latents, frames): the film begins with so many frames as they look at the end of so many latents, where
    what was invented leads up to them.
    """

    canvas: Canvas | None
    pieces: tuple[Piece, ...]
    first: int = 0
    frames: int | None = None
    returns: tuple[int, int] | None = None


Shots = tuple[Shot, ...]
Painter = Callable[[Order, Given], Shots]
