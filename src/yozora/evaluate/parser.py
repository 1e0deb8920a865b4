"""The parser: reads back from the pixels of a film what it shows.

A small convolutional network. It looks at three frames for what is there (it finds the actors' mask first and reads
class and colour under it) and at all six for what happens. Knows nothing of prompts, scenes or models: slots and their
values are data of its configuration.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from yozora import weights

FRAMES = 6  # spread evenly over the film, first and last included
LOOKS = (0, 2, 5)  # frames that are looked at closely
SIZES = ((112, 64), (80, 80), (64, 112))  # width, height: what films are shrunk to, the nearest shape first
CELL = 4  # pixels of a cell of the actors' mask
CLOSE = 32  # pixels of a closer look
APPEARANCE = ("noun", "color", "count", "place", "daytime", "style")
MOTION = ("direction", "action", "camera")
AIR = ("weather",)
SLOTS = (*APPEARANCE, *MOTION, *AIR)
WEIGHTS = Path(__file__).resolve().parent.parent / "assets" / "parser.safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParserConfig:
    """Sizes of the parser and the values that it can tell apart, slot by slot."""

    slots: dict[str, tuple[str, ...]]
    width: int = 16

    def __post_init__(self) -> None:
        if set(self.slots) != set(SLOTS):
            raise ValueError(f"a parser reads the slots {SLOTS}, not {sorted(self.slots)}")


def size_of(width: int, height: int) -> tuple[int, int]:
    """The size (width, height) of `SIZES` whose shape is nearest."""
    return min(SIZES, key=lambda size: abs(np.log(width / height * size[1] / size[0])))


def fit(frames_THWC: NDArray[np.uint8]) -> Tensor:
    """Any film as the parser sees it: float32 `[FRAMES, 3, h, w]` in 0..1, area-averaged to the nearest of `SIZES`."""
    steps = np.linspace(0, len(frames_THWC) - 1, FRAMES).round().astype(int)
    video_TCHW = torch.from_numpy(np.ascontiguousarray(frames_THWC[steps])).permute(0, 3, 1, 2).float().div(255.0)
    width, height = size_of(frames_THWC.shape[2], frames_THWC.shape[1])
    return F.interpolate(video_TCHW, size=(height, width), mode="area")


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
class Look:
    """What single frames show. M frames, mask cells of `CELL` pixels."""

    mask_MHW: Tensor  # logits: is an actor here
    where_ME: Tensor  # centre x, y, spread x, y of the actors, and the logarithm of their area
    actor_MD: Tensor  # features of the actors
    whole_MD: Tensor  # features of the whole frame


class Eye(nn.Module):
    """A frame to its `Look`: the whole frame first, then a closer look at where the actors are."""

    def __init__(self, width: int) -> None:
        super().__init__()
        w = width
        self.stem = convolution(3, w, 5, 2)
        self.middle = nn.Sequential(convolution(w, 2 * w, 3, 2), Residual(2 * w))
        self.deep = nn.Sequential(convolution(2 * w, 4 * w, 3, 2), Residual(4 * w))
        self.deeper = nn.Sequential(convolution(4 * w, 6 * w, 3, 2), Residual(6 * w))
        self.from_deeper = nn.Conv2d(6 * w, 4 * w, 1)
        self.from_deep = nn.Conv2d(4 * w, 2 * w, 1)
        self.join = convolution(2 * w, 2 * w)
        self.mask = nn.Conv2d(2 * w, 1, 1)
        self.many = nn.Conv2d(2 * w, w, 1)  # summed over the frame: for counting
        self.closer = nn.Sequential(
            convolution(3, 2 * w),
            convolution(2 * w, 3 * w, 3, 2),
            Residual(3 * w),
            convolution(3 * w, 6 * w, 3, 2),
            Residual(6 * w),
            convolution(6 * w, 10 * w, 3, 2),
        )
        self.actor_size = 10 * w + 10 * w + 2 * w + 3
        self.whole_size = w + w + 2 * w + 4 * w + 6 * w + w + 3

    def forward(self, frames_MCHW: Tensor, cover_MHW: Tensor | None = None) -> Look:
        """Looks closer where `cover_MHW` (0..1) says that actors are; without it, where the eye finds them itself."""
        stem = self.stem(frames_MCHW - 0.5)
        middle = self.middle(stem)
        deep = self.deep(middle)
        deeper = self.deeper(deep)
        joined = deep + F.interpolate(self.from_deeper(deeper), size=deep.shape[-2:], mode="nearest")
        joined = self.from_deep(F.relu(joined))
        joined = self.join(F.relu(middle + F.interpolate(joined, size=middle.shape[-2:], mode="nearest")))
        mask_MHW = self.mask(joined)[:, 0].float()
        found = mask_MHW.sigmoid()
        where_ME = whereabouts(found)
        aim_ME = where_ME if cover_MHW is None else whereabouts(cover_MHW)
        close = self.closer(crop(frames_MCHW, aim_ME) - 0.5)
        small = F.interpolate(frames_MCHW, size=middle.shape[-2:], mode="area")
        actor = [close.mean((2, 3)), close.amax((2, 3)), _under(found, joined), _under(found, small)]
        many = (F.relu(self.many(joined)).float() * found[:, None]).sum((2, 3)) / 32.0
        whole = [
            stem.mean((2, 3)),
            stem.amax((2, 3)),
            middle.mean((2, 3)),
            deep.mean((2, 3)),
            deeper.mean((2, 3)),
            many,
        ]
        return Look(
            mask_MHW=mask_MHW,
            where_ME=where_ME,
            actor_MD=torch.cat([x.float() for x in actor], 1),
            whole_MD=torch.cat([x.float() for x in (*whole, small.mean((2, 3)))], 1),
        )


def whereabouts(weight_MHW: Tensor) -> Tensor:
    """Centre x, y and spread x, y of weights (0..1) in coordinates of -1..1, and half the logarithm of their share."""
    height, width = weight_MHW.shape[-2:]
    weight = weight_MHW * (weight_MHW > 0.25)
    y = (torch.arange(height, device=weight.device) + 0.5)[:, None] * 2 / height - 1
    x = (torch.arange(width, device=weight.device) + 0.5) * 2 / width - 1
    area = weight.sum((1, 2)) + 0.1
    mean_x, mean_y = (weight * x).sum((1, 2)) / area, (weight * y).sum((1, 2)) / area
    off_x, off_y = x - mean_x[:, None, None], y - mean_y[:, None, None]
    wide = ((weight * off_x**2).sum((1, 2)) / area + 1e-4).sqrt()
    tall = ((weight * off_y**2).sum((1, 2)) / area + 1e-4).sqrt()
    return torch.stack([mean_x, mean_y, wide, tall, 0.5 * (area / (height * width)).log()], 1)


def crop(frames_MCHW: Tensor, where_ME: Tensor) -> Tensor:
    """The square round what `whereabouts` found: from the centre it reaches twice the larger spread. `CLOSE` pixels."""
    height, width = frames_MCHW.shape[-2:]
    half = torch.tensor([width / 2, height / 2], device=where_ME.device)
    where_ME = where_ME.detach().float()
    reach_M = (2.0 * (where_ME[:, 2:4] * half).amax(1)).clamp(6.0, 0.5 * min(height, width))
    side = (torch.arange(CLOSE, device=where_ME.device) + 0.5) * 2 / CLOSE - 1
    square = torch.stack(torch.meshgrid(side, side, indexing="xy"), -1)
    grid = where_ME[:, None, None, :2] + square * (reach_M[:, None] / half)[:, None, None]
    return F.grid_sample(frames_MCHW.float(), grid, mode="bilinear", padding_mode="border", align_corners=False)


def _under(weight_MHW: Tensor, features_MCHW: Tensor) -> Tensor:
    weight = weight_MHW[:, None]
    return (features_MCHW.float() * weight).sum((2, 3)) / (weight.sum((2, 3)) + 0.1)


class Parser(nn.Module):
    """Films to logits of every slot."""

    def __init__(self, config: ParserConfig) -> None:
        super().__init__()
        self.config = config
        w = config.width
        self.eye = Eye(w)
        self.flow = nn.Sequential(
            convolution(2 * FRAMES - 1, 3 * w, 5, 2),
            convolution(3 * w, 3 * w, 3, 2),
            Residual(3 * w),
            convolution(3 * w, 4 * w, 3, 2),
        )
        self.air = nn.Sequential(convolution(6, 2 * w, 3, 2), convolution(2 * w, 2 * w, 3, 2))
        seen = self.eye.actor_size + self.eye.whole_size
        moved = 8 * w + len(LOOKS) * 5 + self.eye.actor_size
        self.appearance = nn.ModuleDict({slot: _head(seen, 6 * w, len(config.slots[slot])) for slot in APPEARANCE})
        felt = 4 * w + self.eye.whole_size
        self.weather = nn.ModuleDict({slot: _head(felt, 6 * w, len(config.slots[slot])) for slot in AIR})
        self.motion = nn.ModuleDict({slot: _head(moved, 6 * w, len(config.slots[slot])) for slot in MOTION})

    def looks(self, frames_BTCHW: Tensor, cover_BTHW: Tensor | None = None) -> Look:
        """The looks at all frames given, clip after clip (M = B T); `cover` as in `Eye`."""
        frames_MCHW = frames_BTCHW.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        look: Look = self.eye(frames_MCHW, None if cover_BTHW is None else cover_BTHW.flatten(0, 1))
        return look

    def appears(self, look: Look, clips: int) -> dict[str, Tensor]:
        """Logits `[B, V]` of what is there, from the looks at B clips."""
        seen = torch.cat([look.actor_MD, look.whole_MD], 1).unflatten(0, (clips, -1)).mean(1)
        return {slot: head(seen) for slot, head in self.appearance.items()}

    def happens(self, video_BTCHW: Tensor, look: Look) -> dict[str, Tensor]:
        """Logits `[B, V]` of what happens, from `FRAMES` frames and the looks at the frames `LOOKS` of them."""
        clips = len(video_BTCHW)
        luma = F.avg_pool2d(video_BTCHW.mean(2), 2) - 0.5
        change = 4.0 * (luma[:, 1:] - luma[:, :-1])
        flow = self.flow(torch.cat([luma, change], 1).contiguous(memory_format=torch.channels_last)).float()
        where = look.where_ME.unflatten(0, (clips, -1)).flatten(1)
        actor = look.actor_MD.unflatten(0, (clips, -1)).mean(1)
        moved = torch.cat([flow.mean((2, 3)), flow.amax((2, 3)), where, actor], 1)
        felt = torch.cat([self._falling(video_BTCHW), look.whole_MD.unflatten(0, (clips, -1)).mean(1)], 1)
        logits = {slot: head(moved) for slot, head in self.motion.items()}
        return logits | {slot: head(felt) for slot, head in self.weather.items()}

    def _falling(self, video_BTCHW: Tensor) -> Tensor:
        """Features of what flits through the air, `[B, D]`: frames at full size, with their change to the next one."""
        here, later = video_BTCHW[:, :-1:2], video_BTCHW[:, 1::2]
        pairs = torch.cat([here - 0.5, 4.0 * (later - here)], 2).flatten(0, 1)
        air: Tensor = self.air(pairs.contiguous(memory_format=torch.channels_last)).float()
        features = torch.cat([air.mean((2, 3)), air.amax((2, 3))], 1)
        return features.view(len(here), -1, features.shape[1]).mean(1)

    def forward(self, video_BTCHW: Tensor) -> dict[str, Tensor]:
        """Logits `[B, V]` of every slot for films `[B, FRAMES, 3, H, W]` in 0..1."""
        look = self.looks(video_BTCHW[:, list(LOOKS)])
        return self.appears(look, len(video_BTCHW)) | self.happens(video_BTCHW, look)

    @torch.inference_mode()
    def read(
        self, films: Sequence[NDArray[np.uint8]], among: Mapping[str, Sequence[str]] | None = None
    ) -> list[dict[str, str]]:
        """What each film (uint8 `[T, H, W, 3]`, any size and length) shows, slot by slot.

        `among` narrows slots to the values that the films may have been asked for.
        """
        return [self._read(fit(film), among or {}) for film in films]

    def _read(self, video_TCHW: Tensor, among: Mapping[str, Sequence[str]]) -> dict[str, str]:
        logits = self(video_TCHW[None].to(next(self.parameters()).device))
        told = {}
        for slot, values in self.config.slots.items():
            likely = [k for k, value in enumerate(values) if value in among.get(slot, values)]
            told[slot] = values[likely[int(logits[slot][0, likely].argmax())]]
        return told


def _head(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.LayerNorm(inputs), nn.Linear(inputs, hidden), nn.GELU(), nn.Linear(hidden, outputs))


def load(path: Path = WEIGHTS) -> Parser:
    """The parser of a file that `weights.save` wrote, in float32 and evaluation mode.

    Raises `UserError` where the file is missing or damaged.
    """
    config, state = weights.load(path, dtype=torch.float32)
    slots = {slot: tuple(values) for slot, values in config["slots"].items()}
    parser = weights.assemble(lambda: Parser(ParserConfig(slots=slots, width=config["width"])), state)
    return parser.eval().requires_grad_(False)
