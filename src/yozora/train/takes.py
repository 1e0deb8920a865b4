"""Takes of the world, rendered by processes of their own while the model learns: frames or latents, captions as text
features, and the renderer's truth of each token.

A take is a still or a film. All sizes have the same number of tokens, so that takes of every size make batches of one
shape. Knows no transformer.
"""

import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from yozora.model.codec import STEP, KeyframeCodec
from yozora.model.text import TextEncoder, words
from yozora.train.data import FPS, prompt, scene_at
from yozora.world.distributions import SceneDistribution
from yozora.world.nouns import NOUNS
from yozora.world.render import render, ways
from yozora.world.scene import COLORS, Scene

TOKEN = 16  # pixels along a token's side
STILLS_AT_ONCE = 32
READ_AT_ONCE = 16  # captions
NO_ACTOR = (0, 0)  # who is seen in a take without a lone actor
LEAST_COVER = 0.08  # below this a token belongs to the stage
NOUN_NAMES = tuple(NOUNS)
PLACE = 6  # numbers: where in its cut-out a token is, and how that changes across it


@dataclass(frozen=True, slots=True, kw_only=True)
class TakesRecipe:
    """What is rendered.

    distributions and their weights; sizes (width, height) with their weights; frames of a film; share of chunks that
    are stills (1: only stills); stream of the scenes; processes that render (0: this one, in order, always the same).
    """

    distributions: tuple[tuple[SceneDistribution, float], ...]
    sizes: tuple[tuple[int, int], ...] = ((256, 144), (144, 256), (192, 192))
    size_weights: tuple[float, ...] = (0.6, 0.2, 0.2)
    frames: int = 33
    stills: float = 1.0
    stream: int = 50
    workers: int = 1

    def __post_init__(self) -> None:
        tokens = {width * height // TOKEN**2 for width, height in self.sizes}
        if len(tokens) != 1 or any(side % TOKEN for size in self.sizes for side in size):
            raise ValueError(f"sizes of one recipe have the same number of tokens of {TOKEN} x {TOKEN} pixels")

    @property
    def tokens(self) -> int:
        """Tokens of a frame."""
        return self.sizes[0][0] * self.sizes[0][1] // TOKEN**2

    @property
    def latents(self) -> int:
        """Latent frames of a film."""
        return (self.frames - 1) // STEP + 1

    def grid(self, size: int, latents: int) -> tuple[int, int, int]:
        """Tokens of a take: latent frames, rows, columns."""
        width, height = self.sizes[size]
        return latents, height // TOKEN, width // TOKEN


@dataclass(frozen=True, slots=True)
class Chunk:
    """Takes of one kind and size, R rows.

    `video` is uint8 frames `[R, T, H, W, 3]`, or latents `[R, Z, N, h, w]` in float16 where the process has a codec.
    `marks`: noun, colour and cover of each token, see `truth`. `text` holds features of several captions of each take;
    the last one calls the first actor by a character's name. `who`: noun and colour of an actor who is alone.
    """

    film: bool
    size: int
    video: Tensor
    marks_RN3G: Tensor
    place_RN6G: Tensor
    text_RKLD: Tensor
    who: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Takes(IterableDataset[Chunk]):
    """An endless stream of chunks; each process draws scenes of its own."""

    recipe: TakesRecipe
    text: TextEncoder
    codec: KeyframeCodec | None = None  # encodes in the process that renders: without an accelerator
    first: int = 0  # the scene to begin with: later runs see others

    def __iter__(self) -> Iterator[Chunk]:
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        if info is not None:
            os.nice(10)  # the model comes first
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # who trains ends these processes
        recipe = self.recipe
        rng = np.random.default_rng([recipe.stream, worker, self.first, 1])
        weights = np.array([weight for _, weight in recipe.distributions])
        number = self.first + worker
        while True:
            film = rng.random() >= recipe.stills
            size = int(rng.choice(len(recipe.sizes), p=np.array(recipe.size_weights) / sum(recipe.size_weights)))
            rows = []
            for _ in range(1 if film else STILLS_AT_ONCE):
                distribution = recipe.distributions[int(rng.choice(len(weights), p=weights / weights.sum()))][0]
                scene = scene_at(distribution, recipe.stream, number, recipe.frames if film else 1)
                rows.append(self._row(scene, size, film, rng))
                number += workers
            yield self._chunk(film, size, rows)

    def _row(self, scene: Scene, size: int, film: bool, rng: np.random.Generator) -> dict[str, Any]:
        width, height = self.recipe.sizes[size]
        take = render(scene, width=width, height=height, frames=self.recipe.frames if film else 1, fps=FPS)
        marks, place = truth(scene, take.masks_ATHW)
        captions = [prompt(scene, rng), prompt(scene, rng), prompt(scene, rng, bool(scene.actors))]
        alone = scene.actors[0] if len(scene.actors) == 1 else None
        return {
            "frames": take.frames_THWC,
            "marks": marks,
            "place": place,
            "captions": captions,
            "who": NO_ACTOR if alone is None else looks(alone.noun, alone.color),
        }

    @torch.no_grad()
    def _chunk(self, film: bool, size: int, rows: Sequence[dict[str, Any]]) -> Chunk:
        frames = torch.from_numpy(
            np.stack([row["frames"] for row in rows]) if len(rows) > 1 else rows[0]["frames"][None]
        )
        text = read(self.text, [caption for row in rows for caption in row["captions"]])
        return Chunk(
            film=film,
            size=size,
            video=frames if self.codec is None else encoded(self.codec, frames),
            marks_RN3G=torch.from_numpy(np.stack([row["marks"] for row in rows])),
            place_RN6G=torch.from_numpy(np.stack([row["place"] for row in rows])),
            text_RKLD=text.half().unflatten(0, (len(rows), -1)),
            who=tuple(row["who"] for row in rows),
        )


def stream(takes: Takes) -> Iterator[Chunk]:
    """The chunks of all processes as they come; without processes, in order."""
    workers = takes.recipe.workers
    if workers == 0:
        return iter(takes)
    loader = DataLoader(takes, batch_size=None, num_workers=workers, prefetch_factor=2, multiprocessing_context="fork")
    return iter(loader)


def read(text: TextEncoder, captions: Sequence[str]) -> Tensor:
    """Features of captions, `[B, L, D]`; those of about the same length together, as the longest sets what all cost."""
    order = sorted(range(len(captions)), key=lambda number: len(words(captions[number])))
    parts = [order[start : start + READ_AT_ONCE] for start in range(0, len(order), READ_AT_ONCE)]
    found = torch.cat([text([captions[number] for number in part]) for part in parts])
    return found[torch.tensor(order).argsort().to(found.device)]


@torch.no_grad()
def encoded(codec: KeyframeCodec, frames_RTHWC: Tensor) -> Tensor:
    """Latents in float16, `[R, Z, N, h, w]`."""
    device = codec.decoder.linear.weight.device
    video = frames_RTHWC.to(device).movedim(-1, 1).float().div_(127.5).sub_(1.0)
    with torch.autocast(device.type, torch.bfloat16):
        return codec.encode(video).half()


def looks(noun: str, color: str | None) -> tuple[int, int]:
    """Numbers of a noun and of a colour: 0 is the stage, and the first colour is as drawn."""
    return NOUN_NAMES.index(noun) + 1, 1 if color is None else COLORS.index(color) + 2


def truth(scene: Scene, masks_ATHW: NDArray[np.bool_]) -> tuple[NDArray[np.int16], NDArray[np.float16]]:
    """What the renderer knows of each token of G: noun, colour (see `looks`) and cover (0..255) of who covers it most,
    `[N, 3, G]`, and where in his cut-out its middle is, (u, v) of `world.puppets`, with their changes to the right
    and downwards across a token, `[N, 6, G]`, zeros on the stage."""
    A, T, H, W = masks_ATHW.shape
    N, G = (T - 1) // STEP + 1, H * W // TOKEN**2
    marks, place = np.zeros((N, 3, G), np.int16), np.zeros((N, PLACE, G), np.float16)
    if not A:
        return marks, place
    keys = masks_ATHW[:, ::STEP]
    strips = keys.view(np.uint8).reshape(A, N, H // TOKEN, TOKEN, W).sum(3, dtype=np.uint8)
    pixels = strips.reshape(A, N, H // TOKEN, W // TOKEN, TOKEN).sum(4, dtype=np.float32)
    cover = pixels.reshape(A, N, G) / np.float32(TOKEN**2)
    who_NG = np.concatenate([cover, np.full((1, N, G), LEAST_COVER, np.float32)]).argmax(0)  # A: the stage
    of_actor = np.array([*(looks(actor.noun, actor.color) for actor in scene.actors), (0, 0)], np.int16)
    marks[:, 0], marks[:, 1] = of_actor[who_NG, 0], of_actor[who_NG, 1]
    marks[:, 2] = (cover.sum(0).clip(0, 1) * 255).astype(np.int16)
    back_AN23 = inverted(ways(scene, width=W, height=H, frames=T, fps=FPS)[:, ::STEP].astype(np.float64))
    y, x = np.meshgrid((np.arange(H // TOKEN) + 0.5) * TOKEN, (np.arange(W // TOKEN) + 0.5) * TOKEN, indexing="ij")
    at_3G = np.stack([x.ravel(), y.ravel(), np.ones(G)])
    across = np.broadcast_to((back_AN23[..., :2] * TOKEN).reshape(A, N, 4, 1), (A, N, 4, G))
    six = np.concatenate([back_AN23 @ at_3G, across], axis=2).clip(-4, 4)
    six = np.concatenate([six, np.zeros((1, N, PLACE, G))])
    place[:] = np.take_along_axis(six, who_NG[None, :, None, :].repeat(PLACE, 2), 0)[0]
    return marks, place


def inverted(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Affine maps `[..., 2, 3]` the other way round; one that is flat becomes a steep one."""
    a, b, c, d = matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 0], matrix[..., 1, 1]
    area = a * d - b * c
    area = np.where(np.abs(area) < 1e-3, 1e-3, area)
    linear = np.stack([np.stack([d, -b], -1), np.stack([-c, a], -1)], -2) / area[..., None, None]
    return np.concatenate([linear, -linear @ matrix[..., 2:]], axis=-1)
