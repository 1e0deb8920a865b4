"""How many bytes of tensors a function holds at once, counted operation by operation: on fake tensors, at any size."""

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from yozora.weights.files import _Unfilled

M = TypeVar("M", bound=nn.Module)


class Live(TorchDispatchMode):
    """Counts the storages that were made inside and are still alive: `peak` bytes at most."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.peak = 0
        self.seen: Any = weakref.WeakKeyDictionary()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, torch.Tensor) and (storage := tensor.untyped_storage()) not in self.seen:
                self.seen[storage] = True
                self.now += storage.nbytes()
                weakref.finalize(storage, self._gone, storage.nbytes())
        self.peak = max(self.peak, self.now)
        return out

    def _gone(self, size: int) -> None:
        self.now -= size


@contextmanager
def pretended() -> Iterator[None]:
    """Tensors have shapes and no values."""
    with FakeTensorMode(), torch.no_grad():
        yield


def made(make: Callable[[], M], dtype: torch.dtype) -> M:
    """A module without values."""
    torch.set_default_dtype(dtype)
    try:
        with _Unfilled():
            return make().eval()
    finally:
        torch.set_default_dtype(torch.float32)
