"""The causal video autoencoder of Wan 2.1, Wan 2.2 and mini, with Wan's native parameter names.

A film of 4n + 1 frames becomes n + 1 latent frames: the first stands for one frame, each later one for four. No layer
looks ahead, and each remembers the last one or two frames that it saw, so a film is encoded and decoded in pieces of any
length with constant memory and the same result. Knows nothing of prompts, canvases, files or training.

Names of shapes: B batch, C channels, T H W frames, rows and columns of whatever the tensor holds (pixels, features or
latents), Z latent channels.

Source: Wan, arXiv 2503.20314, section 4.1; the shortcuts round each level are those of DC-AE, arXiv 2410.10733.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

COLOURS = 3
MEMORY = 2  # frames that a causal convolution with a kernel of three remembers
LOG_VARIANCE = (-30.0, 20.0)
START_LOG_VARIANCE = -6.0  # of a fitted linear start, whose latents have unit variance


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoencoderConfig:
    """Sizes of a video autoencoder.

    dim, dec_dim: channels of the first level of the encoder and of the last level of the decoder.
    z: latent channels.
    mult: channels of each level in units of dim (dec_dim); every level but the last halves rows and columns.
    res_blocks: residual blocks a level in the encoder; the decoder has one more.
    temporal: for each halving, whether frames are halved too.
    patch: pixels of a patch x patch square are folded into channels before the first layer.
    attention: one-head attention inside each frame in the middle of encoder and decoder.
    shortcuts: the levels of Wan 2.2, with averaging and duplicating shortcuts round each.
    mean, std: of each raw latent channel; `encode` and `decode` speak normalised latents.
    linear: only mini: a linear map of whole blocks of pixels runs beside both networks, which then only add to it.
    """

    dim: int
    dec_dim: int
    z: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    mult: tuple[int, ...] = (1, 2, 4, 4)
    res_blocks: int = 2
    temporal: tuple[bool, ...] = (False, True, True)
    patch: int = 1
    attention: bool = True
    shortcuts: bool = False
    linear: bool = False

    def __post_init__(self) -> None:
        if min(self.dim, self.dec_dim, self.z, self.res_blocks, self.patch, *self.mult) < 1:
            raise ValueError("every size of an autoencoder is at least 1")
        if len(self.temporal) != len(self.mult) - 1:
            raise ValueError(f"{len(self.mult)} levels have {len(self.mult) - 1} halvings, not {len(self.temporal)}")
        if len(self.mean) != self.z or len(self.std) != self.z:
            raise ValueError(f"mean and std name {len(self.mean)} and {len(self.std)} channels of {self.z}")
        if min(self.std) <= 0:
            raise ValueError("the standard deviation of every latent channel is above 0")
        if not self.shortcuts and any(self.dec_dim * m % 2 for m in self.mult[1:]):
            raise ValueError("without shortcuts the decoder's channels must be even wherever it doubles the picture")

    @property
    def stride(self) -> tuple[int, int, int]:
        """Frames, rows and columns of pixels a latent."""
        space: int = self.patch * 2 ** len(self.temporal)
        return 2 ** sum(self.temporal), space, space


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

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:  # type: ignore[override]
        """[B, C, T, H, W] -> [B, c_out, T, H, W]."""
        if self.kernel_size[0] == 1:
            return self._conv_forward(x_BCTHW, self.weight, self.bias)
        tail = past.tail(self)
        if tail is None and x_BCTHW.shape[2] == 1 and not past.keep:
            return self._still(x_BCTHW)
        if tail is None:
            tail = torch.zeros_like(x_BCTHW[:, :, :1]).expand(-1, -1, MEMORY, -1, -1)
        x_BCTHW = torch.cat([tail, x_BCTHW], dim=2)
        past.remember(self, x_BCTHW, MEMORY)
        return self._conv_forward(x_BCTHW, self.weight, self.bias)

    def _still(self, x_BCTHW: Tensor) -> Tensor:
        """A still has nothing before it: only the kernel's last slice meets anything but zeros."""
        y_BCHW = F.conv2d(x_BCTHW[:, :, 0], self.weight[:, :, -1], self.bias, padding=self.padding[1:])
        return y_BCHW.unsqueeze(2)


