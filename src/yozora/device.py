"""Where films are made: which device this machine has, and what it multiplies fastest in."""

from pathlib import Path

import torch

from yozora.core.options import ArgumentError


def best_device() -> str:
    """Where a film is made when nobody says."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def usable(device: str) -> torch.device:
    """The device of that name. Raises `ArgumentError` where this machine has none such."""
    try:
        found = torch.device(device)
    except RuntimeError:
        found = torch.device("meta")
    count = torch.cuda.device_count() if found.type == "cuda" else found.type == "cpu"
    if (found.index or 0) >= count:
        raise ArgumentError(
            "device", f"This machine has no device {device!r}.", "Use cpu, or cuda where there is an NVIDIA GPU."
        )
    return found


def best_dtype(device: torch.device) -> torch.dtype:
    """bf16 where the hardware multiplies in it, else fp32."""
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if fast else torch.float32


def spare_memory() -> int:
    """Bytes of main memory that can be had without swapping; 0 where the system does not say."""
    table = Path("/proc/meminfo")  # Linux
    if not table.exists():
        return 0
    fields = dict(line.split(":", 1) for line in table.read_text(encoding="ascii").splitlines())
    return 1024 * int(fields["MemAvailable"].split()[0])
