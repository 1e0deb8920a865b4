"""The eye of the parser: where in a frame actors are, and what the frame as a whole looks like.

A detector of centres (Zhou et al. 2019, "Objects as Points"): a map of centres with the size of what stands there. It
knows no nouns: what is there is for the closer look to tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

SIZES = ((224, 128), (160, 160), (128, 224))  # width, height: what films are scaled to, the nearest shape first
CELL = 8  # pixels of a cell of the map of centres
MOST = 6  # actors that are looked for in a frame
SURE = 0.35  # score from which on a centre is believed
SAME = 0.6  # share of the smaller box that two boxes of one actor have in common


def size_of(width: int, height: int) -> tuple[int, int]:
    """The size (width, height) of `SIZES` whose shape is nearest."""
    return min(SIZES, key=lambda size: abs(np.log(width / height * size[1] / size[0])))


def fit(frames_THWC: NDArray[np.uint8], steps: Sequence[int] | NDArray[np.int64]) -> Tensor:
    """The frames `steps` of any film as the parser sees them: float32 `[T, 3, h, w]` in 0..1, one of `SIZES`."""
    video_TCHW = torch.from_numpy(np.ascontiguousarray(frames_THWC[steps])).permute(0, 3, 1, 2).float().div(255.0)
    width, height = size_of(frames_THWC.shape[2], frames_THWC.shape[1])
    if video_TCHW.shape[-2:] == (height, width):
        return video_TCHW
    if video_TCHW.shape[-1] > width:
        return F.interpolate(video_TCHW, size=(height, width), mode="area")
    return F.interpolate(video_TCHW, size=(height, width), mode="bilinear")


def convolution(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


class Residual(nn.Module):
    """Two convolutions beside the identity (He et al. 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = convolution(channels, channels)
        norm = nn.BatchNorm2d(channels)
        nn.init.zeros_(norm.weight)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), norm)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return F.relu(x_BCHW + self.second(self.first(x_BCHW)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What the eye makes of M frames, on a map of cells of `CELL` pixels."""

    centre_MHW: Tensor  # logits: is the centre of an actor in this cell
    box_M4HW: Tensor  # where in the cell the centre is (x, y in 0..1), and the logarithms of width and height in cells
    whole_MD: Tensor  # features of the whole frame


class Eye(nn.Module):
    """A frame to its `Glance`."""

    def __init__(self, width: int) -> None:
        super().__init__()
        w = width
        self.stem = convolution(3, w, 7, 4)
        self.blocks = nn.ModuleList(
            [
                Residual(w),
                nn.Sequential(convolution(w, 2 * w, 3, 2), Residual(2 * w), Residual(2 * w)),
                nn.Sequential(convolution(2 * w, 3 * w, 3, 2), Residual(3 * w), Residual(3 * w)),
            ]
        )
        self.down = nn.Conv2d(3 * w, 2 * w, 1)
        self.join = convolution(2 * w, 2 * w)
        self.centre = nn.Conv2d(2 * w, 1, 1)
        self.box = nn.Conv2d(2 * w, 4, 1)
        nn.init.constant_(self.centre.bias, -3.0)  # type: ignore[arg-type] # it has a bias
        nn.init.zeros_(self.box.weight)
        self.whole_size = 2 * (w + 2 * w + 3 * w) + 3 * 16

    def forward(self, frames_MCHW: Tensor) -> Glance:
        """Frames in 0..1, their sides multiples of 16."""
        frames_MCHW = frames_MCHW.contiguous(memory_format=torch.channels_last)
        stem = self.blocks[0](self.stem(frames_MCHW - 0.5))
        middle = self.blocks[1](stem)
        deep = self.blocks[2](middle)
        joined = middle + F.interpolate(self.down(deep), size=middle.shape[-2:], mode="nearest")
        joined = self.join(F.relu(joined))
        pooled = [pool for map_MCHW in (stem, middle, deep) for pool in (map_MCHW.mean((2, 3)), map_MCHW.amax((2, 3)))]
        colors = F.adaptive_avg_pool2d(frames_MCHW, 4).flatten(1) - 0.5
        return Glance(
            centre_MHW=self.centre(joined)[:, 0].float(),
            box_M4HW=self.box(joined).float(),
            whole_MD=torch.cat([x.float() for x in (*pooled, colors)], 1),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spots:
    """Actors found in M frames, at least one in each, most certain first. N of them in all."""

    frame_N: Tensor  # which frame
    box_N4: Tensor  # centre x, y, width, height, in 0..1 of the picture
    score_N: Tensor  # 0..1


def spots(glance: Glance) -> Spots:
    """Peaks of the map of centres: all that are certain, and the most certain one of each frame."""
    score_MHW = glance.centre_MHW.sigmoid()
    peaks_MHW = score_MHW * (F.max_pool2d(score_MHW[:, None], 3, 1, 1)[:, 0] == score_MHW)
    frames, height, width = score_MHW.shape
    score_MK, at_MK = peaks_MHW.flatten(1).topk(MOST)
    raw_MK4 = glance.box_M4HW.flatten(2).transpose(1, 2).gather(1, at_MK[..., None].expand(-1, -1, 4))
    box_MK4 = torch.stack(
        [
            ((at_MK % width) + raw_MK4[..., 0].sigmoid()) / width,
            ((at_MK // width) + raw_MK4[..., 1].sigmoid()) / height,
            raw_MK4[..., 2].clamp(-3, 4).exp() / width,
            raw_MK4[..., 3].clamp(-3, 4).exp() / height,
        ],
        -1,
    )
    kept = [_apart(box_MK4[m], score_MK[m]) for m in range(frames)]
    frame = torch.tensor([m for m in range(frames) for _ in kept[m]])
    index = torch.tensor([k for m in range(frames) for k in kept[m]])
    return Spots(frame_N=frame, box_N4=box_MK4[frame, index], score_N=score_MK[frame, index])


def _apart(box_K4: Tensor, score_K: Tensor) -> list[int]:
    """Which boxes are believed: none that is mostly in a more certain one (or holds it) about the same centre."""
    found: list[int] = []
    for k, score in enumerate(score_K.tolist()):
        if found and (score < SURE or any(_same(box_K4[k].tolist(), box_K4[j].tolist()) for j in found)):
            continue
        found.append(k)
    return found


def _same(a: list[float], b: list[float]) -> bool:
    wide = min(a[0] + a[2] / 2, b[0] + b[2] / 2) - max(a[0] - a[2] / 2, b[0] - b[2] / 2)
    tall = min(a[1] + a[3] / 2, b[1] + b[3] / 2) - max(a[1] - a[3] / 2, b[1] - b[3] / 2)
    common = max(0.0, wide) * max(0.0, tall)
    return common > SAME * (a[2] * a[3] + b[2] * b[3] - common)
