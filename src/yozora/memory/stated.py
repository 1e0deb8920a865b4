"""What models of this project are made of, as their files say: heads of files are read, and no tensors."""

import json
from pathlib import Path
from typing import TypeVar

from yozora.errors import UserError
from yozora.families.family import ModelSizes
from yozora.families.preset import Preset
from yozora.memory.models import Codec, ModelParts, TextEncoderSize
from yozora.model.configurations import OUTDATED, AutoencoderConfig, TransformerConfig
from yozora.weights.header import metadata

C = TypeVar("C")

NUMBER = 4  # bytes of a number in files of weights
UNKNOWN = TransformerConfig(dim=256, heads=4, layers=10, ffn=1024, in_channels=128, out_channels=128)
"""Sizes that are taken for those of a transformer whose file does not say them."""


def sized(preset: Preset) -> ModelSizes:
    """By the files; nothing is to be fetched."""
    numbers = {part: path.stat().st_size // NUMBER for part, path in preset.files.items() if path.exists()}
    text = numbers.get("text", 0)
    model = ModelParts(
        transformer=_config(preset.files["transformer"], TransformerConfig) or UNKNOWN,
        autoencoder=_config(preset.files["autoencoder"], AutoencoderConfig)
        or Codec(weights=numbers.get("autoencoder", 0)),
        text=TextEncoderSize(table=0, layers=text, layer=text, linear=0, dim=0),
        stride=(preset.frames_a_latent, preset.step // 2, preset.step // 2),
        moves=False,
    )
    return ModelSizes(fetched=0, model=model)


def _config(path: Path, kind: type[C]) -> C | None:
    """What a file of weights says of its sizes; None where it is not there, or says those of another kind of model."""
    try:
        said = json.loads(metadata(path)["config"])
        return kind(**{name: value for name, value in said.items() if name not in OUTDATED})
    except (UserError, KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return None
