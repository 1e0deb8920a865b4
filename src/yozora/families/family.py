"""A family: weights of one architecture, and all that the engine has to ask of it. Imports no torch."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yozora.families.preset import Preset

if TYPE_CHECKING:
    import torch

    from yozora.engine.parts import Parts
    from yozora.memory.models import ModelParts


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSizes:
    """How large a model is: bytes to download, about, and what it is made of."""

    fetched: int
    model: "ModelParts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Models that are built in one way. Functions are named as "module:function", and imported when first needed.

    `recognised`: `(path) -> Preset | None`, the preset of the weights at a path, or None where they are not of this
    family. `find_files`: `(preset) -> {part: path}`, its files, those that are missing included. `built`: `(preset,
    device, dtype) -> yozora.engine.parts.Parts`. All three raise `UserError` for files that cannot be used. `sized`:
    `(preset) -> ModelSizes`; empty where nothing states the sizes. Such a model is listed without figures, and limits
    of memory do not apply to it.
    """

    name: str
    presets: Mapping[str, Preset]
    recognised: str
    find_files: str
    built: str
    source: str  # who made it
    extra: str = ""  # of this Python package, which brings what the family needs beside
    packages: tuple[str, ...] = ()  # what it brings, some of it by others
    sized: str = ""
    composed: bool = False  # whether autoencoder, text encoder and LoRAs of other files can be put into its models

    def recognise(self, path: Path) -> Preset | None:
        """The preset of the weights at a path; None where they are not of this family."""
        found: Preset | None = _function(self.recognised)(path)
        return found

    def files(self, preset: Preset) -> dict[str, Path]:
        """Part of the model -> its weights, those that are missing included."""
        found: dict[str, Path] = _function(self.find_files)(preset)
        return found

    def sizes(self, preset: Preset) -> ModelSizes | None:
        """How large a model is, about; None where nothing states it."""
        found: ModelSizes | None = _function(self.sized)(preset) if self.sized else None
        return found

    def needs(self, preset: Preset) -> int:
        """Bytes of a device's memory that a model takes, about."""
        found: int = _function("yozora.memory.arranging:needs")(preset)
        return found

    def precision(self, preset: Preset) -> str:
        """The precision of the weights that fits on this machine, empty where it is the full one. Raises
        `ArgumentError` where nothing fits into what is allowed."""
        found: str = _function("yozora.memory.arranging:precision")(preset)
        return found

    def build(self, preset: Preset, device: "torch.device", dtype: "torch.dtype") -> "Parts":
        """The models, loaded strictly."""
        found: Parts = _function(self.built)(preset, device, dtype)
        return found


def _function(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)
