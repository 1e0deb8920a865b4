"""Where Wan's weights lie, and which of its presets a checkpoint is. Reads no tensor."""

from pathlib import Path

from yozora.families.preset import Preset


def recognise(path: Path) -> Preset | None:
    """The preset of a checkpoint, in any of the layouts that can be read; None where it is none."""
    return None


def files(preset: Preset) -> dict[str, Path]:
    """Part of the model -> its file or folder."""
    return {}
