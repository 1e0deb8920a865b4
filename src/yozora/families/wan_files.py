"""Where Wan's weights are, and which of its presets a checkpoint is. Reads sizes and names, no tensor."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from yozora.errors import UserError
from yozora.families import wan
from yozora.families.preset import Fetched, Preset
from yozora.families.wan_shapes import TRANSFORMERS
from yozora.model.configurations import TransformerConfig, config_of
from yozora.weights import checkpoints, hub
from yozora.weights.checkpoints import CheckpointLayout
from yozora.weights.checkpoints.layout import WEIGHTS


def layout_of(preset: Preset) -> CheckpointLayout:
    """The files of a preset: where its weights are, or in the cache of what was fetched.

    Raises `UserError` where they are not on this machine, and says how they are fetched.
    """
    place: Path | None = preset.folder
    rest: Path | None = place
    if preset.folder == Path():
        place = fetched(preset)
        rest = hub.snapshot(preset.base, hub.REST) if preset.base else place
    if place is None or rest is None or not place.exists() or None in [fetched_lora(each) for each in preset.added]:
        raise UserError(
            f"The weights of {preset.name} are not on this machine.",
            f"Fetch them: yozora pull {preset.name}",
            code="weights_not_fetched",
        )
    rest = None if rest == place else rest
    return checkpoints.find(place, autoencoder=preset.autoencoder or rest, text_encoder=preset.text_encoder or rest)


def fetched(preset: Preset) -> Path | None:
    """Where the weights are that were fetched: a folder, or a file where a repository holds a transformer alone."""
    return hub.file(preset.hub, preset.hub_file) if preset.hub_file else hub.snapshot(preset.hub)


def fetched_lora(added: Fetched) -> Path | None:
    """Where a LoRA is that belongs to a model; None where it was not fetched."""
    return hub.file(added.hub, added.file)


def files(preset: Preset) -> dict[str, Path]:
    """Part of the model -> its file, numbered where there are several; empty where the weights are not here."""
    try:
        layout = layout_of(preset)
    except UserError:
        return {}
    found = {}
    for part, part_files in layout.parts.items():
        for number, path in enumerate(part_files.paths):
            if path.is_file():
                found[part if len(part_files.paths) == 1 else f"{part}.{number}"] = path
    loras = [path for path in map(fetched_lora, preset.added) if path is not None]
    return found | {f"lora.{number}": path for number, path in enumerate(loras)}


def recognise(path: Path) -> Preset | None:
    """The preset of a checkpoint, in any of the layouts that can be read; None where it is none."""
    if path.is_file() and path.suffix not in WEIGHTS:
        return None
    try:
        layout = checkpoints.find(path)
        shape = shape_of(layout)
    except UserError:
        if path.is_file() or (path / "model_index.json").is_file():
            raise
        return None
    if shape is None:
        return None
    return replace(_of_shape(shape, layout), name=path.resolve().name, folder=path)


def shape_of(layout: CheckpointLayout) -> str | None:
    """The shape of a checkpoint's transformer, as `Preset.shape` names it; None where its files do not say."""
    part_files = layout.files("transformer")
    sizes = _sizes_from_config(part_files.config) if part_files.config is not None else None
    if sizes is None:
        found = [checkpoints.shapes_of(path) for path in part_files.paths]
        sizes = _sizes_from_shapes({key: shape for each in found for key, shape in each.items()})
    return next((name for name, config in TRANSFORMERS.items() if sizes == ShapeHints.of(config)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeHints:
    """What tells one shape from another."""

    dim: int
    layers: int
    in_channels: int
    image: bool  # whether features of images are read
    images: bool  # of two of them
    control: bool

    @classmethod
    def of(cls, config: TransformerConfig) -> "ShapeHints":
        """Those of a transformer."""
        return cls(
            dim=config.dim,
            layers=config.layers,
            in_channels=config.in_channels,
            image=config.image_dim is not None,
            images=config.image_tokens is not None,
            control=bool(config.control_layers),
        )


def _sizes_from_config(config: Path) -> ShapeHints | None:
    """What a configuration says: diffusers' or Wan's own."""
    try:
        said = json.loads(config.read_text(encoding="utf-8"))
        if "num_attention_heads" in said:
            return ShapeHints.of(config_of(said))
        kind = said["model_type"]
        return ShapeHints(
            dim=said["dim"],
            layers=said["num_layers"],
            in_channels=said["in_dim"],
            image=kind in ("i2v", "flf2v") and said["in_dim"] == 36 and not said.get("no_clip", False),
            images=kind == "flf2v",
            control=kind == "vace",
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _sizes_from_shapes(shapes: Mapping[str, Sequence[int]]) -> ShapeHints | None:
    """What names and shapes of tensors say, whatever stands before the names."""
    patches = next((shape for key, shape in shapes.items() if re.search(r"(^|[^_])patch_embedding\.weight$", key)), ())
    layers = [int(found[1]) for key in shapes if (found := re.search(r"(?:^|\.)blocks\.(\d+)\.", key))]
    if len(patches) < 2 or not layers:
        return None
    return ShapeHints(
        dim=patches[0],
        layers=1 + max(layers),
        in_channels=patches[1],
        image=any("img_emb." in key or ".image_embedder." in key for key in shapes),
        images=any(key.endswith(("img_emb.emb_pos", "image_embedder.pos_embed")) for key in shapes),
        control=any("vace_blocks." in key for key in shapes),
    )


def _of_shape(shape: str, layout: CheckpointLayout) -> Preset:
    """The preset of that shape which the weights are most likely of: of several the one that their name says."""
    name = str(layout.path.resolve()).casefold()
    twice = "transformer_2" in layout.parts
    alike = [
        each
        for each in wan.FAMILY.presets.values()
        if each.shape == shape and (each.boundary is not None) == twice and not each.added
    ]
    called = [each for each in alike if _called(each, name)]
    return (called or alike)[-1 if called else 0]


def _called(preset: Preset, name: str) -> bool:
    """Whether a path says that it is this preset."""
    repository = preset.hub.rpartition("/")[2].removesuffix("-Diffusers").removesuffix("-diffusers").casefold()
    return preset.name in name or repository in name or (preset.name.endswith("-480p") and "480" in name)
