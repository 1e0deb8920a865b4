"""Takes on random canvases: stills, whole films, windows into longer ones, takes that are shown their first actor."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from yozora.families.presets import CHARACTER_AT, OPENING_AT
from yozora.model.codec import FLOW
from yozora.train.pool import Kind, Pool, Sample, sample
from yozora.train.takes import NO_ACTOR
from yozora.train.tasks import PAINTERS, WINDOW_PAINTERS, Painter, draw_strengths

DRAWN = 512
"""Canvases that are painted once for each grid, and drawn from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvases:
    """How canvases are drawn from a pool.

    frames: latent frames in a batch, whatever the length of its films, so that every batch costs alike. The shares are
    those of batches: of stills among films, of windows into a film (which start later than it does), of windows that
    are shown how the film began, of stills and of films that are shown their first actor beforehand.
    """

    frames: int
    stills: float = 1.0
    windows: float = 0.2
    openings: float = 0.09
    characters: float = 0.07
    drop: float = 0.1  # share of prompts that are empty
    unmoved: float = 0.15  # share of canvases whose known frames, but for the first, come as stills: without flow
    painters: Mapping[str, tuple[Painter, float]] = field(default_factory=lambda: PAINTERS)
    window_painters: Mapping[str, tuple[Painter, float]] = field(default_factory=lambda: WINDOW_PAINTERS)

    def needs(self, pool: Pool, least: int) -> dict[Kind, int]:
        """Takes that must be there before the first batch; stills among films come when they come."""
        return {(self.stills < 1, size): least for size in range(len(pool.recipe.sizes))}

    def draw(self, pool: Pool, rng: np.random.Generator, empty_LD: Tensor) -> tuple[Sample, Tensor]:
        """Takes, and the strength of each of their tokens, `[R, N]`."""
        weights = np.array(pool.recipe.size_weights)
        size = int(rng.choice(len(weights), p=weights / weights.sum()))
        film = rng.random() >= self.stills or not pool.shelves[False, size].count
        chance = rng.random()
        latents = pool.recipe.latents
        if chance < self.characters:
            return self._with_character(pool, (film, size), rng, empty_LD)
        if not film:
            found, _ = sample(pool, (False, size), self.frames, rng, empty_LD, self.drop)
            return found, torch.ones_like(found.cover_RN)
        if chance < self.characters + self.openings:
            return self._sample_window(pool, size, rng, empty_LD, opening=True)
        if chance < self.characters + self.openings + self.windows:
            return self._sample_window(pool, size, rng, empty_LD, opening=False)
        found, _ = sample(pool, (True, size), max(1, self.frames // latents), rng, empty_LD, self.drop)
        return self._painted(found, self.painters, rng)

    def _sample_window(
        self, pool: Pool, size: int, rng: np.random.Generator, empty_LD: Tensor, opening: bool
    ) -> tuple[Sample, Tensor]:
        """All but the first latent frame of a film; `opening`: with that one beside it, as `windows.cut` puts it."""
        latents = pool.recipe.latents - 1
        count = max(1, self.frames // (latents + opening))
        whole, _ = sample(pool, (True, size), count, rng, empty_LD, self.drop)
        G = pool.recipe.tokens
        found = replace(
            whole,
            tokens_RNC=whole.tokens_RNC[:, G:],
            noun_RN=whole.noun_RN[:, G:],
            color_RN=whole.color_RN[:, G:],
            cover_RN=whole.cover_RN[:, G:],
            place_RN6=whole.place_RN6[:, G:],
            grid=(latents, *whole.grid[1:]),
            start=1.0,
            beside=((OPENING_AT, whole.tokens_RNC[:, :G]),) if opening else (),
        )
        return self._painted(found, self.window_painters, rng)

    def _with_character(
        self, pool: Pool, kind: Kind, rng: np.random.Generator, empty_LD: Tensor
    ) -> tuple[Sample, Tensor]:
        """Takes of a lone actor whose prompts call him by a name, with a still of another take whose actor looks like
        him: so its stage is not to be copied. Plain takes while no two look alike."""
        film, shelf = kind[0], pool.shelves[kind]
        who = shelf.who[: shelf.count]  # as it is now: others come in meanwhile
        alike: dict[tuple[int, int], list[int]] = {}
        for number, looks in enumerate(who):
            if looks != NO_ACTOR:
                alike.setdefault(looks, []).append(number)
        among = [number for numbers in alike.values() if len(numbers) > 1 for number in numbers]
        latents = pool.recipe.latents if film else 1
        if not among:
            found, _ = sample(pool, kind, max(1, self.frames // latents), rng, empty_LD, self.drop)
            return self._painted(found, self.painters, rng)
        count = max(1, self.frames // (latents + 1))
        found, numbers = sample(pool, kind, count, rng, empty_LD, self.drop, caption=-1, among=among)
        picked = [int(rng.choice([other for other in alike[who[n]] if other != n])) for n in numbers]
        G = pool.recipe.tokens  # of a frame
        stills = shelf.rows["tokens"][torch.tensor(picked, device=pool.device), :G].float()
        return self._painted(replace(found, beside=((CHARACTER_AT, stills),)), self.painters, rng)

    def _painted(
        self, found: Sample, painters: Mapping[str, tuple[Painter, float]], rng: np.random.Generator
    ) -> tuple[Sample, Tensor]:
        table = painted(found.grid, tuple(painters.items()))
        rows = torch.from_numpy(rng.integers(len(table), size=len(found.tokens_RNC)))
        strength_RN = table[rows].to(found.tokens_RNC)
        plain = torch.from_numpy(rng.random((len(rows), 1, 1)) < self.unmoved).to(strength_RN.device)
        return replace(found, tokens_RNC=without_flow(found, strength_RN, plain)), strength_RN


def without_flow(found: Sample, strength_RN: Tensor, chosen_R11: Tensor) -> Tensor:
    """The tokens, of which known ones after the first frame say no flow in the chosen rows: as a pasted still does."""
    volume = 4  # latents in a token, channels slowest
    tokens_RNC = found.tokens_RNC
    later_N = torch.arange(tokens_RNC.shape[1], device=tokens_RNC.device) >= found.grid[1] * found.grid[2]
    known_RN1 = ((strength_RN == 0) & later_N)[..., None]
    flow_C = torch.arange(tokens_RNC.shape[2], device=tokens_RNC.device) >= tokens_RNC.shape[2] - FLOW * volume
    return tokens_RNC.masked_fill(chosen_R11 & known_RN1 & flow_C, 0.0)


@lru_cache(maxsize=64)
def painted(grid: tuple[int, int, int], painters: tuple[tuple[str, tuple[Painter, float]], ...]) -> Tensor:
    """Strengths of `DRAWN` random canvases of a grid, `[DRAWN, N]`, the same every time."""
    rng = np.random.default_rng([*grid, len(painters)])
    tokens_RNC = torch.zeros(DRAWN, grid[0] * grid[1] * grid[2], 4)
    return draw_strengths(tokens_RNC, grid, rng, dict(painters))
