"""The causal video autoencoder of Wan 2.1, Wan 2.2 and mini, with Wan's native parameter names.

A film of 4n + 1 frames becomes n + 1 latent frames: the first stands for one frame, each later one for four. No layer
looks ahead, and each remembers the last one or two frames that it saw, so a film is encoded and decoded in pieces of
any length with constant memory and the same result. Knows nothing of prompts, canvases, files or training.

Names of shapes: B batch, C channels, T H W frames, rows and columns of whatever the tensor holds (pixels, features or
latents), Z latent channels.

Source: Wan, arXiv 2503.20314, section 4.1; the shortcuts round each level are those of DC-AE, arXiv 2410.10733.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from yozora.model.autoencoder_layers import (
    CausalConv3d,
    DownLevel,
    Downsample,
    Norm,
    Past,
    UpLevel,
    Upsample,
    channels_last,
    cut_blocks,
    fold_patches,
    join_blocks,
    middle,
    residuals,
    run,
    unfold_patches,
)
from yozora.model.deblock import Deblock

COLOURS = 3
LOG_VARIANCE = (-30.0, 20.0)


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
    linear: only mini: a linear map of whole blocks of pixels is the encoder, and its transpose the first half of the
        decoder; the second half is a `Polish` of dec_dim channels and res_blocks blocks, which sees the picture in
        patches. Such latents are fixed: the decoder can be trained on without the transformer noticing.
    deblock: only mini: the weights of a `Deblock` over decoded films.
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
    deblock: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for name in ("mult", "temporal", "mean", "std", "deblock"):  # lists, when they come out of a file's JSON
            object.__setattr__(self, name, tuple(getattr(self, name)))
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


class Encoder(nn.Module):
    """Folded pixels to the moments of the latents."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        dims = [config.dim * m for m in (1, *config.mult)]
        self.conv1 = CausalConv3d(COLOURS * config.patch**2, dims[0], (3, 3, 3))
        self.downsamples = nn.ModuleList()
        for c_in, c_out, time in zip(dims[:-1], dims[1:], (*config.temporal, None), strict=True):
            if config.shortcuts:
                self.downsamples.append(DownLevel(c_in, c_out, config.res_blocks, time))
                continue
            self.downsamples.extend(residuals(c_in, c_out, config.res_blocks))
            if time is not None:
                self.downsamples.append(Downsample(c_out, time))
        self.middle = middle(dims[-1], config.attention)
        self.head = nn.ModuleList([Norm(dims[-1]), nn.SiLU(), CausalConv3d(dims[-1], config.z * 2, (3, 3, 3))])

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, 3 * patch^2, T, H, W] -> [B, 2 Z, ...]."""
        x_BCTHW = self.conv1(x_BCTHW, past)
        for layers in (self.downsamples, self.middle, self.head):
            x_BCTHW = run(layers, x_BCTHW, past)
        return x_BCTHW


class Decoder(nn.Module):
    """Latents to folded pixels."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        dims = [config.dec_dim * m for m in (config.mult[-1], *reversed(config.mult))]
        self.conv1 = CausalConv3d(config.z, dims[0], (3, 3, 3))
        self.middle = middle(dims[0], config.attention)
        self.upsamples = nn.ModuleList()
        c_in = dims[0]
        for c_out, time in zip(dims[1:], (*reversed(config.temporal), None), strict=True):
            if config.shortcuts:
                self.upsamples.append(UpLevel(c_in, c_out, config.res_blocks + 1, time))
                c_in = c_out
                continue
            self.upsamples.extend(residuals(c_in, c_out, config.res_blocks + 1))
            c_in = c_out // 2
            if time is not None:
                self.upsamples.append(Upsample(c_out, c_in, time))
        last = CausalConv3d(dims[-1], COLOURS * config.patch**2, (3, 3, 3))
        self.head = nn.ModuleList([Norm(dims[-1]), nn.SiLU(), last])

    def forward(self, z_BCTHW: Tensor, past: Past) -> Tensor:
        """[B, Z, T, H, W] -> [B, 3 * patch^2, ...]."""
        x_BCTHW: Tensor = self.conv1(z_BCTHW, past)
        for layers in (self.middle, self.upsamples, self.head):
            x_BCTHW = run(layers, x_BCTHW, past)
        return x_BCTHW


