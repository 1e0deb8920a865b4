"""Models by their names: a preset of one of the families, or weights in a folder. Loads no weights."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from yozora import families
from yozora.core.options import ArgumentError
from yozora.core.request import Lora, Request
from yozora.errors import UserError
from yozora.families.mini import ASSETS
from yozora.families.preset import (
    ANYTHING,
    CHARACTER_AT,
    CHARACTER_NAMES,
    NEEDS,
    OPENING_AT,
    PARTS,
    FilmSettings,
    Known,
    Preset,
    Solver,
)
from yozora.families.stated import FACTS, of_folder

__all__ = [
    "ANYTHING",
    "ASSETS",
    "CHARACTER_AT",
    "CHARACTER_NAMES",
    "DEFAULT",
    "FACTS",
    "OPENING_AT",
    "PARTS",
    "PRESETS",
    "FilmSettings",
    "Known",
    "Preset",
    "Solver",
    "check_known",
    "composed",
    "find",
    "named",
    "of",
    "of_folder",
]

DEFAULT = "mini"
PICTURES: Mapping[Known, str] = MappingProxyType(
    {"first frame": "Give it a first frame (image). ", "first and last frame": "Give it both (image and last). "}
)
"""What to do where weights need pictures, and there are none."""

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {name: preset for family in families.FAMILIES.values() for name, preset in family.presets.items()}
)


def named(name: str) -> Preset:
    """The preset of that name; `UserError` that lists the known ones."""
    if name not in PRESETS:
        raise UserError(f"The model {name!r} is not known.", f"Use one of: {', '.join(PRESETS)}.", code="unknown_model")
    return PRESETS[name]


def find(model: str | os.PathLike[str]) -> Preset:
    """The preset of that name, or that of weights at a path; `UserError` where it is neither."""
    name = os.fspath(model)
    if name in PRESETS:
        return PRESETS[name]
    if not os.path.exists(name):
        known = f"Use one of: {', '.join(PRESETS)}. Or pass a folder or a file of weights."
        raise UserError(f"The model {name!r} is not known.", known, code="unknown_model")
    for family in families.FAMILIES.values():
        preset = family.recognise(Path(name))
        if preset is not None:
            return preset
    return of_folder(Path(name))


NOISE = re.compile(r"(?<![a-z])(high|low)[_.-]?noise", re.IGNORECASE)
"""In the name of a LoRA's file: which of two experts it is for."""


def of(request: Request) -> Preset:
    """The preset that makes what was asked for: the model of that name, with all that was said of its parts."""
    return composed(find(request.model), request)


def composed(preset: Preset, request: Request) -> Preset:
    """A preset with the autoencoder, text encoder, LoRAs, precision and bounds that were asked for; `untrained`, it can
    be given anything where it is given tokens. Looks for no file. Raises `ArgumentError` for what cannot be put into
    this model.
    """
    for argument, said in (("vae", request.vae), ("text_encoder", request.text_encoder), ("loras", request.loras)):
        if said and not families.FAMILIES[preset.family].composed:
            able = ", ".join(name for name, each in PRESETS.items() if families.FAMILIES[each.family].composed)
            raise ArgumentError(
                argument,
                f"{preset.name} takes no {argument}, because it is a single file.",
                f"Use one of {able}.",
                code="option_of_other_model",
            )
    budget = replace(preset.budget, weights=request.weights or preset.budget.weights)  # type: ignore[arg-type] # one of them
    if request.memory or request.ram:
        size = preset.native(request.width, request.height)
        budget = replace(budget, memory=request.memory, ram=request.ram, size=size, seconds=request.seconds)
    if request.untrained and preset.conditioning == "tokens":
        preset = replace(preset, known=ANYTHING)
    return replace(
        preset,
        autoencoder=Path(request.vae) if request.vae else preset.autoencoder,
        text_encoder=Path(request.text_encoder) if request.text_encoder else preset.text_encoder,
        loras=(*preset.loras, *of_experts(preset, request.loras)),
        budget=budget,
    )


def of_experts(preset: Preset, loras: Sequence[Lora]) -> tuple[Lora, ...]:
    """The LoRAs with the expert of each, told by its file's name where it is not said. Raises `ArgumentError` where
    there is one transformer only and one of two is named.
    """
    if preset.boundary is None:
        for lora in loras:
            if lora.expert != "both":
                raise ArgumentError(
                    "loras",
                    f"{preset.name} has one transformer, not one for {lora.expert} noise.",
                    f"Write {lora.at}.",
                    code="lora_expert_unavailable",
                )
        return tuple(loras)
    return tuple(_of_expert(lora) for lora in loras)


def _of_expert(lora: Lora) -> Lora:
    said = NOISE.search(Path(lora.at).name)
    if lora.expert != "both" or said is None:
        return lora
    return replace(lora, expert="high" if said[1].lower() == "high" else "low")


def check_known(preset: Preset, needed: Known) -> None:
    """Raises `UserError`, which names weights that can, where these were not trained to be given so much."""
    if preset.can(needed):
        return
    able = ", ".join(each.name for each in PRESETS.values() if each.can(needed))
    wants = next((PICTURES[known] for known in preset.known if needed == "nothing" and known in PICTURES), "")
    raise UserError(
        f"{preset.name} was not trained to {NEEDS[needed]}.",
        f"{wants}Models that can do this: {able}.",
        code="mode_untrained",
    )
