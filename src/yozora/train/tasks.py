"""Random canvases: what the transformer is taught to fill is painted by the same verbs that the modes use.

Returns strengths and times of tokens; knows nothing of models and losses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from yozora.canvas import Canvas, blank, paste, unpatchify

Painter = Callable[[Canvas, Tensor, np.random.Generator], Canvas]


def invent_all(canvas: Canvas, clip_CTHW: Tensor, rng: np.random.Generator) -> Canvas:
    """Text to video: nothing is known."""
    return canvas


def known_first(canvas: Canvas, clip_CTHW: Tensor, rng: np.random.Generator) -> Canvas:
    """Image to video: the first latent frame is known."""
    return paste(canvas, clip_CTHW[:, :1], at=0, strength=0.0)


def known_start(canvas: Canvas, clip_CTHW: Tensor, rng: np.random.Generator) -> Canvas:
    """Extend forward: some first latent frames are known."""
    frames = int(rng.integers(1, clip_CTHW.shape[1]))
    return paste(canvas, clip_CTHW[:, :frames], at=0, strength=0.0)


def known_end(canvas: Canvas, clip_CTHW: Tensor, rng: np.random.Generator) -> Canvas:
    """Extend backward: some last latent frames are known."""
    start = int(rng.integers(1, clip_CTHW.shape[1]))
    return paste(canvas, clip_CTHW[:, start:], at=start, strength=0.0)


def known_ends(canvas: Canvas, clip_CTHW: Tensor, rng: np.random.Generator) -> Canvas:
    """Loop and connect: a gap between known frames."""
    start = int(rng.integers(1, clip_CTHW.shape[1] - 1))
    stop = int(rng.integers(start + 1, clip_CTHW.shape[1]))
    return known_between(canvas, clip_CTHW, start, stop)


def known_between(canvas: Canvas, clip_CTHW: Tensor, start: int, stop: int) -> Canvas:
    """Known but for latent frames `start .. stop`."""
    canvas = paste(canvas, clip_CTHW[:, :start], at=0, strength=0.0)
    return paste(canvas, clip_CTHW[:, stop:], at=stop, strength=0.0)


def known_around(canvas: Canvas, clip_CTHW: Tensor, rng: np.random.Generator) -> Canvas:
    """Edit: all is known but a box of some rows, columns and frames."""
    free = torch.ones(canvas.grid, dtype=torch.bool)
    for axis, size in enumerate(canvas.grid):
        length = int(rng.integers((size + 1) // 2, size + 1))
        start = int(rng.integers(0, size - length + 1))
        inside = (torch.arange(size) >= start) & (torch.arange(size) < start + length)
        free &= inside.view([-1 if k == axis else 1 for k in range(3)])
    return paste(canvas, clip_CTHW, at=0, strength=0.0, region=~free)


PAINTERS: dict[str, tuple[Painter, float]] = {
    "text to video": (invent_all, 0.42),
    "first frame": (known_first, 0.34),
    "start": (known_start, 0.10),
    "end": (known_end, 0.04),
    "ends": (known_ends, 0.06),
    "around": (known_around, 0.04),
}
"""Painter and how often it paints a whole film."""

WINDOW_PAINTERS: dict[str, tuple[Painter, float]] = {
    "start": (known_start, 0.65),
    "end": (known_end, 0.15),
    "ends": (known_ends, 0.12),
    "around": (known_around, 0.08),
}
"""The same for a window into a longer film, which never comes without a neighbour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """A way back to what was seen before: latent frames to go on from, to fade out, to fade in, and to arrive at."""

    before: tuple[int, ...]
    leaving: tuple[int, ...]
    coming: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def ours(self) -> tuple[int, ...]:
        return (*self.before, *self.leaving, *self.after)

    @property
    def theirs(self) -> tuple[int, ...]:
        return (*self.before, *self.coming, *self.after)

    @property
    def weight_T(self) -> Tensor:
        """How much of what is coming is seen in each frame, `[T]` in 0..1."""
        steps = torch.arange(1, len(self.leaving) + 1) / (len(self.leaving) + 1)
        return torch.cat([torch.zeros(len(self.before)), steps, torch.ones(len(self.after))])


def draw_return(frames: int, window: int, rng: np.random.Generator) -> Return:
    """A random loop in a film of `frames` latent frames: some are known, then, while what would come next fades out,
    what came before an earlier moment fades in, and that is known again.
    """
    gap = int(rng.integers(3, min(5, window - 2, frames // 2 - 1) + 1))
    known = window - gap
    head = int(rng.integers(gap + 1, frames - gap))  # first frame of the arrival; not the film's first
    before = int(rng.integers(1, min(known, head + 1)))  # at least one on either side
    end = int(rng.integers(max(head, before + 1), frames - gap + 1))  # where what is known ends
    after = min(known - before, frames - head)
    return Return(
        before=tuple(range(end - before, end)),
        leaving=tuple(range(end, end + gap)),
        coming=tuple(range(head - gap, head)),
        after=tuple(range(head, head + after)),
    )


def draw_strengths(
    tokens_BNC: Tensor,
    grid: tuple[int, int, int],
    rng: np.random.Generator,
    painted: Mapping[str, tuple[Painter, float]] = PAINTERS,
) -> Tensor:
    """Strength of every token, `[B, N]`, of one random canvas a sample; stills and clips under three latent frames
    are all invented.
    """
    strengths = torch.ones(tokens_BNC.shape[:2])
    if grid[0] < 3:
        return strengths
    painters, weights = zip(*painted.values(), strict=True)
    shares = np.array(weights) / sum(weights)
    for row, choice in enumerate(rng.choice(len(painters), size=len(tokens_BNC), p=shares)):
        if painters[choice] is invent_all:
            continue
        clip = unpatchify(tokens_BNC[row], grid)
        strengths[row] = painters[choice](blank(grid, tokens_BNC.shape[-1]), clip, rng).strength_N
    return strengths


def draw_times(
    strength_BN: Tensor, grid: tuple[int, int, int], rng: np.random.Generator, shift: float, independent: float
) -> Tensor:
    """Time of every token, `[B, N]` in 0..1: logit-normal (Esser et al. 2024), shifted to more noise, a share with
    its own time a latent frame.
    """
    batch, (frames, rows, columns) = len(strength_BN), grid
    t_BT = np.repeat(rng.normal(size=(batch, 1)), frames, axis=1)
    alone = rng.random(batch) < (independent if frames > 1 else 0.0)
    t_BT[alone] = rng.normal(size=(int(alone.sum()), frames))
    t_BT = 1.0 / (1.0 + np.exp(-t_BT))
    t_BT = shift * t_BT / (1.0 + (shift - 1.0) * t_BT)
    t_BN = torch.from_numpy(t_BT).float()[:, :, None].expand(batch, frames, rows * columns).reshape(batch, -1)
    return t_BN * strength_BN
