"""The models of a preset, ready to run, and those of this project's own files: text encoder, transformer, autoencoder.

It alone knows which class a file's config is for, and what configs of older files say.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from yozora.errors import UserError
from yozora.families.preset import Preset
from yozora.memory.arranging import arranged
from yozora.memory.planner import OVERLAP
from yozora.model.autoencoder import AutoencoderConfig, VideoAutoencoder
from yozora.model.codec import CodecConfig, KeyframeCodec
from yozora.model.configurations import OUTDATED
from yozora.model.dit import SpacetimeTransformer, TransformerConfig
from yozora.model.quantise import quantise
from yozora.model.text import TextConfig, TextEncoder
from yozora.model.tiling import Tiled
from yozora.weights.compatible import check_parts
from yozora.weights.files import assemble, facts, load, page_out

C = TypeVar("C")
M = TypeVar("M", bound=nn.Module)
File = str | os.PathLike[str]
Autoencoder = VideoAutoencoder | KeyframeCodec | Tiled


class PromptEncoder(Protocol):
    """Prompts to what a transformer reads."""

    def encode(self, prompts: list[str]) -> tuple[Tensor, Tensor]:
        """Features `[B, L, D]` and which of them count, bool `[B, L]`, on the transformer's device."""


class ImageEncoder(Protocol):
    """Pictures to what the transformer attends to."""

    def encode(self, frames: list[NDArray[np.uint8]]) -> Tensor:
        """Pictures uint8 `[H, W, 3]`, one after the other, as `[1, S, D]`."""


class Experts:
    """The transformers of a model, of which one is in memory at a time: each for the times from its boundary on.

    `loads` give them from the noisiest times down; `boundary` is the time from which on it is the first one's turn.
    """

    def __init__(self, *loads: Callable[[], SpacetimeTransformer], boundary: float = 0.0) -> None:
        self.loads, self.boundary = loads, boundary
        self._held: tuple[int, SpacetimeTransformer] | None = None

    @property
    def last(self) -> int:
        """Which of them is in memory."""
        return 0 if self._held is None else self._held[0]

    def __len__(self) -> int:
        return len(self.loads)

    def index(self, t: Tensor) -> int:
        """Whose turn it is where the noisiest token is at the highest of these times."""
        return 0 if len(self.loads) == 1 or float(t.max()) >= self.boundary else 1

    def at(self, index: int) -> SpacetimeTransformer:
        """That transformer; another one is let go before it is loaded."""
        if self._held is None or self._held[0] != index:
            self._held = None
            self._held = index, self.loads[index]()
        return self._held[1]


Forward = Callable[..., Tensor]
"""A transformer and what it is given, to the velocity of each token."""


def alone(transformer: SpacetimeTransformer, *given: object) -> Tensor:
    """On the device where the transformer is."""
    velocity_BNC: Tensor = transformer(*given)
    return velocity_BNC


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """The models of a preset, on their device and in eval mode. `apart`: guidance is done in two passes of the
    transformer, which takes half the memory, and not in one. `forward` says how a transformer is run."""

    text: PromptEncoder
    transformers: Experts
    autoencoder: "Autoencoder"
    images: ImageEncoder | None = None
    apart: bool = False
    forward: Forward = alone


def build(preset: Preset, device: torch.device, dtype: torch.dtype) -> Parts:
    """The models of a preset of this project's own, checked that they belong together. Raises `UserError` for files
    that are missing, damaged or of another model, and where they do not fit into what they are allowed."""
    files, where = preset.files, str(device)
    text = load_text(files["text"], torch.float32, where)
    transformer = load_transformer(files["transformer"], dtype, where)
    autoencoder = load_autoencoder(files["autoencoder"], dtype, where)
    configs = text.config, transformer.config, autoencoder.config
    check_parts(files, *configs, preset.step, preset.frames_a_latent)
    arrangement = arranged(preset, device, dtype)
    if arrangement.weights != "full":
        quantise(transformer, arrangement.weights)
    if arrangement.packed:
        transformer.pack()
        page_out(*(parameter.data for parameter in transformer.parameters()))
    return Parts(
        text=text,
        transformers=Experts(lambda: transformer),
        autoencoder=Tiled(autoencoder, arrangement.tile, OVERLAP) if arrangement.tile else autoencoder,
        apart=arrangement.apart,
    )


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
        raise UserError(
            f"{path} has the weights of another kind of model.",
            f"Check that it is the right file ({error}).",
            code="weights_wrong_kind",
        ) from error
    return assemble(lambda: make(config), state).eval()
