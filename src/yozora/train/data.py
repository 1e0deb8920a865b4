"""Takes of the world as training data: scenes by number, batches of frames, and a cache of latents with the
renderer's truth.

Scene k of stream s comes from `default_rng([s, k])`: training uses streams below 1000, evaluation those above, so
they never meet.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from yozora.canvas import patchify
from yozora.model.autoencoder import VideoAutoencoder
from yozora.world.captions import LENGTHS, said
from yozora.world.draw import Cast, draw_scene
from yozora.world.lexicon import LANGUAGES
from yozora.world.render import Take, render
from yozora.world.scene import COLORS, Actor, Scene

TOKEN_PIXELS = 32  # a token of mini shows 32 x 32 pixels
FRAMES_PER_LATENT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Size of the takes in one batch."""

    width: int = 224
    height: int = 128
    frames: int = 33
    batch: int = 8
    weight: float = 1.0  # how often batches have this shape

    @property
    def grid(self) -> tuple[int, int, int]:
        """Tokens: latent frames, rows, columns."""
        return (self.frames - 1) // FRAMES_PER_LATENT + 1, self.height // TOKEN_PIXELS, self.width // TOKEN_PIXELS


def scene_at(cast: Cast, stream: int, index: int) -> Scene:
    """Scene number `index` of a stream: always the same."""
    return draw_scene(np.random.default_rng([stream, index]), cast)


def shape_at(shapes: Sequence[Shape], stream: int, step: int) -> Shape:
    """The shape of batch number `step`."""
    weights = np.array([shape.weight for shape in shapes])
    chosen = np.random.default_rng([stream, step, 7]).choice(len(shapes), p=weights / weights.sum())
    return shapes[int(chosen)]


def to_video(frames_THWC: NDArray[np.uint8]) -> Tensor:
    """uint8 frames to float32 `[3, T, H, W]` in -1..1."""
    return torch.from_numpy(np.ascontiguousarray(frames_THWC)).permute(3, 0, 1, 2).float().div_(127.5).sub_(1.0)


def to_frames(video_CTHW: Tensor) -> NDArray[np.uint8]:
    """The other way round."""
    pixels = video_CTHW.float().clamp(-1, 1).add(1.0).mul(127.5).round().to(torch.uint8)
    return np.ascontiguousarray(pixels.permute(1, 2, 3, 0).cpu().numpy())


def takes(cast: Cast, stream: int, first: int, shape: Shape, count: int) -> Iterator[tuple[Scene, Take]]:
    """`count` rendered scenes from number `first` on."""
    for index in range(first, first + count):
        scene = scene_at(cast, stream, index)
        yield scene, render(scene, width=shape.width, height=shape.height, frames=shape.frames)


def video_batch(cast: Cast, stream: int, first: int, shape: Shape) -> Tensor:
    """`[B, 3, T, H, W]` in -1..1."""
    return torch.stack([to_video(take.frames_THWC) for _, take in takes(cast, stream, first, shape, shape.batch)])