class Norm(nn.Module):
    """Root mean square norm over channels, computed in float32."""

    def __init__(self, dim: int, axes: int = 3) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim, *(1,) * axes))

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, ...] -> the same."""
        length = torch.linalg.vector_norm(x, dim=1, keepdim=True, dtype=torch.float32)
        scale = (x.shape[1] ** 0.5 / length.clamp_min(1e-12)).to(x.dtype)
        return x * scale * self.gamma.to(x.dtype)


class ResidualBlock(nn.Module):
    """Norm, SiLU and causal convolution, twice, round a shortcut."""

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        first = [Norm(c_in), nn.SiLU(), CausalConv3d(c_in, c_out, (3, 3, 3))]
        second = [Norm(c_out), nn.SiLU(), nn.Identity(), CausalConv3d(c_out, c_out, (3, 3, 3))]
        self.residual = nn.ModuleList([*first, *second])
        self.shortcut = CausalConv3d(c_in, c_out, (1, 1, 1)) if c_in != c_out else None

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, c_in, T, H, W] -> [B, c_out, T, H, W]."""
        y_BCTHW = _run(self.residual, x_BCTHW, past)
        return y_BCTHW + (x_BCTHW if self.shortcut is None else self.shortcut(x_BCTHW, past))


class Attention(nn.Module):
    """One head of self-attention inside each frame."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm = Norm(dim, axes=2)
        self.to_qkv = nn.Conv2d(dim, dim * 3, 1)
        self.proj = nn.Conv2d(dim, dim, 1)
        nn.init.zeros_(self.proj.weight)

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, C, T, H, W] -> the same."""
        x_FCHW = _frames(x_BCTHW)
        q, k, v = self.to_qkv(self.norm(x_FCHW)).flatten(2).unsqueeze(1).transpose(2, 3).chunk(3, dim=-1)
        y_FCHW = F.scaled_dot_product_attention(q, k, v).squeeze(1).transpose(1, 2).reshape(x_FCHW.shape)
        return x_BCTHW + _film(self.proj(y_FCHW), x_BCTHW.shape[0])


