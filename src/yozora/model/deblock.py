"""A filter in time for autoencoders whose latents hold groups of frames: takes the pulse out of a decoded film.

What a latent leaves out differs from that of the next one, so a still wall flickers a little with each new latent. As a
video codec's deblocking filter does at the borders of its blocks (List et al. 2003, doi 10.1109/TCSVT.2003.815175),
the first frames of each latent are drawn towards the frame before where they differ little, and left alone where
something moves. It looks back only, so a film is filtered in pieces with the same result.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from yozora.model.autoencoder_layers import Past

LIMIT = 48 / 127.5
"""Beyond this change, in -1..1, a pixel moves and is left alone."""


class Deblock(nn.Module):
    """`weights`: how far each frame of a latent, from its first on, is drawn towards the frame before; none: not."""

    def __init__(self, weights: tuple[float, ...], stride: int) -> None:
        super().__init__()
        self.weights, self.stride = weights, stride

    def forward(self, frames_BCTHW: Tensor, past: Past) -> Tensor:
        """Frames [B, 3, T, H, W] in -1..1 of whole latents; the first piece of a film begins with its lone frame."""
        if not self.weights:
            return frames_BCTHW
        tail = past.tail(self)
        lone = int(tail is None)
        before_BCHW = frames_BCTHW[:, :, 0] if tail is None else tail[:, :, 0]
        shown = []
        for index, frame_BCHW in enumerate(frames_BCTHW.unbind(2)):
            phase = (index - lone) % self.stride
            if phase < len(self.weights):
                frame_BCHW = self._drawn(frame_BCHW, before_BCHW, self.weights[phase])
            shown.append(frame_BCHW)
            before_BCHW = frame_BCHW
        frames_BCTHW = torch.stack(shown, dim=2)
        past.remember(self, frames_BCTHW, 1)
        return frames_BCTHW

    def _drawn(self, frame_BCHW: Tensor, before_BCHW: Tensor, weight: float) -> Tensor:
        change_BCHW = before_BCHW - frame_BCHW
        most_B1HW = change_BCHW.abs().amax(1, keepdim=True)
        around_B1HW = F.avg_pool2d(most_B1HW, 3, stride=1, padding=1, count_include_pad=False)
        rests_B1HW = (1.0 - (around_B1HW / LIMIT).square()).clamp_min(0.0)
        return torch.addcmul(frame_BCHW, change_BCHW, weight * rests_B1HW)
