"""What a model is made of, as far as memory goes, and the film that is made with it. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yozora.model.configurations import AutoencoderConfig, TransformerConfig

PIXEL = 150
"""Numbers a pixel that mini's codec of keys and motion holds at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEncoderSize:
    """Numbers in a text encoder: in its table of words, in all its layers, in one of them. `linear`: in the layers that
    can be quantised. `reads`: tokens of a prompt at most. `streams`: whether it can be read layer by layer."""

    table: int
    layers: int
    layer: int
    linear: int
    dim: int
    reads: int = 512
    streams: bool = False

    @property
    def all(self) -> int:
        return self.table + self.layers


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """An autoencoder of another kind than Wan's, of which its size alone is counted."""

    weights: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelParts:
    """Parts of a model. `stride`: frames, rows and columns of pixels a latent. `stored`: bytes of a number in the files
    of its transformer. `images`: numbers of an image encoder. `moves`: whether its blocks may be kept in main memory.
    `packages`: bytes of main memory of the packages that it needs beside torch.
    """

    transformer: TransformerConfig
    autoencoder: AutoencoderConfig | Codec
    text: TextEncoderSize
    stride: tuple[int, int, int]
    experts: int = 1
    images: int = 0
    stored: float = 4.0
    moves: bool = True
    packages: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmSize:
    """A film as the model makes it: its size, seconds and steps. `tokens`: of one window. `latents`: of all of it,
    after one another. `windows`: how many are filled. `rows`: 2 where it is guided in two passes of the transformer."""

    width: int
    height: int
    seconds: float
    tokens: int
    latents: int
    windows: int
    rows: int
    steps: int


def text_encoder(sizes: Mapping[str, Any]) -> TextEncoderSize:
    """Of UMT5, by its configuration as transformers has it."""
    dim, inner = sizes["d_model"], sizes["num_heads"] * sizes["d_kv"]
    linear = 4 * dim * inner + 3 * dim * sizes["d_ff"]
    layer = linear + 2 * dim + sizes.get("relative_attention_num_buckets", 32) * sizes["num_heads"]
    count = sizes["num_layers"]
    return TextEncoderSize(
        table=sizes["vocab_size"] * dim,
        layers=count * layer + dim,
        layer=layer,
        linear=count * linear,
        dim=dim,
        streams=True,
    )
