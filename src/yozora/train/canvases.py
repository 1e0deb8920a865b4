"""Takes on random canvases: whole films, and windows into longer ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from torch import Tensor

from yozora.train.data import LatentCache, Sample, Shape, shape_at
from yozora.train.tasks import PAINTERS, WINDOW_PAINTERS, Painter, draw_return, draw_strengths

LOOK = 9  # latent frames that are seen at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvases:
    """How canvases are drawn from a cache of takes. Canvas k of a stream is always the same, from the same cache."""

    shapes: tuple[Shape, ...]
    stream: int
    painters: Mapping[str, tuple[Painter, float]] = field(default_factory=lambda: PAINTERS)  # of whole films
    length: int = LOOK  # longer clips are seen in windows of one less
    openings: float = 0.75  # share of windows that are shown how the film began
    returns: float = 0.12  # share of windows that lead back to an earlier moment
    heroes: float = 0.08  # share of batches of clips that are shown their first actor beforehand
    prompt_drop: float = 0.1

    def draw(self, cache: LatentCache, step: int, rng: np.random.Generator) -> tuple[Sample, Tensor]:
        """Takes, and the strength of each of their tokens, `[B, N]`."""
        shape = shape_at(self.shapes, self.stream, step)
        starring = shape.grid[0] > 3 and rng.random() < self.heroes
        sample = cache.sample(shape.grid, shape.batch, rng, self.prompt_drop, starring)
        if shape.grid[0] > self.length:
            return self._window(sample, rng)
        return sample, draw_strengths(sample.tokens_BNC, sample.grid, rng, self.painters)

    def _window(self, sample: Sample, rng: np.random.Generator) -> tuple[Sample, Tensor]:
        """A window into a longer film, and the strengths of its tokens."""
        frames, length, opening = sample.grid[0], self.length - 1, rng.random() < self.openings
        if rng.random() < self.returns:
            way = draw_return(frames, length, rng)
            faded = sample.pick(way.ours, opening).faded(sample.pick(way.theirs), way.weight_T)
            free_T = (way.weight_T > 0) & (way.weight_T < 1)
            strength_N = free_T.float().repeat_interleave(sample.grid[1] * sample.grid[2])
            return faded, strength_N.expand(len(sample.prompts), -1)
        first = int(rng.integers(1, frames - length + 1))
        cut = sample.pick(range(first, first + length), opening)
        return cut, draw_strengths(cut.tokens_BNC, cut.grid, rng, WINDOW_PAINTERS)
