"""Checkpoints of other projects: where their files are, what their tensors are called, and weights under our own names.

    layout = checkpoints.find("Wan2.2-TI2V-5B")
    state = checkpoints.read_part(layout.files("transformer"), "transformer", torch.bfloat16)
    state = lora.merge(state, [(lora.read("style.safetensors"), 0.8)])
    dit = checkpoints.assemble(lambda: SpacetimeTransformer(config), state, "transformer")

Knows files and names of tensors, and nothing of engines, canvases or presets. `find` needs no torch; what reads
tensors is imported when it is called.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yozora.weights import header
from yozora.weights.checkpoints.layout import PARTS, CheckpointLayout, Files, find

if TYPE_CHECKING:
    import torch
    from torch import nn

    from yozora.weights.checkpoints.names import State

__all__ = ["PARTS", "CheckpointLayout", "Files", "assemble", "find", "read_part", "shapes_of", "tokenizer"]


def read_part(
    files: Files | Path | Iterable[Path], part: str, dtype: "torch.dtype | None" = None, *, lazy: bool = False
) -> "State":
    """The tensors of a part under our names; see `yozora.weights.checkpoints.reading.read_part`."""
    from yozora.weights.checkpoints.reading import read_part

    return read_part(files, part, dtype, lazy=lazy)


def shapes_of(path: Path) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor of a file of any kind, under the file's names; of safetensors without torch.

    Raises:
        UserError: the file is missing or broken.
    """
    if path.suffix.lower() == ".safetensors":
        return header.shapes_of(path)
    if path.suffix.lower() == ".gguf":
        from yozora.weights.checkpoints.ggml import shapes_of

        return shapes_of(path)
    from yozora.weights.checkpoints.files import one

    return {key: tuple(tensor.shape) for key, tensor in one(path).items()}


def assemble(make: "Callable[[], nn.Module]", state: "State", what: str = "model") -> Any:
    """A module of exactly these tensors; see `yozora.weights.checkpoints.shapes.assemble`."""
    from yozora.weights.checkpoints.shapes import assemble

    return assemble(make, state, what)


def tokenizer(files: Files) -> AbstractContextManager[Path]:
    """The folder of the text encoder's tokenizer; see `yozora.weights.checkpoints.reading.tokenizer`."""
    from yozora.weights.checkpoints.reading import tokenizer

    return tokenizer(files)
