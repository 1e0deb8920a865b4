"""Engines by what they run on: one device, or several."""

import torch

from yozora.device import best_device, best_dtype, usable
from yozora.engine.engine import Engine
from yozora.engine.gpus import gpus_of
from yozora.families.presets import Preset


def engine_of(preset: Preset, device: str | None = None, *, gpus: int = 1, dtype: torch.dtype | None = None) -> Engine:
    """A preset's engine. Raises `UserError` as `Engine` does, and where there are not so many GPUs."""
    count = gpus_of(gpus, device)
    if count == 1:
        return Engine(preset, device, dtype)
    from yozora.engine.distributed.parts import build

    found = usable(device or best_device())
    dtype = dtype or best_dtype(found)
    return Engine(preset, str(found), dtype, parts=build(preset, found, dtype, count))
