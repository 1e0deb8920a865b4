"""What a film would take here: peaks of memory and time, as findings, before any weights are loaded.

Memory is the planner's arithmetic. Time is its operations at rates that are measured here in about a second: a product,
an attention and a convolution of sizes that Wan's models have.
"""

import importlib
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import torch
import torch.nn.functional as F

from yozora import device
from yozora.core.request import Request
from yozora.families import FAMILIES, presets
from yozora.families.preset import Preset
from yozora.memory import arranging, catalogue, planner
from yozora.memory.models import ModelParts
from yozora.memory.planner import Machine, Plan
from yozora.memory.prediction import MachineRates, Prediction, predicted

TRIES = 3
LOADED = ("transformers", "ftfy")
"""Packages of families that are imported when a model is built, and take main memory."""


def of_preset(preset: Preset, request: Request) -> tuple[Preset, Prediction, Machine]:
    """The preset as the request composes it, what its film takes here, and the machine. Raises `ArgumentError` where it
    does not fit into what the request allows."""
    composed = presets.composed(preset, request)
    size = composed.native(request.width, request.height)
    composed = replace(composed, budget=replace(composed.budget, size=size, seconds=request.seconds))
    place, machine, plan = planned(composed)
    model, film = _model(composed), arranging.film_of(composed, None, request.guidance, request.steps)
    return composed, predicted(model, film, plan, measured(place, machine), machine.itemsize), machine


def planned(preset: Preset) -> tuple[torch.device, Machine, Plan]:
    """The device, what there is of the machine, and the plan for the film of a preset's budget."""
    _import(preset)
    place = torch.device(device.best_device())
    machine = arranging.machine_now(place, device.best_dtype(place), preset.budget)
    model, film, weights = _model(preset), arranging.film_of(preset), preset.budget.weights or None
    plan = planner.plan(model, film, machine, weights)
    if plan is None and preset.budget.bounded:
        raise arranging.refused(preset, machine)
    return place, machine, plan or planner.least(model, film, machine, weights)


def _model(preset: Preset) -> ModelParts:
    """What a model is made of; its packages are imported already, and part of the program."""
    return replace(arranging.model_of(preset), packages=0)


def findings(preset: Preset, request: Request) -> Iterator[tuple[str, str, bool]]:
    """What is told of a film, a line each: name, text, and whether it is well."""
    composed, found, machine = of_preset(preset, request)
    width, height = composed.budget.size
    film, plan = f"{width}x{height}, {request.seconds:g} s, {request.steps} steps", found.plan
    yield "film", f"{composed.name}, {film}", True
    yield "arrangement", plan.arrangement.words or "all of it on the device", True
    here = [] if machine.kind == "cpu" else [("device memory", plan.device, machine.memory)]
    for name, size, room in (*here, ("main memory", plan.main, machine.ram)):
        more = f" of {catalogue.in_gb(room)}" if room else ""
        yield name, f"{catalogue.in_gb(size)} at most{more}", not room or size <= room
    yield "time", f"about {_in_words(found.seconds)} ({found.step:.2g} s a step), without loading", True


def measured(place: torch.device, machine: Machine) -> MachineRates:
    """Rates of this machine."""
    dtype = device.best_dtype(place)
    with torch.inference_mode():
        a, b = (torch.randn(size, device=place, dtype=dtype) for size in ((1296, 1536), (8960, 1536)))
        q = torch.randn(1, 12, 1296, 128, device=place, dtype=dtype)
        x = torch.randn(1, 96, 4, 60, 104, device=place, dtype=dtype).contiguous(memory_format=torch.channels_last_3d)
        kernel = torch.randn(96, 96, 3, 3, 3, device=place, dtype=dtype)
        block = torch.empty(64 << 20, dtype=torch.uint8)
        return MachineRates(
            products=2 * 1296 * 1536 * 8960 / _seconds(lambda: F.linear(a, b), place),
            attention=4 * 12 * 1296 * 1296 * 128 / _seconds(lambda: F.scaled_dot_product_attention(q, q, q), place),
            convolutions=2 * 27 * 96 * 96 * 2 * 58 * 102 / _seconds(lambda: F.conv3d(x, kernel), place),
            copies=len(block) / _seconds(lambda: block.to(place, copy=True), place),
        )


def _seconds(work: Callable[[], object], place: torch.device) -> float:
    """The fastest of a few tries, after one that is not counted."""
    best = float("inf")
    for _ in range(TRIES + 1):
        began = time.perf_counter()
        work()
        if place.type == "cuda":
            torch.cuda.synchronize(place)
        best = min(best, time.perf_counter() - began)
    return best


def _import(preset: Preset) -> None:
    """What a model's building imports, so that the program's memory is what it will be."""
    importlib.import_module("yozora.engine.engine")
    for name in set(LOADED) & set(FAMILIES[preset.family].packages):
        with suppress(ImportError):
            importlib.import_module(name)
            if name == "transformers":
                importlib.import_module("transformers.models.umt5.modeling_umt5")


def _in_words(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} hours"
