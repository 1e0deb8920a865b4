"""The models of a preset, from the files that hold them: text encoder, transformer, autoencoder.

It alone knows which class a file's config is for, and what configs of older files say. Knows nothing of presets.
"""

import os
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import nn

from yozora.errors import UserError
from yozora.model.autoencoder import AutoencoderConfig, VideoAutoencoder
from yozora.model.codec import CodecConfig, KeyframeCodec
from yozora.model.dit import SpacetimeTransformer, TransformerConfig
from yozora.model.text import TextConfig, TextEncoder
from yozora.weights import assemble, facts, load

C = TypeVar("C")
M = TypeVar("M", bound=nn.Module)
File = str | os.PathLike[str]
Autoencoder = VideoAutoencoder | KeyframeCodec

OUTDATED = frozenset({"truth_layer"})
"""Fields of configs that only older files have; nothing in a model depends on them."""


def load_text(path: File, dtype: torch.dtype = torch.float32, device: str = "cpu") -> TextEncoder:
    """The text encoder that a file holds, in eval mode. Raises `UserError` as all of these do: there is no such file,
    it is damaged, or it holds another kind of model.
    """
    return _load(path, TextConfig, TextEncoder, dtype, device)


def load_transformer(path: File, dtype: torch.dtype = torch.float32, device: str = "cpu") -> SpacetimeTransformer:
    """The transformer, or the mover, that a file holds, in eval mode; see `load_text`."""
    return _load(path, TransformerConfig, SpacetimeTransformer, dtype, device)


def load_autoencoder(path: File, dtype: torch.dtype = torch.float32, device: str = "cpu") -> Autoencoder:
    """The autoencoder that a file holds, in eval mode; see `load_text`. Only a `KeyframeCodec` speaks of stills."""
    if "still" in facts(path).get("config", ()):
        return _load(path, CodecConfig, KeyframeCodec, dtype, device)
    return _load(path, AutoencoderConfig, VideoAutoencoder, dtype, device)


def _load(path: File, configure: Callable[..., C], make: Callable[[C], M], dtype: torch.dtype, device: str) -> M:
    told, state = load(path, dtype=dtype, device=device)
    try:
        config = configure(**{name: value for name, value in told.items() if name not in OUTDATED})
    except (TypeError, ValueError) as error:
        raise UserError(f"{path} holds weights of another kind of model.", str(error)) from error
    return assemble(lambda: make(config), state).eval()
