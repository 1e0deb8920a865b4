"""Engines by what they run on: one device, or several."""

import torch

from yozora.core.options import ArgumentError
from yozora.device import best_device, best_dtype, usable
from yozora.engine import Engine
from yozora.presets import Preset


def engine_of(preset: Preset, device: str | None = None, *, gpus: int = 1, dtype: torch.dtype | None = None) -> Engine:
    """A preset's engine. Raises `UserError` as `Engine` does, and where there are not so many GPUs.

    Where nobody names a device, several GPUs are CUDA's. `device="cpu"` with several makes as many processes on the CPU,
    which is for tests.
    """
    if isinstance(gpus, bool) or not isinstance(gpus, int):
        raise ArgumentError("gpus", f"gpus is {gpus!r}; it is a whole number.", "Leave it out for one GPU.")
    if gpus == 1:
        return Engine(preset, device, dtype)
    from yozora.distributed.parts import build
    from yozora.distributed.ranks import check

    found = usable(device or best_device())
    if device is None and found.type == "cpu":
        raise ArgumentError("gpus", f"gpus is {gpus}, and this machine has none.", "Leave it out.")
    check(found, gpus)
    dtype = dtype or best_dtype(found)
    return Engine(preset, str(found), dtype, parts=build(preset, found, dtype, gpus))
