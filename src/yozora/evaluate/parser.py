"""The parser: reads back from the pixels of a film what it shows.

A small convolutional network. It looks at three frames for what is there (it finds the actors' mask first and reads class and colour
under it) and at all six for what happens. Knows nothing of prompts, scenes or models: slots and their values are data of its configuration.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

FRAMES = 6  # spread evenly over the film, first and last included
LOOKS = (0, 2, 5)  # frames that are looked at closely
SIZES = ((112, 64), (80, 80), (64, 112))  # width, height: what films are shrunk to, the nearest shape first
CELL = 4  # pixels of a cell of the actors' mask
APPEARANCE = ("noun", "color", "count", "place", "daytime", "weather", "style")
MOTION = ("direction", "action", "camera")
WEIGHTS = Path(__file__).resolve().parent.parent / "assets" / "parser.safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParserConfig:
    """Sizes of the parser and the values that it can tell apart, slot by slot."""

    slots: dict[str, tuple[str, ...]]
    width: int = 24

    def __post_init__(self) -> None:
        if set(self.slots) != {*APPEARANCE, *MOTION}:
            raise ValueError(f"a parser reads the slots {[*APPEARANCE, *MOTION]}, not {sorted(self.slots)}")


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
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))
        nn.init.zeros_(self.second[1].weight)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return F.relu(x_BCHW + self.second(self.first(x_BCHW)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What single frames show. M frames, mask cells of `CELL` pixels."""

    mask_MHW: Tensor  # logits: is an actor here
    nouns_MVHW: Tensor  # logits: which noun is here
    actor_MD: Tensor  # mean features under the mask
    whole_MD: Tensor  # features of the whole frame
    where_ME: Tensor  # centre x, y, spread x, y of the mask, and the logarithm of its area


class Eye(nn.Module):
    """A frame to its `Look`."""

    def __init__(self, width: int, nouns: int) -> None:
        super().__init__()
        w = width
        self.stem = convolution(3, w, 5, 2)
        self.middle = nn.Sequential(convolution(w, 2 * w, 3, 2), Residual(2 * w))
        self.deep = nn.Sequential(convolution(2 * w, 4 * w, 3, 2), Residual(4 * w), Residual(4 * w))
        self.deeper = nn.Sequential(convolution(4 * w, 4 * w, 3, 2), Residual(4 * w))
        self.from_deeper = nn.Conv2d(4 * w, 4 * w, 1)
        self.from_deep = nn.Conv2d(4 * w, 3 * w, 1)
        self.from_middle = nn.Conv2d(2 * w, 3 * w, 1)
        self.join = convolution(3 * w, 3 * w)
        self.mask = nn.Conv2d(3 * w, 1, 1)
        self.noun = nn.Conv2d(3 * w, nouns, 1)
        self.many = nn.Conv2d(3 * w, w, 1)  # summed over the frame: for counting
        self.actor_size = 3 * w + 4 * w + 3
        self.whole_size = w + w + 2 * w + 4 * w + 4 * w + w + 3

    def forward(self, frames_MCHW: Tensor) -> Look:
        stem = self.stem(frames_MCHW - 0.5)
        middle = self.middle(stem)
        deep = self.deep(middle)
        deeper = self.deeper(deep)
        deep = deep + F.interpolate(self.from_deeper(deeper), size=deep.shape[-2:], mode="nearest")
        joined = self.from_middle(middle) + F.interpolate(self.from_deep(deep), size=middle.shape[-2:], mode="nearest")
        joined = self.join(F.relu(joined))
        mask_MHW = self.mask(joined)[:, 0].float()
        weight = mask_MHW.sigmoid()
        small = F.interpolate(frames_MCHW, size=middle.shape[-2:], mode="area")
        coarse = F.interpolate(weight[:, None], size=deep.shape[-2:], mode="area")[:, 0]
        actor = [_under(weight, joined), _under(coarse, deep), _under(weight, small)]
        whole = [stem.mean((2, 3)), stem.amax((2, 3)), middle.mean((2, 3)), deep.mean((2, 3)), deeper.mean((2, 3))]
        many = (F.relu(self.many(joined)).float() * weight[:, None]).sum((2, 3)) / 32.0
        return Look(
            mask_MHW=mask_MHW,
            nouns_MVHW=self.noun(joined),
            actor_MD=torch.cat([x.float() for x in actor], 1),
            whole_MD=torch.cat([*(x.float() for x in whole), many, small.float().mean((2, 3))], 1),
            where_ME=_where(weight),
        )


