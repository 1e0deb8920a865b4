"""Checkpoints of other projects: where their files lie, what their tensors are called, and weights under our own names.

    layout = checkpoints.find("Wan2.2-TI2V-5B")
    state = checkpoints.read_part(layout.files("transformer"), "transformer", torch.bfloat16)
    state = lora.merge(state, [(lora.read("style.safetensors"), 0.8)])
    dit = checkpoints.assemble(lambda: SpacetimeTransformer(config), state, "transformer")

Knows files and names of tensors, and nothing of engines, canvases or presets. `find` needs no torch; what reads
tensors is imported when it is called.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yozora.checkpoints.layout import PARTS, Files, Layout, find

if TYPE_CHECKING:
    import torch
    from torch import nn

    from yozora.checkpoints.names import State

__all__ = ["PARTS", "Files", "Layout", "assemble", "find", "read_part"]


def read_part(files: Files | Path | Iterable[Path], part: str, dtype: "torch.dtype | None" = None) -> "State":
    """The tensors of a part under our names; see `yozora.checkpoints.reading.read_part`."""
    from yozora.checkpoints.reading import read_part

    return read_part(files, part, dtype)


def assemble(make: "Callable[[], nn.Module]", state: "State", what: str = "model") -> Any:
    """A module of exactly these tensors; see `yozora.checkpoints.shapes.assemble`."""
    from yozora.checkpoints.shapes import assemble

    return assemble(make, state, what)
