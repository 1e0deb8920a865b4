"""Sources as an autoencoder sees them: frames that stream in, latents that come out."""

from collections.abc import Iterator
from itertools import chain, islice, repeat
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from yozora.core.painters import lead
from yozora.engine.parts import Autoencoder

Frames = NDArray[np.uint8]


class ModelSource(Protocol):
    """A source as it is shown to the model: uint8 `[H, W, 3]` frames of the model's size and rate."""

    @property
    def count(self) -> int:
        """How many frames there are."""

    def frames(self) -> Iterator[Frames]:
        """From the beginning every time; the first one is the source's first."""

    def closing(self, count: int) -> Iterator[Frames]:
        """The last ones; the last of them is the source's last."""


class First:
    """A source's first frame alone."""

    count = 1

    def __init__(self, source: ModelSource) -> None:
        self.source = source

    def frames(self) -> Iterator[Frames]:
        return islice(self.source.frames(), 1)

    def closing(self, count: int) -> Iterator[Frames]:
        return self.frames()


class Encoded:
    """A source in latents `[c, t, h, w]`, float32 on the CPU; see `yozora.core.painters.Clip`."""

    def __init__(self, autoencoder: Autoencoder, device: torch.device, dtype: torch.dtype, source: ModelSource) -> None:
        self.autoencoder, self.device, self.dtype, self.source = autoencoder, device, dtype, source
        self.stride = autoencoder.config.stride[0]

    @property
    def frames(self) -> int:
        return self.source.count

    def first(self) -> "Encoded":
        return Encoded(self.autoencoder, self.device, self.dtype, First(self.source))

    def opening(self, *, whole: bool = False, head: int | None = None) -> Tensor:
        count = self.frames if head is None else min(self.frames, (head - 1) * self.stride + 1)
        frames: Iterator[Frames] = islice(self.source.frames(), count)
        return self._encode(standing(frames, count + -(count - 1) % self.stride) if whole else frames)

    def ongoing(self, *, whole: bool = False, head: int | None = None) -> Tensor:
        count = self.frames if head is None else min(self.frames, head * self.stride)
        frames: Iterator[Frames] = islice(self.source.frames(), count)
        if whole or count < self.stride:
            frames = standing(frames, count + -count % self.stride)
        first = next(frames)
        return self._encode(chain([first, first], frames))[:, 1:]

    def closing(self, *, tail: int | None = None) -> Tensor:
        count = self.frames if tail is None else min(self.frames, (tail - 1) * self.stride + 1)
        frames = list(self.source.closing(count))  # at another rate than the source's there may be one fewer
        return self._encode(chain(repeat(frames[0], lead(len(frames), self.stride)), frames))

    def _encode(self, frames: Iterator[Frames]) -> Tensor:
        """Latents `[c, n + 1, h, w]` of the first `stride` * n + 1 frames."""
        with torch.inference_mode():
            latents_CTHW = encode(self.autoencoder, self._pieces(frames))
        return latents_CTHW.clone()

    def _pieces(self, frames: Iterator[Frames]) -> Iterator[Tensor]:
        """The first frame, then as many as a latent holds at a time; what is left over at the end is left out."""
        size = 1
        while len(piece := list(islice(frames, size))) == size:
            video_TCHW = torch.from_numpy(np.stack(piece)).permute(0, 3, 1, 2).float().div(127.5).sub(1.0)
            yield video_TCHW.transpose(0, 1)[None].to(self.device, self.dtype)
            size = self.stride


def encode(autoencoder: Autoencoder, pieces: Iterator[Tensor]) -> Tensor:
    """Latents `[c, n + 1, h, w]`, float32 on the CPU, of frames that come in pieces `[1, 3, t, H, W]` in -1..1."""
    return torch.cat([z[0].float().cpu() for z in autoencoder.encode_stream(pieces)], dim=1)


def as_bytes(values: Tensor) -> Tensor:
    """-1..1 as 0..255."""
    return values.float().add(1.0).mul(127.5).round().clamp(0, 255).byte()


def standing(frames: Iterator[Frames], count: int) -> Iterator[Frames]:
    """So many frames: where there are fewer, the last one stands."""
    last = next(frames)
    yield last
    for _ in range(1, count):
        last = next(frames, last)
        yield last
