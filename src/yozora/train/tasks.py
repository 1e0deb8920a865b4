"""Random canvases: what the transformer is taught to fill is painted by the same verbs that the modes use.

Returns strengths and times of tokens; knows nothing of models and losses.
"""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from yozora.core.canvas import Canvas, blank, paste, unpatchify

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


def known_some(canvas: Canvas, clip_CTHW: Tensor, rng: np.random.Generator) -> Canvas:
    """Re-cut and keyframes: about a third of the latent frames are known, at least one is not."""
    known = rng.random(clip_CTHW.shape[1]) < 0.35
    known[int(rng.integers(len(known)))] = False
    for frame in np.flatnonzero(known).tolist():
        canvas = paste(canvas, clip_CTHW[:, frame : frame + 1], at=frame, strength=0.0)
    return canvas


PAINTERS: dict[str, tuple[Painter, float]] = {
    "text to video": (invent_all, 0.25),
    "first frame": (known_first, 0.47),
    "start": (known_start, 0.13),
    "end": (known_end, 0.05),
    "ends": (known_ends, 0.07),
    "some": (known_some, 0.03),
}
"""Painter and how often it paints a whole film."""

WINDOW_PAINTERS: dict[str, tuple[Painter, float]] = {
    "start": (known_start, 0.67),
    "end": (known_end, 0.15),
    "ends": (known_ends, 0.15),
    "some": (known_some, 0.03),
}
"""The same for a window into a longer film, which never comes without a neighbour."""


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
    strength_RN: Tensor, frames: int, generator: torch.Generator, shift: float, independent: float
) -> Tensor:
    """Time of every token, `[R, N]` in 0..1: logit-normal (Esser et al. 2024), shifted to more noise, a share of the
    canvases with a time of its own for each latent frame. On the device of the strengths."""
    R, device = len(strength_RN), strength_RN.device

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, device=device)

    s_RT = normal(R, 1).expand(R, frames)
    if frames > 1:
        alone_R1 = torch.rand((R, 1), generator=generator, device=device) < independent
        s_RT = torch.where(alone_R1, normal(R, frames), s_RT)
    t_RT = torch.sigmoid(s_RT)
    t_RT = shift * t_RT / (1 + (shift - 1) * t_RT)
    return t_RT.repeat_interleave(strength_RN.shape[1] // frames, dim=1) * strength_RN