class Linear(nn.Module):
    """Mini's linear path: whole blocks of pixels to latents and back by one matrix each way.

    The first latent's block is the first frame repeated.
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

    def decode(self, z_BCTHW: Tensor) -> Tensor:
        """[B, Z, T, H, W] -> pixels [B, 3, 4 T, 16 H, 16 W]; the first latent of a film has its frame last."""
        blocks = self.up(z_BCTHW.movedim(1, -1)).unflatten(-1, (COLOURS, *self.block))
        x_BCTHW: Tensor = join_blocks(blocks.permute(0, 4, 1, 5, 2, 6, 3, 7))
        return x_BCTHW

    def fold(self, x_BCTHW: Tensor, *, first: bool) -> Tensor:
        """Pixels [B, 3, T, H, W] -> blocks [B, T / 4, H / 16, W / 16, 3 * 4 * 16 * 16]."""
        if first:
            before_BCTHW = x_BCTHW[:, :, :1].expand(-1, -1, self.block[0] - 1, -1, -1)
            x_BCTHW = torch.cat([before_BCTHW, x_BCTHW], dim=2)
        return cut_blocks(x_BCTHW, self.block).permute(0, 2, 4, 6, 1, 3, 5, 7).flatten(4)


class Polish(nn.Module):
    """Mini's second half of a decoder: corrects the linear path's picture, whose blocks know nothing of each other.

    It sees the frames of a latent at once and the latents before, in patches, so a few narrow layers reach across the
    borders of blocks.
    """

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.block = (config.stride[0], config.patch, config.patch)
        pixels, D = COLOURS * self.block[0] * self.block[1] * self.block[2], config.dec_dim
        self.conv1 = CausalConv3d(pixels, D, (3, 3, 3))
        self.middle = nn.ModuleList(residuals(D, D, config.res_blocks))
        self.head = nn.ModuleList([Norm(D), nn.SiLU(), CausalConv3d(D, pixels, (3, 3, 3))])

    def forward(self, x_BCTHW: Tensor, past: Past) -> Tensor:
        """Pixels [B, 3, 4 T, H, W] -> what is to be added to them."""
        blocks = cut_blocks(x_BCTHW, self.block)
        folded_BCTHW = channels_last(blocks.permute(0, 1, 3, 5, 7, 2, 4, 6).flatten(1, 4))
        folded_BCTHW = self.conv1(folded_BCTHW, past)
        for layers in (self.middle, self.head):
            folded_BCTHW = run(layers, folded_BCTHW, past)
        added_BCTHW: Tensor = join_blocks(
            folded_BCTHW.unflatten(1, (COLOURS, *self.block)).permute(0, 1, 5, 2, 6, 3, 7, 4)
        )
        return added_BCTHW


class VideoAutoencoder(nn.Module):
    """Frames to latents and back.

    Raw latents are what the networks speak; normalised ones, (raw - mean) / std, are what the transformer speaks. Input
    is brought to the dtype and device of the weights; results keep that dtype.
    """

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        self.linear = Linear(config.z, config.stride) if config.linear else None
        self.deblock = Deblock(config.deblock, config.stride[0])
        self.decoder: Decoder | Polish
        if config.linear:
            self.decoder = Polish(config)
            return
        self.encoder = Encoder(config)
        self.conv1 = CausalConv3d(config.z * 2, config.z * 2, (1, 1, 1))
        self.conv2 = CausalConv3d(config.z, config.z, (1, 1, 1))
        self.decoder = Decoder(config)

    def encode(self, frames_BCTHW: Tensor) -> Tensor:
        """Frames [B, 3, 4n + 1, H, W] in [-1, 1] -> normalised posterior means [B, Z, n + 1, H / 16, W / 16].

        Strides are those of the config (Wan 2.1: 8). Raises ValueError for sizes that they do not divide.
        """
        return self.normalise(self.posterior(frames_BCTHW)[0])

    def decode(self, latents_BCTHW: Tensor) -> Tensor:
        """Normalised latents [B, Z, n + 1, H, W] -> frames [B, 3, 4n + 1, 16 H, 16 W] in [-1, 1]."""
        return self._shown(latents_BCTHW, Past())

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
                yield self._shown(z_BCTHW, past)

    def _shown(self, latents_BCTHW: Tensor, past: Past) -> Tensor:
        frames_BCTHW: Tensor = self.deblock(self.picture(self.denormalise(latents_BCTHW), past), past)
        return frames_BCTHW.clamp(-1, 1)

    def posterior(self, frames_BCTHW: Tensor, past: Past | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the raw latents, each [B, Z, T, H, W]."""
        starts = past is None or past.begins(self)
        past = past or Past()
        self._check(frames_BCTHW, starts)
        frames_BCTHW = self._own(frames_BCTHW)
        if self.linear is not None:
            mean_BCTHW = self.linear.encode(frames_BCTHW, past)
            return mean_BCTHW, torch.full_like(mean_BCTHW, LOG_VARIANCE[0])
        moments_BCTHW = self.encoder(channels_last(fold_patches(frames_BCTHW, self.config.patch)), past)
        mean_BCTHW, log_variance_BCTHW = self.conv1(moments_BCTHW, past).chunk(2, dim=1)
        return mean_BCTHW, log_variance_BCTHW.clamp(*LOG_VARIANCE)

    def picture(self, raw_BCTHW: Tensor, past: Past | None = None) -> Tensor:
        """Raw latents [B, Z, T, H, W] -> frames, not clamped."""
        past = past or Past()
        raw_BCTHW = self._own(raw_BCTHW)
        if self.linear is not None:
            rough_BCTHW = self.linear.decode(raw_BCTHW)
            frames_BCTHW: Tensor = rough_BCTHW + self.decoder(rough_BCTHW, past)
            return frames_BCTHW[:, :, self.config.stride[0] - 1 :] if past.begins(self) else frames_BCTHW
        folded_BCTHW = self.decoder(self.conv2(channels_last(raw_BCTHW), past), past)
        return unfold_patches(folded_BCTHW, self.config.patch)

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
        like = next(self.decoder.parameters())
        return x.to(like.device, like.dtype)

    def _check(self, frames_BCTHW: Tensor, starts: bool) -> None:
        t, h, w = self.config.stride
        frames, rows, columns = frames_BCTHW.shape[2:]
        if (frames - starts) % t or frames < 1 or rows % h or columns % w:
            raise ValueError(f"{frames} frames of {columns}x{rows} are not {t}n + 1 frames of multiples of {w}x{h}")


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

