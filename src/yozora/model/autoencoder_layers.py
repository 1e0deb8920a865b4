"""The layers of the causal video autoencoder, with Wan's native parameter names, and what they remember between pieces.

Names of shapes: B batch, C channels, T H W frames, rows and columns of whatever the tensor holds, F frames of
all films, t h w frames, rows and columns inside a block. Knows nothing of how the layers are put together.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from yozora.model import winograd

MEMORY = 2  # frames that a causal convolution with a kernel of three remembers


class Past:
    """What the causal layers saw last. A fresh one starts a film; passed on, it continues the film."""

    def __init__(self, keep: bool = False) -> None:
        self.keep = keep
        self._tails: dict[nn.Module, Tensor] = {}
        self._begun: set[nn.Module] = set()

    def begins(self, layer: nn.Module) -> bool:
        """Whether this is the first piece of the film that the layer sees."""
        first = layer not in self._begun
        self._begun.add(layer)
        return first

    def tail(self, layer: nn.Module) -> Tensor | None:
        """The frames that the layer remembers, [B, C, frames, H, W]; None at the start of a film."""
        return self._tails.get(layer)

    def remember(self, layer: nn.Module, x_BCTHW: Tensor, frames: int) -> None:
        """Keep the last frames of what the layer saw, when there will be another piece."""
        if self.keep:
            self._tails[layer] = x_BCTHW[:, :, -frames:].clone()


class CausalConv3d(nn.Conv3d):
    """A convolution over space and past: as many zero frames before the first one as the kernel looks back."""

    def __init__(self, c_in: int, c_out: int, kernel: tuple[int, int, int]) -> None:
        super().__init__(c_in, c_out, kernel, padding=(0, kernel[1] // 2, kernel[2] // 2))

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:  # type: ignore[override] # a causal convolution also takes the past
        """[B, C, T, H, W] -> [B, c_out, T, H, W]."""
        if self.kernel_size[0] == 1:
            return self._convolved(x_BCTHW)
        tail = past.tail(self)
        still = tail is None and x_BCTHW.shape[2] == 1
        if tail is None:
            tail = torch.zeros_like(x_BCTHW[:, :, :1]).expand(-1, -1, MEMORY, -1, -1)
        long_BCTHW = torch.cat([tail, x_BCTHW], dim=2)
        past.remember(self, long_BCTHW, MEMORY)
        return self._convolve_still(x_BCTHW) if still else self._convolved(long_BCTHW)

    def _convolved(self, x_BCTHW: Tensor) -> Tensor:
        if winograd.pays(x_BCTHW, self.weight):
            return winograd.convolved(x_BCTHW, self.weight, self.bias)
        y_BCTHW: Tensor = self._conv_forward(x_BCTHW, self.weight, self.bias)
        return y_BCTHW

    def _convolve_still(self, x_BCTHW: Tensor) -> Tensor:
        """A still has nothing before it: only the kernel's last slice meets anything but zeros."""
        last = self.weight[:, :, -1:]
        if winograd.pays(x_BCTHW, last):
            return winograd.convolved(x_BCTHW, last, self.bias)
        y_BCHW = F.conv2d(x_BCTHW[:, :, 0], last[:, :, 0], self.bias, padding=self.padding[1:])
        return y_BCHW.unsqueeze(2)


class Conv2d(nn.Conv2d):
    """A convolution of pictures by 3x3 pixels, with a border of zeros."""

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__(c_in, c_out, 3, padding=1)

    def forward(self, x_FCHW: Tensor) -> Tensor:
        """[F, C, H, W] -> [F, c_out, H, W]."""
        x_1CFHW, weight = x_FCHW.transpose(0, 1)[None], self.weight[:, :, None]
        if winograd.pays(x_1CFHW, weight):
            return winograd.convolved(x_1CFHW, weight, self.bias)[0].transpose(0, 1)
        y_FCHW: Tensor = super().forward(x_FCHW)
        return y_FCHW


class RMSNorm(nn.Module):
    """Root mean square norm over channels, computed in float32."""

    def __init__(self, dim: int, axes: int = 3) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim, *(1,) * axes))

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, ...] -> the same."""
        length = torch.linalg.vector_norm(x, dim=1, keepdim=True, dtype=torch.float32)
        scale = (x.shape[1] ** 0.5 / length.clamp_min(1e-12)).to(x.dtype)
        return torch.mul(x * scale, self.gamma.to(x.dtype))


class ResidualBlock(nn.Module):
    """Norm, SiLU and causal convolution, twice, round a shortcut."""

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        first = [RMSNorm(c_in), nn.SiLU(), CausalConv3d(c_in, c_out, (3, 3, 3))]
        second = [RMSNorm(c_out), nn.SiLU(), nn.Identity(), CausalConv3d(c_out, c_out, (3, 3, 3))]
        self.residual = nn.ModuleList([*first, *second])
        self.shortcut = CausalConv3d(c_in, c_out, (1, 1, 1)) if c_in != c_out else None

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, c_in, T, H, W] -> [B, c_out, T, H, W]."""
        y_BCTHW = run(self.residual, x_BCTHW, past)
        return y_BCTHW + (x_BCTHW if self.shortcut is None else self.shortcut(x_BCTHW, past))


