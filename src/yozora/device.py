"""Where films are made: which devices this machine has, what they multiply fastest in, and how much memory they have.

CUDA is what NVIDIA's cards and, by ROCm, AMD's are called in torch; mps is the GPU of Apple's chips.
"""

import ctypes
import os
from contextlib import suppress
from pathlib import Path

import torch

from yozora.core.options import ArgumentError

KINDS = ("cuda", "mps", "cpu")
"""What is used where it is there, the fastest first."""
UNTESTED = {"rocm": "AMD cards are not tested by this project", "mps": "Apple's GPUs are not tested by this project"}
M_MMAP_THRESHOLD = -3  # as malloc.h has it
LARGE = 1 << 20  # bytes
HUGE_PAGES = "THP_MEM_ALLOC_ENABLE"
"""torch's variable: tensors of 2 MB and more in main memory ask Linux for pages of 2 MB instead of 4 kB."""
os.environ.setdefault(HUGE_PAGES, "1")  # torch reads it when the first tensor is made
HINT = "Use cpu, cuda where there is an NVIDIA or AMD GPU, or mps on a Mac with Apple's chip."


def best_device() -> str:
    """Where a film is made where nothing is said."""
    return devices()[0]


def devices() -> list[str]:
    """What this machine has of `KINDS`."""
    here = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    return [kind for kind in KINDS if here[kind]]


def usable(device: str) -> torch.device:
    """The device of that name. Raises `ArgumentError` where this machine has none such."""
    try:
        found = torch.device(device)
    except RuntimeError:
        found = torch.device("meta")
    counts = {"cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available()), "cpu": 1}
    if (found.index or 0) >= counts.get(found.type, 0):
        raise ArgumentError("device", f"The device {device!r} is not available.", HINT, code="device_unavailable")
    return found


def best_dtype(device: torch.device) -> torch.dtype:
    """bf16 where the hardware multiplies in it, else fp32."""
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    elif device.type == "mps":
        fast = torch.backends.mps.is_macos_or_newer(14, 0)
    else:
        fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if fast else torch.float32


def device_name(device: str) -> str:
    """What a person calls it."""
    kind = torch.device(device).type
    if kind == "cuda":
        return torch.cuda.get_device_name(torch.device(device)) + (" (ROCm)" if torch.version.hip else "")
    return {"mps": "Apple GPU"}.get(kind, "CPU")


def untested(device: str) -> str:
    """A line where this project does not test that kind of device; else nothing."""
    kind = torch.device(device).type
    return UNTESTED.get("rocm" if kind == "cuda" and torch.version.hip else kind, "")


def give_back(size: int = LARGE) -> None:
    """From now on blocks of main memory that are larger go back to the system as soon as they are free, where glibc is
    used: by itself it keeps those of up to 32 MB, and what a film takes grows by a fifth. It costs a little time."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, size)


def memory(device: str) -> int:
    """Bytes that films may take there: what a GPU has, or what can be had without swapping; 0 where it is not known."""
    found = torch.device(device)
    if found.type == "cuda":
        return int(torch.cuda.get_device_properties(found).total_memory)
    if found.type == "mps":
        return int(torch.mps.recommended_max_memory())
    table = Path("/proc/meminfo")  # Linux
    if not table.exists():
        return 0
    fields = dict(line.split(":", 1) for line in table.read_text().splitlines())
    return int(fields["MemAvailable"].split()[0]) * 1024
