"""What a safetensors file says of itself, read without torch. Knows nothing of tensors and of what the facts mean."""

import json
from array import array
from pathlib import Path
from typing import Any

from yozora.errors import UserError

MAX_BYTES = 100_000_000  # of a header


def metadata(path: Path) -> dict[str, str]:
    """The metadata of a safetensors file; its tensors are not looked at.

    Raises:
        UserError: no such file, one that cannot be read, or not a safetensors file.
    """
    said = _head(path).get("__metadata__", {})
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        raise _unreadable(path)
    return said


def shapes_of(path: Path) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor of a safetensors file, of which the head is read. Raises UserError as `metadata`."""
    try:
        return {
            key: tuple(int(side) for side in said["shape"])
            for key, said in _head(path).items()
            if key != "__metadata__"
        }
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(path) from error


def integers(path: Path, name: str) -> frozenset[int]:
    """The values of an int64 tensor of a safetensors file; none where it has no such tensor. Raises UserError as
    `metadata`.
    """
    said = _head(path).get(name)
    if said is None:
        return frozenset()
    try:
        first, last = said["data_offsets"]
        with path.open("rb") as file:
            begin = 8 + int.from_bytes(file.read(8), "little")
            file.seek(begin + first)
            return frozenset(array("q", file.read(last - first)))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise _unreadable(path) from error


def is_whole(path: Path) -> bool:
    """Whether a safetensors file has as many bytes as its head says; tensors are not read. Raises UserError as
    `metadata`.
    """
    head = _head(path)
    try:
        ends = [int(said["data_offsets"][1]) for key, said in head.items() if key != "__metadata__"]
        with path.open("rb") as file:
            begin = 8 + int.from_bytes(file.read(8), "little")
        return path.stat().st_size == begin + max(ends, default=0)
    except (KeyError, IndexError, TypeError, ValueError, OSError) as error:
        raise _unreadable(path) from error


def _head(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            data = file.read(length) if 0 < length <= MAX_BYTES else b""
        said = json.loads(data) if len(data) == length else None
    except FileNotFoundError as error:
        raise UserError(f"No weights are at {path}.", "Check the path.", code="weights_not_found") from error
    except OSError as error:
        raise UserError(f"The weights {path} cannot be read: {error.strerror}.", code="weights_unreadable") from error
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise _unreadable(path)
    return said


def _unreadable(path: Path) -> UserError:
    return UserError(f"{path} cannot be read as weights.", "Fetch the file again.", code="weights_unreadable")
