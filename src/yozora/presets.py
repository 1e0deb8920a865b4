"""Models by their names: a preset of one of the families, or weights in a folder. Loads no weights."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from yozora import families
from yozora.errors import UserError
from yozora.families.mini import ASSETS
from yozora.families.preset import (
    ANYTHING,
    HERO_AT,
    HERO_NAMES,
    NEEDS,
    OPENING_AT,
    PARTS,
    Known,
    Preset,
    Settings,
    Solver,
)
from yozora.families.stated import FACTS, of_folder

__all__ = [
    "ANYTHING",
    "ASSETS",
    "DEFAULT",
    "FACTS",
    "HERO_AT",
    "HERO_NAMES",
    "OPENING_AT",
    "PARTS",
    "PRESETS",
    "Known",
    "Preset",
    "Settings",
    "Solver",
    "check_known",
    "find",
    "named",
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
        raise UserError(f"There is no model {name!r}.", f"Known models: {', '.join(PRESETS)}.")
    return PRESETS[name]


def find(model: str | os.PathLike[str]) -> Preset:
    """The preset of that name, or that of weights that lie at a path; `UserError` where it is neither."""
    name = os.fspath(model)
    if name in PRESETS:
        return PRESETS[name]
    if not os.path.exists(name):
        known = f"Known models: {', '.join(PRESETS)}. A folder or a file of weights can be named, too."
        raise UserError(f"There is no model {name!r}.", known)
    for family in families.FAMILIES.values():
        preset = family.recognise(Path(name))
        if preset is not None:
            return preset
    return of_folder(Path(name))


def check_known(preset: Preset, needed: Known) -> None:
    """Raises `UserError`, which names weights that can, where these were not trained to be given so much."""
    if preset.can(needed):
        return
    able = ", ".join(each.name for each in PRESETS.values() if each.can(needed))
    wants = next((PICTURES[known] for known in preset.known if needed == "nothing" and known in PICTURES), "")
    raise UserError(f"{preset.name} was not trained to {NEEDS[needed]}.", f"{wants}Models that were: {able}.")
