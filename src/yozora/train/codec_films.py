"""Films for the codec to learn from, and what the renderer knows of them: whose each pixel is, and how it moves."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from multiprocessing import get_context
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from yozora.model.codec import (
    CELL,
    FINE,
    FLOW,
    OFFSETS,
    STEP,
    CodecConfig,
)
from yozora.train.data import FPS, scene_at
from yozora.world.distributions import SceneDistribution
from yozora.world.render import render, ways
from yozora.world.scene import Scene

FRAMES = 33  # of a film
AT_ONCE = 8  # films that a process renders before it hands them over
BACKGROUND = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecRecipe:
    """What the codec sees.

    distributions: of the films, in turns. films: how many are rendered and kept in memory. crop: pixels of what is seen
    at once. noise: of flows while frames between are learnt, in spreads of each channel, as a transformer errs.
    leaves: share of dead leaves among stills, for photographs that people bring. actor_weight: how much more pixels of
    actors count.
    """

    config: CodecConfig
    distributions: tuple[SceneDistribution, ...]
    films: int = 800
    width: int = 256
    height: int = 144
    crop: int = 128
    batch: int = 8
    noise: float = 0.1
    leaves: float = 0.15
    actor_weight: float = 3.0
    stream: int = 40
    workers: int = 1
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Filmed:
    """Rendered films and what is true of them."""

    frames_FTHWC: Tensor  # uint8
    owner_FTyx: Tensor  # uint8, of squares of 4 x 4 pixels: an actor's number from 1 on, or `BACKGROUND`
    flow_FN8hw: Tensor  # float16: from the middle of four frames to the others, as `MotionEstimator` tells it
    cell_FNhw: Tensor  # bool: the cells of 8 x 8 pixels in the middle frame that an actor owns

    def __len__(self) -> int:
        return len(self.frames_FTHWC)


def film_all(recipe: CodecRecipe) -> Filmed:
    """Render the films of a recipe, in processes of their own where it has some."""
    jobs = [(recipe, range(first, min(first + AT_ONCE, recipe.films))) for first in range(0, recipe.films, AT_ONCE)]
    if recipe.workers < 1:
        return _stack_films(map(_film_some, jobs), recipe)
    with ProcessPoolExecutor(recipe.workers, mp_context=get_context("fork")) as pool:
        return _stack_films(pool.map(_film_some, jobs), recipe)


def _stack_films(found: Iterator[tuple[NDArray[Any], ...]], recipe: CodecRecipe) -> Filmed:
    F_, H, W, N = recipe.films, recipe.height, recipe.width, (FRAMES - 1) // STEP
    filmed = Filmed(
        frames_FTHWC=torch.empty((F_, FRAMES, H, W, 3), dtype=torch.uint8),
        owner_FTyx=torch.empty((F_, FRAMES, H // FINE, W // FINE), dtype=torch.uint8),
        flow_FN8hw=torch.empty((F_, N, FLOW, H // CELL, W // CELL), dtype=torch.float16),
        cell_FNhw=torch.empty((F_, N, H // CELL, W // CELL), dtype=torch.bool),
    )
    at = 0
    for parts in found:
        rows = slice(at, at + len(parts[0]))
        for field, part in zip(fields(filmed), parts, strict=True):
            getattr(filmed, field.name)[rows] = torch.from_numpy(part)
        at = rows.stop
    return filmed


def _film_some(job: tuple[CodecRecipe, Sequence[int]]) -> tuple[NDArray[Any], ...]:
    recipe, numbers = job
    parts = []
    for number in numbers:
        scene = scene_at(recipe.distributions[number % len(recipe.distributions)], recipe.stream, number, FRAMES)
        take = render(scene, width=recipe.width, height=recipe.height, frames=FRAMES, fps=FPS)
        parts.append((take.frames_THWC, *flow_truth(scene, take.masks_ATHW)))
    return tuple(np.stack(part) for part in zip(*parts, strict=True))


def flow_truth(scene: Scene, masks_ATHW: NDArray[np.bool_]) -> tuple[NDArray[Any], ...]:
    """Who owns each square of each frame, `[T, y, x]`, and of each cell in the middle of four frames how its actor
    moves to the others, in pixels `[N, 8, h, w]`, and whether there is one, `[N, h, w]`."""
    A, T, H, W = masks_ATHW.shape
    N = (T - 1) // STEP
    owner = np.zeros((T, H // FINE, W // FINE), np.uint8)
    flow = np.zeros((N, FLOW, H // CELL, W // CELL), np.float16)
    cell = np.zeros((N, H // CELL, W // CELL), np.bool_)
    if not A:
        return owner, flow, cell
    y, x = np.meshgrid((np.arange(H // CELL) + 0.5) * CELL, (np.arange(W // CELL) + 0.5) * CELL, indexing="ij")
    p_3hw = np.stack([x, y, np.ones_like(x)])
    way = ways(scene, width=W, height=H, frames=T, fps=FPS).astype(np.float64)
    whole = np.concatenate([way, np.broadcast_to(np.array([0, 0, 1.0]), (A, T, 1, 3))], axis=2)
    for a in range(A):
        owner[masks_ATHW[a].reshape(T, H // FINE, FINE, W // FINE, FINE).mean((2, 4)) > 0.5] = a + 1
        there = masks_ATHW[a, 2::STEP].reshape(N, H // CELL, CELL, W // CELL, CELL).mean((2, 4)) > 0.5
        for n in range(N):
            middle = STEP * n + 2
            if not there[n].any() or abs(np.linalg.det(whole[a, middle])) < 1e-6:
                continue
            back = np.linalg.inv(whole[a, middle])
            for k, offset in enumerate(OFFSETS):
                moved = np.einsum("ij,jhw->ihw", whole[a, middle + offset] @ back, p_3hw)[:2] - p_3hw[:2]
                flow[n, 2 * k : 2 * k + 2][:, there[n]] = moved[:, there[n]].clip(-90, 90)
            cell[n] |= there[n]
    return owner, flow, cell
