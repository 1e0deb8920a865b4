"""Weights that say their own preset, in the metadata of their transformer: those that this project trains."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from yozora.errors import UserError
from yozora.families.mini import MINI
from yozora.families.preset import ANYTHING, PARTS, STATED, Known, Preset
from yozora.weights.header import metadata

FACTS: Mapping[str, Any] = MappingProxyType(
    {key: kind for key, kind in get_type_hints(Preset).items() if key in STATED}
)
"""Fields of a preset that its weights may say -> their types."""

OLD_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "led": "continuation_guidance",
        "heroes": "characters",
        "hero_names": "character_names",
        "hero_at": "character_at",
    }
)
"""Fields as files of version 0.1 name them -> as they are named now."""

UP_TO: Mapping[str, tuple[Known, ...]] = MappingProxyType(
    {"nothing": ANYTHING[:2], "first frame": ANYTHING[:3], "anything": ANYTHING}
)
"""What `known` means in older files, which say the most that weights may be given."""


def files(preset: Preset) -> dict[str, Path]:
    """Part of the model -> its weights file."""
    return {part: preset.folder / f"{part}.safetensors" for part in PARTS}


def recognise(path: Path) -> Preset | None:
    """The preset of a folder that has one of the files of such a model, or parts of one; None of any other path."""
    if not path.is_dir() or not any(any(path.glob(f"{part}.safetensors*")) for part in PARTS):
        return None
    return of_folder(path)


def of_folder(folder: Path) -> Preset:
    """The preset of the weights in a folder, named after it. What its transformer does not say is as in `MINI`.

    Raises `UserError` where a file is missing or damaged, and for settings that cannot be read.
    """
    found = replace(MINI, name=folder.resolve().name, folder=folder)
    missing = [path for path in found.files.values() if not path.is_file()]
    for path in missing:
        if path.with_name(f"{path.name}.part00").is_file():
            joined = shlex.quote(str(path))
            raise UserError(
                f"{path} is split into parts.",
                f"Join them with: cat {joined}.part* > {joined}",
                code="weights_in_parts",
            )
    if missing:
        names = ", ".join(path.name for path in missing)
        raise UserError(
            f"{folder} is not a model: it has no {names}.",
            f"Add the missing files; a model has {', '.join(PARTS)}.",
            code="model_folder_incomplete",
        )
    path = found.files["transformer"]
    said = _facts(path)
    try:
        found = replace(found, **said)
        for width, height in found.sizes:
            found.ask("", {"width": width, "height": height}, wordless=True)
    except (ValueError, UserError) as error:
        raise UserError(
            f"The preset in {path} is invalid: {str(error).rstrip('.')}.", "Correct the preset.", code="preset_invalid"
        ) from error
    return found


def _facts(path: Path) -> dict[str, Any]:
    """What a transformer says of its preset. Raises `UserError` for fields that are not known or of another type."""
    try:
        said = json.loads(metadata(path).get("preset", "{}"))
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise UserError(f"The preset in {path} cannot be read.", "Write a JSON object.", code="preset_unreadable")
    said = {OLD_NAMES.get(key, key): value for key, value in said.items()}
    for key in said:
        if key not in FACTS:
            raise UserError(
                f"The preset in {path} has an unknown setting {key[:40]!r}.",
                f"Use one of: {', '.join(FACTS)}.",
                code="unknown_preset_setting",
            )
    found = {}
    for key, value in said.items():
        if key == "known" and isinstance(value, str) and value in UP_TO:
            value = list(UP_TO[value])
        try:
            found[key] = _typed(FACTS[key], value)
        except (TypeError, OverflowError):
            kind = getattr(FACTS[key], "__name__", "") if type(FACTS[key]) is type else str(FACTS[key])
            shown, needed = repr(value)[:60], kind.removeprefix("typing.")
            raise UserError(
                f"The preset in {path} has {shown} for {key}.", f"Use the type {needed}.", code="preset_setting_type"
            ) from None
    return found


def _typed(kind: Any, value: object) -> Any:
    """A value out of JSON as a field of that type has it. Raises TypeError for one of another type."""
    inner = get_args(kind)
    if get_origin(kind) is Literal and value in inner:
        return value
    if get_origin(kind) is UnionType:  # of something and None
        return None if value is None else _typed(inner[0], value)
    if get_origin(kind) is tuple and isinstance(value, list):
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        if len(kinds) == len(value):
            return tuple(_typed(one, item) for one, item in zip(kinds, value, strict=True))
    if kind is float and type(value) in (int, float):
        return float(value)  # type: ignore[arg-type] # a number, by the line above
    if type(value) is kind:
        return value
    raise TypeError(f"{value!r} is not {kind}")