class Downsample(nn.Module):
    """Half the rows and columns and, with time, half the frames after the first one."""

    def __init__(self, dim: int, time: bool) -> None:
        super().__init__()
        self.resample = nn.ModuleList([nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(dim, dim, 3, stride=2)])
        self.time_conv = nn.Conv3d(dim, dim, (3, 1, 1), stride=(2, 1, 1)) if time else None

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, C, T, H, W] -> [B, C, T or T / 2, H / 2, W / 2]; the first piece of a film has an odd T."""
        x_BCTHW = _film(_run(self.resample, _frames(x_BCTHW), past), x_BCTHW.shape[0])
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
        self.resample = nn.ModuleList([nn.Upsample(scale_factor=2.0), nn.Conv2d(dim, c_out, 3, padding=1)])
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
        return _film(_run(self.resample, _frames(x_BCTHW), past), x_BCTHW.shape[0])


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
        blocks = x_BCTHW.unflatten(4, (-1, self.space)).unflatten(3, (-1, self.space)).unflatten(2, (-1, self.time))
        folded = blocks.permute(0, 1, 3, 5, 7, 2, 4, 6).flatten(1, 4)
        return folded.unflatten(1, (self.c_out, -1)).mean(2)


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
        y_BCTHW = blocks.permute(0, 1, 5, 2, 6, 3, 7, 4).flatten(6, 7).flatten(4, 5).flatten(2, 3)
        return y_BCTHW[:, :, self.time - 1 :] if past.begins(self) else y_BCTHW


class DownLevel(nn.Module):
    """A level of Wan 2.2's encoder."""

    def __init__(self, c_in: int, c_out: int, blocks: int, time: bool | None) -> None:
        super().__init__()
        self.avg_shortcut = AverageDown(c_in, c_out, 2 if time else 1, 1 if time is None else 2)
        self.downsamples = nn.ModuleList(_blocks(c_in, c_out, blocks))
        if time is not None:
            self.downsamples.append(Downsample(c_out, time))

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, c_in, T, H, W] -> [B, c_out, ...], halved as `time` says (None: not at all)."""
        y_BCTHW: Tensor = _run(self.downsamples, x_BCTHW, past) + self.avg_shortcut(x_BCTHW)
        return y_BCTHW


class UpLevel(nn.Module):
    """A level of Wan 2.2's decoder."""

    def __init__(self, c_in: int, c_out: int, blocks: int, time: bool | None) -> None:
        super().__init__()
        self.avg_shortcut = None if time is None else RepeatUp(c_in, c_out, 2 if time else 1, 2)
        self.upsamples = nn.ModuleList(_blocks(c_in, c_out, blocks))
        if time is not None:
            self.upsamples.append(Upsample(c_out, c_out, time))

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, c_in, T, H, W] -> [B, c_out, ...], doubled as `time` says (None: not at all)."""
        y_BCTHW = _run(self.upsamples, x_BCTHW, past)
        return y_BCTHW if self.avg_shortcut is None else y_BCTHW + self.avg_shortcut(x_BCTHW, past)


class Encoder(nn.Module):
    """Folded pixels to the moments of the latents."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        dims = [config.dim * m for m in (1, *config.mult)]
        self.conv1 = CausalConv3d(COLOURS * config.patch**2, dims[0], (3, 3, 3))
        self.downsamples = nn.ModuleList()
        for c_in, c_out, time in zip(dims, dims[1:], (*config.temporal, None), strict=False):
            if config.shortcuts:
                self.downsamples.append(DownLevel(c_in, c_out, config.res_blocks, time))
                continue
            self.downsamples.extend(_blocks(c_in, c_out, config.res_blocks))
            if time is not None:
                self.downsamples.append(Downsample(c_out, time))
        self.middle = _middle(dims[-1], config.attention)
        self.head = nn.ModuleList([Norm(dims[-1]), nn.SiLU(), CausalConv3d(dims[-1], config.z * 2, (3, 3, 3))])

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, 3 * patch^2, T, H, W] -> [B, 2 Z, ...]."""
        x_BCTHW = self.conv1(x_BCTHW, past)
        for layers in (self.downsamples, self.middle, self.head):
            x_BCTHW = _run(layers, x_BCTHW, past)
        return x_BCTHW


class Decoder(nn.Module):
    """Latents to folded pixels."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        dims = [config.dec_dim * m for m in (config.mult[-1], *reversed(config.mult))]
        self.conv1 = CausalConv3d(config.z, dims[0], (3, 3, 3))
        self.middle = _middle(dims[0], config.attention)
        self.upsamples = nn.ModuleList()
        c_in = dims[0]
        for c_out, time in zip(dims[1:], (*reversed(config.temporal), None), strict=True):
            if config.shortcuts:
                self.upsamples.append(UpLevel(c_in, c_out, config.res_blocks + 1, time))
                c_in = c_out
                continue
            self.upsamples.extend(_blocks(c_in, c_out, config.res_blocks + 1))
            c_in = c_out // 2
            if time is not None:
                self.upsamples.append(Upsample(c_out, c_in, time))
        last = CausalConv3d(dims[-1], COLOURS * config.patch**2, (3, 3, 3))
        self.head = nn.ModuleList([Norm(dims[-1]), nn.SiLU(), last])

    def forward(self, z_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, Z, T, H, W] -> [B, 3 * patch^2, ...]."""
        x_BCTHW = self.conv1(z_BCTHW, past)
        for layers in (self.middle, self.upsamples, self.head):
            x_BCTHW = _run(layers, x_BCTHW, past)
        return x_BCTHW


class Linear(nn.Module):
    """Mini's linear path: whole blocks of pixels to latents and back by one matrix each way.

    The first latent's block is the first frame repeated; decoded, all but its last frame are dropped.
    """

    def __init__(self, z: int, block: tuple[int, int, int]) -> None:
        super().__init__()
        self.block = block
        size = COLOURS * block[0] * block[1] * block[2]
        self.down = nn.Linear(size, z)
        self.up = nn.Linear(z, size)

    def encode(self, x_BCTHW: Tensor, past: Past) -> Tensor:
        """Pixels [B, 3, T, H, W] -> [B, Z, T / 4, H / 16, W / 16], one more in the first piece of a film."""
        z_BTHWC: Tensor = self.down(self.fold(x_BCTHW, first=past.begins(self)))
        return z_BTHWC.movedim(-1, 1)

    def decode(self, z_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, Z, T, H, W] -> pixels [B, 3, 4 T, 16 H, 16 W], three frames fewer in the first piece of a film."""
        t, h, w = self.block
        blocks = self.up(z_BCTHW.movedim(1, -1)).unflatten(-1, (COLOURS, t, h, w))
        x_BCTHW = blocks.permute(0, 4, 1, 5, 2, 6, 3, 7).flatten(6, 7).flatten(4, 5).flatten(2, 3)
        return x_BCTHW[:, :, t - 1 :] if past.begins(self) else x_BCTHW

    def fold(self, x_BCTHW: Tensor, *, first: bool) -> Tensor:
        """Pixels [B, 3, T, H, W] -> blocks [B, T / 4, H / 16, W / 16, 3 * 4 * 16 * 16]."""
        t, h, w = self.block
        if first:
            x_BCTHW = torch.cat([x_BCTHW[:, :, :1].expand(-1, -1, t - 1, -1, -1), x_BCTHW], dim=2)
        blocks = x_BCTHW.unflatten(4, (-1, w)).unflatten(3, (-1, h)).unflatten(2, (-1, t))
        return blocks.permute(0, 2, 4, 6, 1, 3, 5, 7).flatten(4)


