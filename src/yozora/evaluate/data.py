"""What the parser learns from: renders kept in memory with what is true of them, and the wear that makes them look
generated.

Scenes come from the training streams of the world or, held out, from the evaluation's; see `prompts`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from yozora.evaluate.parser import CELL, FRAMES
from yozora.world.draw import Cast, draw_scene
from yozora.world.render import render
from yozora.world.scene import ACTIONS, CAMERAS, COLORS, DAYTIMES, DIRECTIONS, PLACES, STYLES, WEATHERS, Scene

SECONDS = (1.0, 2.0)  # a take is at least and at most so long
MIRRORED = {"left": "right", "right": "left", "pan left": "pan right", "pan right": "pan left"}


def slots_of(nouns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Slots of a parser that tells these nouns apart, and their values."""
    return {
        "noun": tuple(nouns),
        "color": ("natural", *COLORS),
        "count": ("1", "2", "3", "4"),
        "place": PLACES,
        "daytime": DAYTIMES,
        "weather": WEATHERS,
        "style": STYLES,
        "direction": DIRECTIONS,
        "action": ACTIONS,
        "camera": CAMERAS,
    }


def truth(scene: Scene) -> dict[str, str]:
    """The value of every slot; the scene has at least one actor, and it is about the first."""
    first = scene.actors[0]
    return {
        "noun": first.noun,
        "color": first.color or "natural",
        "count": str(scene.count),
        "place": scene.place,
        "daytime": scene.daytime,
        "weather": scene.weather,
        "style": scene.style,
        "direction": first.direction,
        "action": first.action,
        "camera": scene.camera,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Renders of one size. K slots in the order of `slots_of`."""

    frames_NTHWC: Tensor  # uint8
    cover_NTHW: Tensor  # uint8 0..255, how much of each cell the actors cover
    truth_NK: Tensor  # int64

    def __len__(self) -> int:
        return len(self.frames_NTHWC)


def shelve(
    cast: Cast,
    slots: dict[str, tuple[str, ...]],
    stream: int,
    first: int,
    count: int,
    size: tuple[int, int],
    scale: int = 2,
) -> Shelf:
    """Render scenes `first .. first + count` of a stream, `FRAMES` frames of each, from its beginning on.

    They are drawn at `scale` times `size` (width, height) and shrunk. Half are as long as can be.
    """
    width, height = size
    frames = torch.zeros(count, FRAMES, height, width, 3, dtype=torch.uint8)
    cover = torch.zeros(count, FRAMES, height // CELL, width // CELL, dtype=torch.uint8)
    known = torch.zeros(count, len(slots), dtype=torch.int64)
    for k in range(count):
        scene = draw_scene(np.random.default_rng([stream, first + k]), cast)
        lot = np.random.default_rng([stream, first + k, 1]).random()
        seconds = SECONDS[0] + (SECONDS[1] - SECONDS[0]) * min(1.0, 2.0 * lot)
        take = render(scene, width=scale * width, height=scale * height, frames=FRAMES, fps=(FRAMES - 1) / seconds)
        frames[k] = torch.from_numpy(_shrink(take.frames_THWC, scale))
        actors = take.masks_ATHW[: scene.count].max(0)[..., None].astype(np.uint8) * np.uint8(255)
        cover[k] = torch.from_numpy(_shrink(actors, scale * CELL)[..., 0])
        value = truth(scene)
        known[k] = torch.tensor([values.index(value[slot]) for slot, values in slots.items()])
    return Shelf(frames_NTHWC=frames, cover_NTHW=cover, truth_NK=known)


def _shrink(frames_THWC: NDArray[np.uint8], by: int) -> NDArray[np.uint8]:
    frames, height, width, channels = frames_THWC.shape
    cells = frames_THWC.reshape(frames, height // by, by, width // by, by, channels)
    small: NDArray[np.uint8] = (cells.mean((2, 4), dtype=np.float32) + 0.5).astype(np.uint8)
    return small


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A batch for the parser."""

    video_BTCHW: Tensor  # float32, 0..1
    cover_BTHW: Tensor  # float32, 0..1
    truth_BK: Tensor


def lesson(shelf: Shelf, index_B: Tensor, slots: dict[str, tuple[str, ...]], generator: torch.Generator) -> Lesson:
    """The takes of a shelf at `index_B`, half of them mirrored, all of them worn."""
    video = shelf.frames_NTHWC[index_B].permute(0, 1, 4, 2, 3).float().div_(255.0)
    cover = shelf.cover_NTHW[index_B].float().div_(255.0)
    known = shelf.truth_NK[index_B].clone()
    flip_B = torch.rand(len(index_B), generator=generator) < 0.5
    video[flip_B] = video[flip_B].flip(-1)
    cover[flip_B] = cover[flip_B].flip(-1)
    for k, values in enumerate(slots.values()):
        swap = torch.tensor(
            [values.index(MIRRORED[v]) if MIRRORED.get(v) in values else i for i, v in enumerate(values)]
        )
        known[flip_B, k] = swap[known[flip_B, k]]
    return Lesson(video_BTCHW=wear(video, generator), cover_BTHW=cover, truth_BK=known)


def wear(video_BTCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Film as a model might have made it.

    Shapes wobble, frames smear, detail is lost, colours shift a little, noise and blocks appear.
    """
    return _weathered(_blurred(_wobbly(video_BTCHW, generator), generator), generator).clamp_(0, 1)


def _wobbly(video_BTCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Bent by smooth random displacements of up to 6 % of half a width, which differ a little from frame to frame."""
    batch, frames, _, height, width = video_BTCHW.shape
    push = torch.rand(batch, 1, 2, 4, 6, generator=generator) - 0.5
    push = push + 0.5 * (torch.rand(batch, frames, 2, 4, 6, generator=generator) - 0.5)
    push = push * 0.06 * torch.rand(batch, 1, 1, 1, 1, generator=generator) ** 2
    push = F.interpolate(push.flatten(0, 1), size=(height, width), mode="bicubic", align_corners=True)
    still = F.affine_grid(torch.eye(2, 3)[None], [1, 1, height, width], align_corners=False)
    grid = still + push.permute(0, 2, 3, 1)
    bent: Tensor = F.grid_sample(
        video_BTCHW.flatten(0, 1), grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    return bent.view(batch, frames, -1, height, width)


def _blurred(video_BTCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Fine and coarse blur, blocks of four pixels, and a ghost of the frame before."""
    size = tuple(video_BTCHW.shape[-2:])
    blocks = F.avg_pool2d(video_BTCHW.flatten(0, 1), 4)
    halves = F.avg_pool2d(video_BTCHW.flatten(0, 1), 2)
    worn = video_BTCHW
    for small, mode, often, most in (
        (halves, "bilinear", 0.6, 1.0),
        (blocks, "bilinear", 0.25, 0.7),
        (blocks, "nearest", 0.3, 0.5),
    ):
        large = F.interpolate(small, size=size, mode=mode).view_as(video_BTCHW)
        worn = torch.lerp(worn, large, _sometimes(len(worn), often, most, generator))
    before = torch.cat([worn[:, :1], worn[:, :-1]], 1)
    return torch.lerp(worn, before, _sometimes(len(worn), 0.3, 0.25, generator))


def _weathered(video_BTCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Contrast, balance and lightness off by a little, with fine and coarse noise."""
    batch, frames, channels, height, width = video_BTCHW.shape
    gain = 1 + 0.16 * (torch.rand(batch, 1, channels, 1, 1, generator=generator) - 0.5)
    gain = gain * (1 + 0.3 * (torch.rand(batch, 1, 1, 1, 1, generator=generator) - 0.5))
    lift = 0.5 + 0.08 * (torch.rand(batch, 1, channels, 1, 1, generator=generator) - 0.5)
    fine = torch.randn(batch * frames, channels, height, width, generator=generator)
    coarse = F.interpolate(fine[..., ::4, ::4], size=(height, width), mode="bilinear")
    level = 0.04 * torch.rand(batch, 1, 1, 1, 1, generator=generator) ** 2
    return (video_BTCHW - 0.5) * gain + lift + level * (fine + 1.5 * coarse).view_as(video_BTCHW)


def _sometimes(batch: int, often: float, most: float, generator: torch.Generator) -> Tensor:
    """For each film 0, or with probability `often` a number up to `most`."""
    share = most * torch.rand(batch, generator=generator)
    return (share * (torch.rand(batch, generator=generator) < often))[:, None, None, None, None]
