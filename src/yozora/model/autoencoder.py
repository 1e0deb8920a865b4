"""The causal video autoencoder of Wan 2.1, Wan 2.2 and mini, with Wan's native parameter names.

A film of 4n + 1 frames becomes n + 1 latent frames: the first stands for one frame, each later one for four. No layer
looks ahead, and each remembers the last one or two frames that it saw, so a film is encoded and decoded in pieces of
any length with constant memory and the same result. Knows nothing of prompts, canvases, files or training.

Names of shapes: B batch, C channels, T H W frames, rows and columns of whatever the tensor holds (pixels, features or
latents), Z latent channels.

Source: Wan, arXiv 2503.20314, section 4.1; the shortcuts round each level are those of DC-AE, arXiv 2410.10733.
"""

from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor, nn

from yozora.model.autoencoder_layers import (
    CausalConv3d,
    DownLevel,
    Downsample,
    Past,
    RMSNorm,
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
from yozora.model.configurations import AutoencoderConfig
from yozora.model.deblock import Deblock

__all__ = ["MINI", "AutoencoderConfig", "VideoAutoencoder"]

COLOURS = 3
LOG_VARIANCE = (-30.0, 20.0)


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
        self.head = nn.ModuleList([RMSNorm(dims[-1]), nn.SiLU(), CausalConv3d(dims[-1], config.z * 2, (3, 3, 3))])

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
        self.head = nn.ModuleList([RMSNorm(dims[-1]), nn.SiLU(), last])

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
        self.head = nn.ModuleList([RMSNorm(D), nn.SiLU(), CausalConv3d(D, pixels, (3, 3, 3))])

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
        self.draw: Callable[[Tensor, Past], Tensor] | None = None  # what makes pictures in place of `picture`
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
        return self._decode_latents(latents_BCTHW, Past())

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
                yield self._decode_latents(z_BCTHW, past)

    def _decode_latents(self, latents_BCTHW: Tensor, past: Past) -> Tensor:
        draw = self.draw or self.picture
        frames_BCTHW: Tensor = self.deblock(draw(self.denormalise(latents_BCTHW), past), past)
        return frames_BCTHW.clamp(-1, 1)

    def posterior(self, frames_BCTHW: Tensor, past: Past | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the raw latents, each [B, Z, T, H, W]."""
        starts = past is None or past.begins(self)
        past = past or Past()
        self._check_frame_shape(frames_BCTHW, starts)
        frames_BCTHW = self._to_decoder(frames_BCTHW)
        if self.linear is not None:
            mean_BCTHW = self.linear.encode(frames_BCTHW, past)
            return mean_BCTHW, torch.full_like(mean_BCTHW, LOG_VARIANCE[0])
        moments_BCTHW = self.encoder(channels_last(fold_patches(frames_BCTHW, self.config.patch)), past)
        mean_BCTHW, log_variance_BCTHW = self.conv1(moments_BCTHW, past).chunk(2, dim=1)
        return mean_BCTHW, log_variance_BCTHW.clamp(*LOG_VARIANCE)

    def picture(self, raw_BCTHW: Tensor, past: Past | None = None) -> Tensor:
        """Raw latents [B, Z, T, H, W] -> frames, not clamped."""
        past = past or Past()
        raw_BCTHW = self._to_decoder(raw_BCTHW)
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

    def _to_decoder(self, x: Tensor) -> Tensor:
        like = next(self.decoder.parameters())
        return x.to(like.device, like.dtype)

    def _check_frame_shape(self, frames_BCTHW: Tensor, starts: bool) -> None:
        t, h, w = self.config.stride
        frames, rows, columns = frames_BCTHW.shape[2:]
        if (frames - starts) % t or frames < 1 or rows % h or columns % w:
            raise ValueError(f"{frames} frames of {columns}x{rows} are not {t}n + 1 frames of multiples of {w}x{h}")


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
