"""What a pass of the video autoencoder holds at once, and how much it multiplies, counted from its configuration.

Walks through the layers of `yozora.model.autoencoder` as they are run on a piece of a film: one latent frame.
Everything is counted in numbers for each latent cell (row and column of the latents), so that any size, and a tile, is
a product.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from yozora.model.configurations import AutoencoderConfig

COLOURS = 3
MEMORY = 2  # frames that a causal convolution remembers


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A convolution: its channels, how many frames and cells of pixels a latent cell has there, and its kernel's size.

    `live`: numbers beside what is remembered, a latent cell, while it runs. `tail`: numbers that it remembers.
    """

    c_in: int
    c_out: int
    frames: int
    area: float
    kernel: int
    live: float = 0.0
    tail: float = 0.0

    @property
    def weights(self) -> int:
        return self.c_in * self.c_out * self.kernel + self.c_out

    @property
    def operations(self) -> float:
        """Multiplications and additions a latent cell."""
        return 2.0 * self.c_in * self.c_out * self.kernel * self.frames * self.area


def decoder(config: AutoencoderConfig) -> Iterator[Layer]:
    """All convolutions of a decoder, in their order, for the four frames of a latent."""
    dims = [config.dec_dim * m for m in (config.mult[-1], *reversed(config.mult))]
    frames, area, c_in = 1, 1.0, dims[0]
    yield Layer(c_in=config.z, c_out=config.z, frames=1, area=1.0, kernel=1)
    yield _causal(config.z, dims[0], frames, area)
    yield from _middle(dims[0], config.attention)
    levels = list(zip(dims[1:], (*reversed(config.temporal), None), strict=True))
    for c_out, time in levels:
        held = c_in * frames * area if config.shortcuts else 0.0  # what a shortcut round the level is made of
        for k in range(config.res_blocks + 1):
            yield from _residual(c_in if k == 0 else c_out, c_out, frames, area, held)
        c_in = c_out if config.shortcuts else c_out // 2
        if time is None:
            c_in = c_out
            continue
        if time:
            doubled = frames * area * 3 * c_out
            yield Layer(
                c_in=c_out,
                c_out=2 * c_out,
                frames=frames,
                area=area,
                kernel=3,
                live=held + 4 * doubled / 3 + doubled,
                tail=MEMORY * c_out * area,
            )
            frames *= 2
        area *= 4
        live = frames * area * (c_out / 4 + c_out + c_in)
        live = max(live, 4 * frames * area * c_in) if config.shortcuts else live
        yield Layer(c_in=c_out, c_out=c_in, frames=frames, area=area, kernel=9, live=held + live)
    yield _causal(dims[-1], COLOURS * config.patch**2, frames, area)


def encoder(config: AutoencoderConfig) -> Iterator[Layer]:
    """All convolutions of an encoder, in their order, for the frames of one latent after the first."""
    dims = [config.dim * m for m in (1, *config.mult)]
    space: int = 2 ** len(config.temporal)
    frames, area = 2 ** sum(config.temporal), float(space * space)
    yield _causal(COLOURS * config.patch**2, dims[0], frames, area)
    begun = dims[0] * frames * area  # what the first convolution gave, which is held until all levels are done
    for c_in, c_out, time in zip(dims[:-1], dims[1:], (*config.temporal, None), strict=True):
        held = begun + (c_in * frames * area if config.shortcuts else 0.0)
        for k in range(config.res_blocks):
            yield from _residual(c_in if k == 0 else c_out, c_out, frames, area, held)
        if time is None:
            continue
        live = frames * area * c_out * 2.3
        yield Layer(c_in=c_out, c_out=c_out, frames=frames, area=area / 4, kernel=9, live=held + live)
        area /= 4
        if time:
            frames //= 2
            yield Layer(c_in=c_out, c_out=c_out, frames=frames, area=area, kernel=3, tail=c_out * area)
    yield from _middle(dims[-1], config.attention)
    yield _causal(dims[-1], 2 * config.z, frames, area)
    yield Layer(c_in=2 * config.z, c_out=2 * config.z, frames=1, area=1.0, kernel=1)


def working(
    config: AutoencoderConfig, cells: int, tile: int | None = None, *, encodes: bool = False, scratch: float = 0.0
) -> float:
    """The most numbers that decoding (or encoding) a film of so many latent cells a frame holds at once.

    Args:
        tile: latent cells of one tile, where the picture is cut into such; all tiles remember, one is worked on.
        scratch: what kernels take for themselves, in shares of what they are given and give.
    """
    if config.linear:
        return _linear(config, tile or cells) + _linear(config, cells) / 4
    layers = list(encoder(config) if encodes else decoder(config))
    tails = sum(layer.tail for layer in layers)
    t, h, w = config.stride
    shown: float = 3.0 * COLOURS * t * h * w  # frames, as they leave
    return tails * cells + (1 + scratch) * max(layer.live for layer in layers) * (tile or cells) + shown * cells


def weights(config: AutoencoderConfig) -> int:
    """Numbers in an autoencoder: those of its convolutions; norms are few."""
    if config.linear:
        pixels = COLOURS * config.stride[0] * config.stride[1] * config.stride[2]
        return 2 * pixels * config.z + 27 * config.dec_dim * (2 * COLOURS * 64 + 4 * config.dec_dim)
    return sum(layer.weights for layer in (*encoder(config), *decoder(config)))


def operations(config: AutoencoderConfig, *, encodes: bool = False) -> float:
    """Multiplications and additions of one latent cell, attention in the middle left out."""
    if config.linear:
        return 2.0 * weights(config) * config.stride[1] / config.patch
    return sum(layer.operations for layer in (encoder(config) if encodes else decoder(config)))


def _causal(c_in: int, c_out: int, frames: int, area: float, more: float = 0.0) -> Layer:
    """A convolution over time: its input, the same with what it remembers before it, and what it gives, while the tail
    of before is let go only after the new one is kept."""
    live = area * (frames * (2 * c_in + c_out) + 2 * MEMORY * c_in) + more
    return Layer(c_in=c_in, c_out=c_out, frames=frames, area=area, kernel=27, live=live, tail=MEMORY * c_in * area)


def _residual(c_in: int, c_out: int, frames: int, area: float, held: float = 0.0) -> Iterator[Layer]:
    """A block: what goes round it is held beside what goes through it."""
    beside = c_in * frames * area + held
    yield _causal(c_in, c_out, frames, area, beside)
    yield _causal(c_out, c_out, frames, area, beside)
    if c_in != c_out:
        yield Layer(c_in=c_in, c_out=c_out, frames=frames, area=area, kernel=1)


def _middle(dim: int, attention: bool) -> Iterator[Layer]:
    yield from _residual(dim, dim, 1, 1.0)
    if attention:
        yield Layer(c_in=dim, c_out=4 * dim, frames=1, area=1.0, kernel=1, live=8.0 * dim)
    yield from _residual(dim, dim, 1, 1.0)


def _linear(config: AutoencoderConfig, cells: int) -> float:
    """Mini's: a latent's pixels some times over, and its polish's channels in patches."""
    t, h, w = config.stride
    pixels = COLOURS * t * h * w
    polish = 5 * config.dec_dim * (h * w) // config.patch**2
    return float(cells * (8 * pixels + polish))
