"""Wan's models, ready to run, from the files of any layout that can be read."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from yozora import checkpoints, paths
from yozora.checkpoints import Files, Layout, lora
from yozora.core.request import Lora
from yozora.device import memory
from yozora.encoders.clip import CLIP
from yozora.encoders.kept import Encodings, KeptEncoder, fingerprint
from yozora.encoders.umt5 import UMT5
from yozora.errors import UserError
from yozora.families import wan_shapes
from yozora.families.preset import Preset
from yozora.families.wan_files import fetched_lora, layout_of
from yozora.model.autoencoder import VideoAutoencoder
from yozora.model.autoencoder_keys import config_from_diffusers
from yozora.model.configurations import AutoencoderConfig, TransformerConfig, config_of
from yozora.model.dit import SpacetimeTransformer
from yozora.model.graphs import Graphed
from yozora.parts import Experts, Parts, alone

EXPERTS = ("transformer", "transformer_2")


def build(preset: Preset, device: torch.device, dtype: torch.dtype) -> Parts:
    """The models of a preset. Raises `UserError` for files that are missing, broken, or of another model."""
    layout = layout_of(preset)
    config = transformer_config(preset, layout)
    experts = EXPERTS if preset.boundary is not None else EXPERTS[:1]
    loads = [
        transformer(layout.files(part), part, config, loras_of(preset, part), device=device, dtype=dtype)
        for part in experts
    ]
    images = None
    if config.image_dim is not None:
        files = layout.files("image_encoder")
        sizes = _sizes(files, wan_shapes.CLIP_VIT_H)
        processor = layout.path / "image_processor"
        state = checkpoints.read_part(files, "image_encoder", dtype)
        images = CLIP.of(state, sizes, processor if processor.is_dir() else None, device)
    return Parts(
        text=prompt_reader(layout, device, dtype),
        transformers=Experts(*loads, boundary=preset.boundary or 0.0),
        autoencoder=autoencoder(preset, layout, device, dtype),
        images=images,
        forward=Graphed() if preset.times and device.type == "cuda" else alone,
    )


def loras_of(preset: Preset, part: str) -> tuple[Lora, ...]:
    """The LoRAs of one of the experts. Raises `UserError` for one that is not there."""
    mine = ("both", "low" if part == EXPERTS[1] else "high") if preset.boundary is not None else ("both",)
    own = [Lora(at=str(fetched_lora(each)), expert=each.expert) for each in preset.added]
    found = tuple(each for each in (*own, *preset.loras) if each.expert in mine)
    for each in found:
        if not Path(each.at).exists():
            raise UserError(f"There is no LoRA at {each.at}.", "Name a file, such as style.safetensors:0.8.")
    return found


def transformer(
    files: Files,
    part: str,
    config: TransformerConfig,
    loras: Sequence[Lora] = (),
    *,
    device: torch.device,
    dtype: torch.dtype,
) -> Callable[[], SpacetimeTransformer]:
    """What loads a transformer, with its LoRAs in its weights, when it is needed."""

    def load() -> SpacetimeTransformer:
        state = checkpoints.read_part(files, part, dtype)  # norms and modulation in fp32, if they are stored so
        if loras:
            updates = [(lora.read(each.at, part), each.strength) for each in loras]
            state = lora.merge({key: tensor.to(device) for key, tensor in state.items()}, updates)
        moved = {key: tensor.to(device) for key, tensor in state.items()}
        found: SpacetimeTransformer = checkpoints.assemble(lambda: SpacetimeTransformer(config), moved, part)
        if memory("cpu") > 2 * sum(tensor.nbytes for tensor in moved.values()):
            found.pack()
        return found.eval()

    return load


def autoencoder(preset: Preset, layout: Layout, device: torch.device, dtype: torch.dtype) -> VideoAutoencoder:
    """The autoencoder, in the precision of the transformer."""
    files = layout.files("autoencoder")
    config = autoencoder_config(preset, files)
    state = checkpoints.read_part(files, "autoencoder", dtype)
    moved = {key: tensor.to(device, dtype) for key, tensor in state.items()}
    found: VideoAutoencoder = checkpoints.assemble(lambda: VideoAutoencoder(config), moved, "autoencoder")
    return found.eval()


def prompt_reader(layout: Layout, device: torch.device, dtype: torch.dtype) -> KeptEncoder:
    """What reads prompts: UMT5, loaded when the first prompt comes that was not read before."""
    files, words, folder = layout.files("text_encoder"), layout.files("tokenizer"), paths.encodings()
    encodings = None
    if folder is not None:
        beside = [path for path in (files.config, files.index) if path is not None]
        facts = (device.type, str(dtype), _version("torch"), _version("transformers"))
        encodings = Encodings(folder, fingerprint([*files.paths, *beside, *words.paths], *facts))
    return KeptEncoder(partial(text_encoder, layout, device, dtype), encodings, device)


def text_encoder(layout: Layout, device: torch.device, dtype: torch.dtype) -> UMT5:
    """UMT5 and its tokenizer."""
    files = layout.files("text_encoder")
    state = checkpoints.read_part(files, "text_encoder", dtype)
    moved = {key: tensor.to(dtype) for key, tensor in state.items()}
    with checkpoints.tokenizer(layout.files("tokenizer")) as folder:
        return UMT5.of(moved, _sizes(files, wan_shapes.UMT5_XXL), folder, device)


def transformer_config(preset: Preset, layout: Layout) -> TransformerConfig:
    """What diffusers' configuration beside the weights says, else that of the preset's shape."""
    said = _json(layout.files("transformer").config)
    if "num_attention_heads" not in said:
        return wan_shapes.TRANSFORMERS[preset.shape]
    try:
        return config_of(said)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{layout.path} holds a transformer of another kind: {error}.") from error


def autoencoder_config(preset: Preset, files: Files) -> AutoencoderConfig:
    """What diffusers' configuration beside the weights says, else that of the preset's latents."""
    said = _json(files.config)
    if "z_dim" in said:
        return config_from_diffusers(said)
    shape = wan_shapes.TRANSFORMERS[preset.shape]
    return wan_shapes.VAE_2_2 if shape.out_channels == wan_shapes.VAE_2_2.z else wan_shapes.VAE_2_1


def _version(package: str) -> str:
    """Of a package; nothing where it is not installed, which is told when it is needed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _sizes(files: Files, usual: Mapping[str, object]) -> Mapping[str, Any]:
    return _json(files.config) or usual


def _json(path: Path | None) -> dict[str, Any]:
    """What a configuration says; nothing where there is none."""
    if path is None:
        return {}
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path} cannot be read.", "Fetch the weights again.") from error
    return said if isinstance(said, dict) else {}
