"""What is known of each model and of this machine together: what it can do, whether it is here, whether it runs here.

Loads no weights. torch is imported to ask what devices there are.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from yozora.families import FAMILIES
from yozora.families.family import ModelSizes
from yozora.families.preset import Known, Preset

WORDS: dict[Known, str] = {
    "nothing": "words",
    "whole clip": "a whole clip",
    "first frame": "a first frame",
    "first and last frame": "a first and a last frame",
    "frames": "any frames",
    "anything": "anything",
}
"""What weights may be given, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCheck:
    """Whether a model runs on this machine, and how or why not."""

    runs: bool
    how: str
    needs: int | None  # bytes of memory; None where nothing states it


@dataclass(frozen=True, kw_only=True)
class ModelEntry:
    """A model. `size`: bytes of what is here; None: it is not."""

    preset: Preset

    @cached_property
    def sizes(self) -> ModelSizes | None:
        """How large it is, about; None where nothing states it."""
        return FAMILIES[self.preset.family].sizes(self.preset)

    @cached_property
    def files(self) -> dict[str, Path]:
        """Part of the model -> its weights; empty where they are not here, or not all."""
        return self.preset.files if self.preset.available else {}

    @property
    def is_here(self) -> bool:
        """Whether a film can be made with it at once."""
        return bool(self.files)

    @property
    def size(self) -> int:
        """Bytes of the weights that are here."""
        return sum(path.stat().st_size for path in self.files.values())

    @property
    def given(self) -> str:
        """What it may be given, in words."""
        known = self.preset.known
        return WORDS["anything"] if "anything" in known else ", ".join(WORDS[each] for each in known)

    def verdict(self) -> RunCheck:
        """Whether this machine can run it."""
        return verdict(self.preset)


def entries() -> list[ModelEntry]:
    """All models that are known."""
    from yozora.families import presets

    return [ModelEntry(preset=preset) for preset in presets.PRESETS.values()]


def verdict(preset: Preset) -> RunCheck:
    """On which device a model runs, in the precision that is fastest there, and how it is laid out where it does not
    fit as a whole."""
    import torch

    from yozora import device
    from yozora.memory import arranging, planner

    if FAMILIES[preset.family].sizes(preset) is None:
        best = device.best_device()
        precision = str(device.best_dtype(torch.device(best))).removeprefix("torch.")
        how = f"{precision} on {device.device_name(best)}; nothing states how much memory it needs"
        return RunCheck(runs=True, how=how, needs=None)
    model, film, lacks = arranging.model_of(preset), arranging.film_of(preset), []
    for kind in device.devices():
        dtype = device.best_dtype(torch.device(kind))
        machine = arranging.machine_of(torch.device(kind), dtype, preset.budget)
        found = planner.plan(model, film, machine, preset.budget.weights or None)
        what = f"{str(dtype).removeprefix('torch.')} on {device.device_name(kind)}"
        if found is not None:
            said = [what, found.arrangement.words, device.untested(kind)]
            return RunCheck(runs=True, how="; ".join(filter(None, said)), needs=found.device)
        needs = planner.least(model, film, machine, preset.budget.weights or None)
        size, room = (needs.device, machine.memory)
        if needs.device <= machine.memory:
            what, size, room = f"{what}, beside it in main memory", needs.main, machine.ram
        lacks.append((size, f"needs {in_gb(size)} for {what}, which has {in_gb(room)}"))
    return RunCheck(runs=False, how=lacks[0][1], needs=lacks[0][0])


def in_gb(size: float) -> str:
    """Bytes for people."""
    return f"{size / 1e9:.0f} GB" if size >= 1e10 else f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.0f} MB"