def truth(
    scene: Scene, take: Take, nouns: Sequence[str]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """What the renderer knows of each token: noun (0 = stage), colour (0 = stage, 1 = as drawn) and cover (0..255),
    each `[N]`.
    """
    frames, height, width = take.frames_THWC.shape[:3]
    rows, columns = height // TOKEN_PIXELS, width // TOKEN_PIXELS
    latents = (frames - 1) // FRAMES_PER_LATENT + 1
    cover_AN = np.zeros((len(scene.actors) + 1, latents, rows, columns), np.float32)
    for a in range(len(scene.actors)):
        blocks = (
            take.masks_ATHW[a].reshape(frames, rows, TOKEN_PIXELS, columns, TOKEN_PIXELS).mean((2, 4), dtype=np.float32)
        )
        cover_AN[a, 0] = blocks[0]
        cover_AN[a, 1:] = blocks[1:].reshape(latents - 1, FRAMES_PER_LATENT, rows, columns).mean(1)
    cover = cover_AN.sum(0).clip(0, 1)
    cover_AN[-1] = 0.08  # below this the token belongs to the stage
    owner = cover_AN.argmax(0).ravel()
    noun_of = np.array([nouns.index(a.noun) + 1 if a.noun in nouns else 0 for a in scene.actors] + [0], np.uint8)
    color_of = np.array([COLORS.index(a.color) + 2 if a.color else 1 for a in scene.actors] + [0], np.uint8)
    return noun_of[owner], color_of[owner], (cover.ravel() * 255).astype(np.uint8)


def scene_to_json(scene: Scene) -> dict[str, object]:
    return asdict(scene)


def scene_from_json(data: dict[str, object]) -> Scene:
    actors = data["actors"]
    assert isinstance(actors, list | tuple)
    return Scene(**{**data, "actors": tuple(Actor(**actor) for actor in actors)})  # type: ignore[arg-type]


@torch.no_grad()
def write_shard(
    path: Path,
    autoencoder: VideoAutoencoder,
    cast: Cast,
    nouns: Sequence[str],
    stream: int,
    first: int,
    count: int,
    shape: Shape,
) -> None:
    """Render and encode scenes `first .. first + count` into one file of latents, truth and scenes."""
    device = next(autoencoder.parameters()).device
    scenes, tokens, maps = [], [], []
    for start in range(first, first + count, shape.batch):
        here = list(takes(cast, stream, start, shape, min(shape.batch, first + count - start)))
        video = torch.stack([to_video(take.frames_THWC) for _, take in here]).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            latents = autoencoder.encode(video)
        tokens += [patchify(one.float()).half().cpu() for one in latents]
        maps += [np.stack(truth(scene, take, nouns)) for scene, take in here]
        scenes += [scene_to_json(scene) for scene, _ in here]
    beside = path.with_suffix(".part")
    save_file(
        {"tokens": torch.stack(tokens), "truth": torch.from_numpy(np.stack(maps))},
        beside,
        {"scenes": json.dumps(scenes), "grid": json.dumps(shape.grid)},
    )
    beside.replace(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Encoded takes of one shape with what is true of them."""

    tokens_BNC: Tensor  # float32
    noun_BN: Tensor  # int64
    color_BN: Tensor  # int64
    cover_BN: Tensor  # float32, 0..1
    prompts: list[str]
    grid: tuple[int, int, int]


class LatentCache:
    """The shards of a folder, grouped by shape; shards that appear later are found by `refresh`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: set[Path] = set()
        self.groups: dict[tuple[int, int, int], list[tuple[Tensor, Tensor, list[dict[str, object]]]]] = {}
        self.refresh()

    def refresh(self) -> None:
        for path in sorted(set(self.folder.glob("*.safetensors")) - self.seen):
            with safe_open(path, "pt") as shard:
                facts = shard.metadata()
                latents, rows, columns = json.loads(facts["grid"])
                group = self.groups.setdefault((latents, rows, columns), [])
                group.append((shard.get_tensor("tokens"), shard.get_tensor("truth"), json.loads(facts["scenes"])))
            self.seen.add(path)

    def sizes(self) -> dict[tuple[int, int, int], int]:
        """Takes of each grid."""
        return {grid: sum(len(shard[2]) for shard in shards) for grid, shards in self.groups.items()}

    def sample(
        self, grid: tuple[int, int, int], batch: int, rng: np.random.Generator, prompt_drop: float = 0.1
    ) -> Sample:
        """A random batch with fresh captions, a share of them empty."""
        if grid not in self.groups:
            raise ValueError(f"the cache {self.folder} holds no takes of grid {grid}, only {sorted(self.groups)}")
        shards = self.groups[grid]
        ends = np.cumsum([len(shard[2]) for shard in shards])
        picked = rng.integers(ends[-1], size=batch)
        rows = []
        for index in picked:
            which = int(np.searchsorted(ends, index, side="right"))
            rows.append((shards[which], int(index - (ends[which - 1] if which else 0))))
        truths = torch.stack([shard[1][k] for shard, k in rows]).long()
        return Sample(
            tokens_BNC=torch.stack([shard[0][k] for shard, k in rows]).float(),
            noun_BN=truths[:, 0],
            color_BN=truths[:, 1],
            cover_BN=truths[:, 2].float() / 255.0,
            prompts=[
                "" if rng.random() < prompt_drop else prompt(scene_from_json(shard[2][k]), rng) for shard, k in rows
            ],
            grid=grid,
        )


def prompt(scene: Scene, rng: np.random.Generator) -> str:
    """A random caption of a scene in a random language."""
    return prompt_with_slots(scene, rng)[0]


def prompt_with_slots(scene: Scene, rng: np.random.Generator) -> tuple[str, dict[str, str]]:
    """A random caption and the slots that it mentions."""
    language = LANGUAGES[rng.choice(4, p=(0.4, 0.2, 0.2, 0.2))]
    length = LENGTHS[rng.choice(3, p=(0.6, 0.25, 0.15))]
    return said(scene, rng, language, length)