class FrameAttention(nn.Module):
    """One head of self-attention inside each frame."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm = RMSNorm(dim, axes=2)
        self.to_qkv = nn.Conv2d(dim, dim * 3, 1)
        self.proj = nn.Conv2d(dim, dim, 1)
        nn.init.zeros_(self.proj.weight)

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, C, T, H, W] -> the same."""
        x_FCHW = as_pictures(x_BCTHW)
        q, k, v = self.to_qkv(self.norm(x_FCHW)).flatten(2).unsqueeze(1).transpose(2, 3).chunk(3, dim=-1)
        y_FCHW = F.scaled_dot_product_attention(q, k, v).squeeze(1).transpose(1, 2).reshape(x_FCHW.shape)
        return x_BCTHW + as_film(self.proj(y_FCHW), x_BCTHW.shape[0])


class Downsample(nn.Module):
    """Half the rows and columns and, with time, half the frames after the first one."""

    def __init__(self, dim: int, time: bool) -> None:
        super().__init__()
        self.resample = nn.ModuleList([nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(dim, dim, 3, stride=2)])
        self.time_conv = nn.Conv3d(dim, dim, (3, 1, 1), stride=(2, 1, 1)) if time else None

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, C, T, H, W] -> [B, C, T or T / 2, H / 2, W / 2]; the first piece of a film has an odd T."""
        x_BCTHW = as_film(run(self.resample, as_pictures(x_BCTHW), past), x_BCTHW.shape[0])
        if self.time_conv is None:
            return x_BCTHW
        before = past.tail(self)
        past.remember(self, x_BCTHW, 1)
        if before is not None:
            y_BCTHW: Tensor = self.time_conv(torch.cat([before, x_BCTHW], dim=2))
            return y_BCTHW
        if x_BCTHW.shape[2] == 1:
            return x_BCTHW
        return torch.cat([x_BCTHW[:, :, :1], self.time_conv(x_BCTHW)], dim=2)


class Upsample(nn.Module):
    """Twice the rows and columns and, with time, twice the frames after the first one."""

    def __init__(self, dim: int, c_out: int, time: bool) -> None:
        super().__init__()
        self.resample = nn.ModuleList([nn.Upsample(scale_factor=2.0), Conv2d(dim, c_out)])
        self.time_conv = CausalConv3d(dim, dim * 2, (3, 1, 1)) if time else None

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, C, T, H, W] -> [B, c_out, T or 2 T, 2 H, 2 W], one frame fewer in the first piece of a film."""
        if self.time_conv is not None:
            alone = 1 if past.begins(self) else 0
            later_BCTHW = x_BCTHW[:, :, alone:]
            if later_BCTHW.shape[2] > 0:
                pairs = self.time_conv(later_BCTHW, past).unflatten(1, (2, -1))
                doubled_BCTHW = pairs.movedim(1, 3).flatten(2, 3)
                x_BCTHW = torch.cat([x_BCTHW[:, :, :alone], doubled_BCTHW], dim=2)
        return as_film(run(self.resample, as_pictures(x_BCTHW), past), x_BCTHW.shape[0])


class AverageDown(nn.Module):
    """A shortcut that halves: folds blocks into channels and averages groups of them."""

    def __init__(self, c_in: int, c_out: int, time: int, space: int) -> None:
        super().__init__()
        if c_in * time * space * space % c_out:
            raise ValueError(f"{c_in} channels cannot be averaged to {c_out} by blocks of {time}x{space}x{space}")
        self.c_out, self.time, self.space = c_out, time, space

    def forward(self, x_BCTHW: Tensor) -> Tensor:
        """[B, c_in, T, H, W] -> [B, c_out, ceil(T / time), H / space, W / space]."""
        x_BCTHW = F.pad(x_BCTHW, (0, 0, 0, 0, -x_BCTHW.shape[2] % self.time, 0))
        folded = cut_blocks(x_BCTHW, (self.time, self.space, self.space)).permute(0, 1, 3, 5, 7, 2, 4, 6).flatten(1, 4)
        groups: Tensor = folded.unflatten(1, (self.c_out, -1))
        return groups.mean(2)


