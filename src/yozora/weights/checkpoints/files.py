"""Tensors out of files of any kind: safetensors, sharded or not, pickles without code, GGUF.

Safetensors and newer pickles stay on disk until a tensor is used; nothing is ever unpickled but tensors and plain
containers. Knows nothing of what the tensors are.
"""

import json
import pickle
import re
import struct
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from yozora.errors import UserError
from yozora.weights import files as weights
from yozora.weights.checkpoints.names import State, first

PICKLES = (".pth", ".pt", ".bin", ".ckpt")
SUFFIXES = (".safetensors", ".gguf", *PICKLES)

INSIDE = ("generator_ema", "generator", "ema", "state_dict", "model", "module")
"""Where training programs keep the weights in a dict of dicts, the best first (Self-Forcing: ``generator_ema``)."""

_BROKEN = (
    *(pickle.UnpicklingError, RuntimeError, OSError, EOFError, ValueError, LookupError, TypeError, AttributeError),
    *(MemoryError, ArithmeticError, ImportError, AssertionError, struct.error),
)
"""What unpickling of a broken file may raise."""


def read(paths: Iterable[Path], index: Path | None = None, dtype: torch.dtype | None = None) -> State:
    """All tensors of the files, together.

    Args:
        paths: one file, or all shards of one part.
        index: a JSON file that says which shard each tensor is in (``weight_map``).
        dtype: of what is stored in blocks (GGUF), as it is dequantised; None: bfloat16. The rest stays as it is.

    Raises:
        UserError: a file or shard is missing, broken, not of a known kind, or would run code; a tensor is in two files,
            or the index names one that is not there.
    """
    paths = list(paths)
    if index is None:
        _check_numbers(paths)
        return _merge_shards({path: one(path, dtype) for path in paths})
    places = _read_weight_map(index)
    missing = [name for name in set(places.values()) if not (index.parent / name).exists()]
    if missing:
        raise UserError(
            f"{index.name} lists files that are missing in {index.parent}: {first(missing)}.",
            REFETCH,
            code="shards_missing",
        )
    parts = {index.parent / name: one(index.parent / name, dtype) for name in sorted(set(places.values()))}
    absent = [key for key, name in places.items() if key not in parts[index.parent / name]]
    if absent:
        raise UserError(
            f"{index} lists tensors that its files do not have: {first(absent)}.", REFETCH, code="tensors_missing"
        )
    return _merge_shards(parts)


REFETCH = "Fetch the missing files again."


def one(path: Path, dtype: torch.dtype | None = None) -> State:
    """All tensors of one file. Raises UserError as `read` does."""
    if not path.exists():
        broken = path.is_symlink()
        raise UserError(
            f"{path} {'is a broken link' if broken else 'does not exist'}.",
            "Check that the download is complete.",
            code="file_not_found",
        )
    suffix = path.suffix.lower()
    if suffix == ".safetensors":
        return weights.tensors(path)
    if suffix == ".gguf":
        from yozora.weights.checkpoints.ggml import read as read_gguf

        return read_gguf(path, dtype)
    if suffix in PICKLES:
        return _pickled(path)
    raise UserError(
        f"{path} is not a weights file.", f"Use one of: {', '.join(SUFFIXES)}.", code="weights_type_unknown"
    )


def _read_weight_map(index: Path) -> dict[str, str]:
    """Which file each tensor is in, by an index: plain names in its own folder and nothing else."""
    try:
        places: Any = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise UserError(f"{index} is not an index of weights.", REFETCH, code="weights_index_invalid") from error
    if not isinstance(places, dict) or not places:
        raise UserError(f"{index} lists no tensors.", REFETCH, code="weights_index_invalid")
    odd = [str(name) for name in places.values() if not isinstance(name, str) or Path(name).name != name]
    if odd:
        raise UserError(
            f"{index} lists files outside its folder: {first(odd)}.", REFETCH, code="weights_index_outside_folder"
        )
    return places


def _check_numbers(paths: Iterable[Path]) -> None:
    """See that of files numbered ``-00001-of-00003`` all are there."""
    numbered = [match for path in paths if (match := re.search(r"-(\d+)-of-(\d+)\.[^.]+$", path.name))]
    totals = {int(match[2]) for match in numbered}
    if len(totals) > 1:
        raise UserError(
            f"Shards of different sets are in one folder: {first({match.string for match in numbered})}.",
            "Keep only one set in the folder.",
            code="shards_mixed",
        )
    absent = sorted(set(range(1, 1 + max(totals, default=0))) - {int(match[1]) for match in numbered})
    if absent:
        raise UserError(
            f"Some of {max(totals)} shards are missing: {', '.join(map(str, absent))}.", REFETCH, code="shards_missing"
        )


def _merge_shards(parts: Mapping[Path, State]) -> State:
    whole = State()
    for path, state in parts.items():
        twice = whole.keys() & state.keys()
        if twice:
            raise UserError(
                f"{path} has tensors that another shard has, too: {first(twice)}. Fetch the weights again.",
                code="tensor_duplicate",
            )
        whole |= state
    return whole


def _pickled(path: Path) -> State:
    """A pickle of tensors, without running anything that stands in it."""
    try:
        found = _unpickled(path)
    except _BROKEN as error:
        objects = isinstance(error, pickle.UnpicklingError)
        reason = "it contains objects or code, which are never loaded" if objects else "it is not whole"
        raise UserError(
            f"{path} cannot be read as weights: {reason}.", "Use a .safetensors file.", code="weights_unreadable"
        ) from error
    while isinstance(found, dict) and (key := next((k for k in INSIDE if isinstance(found.get(k), dict)), None)):
        found = found[key]
    odd = [str(key) for key, x in found.items() if not _is_dense_tensor(key, x)] if isinstance(found, dict) else []
    if not isinstance(found, dict) or not found or odd:
        what = f"it has {first(odd)}" if odd else f"it has a {type(found).__name__}"
        raise UserError(
            f"{path} is not a table of tensors: {what}.",
            "Use a file of weights, not a checkpoint of a training run.",
            code="weights_not_tensors",
        )
    return found


def _unpickled(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of other protocols, in files that are broken or from other programs
        try:
            return torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        except RuntimeError as error:  # a format from before zip files cannot be mapped
            if "mmap" not in str(error):
                raise
            return torch.load(path, map_location="cpu", weights_only=True)


def _is_dense_tensor(key: object, x: object) -> bool:
    """Whether it is a name and a dense tensor that claims no more numbers than it has."""
    return (
        isinstance(key, str)
        and isinstance(x, Tensor)
        and x.layout == torch.strided
        and x.untyped_storage().nbytes() >= x.numel() * x.element_size()
    )