class VideoAutoencoder(nn.Module):
    """Frames to latents and back.

    Raw latents are what the networks speak; normalised ones, (raw - mean) / std, are what the transformer speaks. Input
    is brought to the dtype and device of the weights; results keep that dtype.
    """


    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.conv1 = CausalConv3d(config.z * 2, config.z * 2, (1, 1, 1))
        self.conv2 = CausalConv3d(config.z, config.z, (1, 1, 1))
        self.decoder = Decoder(config)
        self.linear = Linear(config.z, config.stride) if config.linear else None

    def encode(self, frames_BCTHW: Tensor) -> Tensor:
        """Frames [B, 3, 4n + 1, H, W] in [-1, 1] -> normalised posterior means [B, Z, n + 1, H / 16, W / 16].

        Strides are those of the config (Wan 2.1: 8). Raises ValueError for sizes that they do not divide.
        """
        return self.normalise(self.posterior(frames_BCTHW)[0])

    def decode(self, latents_BCTHW: Tensor) -> Tensor:
        """Normalised latents [B, Z, n + 1, H, W] -> frames [B, 3, 4n + 1, 16 H, 16 W] in [-1, 1]."""
        return self.picture(self.denormalise(latents_BCTHW)).clamp(-1, 1)

    def encode_stream(self, chunks: Iterable[Tensor]) -> Iterator[Tensor]:
        """The latents of a film that arrives in pieces [B, 3, any, H, W]; together they equal `encode`'s.

        Latents come as soon as their frames are complete. Raises ValueError when the film does not have 4n + 1 frames.
        """
        past = Past(keep=True)
        step = self.config.stride[0]
        waiting: Tensor | None = None
        started = False
        for chunk_BCTHW in chunks:
            waiting = chunk_BCTHW if waiting is None else torch.cat([waiting, chunk_BCTHW], dim=2)
            spare = waiting.shape[2] % step if started else (waiting.shape[2] - 1) % step
            ready = waiting.shape[2] - spare
            if ready > 0:
                yield self.normalise(self.posterior(waiting[:, :, :ready], past)[0])
                started = True
                waiting = waiting[:, :, ready:]
        if not started or waiting is None or waiting.shape[2]:
            raise ValueError(f"a film of an autoencoder has {step}n + 1 frames")

    def decode_stream(self, latents_BCTHW: Tensor, chunk: int = 1) -> Iterator[Tensor]:
        """The frames of `decode`, `chunk` latent frames at a time, after the first latent alone."""
        if chunk < 1:
            raise ValueError(f"a piece has at least one latent frame, not {chunk}")
        past = Past(keep=True)
        for z_BCTHW in (latents_BCTHW[:, :, :1], *latents_BCTHW[:, :, 1:].split(chunk, dim=2)):
            if z_BCTHW.shape[2]:
                yield self.picture(self.denormalise(z_BCTHW), past).clamp(-1, 1)

    def posterior(self, frames_BCTHW: Tensor, past: Past | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the raw latents, each [B, Z, T, H, W]."""
        starts = past is None or past.begins(self)
        past = past or Past()
        self._check(frames_BCTHW, starts)
        frames_BCTHW = self._own(frames_BCTHW)
        moments_BCTHW = self.encoder(_channels_last(fold_patches(frames_BCTHW, self.config.patch)), past)
        mean_BCTHW, log_variance_BCTHW = self.conv1(moments_BCTHW, past).chunk(2, dim=1)
        if self.linear is not None:
            mean_BCTHW = mean_BCTHW + self.linear.encode(frames_BCTHW, past)
        return mean_BCTHW, log_variance_BCTHW.clamp(*LOG_VARIANCE)

    def picture(self, raw_BCTHW: Tensor, past: Past | None = None) -> Tensor:
        """Raw latents [B, Z, T, H, W] -> frames, not clamped."""
        past = past or Past()
        raw_BCTHW = self._own(raw_BCTHW)
        folded_BCTHW = self.decoder(self.conv2(_channels_last(raw_BCTHW), past), past)
        frames_BCTHW = unfold_patches(folded_BCTHW, self.config.patch)
        return frames_BCTHW if self.linear is None else frames_BCTHW + self.linear.decode(raw_BCTHW, past)

    def normalise(self, raw_BCTHW: Tensor) -> Tensor:
        """Raw latents -> what the transformer speaks."""
        mean_C111, std_C111 = self._statistics(raw_BCTHW)
        return (raw_BCTHW - mean_C111) / std_C111

    def denormalise(self, latents_BCTHW: Tensor) -> Tensor:
        """The inverse of `normalise`."""
        mean_C111, std_C111 = self._statistics(latents_BCTHW)
        return latents_BCTHW * std_C111 + mean_C111

    def _statistics(self, like: Tensor) -> tuple[Tensor, Tensor]:
        both = torch.tensor((self.config.mean, self.config.std), dtype=like.dtype, device=like.device)
        mean_C111, std_C111 = both[..., None, None, None]
        return mean_C111, std_C111

    def _own(self, x: Tensor) -> Tensor:
        return x.to(self.conv1.weight.device, self.conv1.weight.dtype)

    def _check(self, frames_BCTHW: Tensor, starts: bool) -> None:
        t, h, w = self.config.stride
        frames, rows, columns = frames_BCTHW.shape[2:]
        if (frames - starts) % t or frames < 1 or rows % h or columns % w:
            raise ValueError(f"{frames} frames of {columns}x{rows} are not {t}n + 1 frames of multiples of {w}x{h}")


def fit_linear(model: VideoAutoencoder, frames_BCTHW: Tensor, blocks: int = 16384, seed: int = 0) -> None:
    """Start mini from the principal components of real frames; its networks add nothing until they are trained.

    frames_BCTHW: clips [B, 3, 4n + 1, H, W] in [-1, 1], at least a few hundred blocks of 4x16x16 more than latent
    channels. The raw latents come out with zero mean and unit variance a channel, strongest component first.
    Source of the algorithm: Halko et al., arXiv 0909.4061 (randomised range finder with four power iterations).
    """
    if model.linear is None:
        raise ValueError("this autoencoder has no linear path")
    chosen = torch.Generator().manual_seed(seed)
    samples_ND = _sample_blocks(model.linear, frames_BCTHW, blocks, chosen)
    mean_D = samples_ND.mean(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        _, strength_Z, basis_DZ = torch.svd_lowrank(samples_ND - mean_D, q=model.config.z + 16, niter=4)
    basis_DZ = basis_DZ[:, : model.config.z]
    scale_Z = (strength_Z[: model.config.z] / len(samples_ND) ** 0.5).clamp_min(1e-4)
    with torch.no_grad():
        model.linear.down.weight.copy_((basis_DZ / scale_Z).T)
        model.linear.down.bias.copy_(-mean_D @ (basis_DZ / scale_Z))
        model.linear.up.weight.copy_(basis_DZ * scale_Z)
        model.linear.up.bias.copy_(mean_D)
        for layer in (model.encoder.head[2], model.decoder.head[2]):
            for parameter in layer.parameters():
                parameter.zero_()
        if model.conv1.bias is not None:
            model.conv1.bias.zero_()[model.config.z :] = START_LOG_VARIANCE


def fold_patches(x_BCTHW: Tensor, patch: int) -> Tensor:
    """[B, C, T, H, W] -> [B, C * patch^2, T, H / patch, W / patch]; columns before rows, as Wan orders them."""
    if patch == 1:
        return x_BCTHW
    return x_BCTHW.unflatten(4, (-1, patch)).unflatten(3, (-1, patch)).permute(0, 1, 6, 4, 2, 3, 5).flatten(1, 3)


def unfold_patches(x_BCTHW: Tensor, patch: int) -> Tensor:
    """The inverse of `fold_patches`."""
    if patch == 1:
        return x_BCTHW
    return x_BCTHW.unflatten(1, (-1, patch, patch)).permute(0, 1, 4, 5, 3, 6, 2).flatten(5, 6).flatten(3, 4)


def _sample_blocks(linear: Linear, frames_BCTHW: Tensor, count: int, chosen: torch.Generator) -> Tensor:
    """Random blocks of the clips, [count, pixels of a block], float32."""
    each = -(-count // len(frames_BCTHW))
    taken = []
    for clip_CTHW in frames_BCTHW:
        blocks_ND = linear.fold(clip_CTHW[None].float(), first=True).flatten(0, 3)
        taken.append(blocks_ND[torch.randperm(len(blocks_ND), generator=chosen)[:each]])
    return torch.cat(taken)


def _blocks(c_in: int, c_out: int, count: int) -> list[nn.Module]:
    return [ResidualBlock(c_in if i == 0 else c_out, c_out) for i in range(count)]


def _middle(dim: int, attention: bool) -> nn.ModuleList:
    between = Attention(dim) if attention else nn.Identity()
    return nn.ModuleList([ResidualBlock(dim, dim), between, ResidualBlock(dim, dim)])


PLAIN = (nn.SiLU, nn.Identity, nn.ZeroPad2d, nn.Upsample, nn.Conv2d, Norm)  # layers without a past


def _run(layers: nn.ModuleList, x: Tensor, past: Past) -> Tensor:
    for layer in layers:
        x = layer(x) if isinstance(layer, PLAIN) else layer(x, past)
    return x


def _frames(x_BCTHW: Tensor) -> Tensor:
    """A film as a batch of pictures [B * T, C, H, W]."""
    return x_BCTHW.transpose(1, 2).flatten(0, 1)


def _film(x_FCHW: Tensor, batch: int) -> Tensor:
    """The inverse of `_frames`."""
    return x_FCHW.unflatten(0, (batch, -1)).transpose(1, 2)


def _channels_last(x_BCTHW: Tensor) -> Tensor:
    return x_BCTHW.contiguous(memory_format=torch.channels_last_3d)


WAN_2_1 = AutoencoderConfig(
    dim=96,
    dec_dim=96,
    z=16,
    mean=(
        *(-0.7571, -0.7089, -0.9113, 0.1075, -0.1745, 0.9653, -0.1517, 1.5508),
        *(0.4134, -0.0715, 0.5517, -0.3632, -0.1922, -0.9497, 0.2503, -0.2921),
    ),
    std=(
        *(2.8184, 1.4541, 2.3275, 2.6558, 1.2196, 1.7708, 2.6052, 2.0743),
        *(3.2687, 2.1526, 2.8652, 1.5579, 1.6382, 1.1253, 2.8251, 1.9160),
    ),
)

MINI = AutoencoderConfig(
    dim=32,
    dec_dim=40,
    z=48,
    mean=(0.0,) * 48,
    std=(1.0,) * 48,
    mult=(1, 2, 4),
    res_blocks=1,
    temporal=(True, True),
    patch=4,
    attention=False,
    linear=True,
)
