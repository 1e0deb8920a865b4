"""Pictures decoded in strips of columns, one a process: exact, for each convolution has the columns beside its strip
from the processes that have them (a halo of one), and attention sees whole pictures.

Names of shapes as in `yozora.model.autoencoder_layers`; R processes, W columns of latents.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, distributed, nn

from yozora.engine.distributed.ulysses import gathered
from yozora.engine.parts import Parts
from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.autoencoder_layers import FrameAttention, Past


class Strips:
    """An autoencoder's decoder, which draws this process's strip while it is `of` a picture."""

    def __init__(self, model: VideoAutoencoder, rank: int, ranks: int) -> None:
        self.model, self.rank, self.ranks = model, rank, ranks
        self.widths: list[int] | None = None  # columns of latents that each process has; None: strips are off
        for module in model.decoder.modules():
            if isinstance(module, nn.Conv2d | nn.Conv3d) and module.kernel_size[-1] > 1:
                assert module.kernel_size[-1] == 3
                assert module.stride[-1] == 1
                module.register_forward_pre_hook(self._widen)
                module.register_forward_hook(self._trim)
            elif isinstance(module, FrameAttention):
                module.register_forward_pre_hook(self._join)
                module.register_forward_hook(self._narrow_output)

    def draw(self, raw_BCTHW: Tensor, past: Past) -> Tensor | None:
        """Frames of raw latents, not clamped, put together in the first process; None in the others."""
        W = raw_BCTHW.shape[-1]
        edges = [W * rank // self.ranks for rank in range(self.ranks + 1)]
        with self._of([stop - first for first, stop in pairwise(edges)]) as widths:
            own_BCTHW = self.model.picture(raw_BCTHW[..., edges[self.rank] : edges[self.rank + 1]], past)
        if self.rank:
            distributed.send(own_BCTHW.contiguous(), 0)
            return None
        strips, pixels = [own_BCTHW], self.model.config.stride[2]
        for rank in range(1, self.ranks):
            strips.append(own_BCTHW.new_empty((*own_BCTHW.shape[:-1], widths[rank] * pixels)))
            distributed.recv(strips[-1], rank)
        return torch.cat(strips, dim=-1)

    @contextmanager
    def _of(self, widths: list[int]) -> Iterator[list[int]]:
        self.widths = widths
        try:
            yield widths
        finally:
            self.widths = None

    def _widen(self, module: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """A strip with the columns beside it; zeros at the picture's edge, where there are none."""
        if self.widths is None:
            return None
        x, *rest = given
        sides = {self.rank - 1: x[..., :1], self.rank + 1: x[..., -1:]}
        halo = {beside: torch.zeros_like(own, memory_format=torch.contiguous_format) for beside, own in sides.items()}
        swaps = []
        for beside, own in sides.items():
            if 0 <= beside < self.ranks:
                swaps.append(distributed.P2POp(distributed.isend, own.contiguous(), beside))
                swaps.append(distributed.P2POp(distributed.irecv, halo[beside], beside))
        for swap in distributed.batch_isend_irecv(swaps):
            swap.wait()
        return (torch.cat((halo[self.rank - 1], x, halo[self.rank + 1]), dim=-1), *rest)

    def _trim(self, module: nn.Module, given: tuple[Any, ...], out: Tensor) -> Tensor | None:
        """The strip without what came of its halo."""
        return None if self.widths is None else out[..., 1:-1]

    def _join(self, module: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """Whole pictures, at the size of latents."""
        if self.widths is None:
            return None
        x, *rest = given
        most = max(self.widths)
        all_R = gathered(F.pad(x, (0, most - x.shape[-1])))
        strips = [strip[..., :width] for strip, width in zip(all_R, self.widths, strict=True)]
        return (torch.cat(strips, dim=-1), *rest)

    def _narrow_output(self, module: nn.Module, given: tuple[Any, ...], out: Tensor) -> Tensor | None:
        """The strip of whole pictures."""
        if self.widths is None:
            return None
        return out.narrow(-1, sum(self.widths[: self.rank]), self.widths[self.rank])


def strips_of(parts: Parts, rank: int, ranks: int) -> Strips | None:
    """Those of a model's autoencoder; None where its decoder has no such layers."""
    codec = parts.autoencoder
    return Strips(codec, rank, ranks) if isinstance(codec, VideoAutoencoder) else None
