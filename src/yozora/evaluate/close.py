"""The closer look of the parser: what an actor is, from a square of pixels about it.

Knows nothing of films: each square is judged for itself.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yozora.evaluate.eye import Residual, convolution

CLOSE = 64  # pixels of a side of the square
REACH = 1.3  # side of the square in longer sides of the box
LEAST = 20.0  # pixels of the frame that the square has at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Closer:
    """What N squares show."""

    noun_NV: Tensor  # logits
    color_NV: Tensor  # logits
    melted_N: Tensor  # logits: broken, smeared or not there at all
    gait_NE: Tensor  # features of posture and heading


class Close(nn.Module):
    """Squares `[N, 3, CLOSE, CLOSE]` in 0..1 to what they show."""

    def __init__(self, width: int, nouns: int, colors: int, gait: int) -> None:
        super().__init__()
        w = width
        self.stem = convolution(3, w, 5, 2)
        self.blocks = nn.ModuleList(
            [
                nn.Sequential(convolution(w, 2 * w, 3, 2), Residual(2 * w)),
                nn.Sequential(convolution(2 * w, 4 * w, 3, 2), Residual(4 * w)),
                nn.Sequential(convolution(4 * w, 7 * w, 3, 2), Residual(7 * w)),
            ]
        )
        self.detail = nn.Sequential(convolution(2 * w, 2 * w), nn.AdaptiveAvgPool2d(4), nn.Flatten())
        self.noun = nn.Linear(14 * w, nouns)
        self.color = nn.Sequential(nn.Linear(14 * w + 2 * w, 96), nn.ReLU(), nn.Linear(96, colors))
        self.melted = nn.Sequential(nn.Linear(14 * w + 32 * w, 96), nn.ReLU(), nn.Linear(96, 1))
        self.manner = nn.Sequential(nn.Linear(14 * w, gait), nn.ReLU())

    def forward(self, squares_NCHW: Tensor) -> Closer:
        fine = self.blocks[0](self.stem((squares_NCHW - 0.5).contiguous(memory_format=torch.channels_last)))
        deep = self.blocks[2](self.blocks[1](fine))
        seen = torch.cat([deep.mean((2, 3)), deep.amax((2, 3))], 1)
        detail = self.detail(fine)
        return Closer(
            noun_NV=self.noun(seen).float(),
            color_NV=self.color(torch.cat([seen, fine[:, :, 3:-3, 3:-3].mean((2, 3))], 1)).float(),
            melted_N=self.melted(torch.cat([seen, detail], 1))[:, 0].float(),
            gait_NE=self.manner(seen).float(),
        )


def squares(frames_MCHW: Tensor, frame_N: Tensor, box_N4: Tensor) -> Tensor:
    """The squares `[N, 3, CLOSE, CLOSE]` about boxes (centre x, y, width, height in 0..1) of the frames `frame_N`; grey
    where they reach beyond the picture."""
    height, width = frames_MCHW.shape[-2:]
    pixels = torch.tensor([width, height], dtype=torch.float32)
    half_N = (0.5 * REACH * (box_N4[:, 2:] * pixels).amax(1)).clamp(0.5 * LEAST, 0.6 * max(width, height))
    side = (torch.arange(CLOSE) + 0.5) * 2 / CLOSE - 1
    square = torch.stack(torch.meshgrid(side, side, indexing="xy"), -1)
    grid = 2 * box_N4[:, None, None, :2] - 1 + square * (half_N[:, None] * 2 / pixels)[:, None, None]
    made = torch.empty(len(box_N4), frames_MCHW.shape[1], CLOSE, CLOSE)
    for m in frame_N.unique().tolist():
        here = frame_N == m
        count = int(here.sum())
        frame = (frames_MCHW[m : m + 1] - 0.5).expand(count, -1, -1, -1)
        made[here] = F.grid_sample(frame, grid[here], mode="bilinear", padding_mode="zeros", align_corners=False)
    return made + 0.5
