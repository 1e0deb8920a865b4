"""Renders through autoencoders: as they come back, and with latents damaged, which is how a weak transformer's look.

Squares about their actors teach the parser that what an autoencoder loses is not broken, and what its latents get wrong
is. Knows no scenes beyond those that it is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from yozora.evaluate.data import TakeBatch


class Coder(Protocol):
    """An autoencoder: video `[B, 3, T, H, W]` in -1..1 to latents and back."""

    def encode(self, video_BCTHW: Tensor) -> Tensor: ...

    def decode(self, latents_BCTHW: Tensor) -> Tensor: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Takes as an autoencoder returns them, and the same with actors damaged."""

    whole: TakeBatch
    broken_BTCHW: Tensor


@torch.inference_mode()
def coded(rendered: TakeBatch, coders: Sequence[Coder], kept: Sequence[int], generator: torch.Generator) -> Pair:
    """Takes of 4n + 1 frames through the first autoencoder, and damaged in the latents of any of them, of which the
    frames `kept` stay."""
    video_BCTHW = rendered.video_BTCHW.transpose(1, 2) * 2 - 1
    whole, broken = [], []
    latents = [[coder.encode(video_BCTHW[b : b + 1]) for b in range(len(video_BCTHW))] for coder in coders]
    for b in range(len(video_BCTHW)):
        which = int(torch.randint(len(coders), (1,), generator=generator))
        mine = latents[which][b]
        region = _region(rendered, b, (mine.shape[-2], mine.shape[-1]))
        damaged = damage(mine, latents[which][b - 1], region, generator)
        whole.append(_pick_frames(coders[0].decode(latents[0][b]), kept))
        broken.append(_pick_frames(coders[which].decode(damaged), kept))
    steps = torch.tensor(list(kept))
    there = {name: getattr(rendered, name)[:, steps] for name in ("box_BTA4", "seen_BTA", "hidden_BTA", "seconds_BT")}
    return Pair(
        whole=replace(rendered, video_BTCHW=torch.cat(whole).clone(), **there),
        broken_BTCHW=torch.cat(broken).clone(),
    )


def _pick_frames(video_BCTHW: Tensor, kept: Sequence[int]) -> Tensor:
    return video_BCTHW[:, :, list(kept)].transpose(1, 2).float().add(1).mul(0.5).clamp(0, 1)


def _region(rendered: TakeBatch, b: int, cells: tuple[int, int]) -> Tensor:
    """Mask `[h, w]` of the cells about the actors of a take."""
    height, width = cells
    x, y = (torch.arange(width) + 0.5) / width, (torch.arange(height) + 0.5) / height
    box = rendered.box_BTA4[b][rendered.seen_BTA[b]]
    near_x = (x[None] - box[:, :1]).abs() < 0.65 * box[:, 2:3] + 0.5 / width
    near_y = (y[None] - box[:, 1:2]).abs() < 0.65 * box[:, 3:] + 0.5 / height
    return (near_x[:, None, :] & near_y[:, :, None]).any(0).float()


def damage(latents: Tensor, other: Tensor, region_HW: Tensor, generator: torch.Generator) -> Tensor:
    """Latents `[1, C, T, H, W]` wrong where actors are, in one way to three: parts from elsewhere, two places at once,
    noise, detail lost, parts of something else."""
    wrong = latents
    ways = int(torch.randint(1, 4, (1,), generator=generator))
    for _ in range(ways):
        way = int(torch.randint(5, (1,), generator=generator))
        moved = latents.roll(_shift(generator), (-2, -1))
        if way == 0:
            wrong = torch.where(_tiles(latents, generator), moved, wrong)
        elif way == 1:
            wrong = torch.lerp(wrong, moved, 0.35 + 0.3 * float(torch.rand(1, generator=generator)))
        elif way == 2:
            level = 0.4 + 0.7 * float(torch.rand(1, generator=generator))
            wrong = wrong + level * torch.randn(latents.shape, generator=generator)
        elif way == 3:
            blurred = F.avg_pool2d(wrong[0].transpose(0, 1), 3, 1, 1, count_include_pad=False).transpose(0, 1)[None]
            wrong = torch.lerp(wrong, blurred, 0.4 + 0.5 * float(torch.rand(1, generator=generator)))
        else:
            wrong = torch.where(_tiles(latents, generator), other, wrong)
    return torch.lerp(latents, wrong, region_HW.to(latents))


def _shift(generator: torch.Generator) -> tuple[int, int]:
    """Up to three cells away, but not none."""
    while True:
        down, right = torch.randint(-2, 3, (2,), generator=generator).tolist()
        if abs(down) + abs(right) > 0:
            return int(down), int(right)


def _tiles(latents: Tensor, generator: torch.Generator) -> Tensor:
    """Mask `[H, W]` of some cells, single or two by two."""
    height, width = latents.shape[-2:]
    step = int(torch.randint(1, 3, (1,), generator=generator))
    on = torch.rand(-(-height // step), -(-width // step), generator=generator) < 0.5
    return on.repeat_interleave(step, 0).repeat_interleave(step, 1)[:height, :width]
