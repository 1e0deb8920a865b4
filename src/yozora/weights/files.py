"""Weights on disk: strict loading and saving of safetensors.

A file that is saved here carries its config and a hash of its tensors in its metadata. Knows nothing of what a config
means, of presets, or of devices beyond the one that it is told.
"""

import ctypes
import hashlib
import json
import mmap
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from yozora.errors import UserError

T = TypeVar("T")
M = TypeVar("M", bound=nn.Module)

State = dict[str, Tensor]
FILLS = frozenset(
    {"uniform_", "normal_", "zero_", "fill_", "zeros_", "ones_", "constant_", "kaiming_uniform_", "xavier_uniform_"}
)
"""Names of what fills a tensor with initial values."""


def digest(state: Mapping[str, Tensor]) -> str:
    """SHA-256, in hexadecimal, over name, dtype, shape and bytes of all tensors in the order of their names."""
    sha = hashlib.sha256()
    for key in sorted(state):
        tensor = state[key].detach().cpu().contiguous()
        sha.update(f"{key} {tensor.dtype} {list(tensor.shape)}\n".encode())
        sha.update(tensor.flatten().view(torch.uint8).numpy().data)
    return sha.hexdigest()


def save(
    path: str | os.PathLike[str], module: nn.Module, config: Any, *, dtype: torch.dtype | None = None, **facts: Any
) -> None:
    """Write a module's weights, its config and facts about them (recipe, seed, ...) to one safetensors file.

    Args:
        path: written under another name in the same folder first, then renamed: it is whole or it is not there.
        config: a dataclass or a mapping that JSON can hold.
        dtype: floating tensors are stored in this; None: as they are.
        facts: whatever JSON can hold, read back by `facts`.

    Raises:
        UserError: the file cannot be written.
    """
    state = {key: stored(tensor, dtype) for key, tensor in module.state_dict().items()}
    config = asdict(config) if is_dataclass(config) and not isinstance(config, type) else dict(config)
    metadata = {key: json.dumps(value) for key, value in facts.items()}
    metadata |= {"config": json.dumps(config), "sha256": json.dumps(digest(state))}
    target = Path(path)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        save_file(state, partial, metadata)
        partial.chmod(0o644)
        os.replace(partial, target)
    except (OSError, SafetensorError) as error:
        raise UserError(
            f"Cannot write {target}: {error}.",
            "Check the disk's free space and the permissions.",
            code="output_unwritable",
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def stored(tensor: Tensor, dtype: torch.dtype | None) -> Tensor:
    """The tensor as it goes into a file: on the CPU, contiguous, floating ones in the dtype."""
    tensor = tensor.detach().cpu()
    return (tensor.to(dtype) if dtype is not None and tensor.is_floating_point() else tensor).contiguous()


def load(
    path: str | os.PathLike[str], *, dtype: torch.dtype | None = None, device: str = "cpu"
) -> tuple[dict[str, Any], State]:
    """Read a file that `save` wrote: its config, and its tensors once their hash is verified.

    Args:
        dtype: floating tensors are converted to this; None: as stored.

    Raises:
        UserError: no such file, not such a file, or damaged.
    """
    known = facts(path)
    if "config" not in known or "sha256" not in known:
        raise UserError(
            f"{path} has no config and hash.", "Use weights that Yozora saved.", code="weights_metadata_missing"
        )
    state = tensors(path)
    if digest(state) != known["sha256"]:
        raise UserError(
            f"{path} is damaged: its contents do not match its hash.",
            "Fetch or train the weights again.",
            code="weights_damaged",
        )
    return known["config"], {key: t.to(device, dtype if t.is_floating_point() else None) for key, t in state.items()}


def facts(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Everything in the metadata of a file that `save` wrote: config, sha256 and the facts it was given.

    Raises:
        UserError: no such file, or not a safetensors file with such metadata.
    """
    metadata = _open(path, lambda file: file.metadata() or {})
    try:
        return {key: json.loads(value) for key, value in metadata.items()}
    except ValueError as error:
        raise UserError(
            f"Yozora did not write the metadata of {path}. Use weights that Yozora saved.",
            code="weights_metadata_foreign",
        ) from error


def tensors(path: str | os.PathLike[str]) -> State:
    """All tensors of any safetensors file, unverified: for checkpoints of other projects.

    Raises:
        UserError: no such file, or not a safetensors file.
    """
    return _open(path, lambda file: {key: file.get_tensor(key) for key in file.keys()})  # noqa: SIM118


def _open(path: str | os.PathLike[str], use: Callable[[Any], T]) -> T:
    try:
        with safe_open(os.fspath(path), framework="pt") as file:
            return use(file)
    except FileNotFoundError as error:
        raise UserError(f"No weights are at {path}.", "Check the path.", code="weights_not_found") from error
    except (OSError, SafetensorError) as error:
        raise UserError(
            f"{path} cannot be read as weights: {error}.", "Fetch the file again.", code="weights_unreadable"
        ) from error


DONT_NEED = 4
"""Linux's MADV_DONTNEED: pages of a file leave this process's memory, and are read again where they are used again."""


def page_out(*tensors: Tensor) -> None:
    """Let go of the memory that tensors hold which are mapped from files and were never written to; their values stay
    what they are. Nothing happens to others, and elsewhere than on Linux.
    """
    if sys.platform != "linux":
        return
    advise, files = ctypes.CDLL(None).madvise, _mapped_files()
    for tensor in tensors:
        if tensor.device.type != "cpu":
            continue
        begin = -(-tensor.data_ptr() // mmap.PAGESIZE) * mmap.PAGESIZE
        stop = (tensor.data_ptr() + tensor.nbytes) // mmap.PAGESIZE * mmap.PAGESIZE
        if begin < stop and any(first <= begin and stop <= last for first, last in files):
            advise(ctypes.c_void_p(begin), ctypes.c_size_t(stop - begin), DONT_NEED)


def _mapped_files() -> list[tuple[int, int]]:
    """Where files of weights are in this process's memory: addresses, from and to."""
    found = []
    for line in Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines():
        place, _, _, _, inode, *name = line.split(maxsplit=5)
        if inode != "0" and name and not name[0].split(" ")[0].rpartition("/")[2].partition(".so")[1]:
            first, _, last = place.partition("-")
            found.append((int(first, 16), int(last, 16)))
    return found


class _Unfilled(TorchFunctionMode):
    """Modules are built without initial values. Even on the meta device, where there are none, drawing them makes torch
    load its compiler: a second and 800 modules."""

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__name__", "") in FILLS:
            return args[0] if args else (kwargs or {})["tensor"]
        return func(*args, **(kwargs or {}))


def assemble(make: Callable[[], M], state: Mapping[str, Tensor]) -> M:
    """A module made of exactly these tensors, in their dtype and on their device; nothing is initialised or copied.

    Args:
        make: builds the module; called with the meta device as the default.

    Raises:
        UserError: a tensor is missing, unexpected or of another shape.
    """
    with torch.device("meta"), _Unfilled():
        module = make()
    try:
        module.load_state_dict(dict(state), strict=True, assign=True)
    except RuntimeError as error:
        first = " ".join(str(error).split())[:300]
        raise UserError("The weights do not belong to this model.", first, code="tensors_mismatched") from error
    return module