class RepeatUp(nn.Module):
    """A shortcut that doubles: repeats channels and unfolds them into blocks."""

    def __init__(self, c_in: int, c_out: int, time: int, space: int) -> None:
        super().__init__()
        if c_out * time * space * space % c_in:
            raise ValueError(f"{c_in} channels cannot be repeated to {c_out} with blocks of {time}x{space}x{space}")
        self.repeats = c_out * time * space * space // c_in
        self.c_out, self.time, self.space = c_out, time, space

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, c_in, T, H, W] -> [B, c_out, T * time, H * space, W * space]; a film's first frame stays one frame."""
        blocks = x_BCTHW.repeat_interleave(self.repeats, dim=1).unflatten(1, (self.c_out, self.time, self.space, -1))
        y_BCTHW = join_blocks(blocks.permute(0, 1, 5, 2, 6, 3, 7, 4))
        return y_BCTHW[:, :, self.time - 1 :] if past.begins(self) else y_BCTHW


class DownLevel(nn.Module):
    """A level of Wan 2.2's encoder."""

    def __init__(self, c_in: int, c_out: int, blocks: int, time: bool | None) -> None:
        super().__init__()
        self.avg_shortcut = AverageDown(c_in, c_out, 2 if time else 1, 1 if time is None else 2)
        self.downsamples = nn.ModuleList(residuals(c_in, c_out, blocks))
        if time is not None:
            self.downsamples.append(Downsample(c_out, time))

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, c_in, T, H, W] -> [B, c_out, ...], halved as `time` says (None: not at all)."""
        y_BCTHW: Tensor = run(self.downsamples, x_BCTHW, past) + self.avg_shortcut(x_BCTHW)
        return y_BCTHW


class UpLevel(nn.Module):
    """A level of Wan 2.2's decoder."""

    def __init__(self, c_in: int, c_out: int, blocks: int, time: bool | None) -> None:
        super().__init__()
        self.avg_shortcut = None if time is None else RepeatUp(c_in, c_out, 2 if time else 1, 2)
        self.upsamples = nn.ModuleList(residuals(c_in, c_out, blocks))
        if time is not None:
            self.upsamples.append(Upsample(c_out, c_out, time))

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, c_in, T, H, W] -> [B, c_out, ...], doubled as `time` says (None: not at all)."""
        y_BCTHW = run(self.upsamples, x_BCTHW, past)
        return y_BCTHW if self.avg_shortcut is None else y_BCTHW + self.avg_shortcut(x_BCTHW, past)


def cut_blocks(x_BCTHW: Tensor, block: tuple[int, int, int]) -> Tensor:
    """A film cut into blocks of t frames, h rows and w columns: [B, C, T / t, t, H / h, h, W / w, w]."""
    t, h, w = block
    cut: Tensor = x_BCTHW.unflatten(4, (-1, w)).unflatten(3, (-1, h)).unflatten(2, (-1, t))
    return cut


def join_blocks(blocks: Tensor) -> Tensor:
    """The inverse of `cut_blocks`."""
    return blocks.flatten(6, 7).flatten(4, 5).flatten(2, 3)


def fold_patches(x_BCTHW: Tensor, patch: int) -> Tensor:
    """[B, C, T, H, W] -> [B, C * patch^2, T, H / patch, W / patch]; columns before rows, as Wan orders them."""
    if patch == 1:
        return x_BCTHW
    return cut_blocks(x_BCTHW, (1, patch, patch)).permute(0, 1, 7, 5, 2, 3, 4, 6).flatten(5, 6).flatten(1, 3).squeeze(3)


def unfold_patches(x_BCTHW: Tensor, patch: int) -> Tensor:
    """The inverse of `fold_patches`."""
    if patch == 1:
        return x_BCTHW
    return join_blocks(x_BCTHW.unflatten(1, (-1, 1, patch, patch)).permute(0, 1, 5, 2, 6, 4, 7, 3))


def residuals(c_in: int, c_out: int, count: int) -> list[nn.Module]:
    return [ResidualBlock(c_in if i == 0 else c_out, c_out) for i in range(count)]


def middle(dim: int, attention: bool) -> nn.ModuleList:
    between = FrameAttention(dim) if attention else nn.Identity()
    return nn.ModuleList([ResidualBlock(dim, dim), between, ResidualBlock(dim, dim)])


PLAIN = (nn.SiLU, nn.Identity, nn.ZeroPad2d, nn.Upsample, nn.Conv2d, RMSNorm)  # layers without a past


def run(layers: nn.ModuleList, x: Tensor, past: Past) -> Tensor:
    for layer in layers:
        x = layer(x) if isinstance(layer, PLAIN) else layer(x, past)
    return x


def as_pictures(x_BCTHW: Tensor) -> Tensor:
    """A film as a batch of pictures [B * T, C, H, W]."""
    return x_BCTHW.transpose(1, 2).flatten(0, 1)


def as_film(x_FCHW: Tensor, batch: int) -> Tensor:
    """The inverse of `_frames`."""
    x_BTCHW: Tensor = x_FCHW.unflatten(0, (batch, -1))
    return x_BTCHW.transpose(1, 2)


def channels_last(x_BCTHW: Tensor) -> Tensor:
    return x_BCTHW.contiguous(memory_format=torch.channels_last_3d)