def _under(weight_MHW: Tensor, features_MCHW: Tensor) -> Tensor:
    weight = weight_MHW[:, None]
    return (features_MCHW.float() * weight).sum((2, 3)) / (weight.sum((2, 3)) + 0.1)


def _where(weight_MHW: Tensor) -> Tensor:
    height, width = weight_MHW.shape[-2:]
    y = torch.linspace(-1, 1, height, device=weight_MHW.device)[:, None]
    x = torch.linspace(-1, 1, width, device=weight_MHW.device)
    area = weight_MHW.sum((1, 2)) + 0.1
    mean_x, mean_y = (weight_MHW * x).sum((1, 2)) / area, (weight_MHW * y).sum((1, 2)) / area
    off_x, off_y = x - mean_x[:, None, None], y - mean_y[:, None, None]
    wide = ((weight_MHW * off_x**2).sum((1, 2)) / area + 1e-4).sqrt()
    tall = ((weight_MHW * off_y**2).sum((1, 2)) / area + 1e-4).sqrt()
    return torch.stack([mean_x, mean_y, wide, tall, 0.5 * (area / (height * width)).log()], 1)


class Parser(nn.Module):
    """Films to logits of every slot."""

    def __init__(self, config: ParserConfig) -> None:
        super().__init__()
        self.config = config
        w = config.width
        self.eye = Eye(w, len(config.slots["noun"]))
        self.flow = nn.Sequential(
            convolution(2 * FRAMES - 1, 2 * w, 5, 2), convolution(2 * w, 2 * w, 3, 2), Residual(2 * w), convolution(2 * w, 3 * w, 3, 2)
        )
        seen = self.eye.actor_size + self.eye.whole_size
        moved = 6 * w + len(LOOKS) * 5 + self.eye.actor_size
        self.appearance = nn.ModuleDict({slot: _head(seen, 4 * w, len(config.slots[slot])) for slot in APPEARANCE})
        self.motion = nn.ModuleDict({slot: _head(moved, 4 * w, len(config.slots[slot])) for slot in MOTION})

    def looks(self, frames_BTCHW: Tensor) -> Look:
        """The looks of all frames given, clip after clip (M = B T)."""
        look: Look = self.eye(frames_BTCHW.flatten(0, 1).contiguous(memory_format=torch.channels_last))
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
        return {slot: head(moved) for slot, head in self.motion.items()}

    def forward(self, video_BTCHW: Tensor) -> dict[str, Tensor]:
        """Logits `[B, V]` of every slot for films `[B, FRAMES, 3, H, W]` in 0..1."""
        look = self.looks(video_BTCHW[:, list(LOOKS)])
        return self.appears(look, len(video_BTCHW)) | self.happens(video_BTCHW, look)

    @torch.inference_mode()
    def read(self, films: Sequence[NDArray[np.uint8]], nouns: Sequence[str] | None = None) -> list[dict[str, str]]:
        """What each film (uint8 `[T, H, W, 3]`, any size and length) shows, slot by slot.

        `nouns` narrows the classes to those that the films were asked for.
        """
        return [self._read(fit(film), nouns) for film in films]

    def _read(self, video_TCHW: Tensor, nouns: Sequence[str] | None) -> dict[str, str]:
        logits = self(video_TCHW[None].to(next(self.parameters()).device))
        if nouns is not None:
            allowed = torch.tensor([noun in set(nouns) for noun in self.config.slots["noun"]], device=logits["noun"].device)
            logits["noun"] = logits["noun"].masked_fill(~allowed, -torch.inf)
        return {slot: values[int(logits[slot][0].argmax())] for slot, values in self.config.slots.items()}


def _head(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.LayerNorm(inputs), nn.Linear(inputs, hidden), nn.GELU(), nn.Linear(hidden, outputs))


def save(parser: Parser, path: Path, facts: dict[str, str]) -> None:
    """Write a parser as half-precision safetensors with its configuration and `facts` in the metadata."""
    tensors = {
        name: (value.half() if value.is_floating_point() else value).contiguous() for name, value in parser.state_dict().items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, {"config": json.dumps(asdict(parser.config), sort_keys=True), **facts})


def load(path: Path = WEIGHTS) -> Parser:
    """The parser of a file, in float32 and evaluation mode; strict about names and shapes."""
    with safe_open(path, "pt") as file:
        config = json.loads(file.metadata()["config"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    config["slots"] = {slot: tuple(values) for slot, values in config["slots"].items()}
    parser = Parser(ParserConfig(**config))
    parser.load_state_dict({name: value.float() if value.is_floating_point() else value for name, value in tensors.items()})
    return parser.eval().requires_grad_(False)
