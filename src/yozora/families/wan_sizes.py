"""How large Wan's models are: bytes to fetch, and what they are made of. Arithmetic on `wan_shapes`, or on the
configurations beside weights.
"""

import json
from pathlib import Path
from typing import Any, Final

from yozora.errors import UserError
from yozora.families import wan_shapes
from yozora.families.family import ModelSizes
from yozora.families.preset import Preset
from yozora.families.wan_files import layout_of
from yozora.memory import autoencoders, transformers
from yozora.memory.models import ModelParts, text_encoder
from yozora.model.autoencoder_keys import config_from_diffusers
from yozora.model.configurations import AutoencoderConfig, TransformerConfig, config_of
from yozora.weights import header
from yozora.weights.checkpoints.layout import CheckpointLayout

CLIP: Final = 630_766_080  # numbers in the image encoder
LORA: Final = 1_226_977_424  # bytes of one of LightX2V's
STORED: Final = 4  # bytes of a number in the repositories
STORED_TEXT: Final = 2  # of the text encoder, in those of Wan 2.2
PACKAGES: Final = 140_000_000
"""Bytes of main memory that transformers and what it imports take."""


def sized(preset: Preset) -> ModelSizes:
    """Of one of Wan's presets; of weights that are here, as their configurations say."""
    try:
        layout: CheckpointLayout | None = layout_of(preset)
    except UserError:
        layout = None
    shape, autoencoder = transformer_of(preset, layout), autoencoder_of(preset, layout)
    model = ModelParts(
        transformer=shape,
        autoencoder=autoencoder,
        text=text_encoder(_part_config(layout, "text_encoder") or wan_shapes.UMT5_XXL),
        stride=autoencoder.stride,
        experts=1 if preset.boundary is None else 2,
        images=0 if shape.image_dim is None else CLIP,
        stored=STORED if layout is None else stored(layout),
        packages=PACKAGES,
    )
    return ModelSizes(fetched=fetched(preset), model=model)


def fetched(preset: Preset) -> int:
    """Bytes of a model's repositories, counted from the published sizes."""
    shape, experts = wan_shapes.TRANSFORMERS[preset.shape], 1 if preset.boundary is None else 2
    autoencoder = _usual(shape)
    rest = autoencoders.weights(autoencoder) + (0 if shape.image_dim is None else CLIP)
    later = autoencoder is wan_shapes.VAE_2_2 or experts > 1
    found = STORED * (experts * transformers.weights(shape).all + rest)
    found += text_encoder(wan_shapes.UMT5_XXL).all * (STORED_TEXT if later else STORED)
    return found + LORA * len(preset.added)


def transformer_of(preset: Preset, layout: CheckpointLayout | None) -> TransformerConfig:
    """What diffusers' configuration beside the weights says, else that of the preset's shape. Raises `UserError` for
    one of another kind."""
    said = _part_config(layout, "transformer")
    if layout is None or "num_attention_heads" not in said:
        return wan_shapes.TRANSFORMERS[preset.shape]
    try:
        return config_of(said)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"{layout.path} has a transformer of another kind: {error}.",
            "Check that it is the right file.",
            code="weights_wrong_kind",
        ) from error


def autoencoder_of(preset: Preset, layout: CheckpointLayout | None) -> AutoencoderConfig:
    """What diffusers' configuration beside the weights says, else that of the preset's latents."""
    said = _part_config(layout, "autoencoder")
    return config_from_diffusers(said) if "z_dim" in said else _usual(wan_shapes.TRANSFORMERS[preset.shape])


def stored(layout: CheckpointLayout) -> float:
    """Bytes of a number in the files of a transformer, of safetensors; else as in the repositories."""
    paths = layout.files("transformer").paths
    if not all(path.suffix == ".safetensors" and path.is_file() for path in paths):
        return STORED
    try:
        numbers = sum(_count(shape) for path in paths for shape in header.shapes_of(path).values())
    except UserError:
        return STORED
    return round(sum(path.stat().st_size for path in paths) / max(1, numbers))


def read_json(path: Path | None) -> dict[str, Any]:
    """What a configuration says; nothing where there is none. Raises `UserError` for one that cannot be read."""
    if path is None:
        return {}
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(
            f"The configuration {path} cannot be read.", "Fetch the weights again.", code="configuration_unreadable"
        ) from error
    return said if isinstance(said, dict) else {}


def _part_config(layout: CheckpointLayout | None, part: str) -> dict[str, Any]:
    return read_json(layout.parts[part].config) if layout is not None and part in layout.parts else {}


def _usual(shape: TransformerConfig) -> AutoencoderConfig:
    return wan_shapes.VAE_2_2 if shape.out_channels == wan_shapes.VAE_2_2.z else wan_shapes.VAE_2_1


def _count(shape: tuple[int, ...]) -> int:
    found = 1
    for side in shape:
        found *= side
    return found
