"""Finishes in torch: what a style does to many frames at once, the same as finishes.py does to one.

`styles` names them. Frames are [M, H, W, 3] float32 in 0..1; `moments` holds the seed of each
frame's scene and its number at 16 Hz.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from yozora.world import finishes
from yozora.world.paint import chance
from yozora.world.styles import STYLES
from yozora.world.tables import function_of

Moments = Sequence[tuple[int, int]]


def finish(style: str, image_MHWC: Tensor, moments: Moments) -> Tensor:
    """Frames as the style shows them. A style that names no function for many frames is finished frame by frame, on the
    processor.
    """
    entry = STYLES[style]
    if entry.torch_finish:
        finished: Tensor = function_of(entry.torch_finish)(image_MHWC, moments)
        return finished
    if not entry.finish:
        return image_MHWC
    planes_M3HW = image_MHWC.permute(0, 3, 1, 2).contiguous().cpu().numpy()
    done = [finishes.finish(style, frame, *moment) for frame, moment in zip(planes_M3HW, moments, strict=True)]
    return torch.from_numpy(np.stack(done)).to(image_MHWC.device).permute(0, 2, 3, 1)


def _luminance(image_MHWC: Tensor) -> Tensor:
    return image_MHWC @ torch.tensor(((0.34,), (0.50,), (0.16,)), device=image_MHWC.device)


def _to_tensor(values: NDArray[Any], like: Tensor) -> Tensor:
    return torch.from_numpy(values).to(like.device)


def noir(image_MHWC: Tensor, moments: Moments) -> Tensor:
    height, width = image_MHWC.shape[1:3]
    grey_MHW1 = ((_luminance(image_MHWC) - 0.42) * 1.5 + 0.42).clamp(0, 1)
    grey_MHW1 = grey_MHW1 * _to_tensor(finishes.vignette(height, width, 0.62), image_MHWC)[..., None]
    return grey_MHW1 * torch.tensor((1.0, 1.0, 1.01), device=image_MHWC.device)


def vintage(image_MHWC: Tensor, moments: Moments) -> Tensor:
    height, width = image_MHWC.shape[1:3]
    device = image_MHWC.device
    grains_8HW = _to_tensor(np.stack([finishes.grain(height, width, k) for k in range(8)]), image_MHWC)
    flicker_M = torch.tensor([_flicker(seed, tick // 2) for seed, tick in moments], device=device)
    which_M = torch.tensor([(seed * 31 + tick // 2) % 8 for seed, tick in moments], device=device)
    grey_MHW1 = 0.10 + 0.82 * _luminance(image_MHWC)
    tone = grey_MHW1 * torch.tensor((1.08, 0.92, 0.70), device=device)
    tone += torch.tensor((0.03, 0.01, 0.0), device=device)
    tone += (image_MHWC - tone) * 0.36
    tone += grains_8HW[which_M][..., None]
    tone *= _to_tensor(finishes.vignette(height, width, 0.45), image_MHWC)[..., None] * flicker_M[:, None, None, None]
    half = max(0.5, 0.0035 * height)
    col_W = torch.arange(width, device=device)
    for k in range(2):
        x_M = torch.tensor([_scratch(seed, tick // 2, k, width) for seed, tick in moments], device=device)[:, None]
        scratched_MW = (col_W >= (x_M - half).trunc()) & (col_W < (x_M + half).trunc() + 1)
        tone += 0.13 * scratched_MW[:, None, :, None]
    return tone


@lru_cache(maxsize=4096)
def _flicker(seed: int, tick: int) -> float:
    return 0.985 + 0.03 * chance(seed, 71, tick)


@lru_cache(maxsize=4096)
def _scratch(seed: int, tick: int, number: int, width: int) -> float:
    """Where a scratch runs; far outside if there is none."""
    return chance(seed, 73, number, tick // 3) * width if chance(seed, 72, number, tick // 2) < 0.7 else -1e6


def watercolor(image_MHWC: Tensor, moments: Moments) -> Tensor:
    height, width = image_MHWC.shape[1:3]
    index_HW, rim_HW = finishes.bleed(height, width)
    soft = image_MHWC.flatten(1, 2)[:, _to_tensor(index_HW.ravel(), image_MHWC)].view_as(image_MHWC)
    radius = max(1, round(0.018 * height))
    padded = functional.pad(soft.permute(0, 3, 1, 2), (radius,) * 4, mode="replicate")
    wide = functional.avg_pool2d(padded, 2 * radius + 1, stride=1).permute(0, 2, 3, 1)
    edge = (_luminance(soft) - _luminance(wide)).abs()
    soft = soft + (wide - soft) * 0.25
    soft += (1.0 - soft) * 0.14
    soft -= edge * 0.55
    soft *= 1.0 + 0.022 * _to_tensor(finishes.wash(height, width)[0], image_MHWC)[..., None]
    paper = torch.tensor((0.98, 0.965, 0.93), device=image_MHWC.device)
    return soft + (paper - soft) * _to_tensor(rim_HW, image_MHWC)[..., None]


def pixel(image_MHWC: Tensor, moments: Moments) -> Tensor:
    return torch.round(image_MHWC.clamp(0, 1) * 9.0) / 9.0
