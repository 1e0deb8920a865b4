"""Takes of the world as training data: scenes by number, batches of frames, and a cache of latents with the
renderer's truth.

Scene k of stream s comes from `default_rng([s, k])`: training uses streams below 1000, evaluation those above, so
they never meet.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from yozora.canvas import patchify
from yozora.model.autoencoder import VideoAutoencoder
from yozora.modes import HERO_AT, HEROES
from yozora.windows import OPENING_AT
from yozora.world.captions import LENGTHS, said
from yozora.world.draw import Cast, draw_scene, lasting
from yozora.world.lexicon import LANGUAGES, Language
from yozora.world.render import render, ways
from yozora.world.scene import COLORS, Actor, Scene
from yozora.world.torch_render import render_batch

TOKEN_PIXELS = 32  # a token of mini shows 32 x 32 pixels
FRAMES_PER_LATENT = 4
FPS = 16.0


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


def scene_at(cast: Cast, stream: int, index: int, frames: int = 1) -> Scene:
    """Scene number `index` of a stream, laid out for so many frames: always the same."""
    return lasting(draw_scene(np.random.default_rng([stream, index]), cast), (frames - 1) / FPS)


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


def video_batch(cast: Cast, stream: int, first: int, shape: Shape, device: str = "cpu") -> Tensor:
    """Scenes from number `first` on, `[B, 3, T, H, W]` in -1..1."""
    scenes = [scene_at(cast, stream, index, shape.frames) for index in range(first, first + shape.batch)]
    return filmed(scenes, shape, torch.device(device))[0]


def truth(scene: Scene, masks_ATHW: Tensor, nouns: Sequence[str]) -> Tensor:
    """What the renderer knows of each token, uint8 `[3, N]`: noun (0 = stage), colour (0 = stage, 1 = as drawn) and
    cover (0..255)."""
    _, frames, height, width = masks_ATHW.shape
    blocks = masks_ATHW.float().unflatten(3, (width // TOKEN_PIXELS, -1)).unflatten(2, (height // TOKEN_PIXELS, -1))
    cover_ATHW = blocks.mean((3, 5))
    later = cover_ATHW[:, 1:].unflatten(1, (-1, FRAMES_PER_LATENT)).mean(2) if frames > 1 else cover_ATHW[:, :0]
    cover_AN = torch.cat([cover_ATHW[:, :1], later], dim=1).flatten(1)
    stage_1N = cover_AN.new_full((1, cover_AN.shape[1]), 0.08)  # below this a token belongs to the stage
    owner_N = torch.cat([cover_AN, stage_1N]).argmax(0)
    noun_of = [nouns.index(actor.noun) + 1 if actor.noun in nouns else 0 for actor in scene.actors]
    color_of = [COLORS.index(actor.color) + 2 if actor.color else 1 for actor in scene.actors]
    of_A2 = torch.tensor([*zip(noun_of, color_of, strict=True), (0, 0)], device=owner_N.device)
    cover_N = cover_AN.sum(0).clamp(0, 1).mul(255)
    return torch.cat([of_A2[owner_N].T, cover_N.long()[None]]).to(torch.uint8)


def filmed(scenes: Sequence[Scene], shape: Shape, device: torch.device) -> tuple[Tensor, list[Tensor]]:
    """Scenes as `[B, 3, T, H, W]` in -1..1 and the masks `[A, T, H, W]` of each; on a GPU all are rendered at once."""
    if device.type == "cpu":
        shown = [render(scene, width=shape.width, height=shape.height, frames=shape.frames) for scene in scenes]
        video = torch.stack([to_video(take.frames_THWC) for take in shown])
        return video, [torch.from_numpy(take.masks_ATHW) for take in shown]
    batch = render_batch(scenes, width=shape.width, height=shape.height, frames=shape.frames, device=device.type)
    masks = [batch.masks_BATHW[k, : len(scene.actors)] for k, scene in enumerate(scenes)]
    return batch.frames_BTHWC.permute(0, 4, 1, 2, 3).float().div_(127.5).sub_(1.0), masks


def way_of(scene: Scene, grid: tuple[int, int, int]) -> Tensor:
    """How a scene's actors move, as `yozora.world.render.ways` says it, in a take of a grid of tokens."""
    frames = (grid[0] - 1) * FRAMES_PER_LATENT + 1
    found = ways(scene, width=grid[2] * TOKEN_PIXELS, height=grid[1] * TOKEN_PIXELS, frames=frames, fps=FPS)
    return torch.from_numpy(found)


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
    scenes = [scene_at(cast, stream, index, shape.frames) for index in range(first, first + count)]
    tokens, maps = [], []
    for start in range(0, count, shape.batch):
        here = scenes[start : start + shape.batch]
        video, masks = filmed(here, shape, device)
        with torch.autocast(device.type, torch.bfloat16):
            latents = autoencoder.encode(video)
        tokens.append(patchify(latents.float()).half().cpu())
        maps += [truth(scene, mask, nouns).cpu() for scene, mask in zip(here, masks, strict=True)]
    beside = path.with_suffix(".part")
    save_file(
        {"tokens": torch.cat(tokens), "truth": torch.stack(maps)},
        beside,
        {"scenes": json.dumps([scene_to_json(scene) for scene in scenes]), "grid": json.dumps(shape.grid)},
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
    start: int = 0  # position of the first latent frame
    beside: tuple[tuple[float, Tensor], ...] = ()  # positions and known tokens [B, M, C] that inform the picture
    ways: tuple[Tensor, ...] = ()  # of each take, as `yozora.world.render.ways` gives them; none: not known
    latents: tuple[int, ...] = ()  # which latent frames of the takes these are

    def pick(self, frames: Sequence[int], opening: bool = False) -> "Sample":
        """These latent frames as a window into a longer film; `opening`: with the film's first frame beside them, as
        `yozora.windows.cut` puts it."""
        count, rows, columns = self.grid
        of_N = torch.arange(count * rows * columns).view(count, -1)[list(frames)].flatten()
        begins = ((OPENING_AT, self.tokens_BNC[:, : rows * columns]),) if opening else ()
        return replace(
            self,
            tokens_BNC=self.tokens_BNC[:, of_N],
            noun_BN=self.noun_BN[:, of_N],
            color_BN=self.color_BN[:, of_N],
            cover_BN=self.cover_BN[:, of_N],
            grid=(len(frames), rows, columns),
            start=1,
            beside=(*begins, *self.beside),
            latents=tuple(self.latents[k] for k in frames) if self.latents else (),
        )

    def faded(self, other: "Sample", weight_T: Tensor) -> "Sample":
        """These takes, frame by frame faded into others: 0 is all this one, 1 all the other. What is there is what
        covers most."""
        weight_N = weight_T.repeat_interleave(self.grid[1] * self.grid[2])
        ours_BN, theirs_BN = self.cover_BN * (1 - weight_N), other.cover_BN * weight_N
        theirs = theirs_BN > ours_BN
        return replace(
            self,
            tokens_BNC=torch.lerp(self.tokens_BNC, other.tokens_BNC, weight_N[:, None]),
            noun_BN=torch.where(theirs, other.noun_BN, self.noun_BN),
            color_BN=torch.where(theirs, other.color_BN, self.color_BN),
            cover_BN=torch.maximum(ours_BN, theirs_BN),
            ways=(),
        )


class LatentCache:
    """The shards of a folder, grouped by shape; shards that appear later are found by `refresh`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: set[Path] = set()
        self.groups: dict[tuple[int, int, int], list[tuple[Tensor, Tensor, list[dict[str, Any]]]]] = {}
        self.alone: dict[tuple[object, ...], list[Tensor]] = {}  # rows, columns, noun, colour -> stills of one actor
        self.refresh()

    def refresh(self) -> None:
        for path in sorted(set(self.folder.glob("*.safetensors")) - self.seen):
            with safe_open(path, "pt") as shard:
                facts = shard.metadata()
                latents, rows, columns = json.loads(facts["grid"])
                group = self.groups.setdefault((latents, rows, columns), [])
                group.append((shard.get_tensor("tokens"), shard.get_tensor("truth"), json.loads(facts["scenes"])))
            self.seen.add(path)
            if latents == 1:
                for tokens_NC, scene in zip(group[-1][0], group[-1][2], strict=True):
                    if len(scene["actors"]) == 1:
                        self.alone.setdefault((rows, columns, *_looks(scene)), []).append(tokens_NC)

    def sizes(self) -> dict[tuple[int, int, int], int]:
        """Takes of each grid."""
        return {grid: sum(len(shard[2]) for shard in shards) for grid, shards in self.groups.items()}

    def sample(
        self,
        grid: tuple[int, int, int],
        batch: int,
        rng: np.random.Generator,
        prompt_drop: float = 0.1,
        starring: bool = False,
    ) -> Sample:
        """A random batch with fresh captions, a share of them empty; `starring`: with stills of the first actors."""
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
        scenes = [scene_from_json(shard[2][k]) for shard, k in rows]
        return Sample(
            tokens_BNC=torch.stack([shard[0][k] for shard, k in rows]).float(),
            noun_BN=truths[:, 0],
            color_BN=truths[:, 1],
            cover_BN=truths[:, 2].float() / 255.0,
            prompts=["" if rng.random() < prompt_drop else prompt(scene, rng, starring) for scene in scenes],
            grid=grid,
            beside=(
                ((HERO_AT, torch.stack([self._hero(grid, shard[2][k], rng) for shard, k in rows])),) if starring else ()
            ),
            ways=tuple(way_of(scene, grid) for scene in scenes),
            latents=tuple(range(grid[0])),
        )

    def _hero(self, grid: tuple[int, int, int], scene: dict[str, Any], rng: np.random.Generator) -> Tensor:
        """Another still of a scene's first actor, float32 `[M, C]`; of anybody where there is none."""
        found = self.alone.get((*grid[1:], *_looks(scene)))
        shards = self.groups[(1, *grid[1:])]
        if not found:
            found = list(shards[int(rng.integers(len(shards)))][0])
        return found[int(rng.integers(len(found)))].float()


def _looks(scene: dict[str, Any]) -> tuple[object, object]:
    """Noun and colour of a scene's first actor."""
    first = scene["actors"][0] if scene["actors"] else {"noun": None, "color": None}
    return first["noun"], first["color"]


def prompt(scene: Scene, rng: np.random.Generator, starring: bool = False) -> str:
    """A random caption of a scene in a random language; `starring`: its first actor goes by the name of a hero."""
    return prompt_with_slots(scene, rng, starring)[0]


def prompt_with_slots(
    scene: Scene, rng: np.random.Generator, starring: bool = False, spoken: Language | None = None
) -> tuple[str, dict[str, str]]:
    """A random caption and the slots that it mentions; the same state of the generator mentions the same in whatever
    language is `spoken`."""
    drawn = LANGUAGES[rng.choice(4, p=(0.4, 0.2, 0.2, 0.2))]
    language = spoken or drawn
    length = LENGTHS[rng.choice(3, p=(0.6, 0.25, 0.15))]
    return said(scene, rng, language, length, HEROES[0] if starring else "")
