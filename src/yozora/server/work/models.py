"""Which models a worker can run, what of them fits into its memory, and what clients' names of LoRAs stand for.

Loads nothing: the worker does, by what is said here.
"""

import gc
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from yozora.core.options import ArgumentError
from yozora.core.request import Lora, Request
from yozora.errors import UserError
from yozora.families import FAMILIES, presets
from yozora.server.settings import Settings
from yozora.server.work.heartbeats import Able

SUFFIX = ".safetensors"
SHOWN = 20  # names of LoRAs in a message

log = logging.getLogger(__name__)


class Loaded(Protocol):
    """Something that was loaded of a preset."""

    @property
    def preset(self) -> presets.Preset: ...


E = TypeVar("E", bound=Loaded)


def able(settings: Settings) -> Able:
    """What a worker with these settings can do: the models that an operator names, or all whose weights are here and
    fit. Raises `UserError` for an unknown model, for one whose weights are missing, and where none fits.
    """
    memory = settings.memory_mib << 20 or settings.budget.memory or None
    if named := settings.named:
        for preset in named.values():
            if not preset.available:
                raise UserError(
                    f"The weights of {preset.name} are not on this machine.",
                    f"Fetch them: yozora pull {preset.name}",
                    code="weights_not_fetched",
                )
        return Able(presets=tuple(named), memory=memory)
    here = {name: preset for name, preset in presets.PRESETS.items() if preset.available}
    if not here:
        missing = presets.PRESETS[presets.DEFAULT].folder
        raise UserError(
            f"No weights are at {missing}.", "Install the package again, or run: yozora pull", code="weights_not_found"
        )
    fit = tuple(name for name, preset in here.items() if memory is None or needs(settings.bounded(preset)) <= memory)
    if not fit:
        flag = "--memory-mib" if settings.memory_mib else "--memory"
        raise UserError(
            f"No model fits into {(memory or 0) >> 20:,} MiB.",
            f"Allow more with {flag}.",
            code="worker_memory_too_small",
        )
    return Able(presets=fit, memory=memory)


def needs(preset: presets.Preset) -> int:
    """Bytes of the device's memory that a model takes, about: as a whole, or as it is laid out within its bounds."""
    return FAMILIES[preset.family].needs(preset)


class Engines(Generic[E]):
    """What is loaded: as many models as fit into so many bytes. The one that was used longest ago goes first, and
    before another is loaded, not after: both would not fit.
    """

    def __init__(self, load: Callable[[presets.Preset], E], room: int) -> None:
        self.load, self.room = load, room
        self.loaded: dict[presets.Preset, E] = {}  # the one that was used last stands last

    def of(self, preset: presets.Preset) -> E:
        """The engine of a preset. Raises `UserError` where it cannot be loaded."""
        engine = self.loaded.pop(preset, None)
        if engine is None:
            self._make_room(needs(preset))
            log.info("a model is loaded", extra={"model": preset.name})
            engine = self.load(preset)
        self.loaded[preset] = engine
        return engine

    def _make_room(self, wanted: int) -> None:
        while self.loaded and sum(map(needs, self.loaded)) + wanted > self.room:
            oldest = next(iter(self.loaded))
            log.info("a model is unloaded", extra={"model": oldest.name})
            del self.loaded[oldest]
            gc.collect()  # modules hold themselves


def composed(settings: Settings, request: Request) -> presets.Preset:
    """The preset that makes what was asked for on this machine, LoRAs by the files that their names stand for. Raises
    `UserError` for what is not here.
    """
    found = replace(request, loras=tuple(located(settings.loras, lora) for lora in request.loras))
    return presets.composed(settings.preset(request.model), found)


def located(folder: Path | None, lora: Lora) -> Lora:
    """A LoRA with the path of the file in the operator's folder that goes by its name. Raises `ArgumentError`."""
    if folder is None:
        raise ArgumentError(
            "loras",
            "This server has no LoRAs.",
            "Its operator can add a folder with --loras DIR.",
            code="loras_unavailable",
        )
    known = _loras_by_file(folder)
    path = known.get(lora.at) or known.get(f"{lora.at}{SUFFIX}")
    if path is None:
        names = lora_names(folder)
        hint = f"Use one of: {', '.join(names[:SHOWN])}." if names else "This server has no LoRAs; leave out loras."
        raise ArgumentError("loras", f"The LoRA {lora.at[:60]!r} is not on this server.", hint, code="lora_not_found")
    return replace(lora, at=str(path))


def lora_names(folder: Path | None) -> list[str]:
    """Names of the LoRAs in the operator's folder."""
    return [name.removesuffix(SUFFIX) for name in _loras_by_file(folder) if name.endswith(SUFFIX)]


def _loras_by_file(folder: Path | None) -> dict[str, Path]:
    """The files of a folder by their names; none where there is no folder."""
    if folder is None or not folder.is_dir():
        return {}
    return {path.name: path for path in sorted(folder.glob("*")) if path.is_file()}
