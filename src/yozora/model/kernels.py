"""Which kernel of a GPU computes attention: the one that was fastest when all were tried, once for each shape.

All of them give the same but for rounding. Names of shapes as in `dit`.
"""

import importlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.util import find_spec
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

Kernel = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Queries ``[B, N, K, E]``, keys and values ``[B, S, K, E]`` to ``[B, N, K, E]``."""
Clock = Callable[[Callable[[], object], torch.device], float]
"""Seconds that a call takes on a device."""

USUAL = "usual"
BACKENDS = {
    "cudnn": SDPBackend.CUDNN_ATTENTION,
    "flash": SDPBackend.FLASH_ATTENTION,
    "efficient": SDPBackend.EFFICIENT_ATTENTION,
}
TRIES = 3
GAIN = 0.97
"""Another kernel than the usual one is taken where it needs less than this part of its time."""


def usual(q_BNKE: Tensor, k_BSKE: Tensor, v_BSKE: Tensor) -> Tensor:
    """That which torch chooses."""
    q, k, v = (x.transpose(1, 2) for x in (q_BNKE, k_BSKE, v_BSKE))
    return F.scaled_dot_product_attention(q, k, v).transpose(1, 2)


def by_backend(backend: SDPBackend, q_BNKE: Tensor, k_BSKE: Tensor, v_BSKE: Tensor) -> Tensor:
    """One of torch's. Raises RuntimeError where it does not take such tensors."""
    with sdpa_kernel([backend]):
        return usual(q_BNKE, k_BSKE, v_BSKE)


def flash_3(q_BNKE: Tensor, k_BSKE: Tensor, v_BSKE: Tensor) -> Tensor:
    """FlashAttention 3 (arXiv 2407.08608), a package of its own for Hopper chips."""
    interface: Any = importlib.import_module("flash_attn_interface")
    found = interface.flash_attn_func(q_BNKE, k_BSKE, v_BSKE)
    out_BNKE: Tensor = found[0] if isinstance(found, tuple) else found
    return out_BNKE


@cache
def kernels() -> Mapping[str, Kernel]:
    """All that are installed here, the usual one first."""
    found: dict[str, Kernel] = {USUAL: usual}
    found |= {name: partial(by_backend, backend) for name, backend in BACKENDS.items()}
    if find_spec("flash_attn_interface") is not None:
        found["flash 3"] = flash_3
    return found


def took(call: Callable[[], object], device: torch.device) -> float:
    """Seconds on a GPU, which has to be done first with all before."""
    torch.cuda.synchronize(device)
    start = time.perf_counter()
    call()
    torch.cuda.synchronize(device)
    return time.perf_counter() - start


def fastest(tried: Mapping[str, Kernel], q_BNKE: Tensor, k_BSKE: Tensor, v_BSKE: Tensor, clock: Clock = took) -> str:
    """The name of the kernel that needs the least time, by the least of some tries after a first one. Those that do not
    take such tensors are left out; the first of all where none does, and where no other is much faster.
    """
    least: dict[str, float] = {}
    for name, kernel in tried.items():
        call = partial(kernel, q_BNKE, k_BSKE, v_BSKE)
        try:
            call()
            least[name] = min(clock(call, q_BNKE.device) for _ in range(TRIES))
        except (ImportError, NotImplementedError, RuntimeError, TypeError, ValueError):
            continue
    first = next(iter(tried))
    best = min(least, key=lambda name: least[name], default=first)
    return best if first not in least or least[best] < GAIN * least[first] else first


@dataclass(slots=True)
class Chosen:
    """The kernel of each shape, by its name, as it was measured."""

    names: dict[tuple[object, ...], str] = field(default_factory=dict)

    def attend(self, q_BNKE: Tensor, k_BSKE: Tensor, v_BSKE: Tensor) -> Tensor:
        """Attention by the fastest kernel; while a CUDA graph is recorded nothing can be measured."""
        shape = (q_BNKE.device, q_BNKE.dtype, q_BNKE.shape, k_BSKE.shape[1])
        if shape not in self.names:
            if torch.cuda.is_available() and torch.cuda.is_current_stream_capturing():
                return usual(q_BNKE, k_BSKE, v_BSKE)
            self.names[shape] = fastest(kernels(), q_BNKE, k_BSKE, v_BSKE)
        return kernels()[self.names[shape]](q_BNKE, k_BSKE, v_BSKE)


CHOSEN = Chosen()
"""That of this process: measured once, whatever model asks."""
