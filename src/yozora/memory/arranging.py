"""How a preset's model is laid out on this machine so that a film of it fits: the planner, asked with what is here.

Loads no weights. torch is imported to ask what devices there are.
"""

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from yozora.core.options import ArgumentError
from yozora.families import FAMILIES
from yozora.families.preset import Budget, Preset
from yozora.memory.models import FilmSize, ModelParts
from yozora.memory.planner import (
    CUDA_CONTEXT,
    CUDA_PROGRAM,
    PROGRAM,
    Arrangement,
    Machine,
    least,
    plan,
    within,
)

if TYPE_CHECKING:
    import torch

FEWER_SECONDS = (5.0, 4.0, 3.0, 2.0, 1.0)
"""Lengths that are tried to say what would fit."""


def model_of(preset: Preset) -> ModelParts:
    """What a preset's model is made of. Raises `ArgumentError` where nothing states it."""
    found = FAMILIES[preset.family].sizes(preset)
    if found is None:
        raise ArgumentError(
            "model",
            f"Nothing states how much memory {preset.name} needs.",
            "Use it without a limit of memory.",
            code="model_size_unknown",
        )
    return found.model


def film_of(preset: Preset, budget: Budget | None = None, guidance: float | None = None, steps: int = 0) -> FilmSize:
    """The film that is to fit: that of a budget, else one of the model's own size and length."""
    budget = preset.budget if budget is None else budget
    width, height = budget.size if budget.size[0] else preset.sizes[0]
    seconds = budget.seconds or preset.seconds
    latents = math.ceil(seconds * preset.fps / preset.frames_a_latent) + 1
    window = min(latents, preset.window)
    windows = max(1, math.ceil((latents - preset.overlap) / (preset.window - preset.overlap)))
    scale = preset.guidance if guidance is None else guidance
    return FilmSize(
        width=width,
        height=height,
        seconds=seconds,
        tokens=window * (width // preset.step) * (height // preset.step),
        latents=latents,
        windows=1 if latents <= preset.window else windows,
        rows=1 if scale == 1 and preset.low_guidance in (None, 1) else 2,
        steps=steps or preset.steps,
    )


def machine_of(device: "torch.device", dtype: "torch.dtype", budget: Budget = Budget()) -> Machine:  # noqa: B008 # frozen
    """This machine, with a device and the dtype of its products, and what of it may be taken."""
    from yozora.device import memory

    apart = device.type == "cuda"
    found = Machine(
        kind=device.type,
        itemsize=dtype.itemsize,
        memory=memory(str(device)),
        ram=memory("cpu"),
        program=CUDA_PROGRAM if apart else PROGRAM,
        context=CUDA_CONTEXT if apart else 0,
    )
    return within(found, budget.memory, budget.ram)


def machine_now(device: "torch.device", dtype: "torch.dtype", budget: Budget) -> Machine:
    """The same, with what this process takes as it is: nothing is loaded yet but the program."""
    from yozora.memory.prediction import resident

    found = machine_of(device, dtype, budget)
    return replace(found, program=resident() or found.program)


def arranged(preset: Preset, device: "torch.device", dtype: "torch.dtype") -> Arrangement:
    """The fastest arrangement that fits. Where it is said how much may be taken and nothing fits, raises
    `ArgumentError`; else what is said is an estimate, and the arrangement that takes the least is tried."""
    from yozora.device import give_back

    budget = preset.budget
    model, film, machine = model_of(preset), film_of(preset), machine_of(device, dtype, budget)
    found = plan(model, film, machine, budget.weights or None)
    if found is None and budget.bounded:
        raise refused(preset, machine)
    if budget.bounded:
        give_back()
    return (found or least(model, film, machine, budget.weights or None)).arrangement


def precision(preset: Preset) -> str:
    """The precision of the weights that fits here, empty where it is the full one. Raises `ArgumentError` where nothing
    fits into what is allowed."""
    import torch

    from yozora import device

    place = torch.device(device.best_device())
    found = arranged(preset, place, device.best_dtype(place)).weights
    return "" if found == "full" else found


def needs(preset: Preset) -> int:
    """Bytes of the device's memory that a model takes, about: as a whole, or as it is laid out within its bounds. Of
    those that are fetched on a card, of this project's own on a CPU. Of a model whose sizes nothing states, the bytes
    of its files."""
    if FAMILIES[preset.family].sizes(preset) is None:
        return sum(path.stat().st_size for path in preset.files.values() if path.is_file())
    model, film, budget = model_of(preset), film_of(preset), preset.budget
    usual = Machine(kind="cuda", itemsize=2, context=CUDA_CONTEXT) if preset.hub else Machine(kind="cpu", itemsize=4)
    machine = within(usual, budget.memory, budget.ram)
    found = plan(model, film, machine, budget.weights or None)
    return (found or least(model, film, machine, budget.weights or None)).device


def refused(preset: Preset, machine: Machine) -> ArgumentError:
    """What is said where nothing fits: what it takes at least, and what would fit."""
    from yozora.memory.catalogue import in_gb

    budget, film = preset.budget, film_of(preset)
    needs = least(model_of(preset), film, machine, budget.weights or None)
    over = "memory" if needs.device > (machine.memory or needs.device) else "ram"
    what = f"{preset.name} at {film.width}x{film.height} for {film.seconds:g} s"
    size, room = (needs.device, machine.memory) if over == "memory" else (needs.main, machine.ram)
    kind = "" if over == "memory" and machine.apart else "main "
    message = f"{what} needs at least {in_gb(size)} of {kind}memory; {in_gb(room)} is allowed."
    return ArgumentError(over, message, would_fit(preset, machine), code="memory_insufficient")


def would_fit(preset: Preset, machine: Machine) -> str:
    """Another film or model that fits, in a line."""
    model, budget = model_of(preset), preset.budget
    now = film_of(preset)
    sizes = sorted(preset.sizes, key=lambda each: each[0] * each[1], reverse=True)
    for seconds in (now.seconds, *(each for each in FEWER_SECONDS if each < now.seconds)):
        for size in sizes:
            smaller = replace(budget, size=size, seconds=seconds)
            if plan(model, film_of(preset, smaller), machine, budget.weights or None):
                return f"Use {size[0]}x{size[1]} for {seconds:g} s."
    for family in FAMILIES.values():
        for other in family.presets.values():
            known = family.sized and set(preset.known) <= set(other.known)
            if known and plan(model_of(other), film_of(other, Budget()), machine):
                return f"Use the model {other.name}."
    return "Allow more memory."