WAN_2_2 = AutoencoderConfig(
    dim=160,
    dec_dim=256,
    z=48,
    patch=2,
    shortcuts=True,
    mean=(
        *(-0.2289, -0.0052, -0.1323, -0.2339, -0.2799, 0.0174, 0.1838, 0.1557),
        *(-0.1382, 0.0542, 0.2813, 0.0891, 0.1570, -0.0098, 0.0375, -0.1825),
        *(-0.2246, -0.1207, -0.0698, 0.5109, 0.2665, -0.2108, -0.2158, 0.2502),
        *(-0.2055, -0.0322, 0.1109, 0.1567, -0.0729, 0.0899, -0.2799, -0.1230),
        *(-0.0313, -0.1649, 0.0117, 0.0723, -0.2839, -0.2083, -0.0520, 0.3748),
        *(0.0152, 0.1957, 0.1433, -0.2944, 0.3573, -0.0548, -0.1681, -0.0667),
    ),
    std=(
        *(0.4765, 1.0364, 0.4514, 1.1677, 0.5313, 0.4990, 0.4818, 0.5013),
        *(0.8158, 1.0344, 0.5894, 1.0901, 0.6885, 0.6165, 0.8454, 0.4978),
        *(0.5759, 0.3523, 0.7135, 0.6804, 0.5833, 1.4146, 0.8986, 0.5659),
        *(0.7069, 0.5338, 0.4889, 0.4917, 0.4069, 0.4999, 0.6866, 0.4093),
        *(0.5709, 0.6065, 0.6415, 0.4944, 0.5726, 1.2042, 0.5458, 1.6887),
        *(0.3971, 1.0600, 0.3943, 0.5537, 0.5444, 0.4089, 0.7468, 0.7744),
    ),
)

MINI = AutoencoderConfig(
    dim=32,
    dec_dim=64,
    z=128,
    mean=(0.0,) * 128,
    std=(1.0,) * 128,
    mult=(1, 2, 4),
    res_blocks=2,
    temporal=(True, True),
    patch=4,
    attention=False,
    linear=True,
    deblock=(0.5, 0.28, 0.1),
)
