"""What this machine can run: findings, one a line. Changes nothing and needs no network."""

import os
import platform
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import c2pa
import torch

from yozora import __version__, media, presets
from yozora.device import best_device, best_dtype, spare_memory
from yozora.errors import UserError
from yozora.provenance import settings as provenance
from yozora.provenance import trust
from yozora.weights import load

ROOM_GB = 2.0  # memory that a film of `mini` needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at; `needed` ones must be good for films to be made."""

    what: str
    found: str
    good: bool = True
    needed: bool = True


def examine() -> Iterator[Finding]:
    """All findings, cheap ones first; the last one takes a few seconds."""
    yield Finding(what="yozora", found=f"{__version__} on Python {platform.python_version()}, {platform.platform()}")
    yield Finding(
        what="torch", found=f"{torch.__version__}, {torch.get_num_threads()} threads of {os.cpu_count()} cores"
    )
    memory = spare_memory() / 1e9
    yield Finding(
        what="memory",
        found=f"{memory:.1f} GB free" if memory else "unknown on this system",
        good=not memory or memory >= ROOM_GB,
        needed=False,
    )
    free = shutil.disk_usage(Path.cwd()).free
    yield Finding(what="disk", found=f"{free / 1e9:.1f} GB free in this folder", good=free >= media.ROOM)
    yield gpu()
    encoders = media.codecs()
    yield Finding(what="codecs", found=", ".join(k for k, here in encoders.items() if here), good=encoders["libx264"])
    yield credentials()
    for preset in presets.PRESETS.values():
        found = weights(preset)
        yield found
        if found.good:
            yield speed(preset)


def gpu() -> Finding:
    """The first CUDA device; none is needed."""
    if not torch.cuda.is_available():
        return Finding(what="GPU", found="none that torch can use; films are made on the CPU", good=False, needed=False)
    facts = torch.cuda.get_device_properties(0)
    return Finding(what="GPU", found=f"{facts.name}, {facts.total_memory / 1e9:.0f} GB", needed=False)


def credentials() -> Finding:
    """Whether films can be signed, and who does; looks, and makes no keys."""
    try:
        settings = provenance.load()
        ours = trust.roots(settings)
    except UserError as error:
        return Finding(what="provenance", found=str(error), good=False)
    if not settings.credentials:
        return Finding(what="provenance", found="films are not signed, by choice", good=False, needed=False)
    who = (
        "your certificate"
        if settings.certificate
        else "a local authority"
        if ours
        else "a local authority, made by the first film"
    )
    marked = ", and marked" if settings.watermark else ", and not marked, by choice"
    return Finding(what="provenance", found=f"films are signed by {who}, c2pa {c2pa.sdk_version()}{marked}")


def weights(preset: presets.Preset) -> Finding:
    """Whether a preset's files are here and whole."""
    what = f"weights {preset.name}"
    try:
        for path in preset.files.values():
            load(path)
    except UserError as error:
        return Finding(what=what, found=str(error), good=False, needed=preset.name == presets.DEFAULT)
    size = sum(path.stat().st_size for path in preset.files.values())
    return Finding(what=what, found=f"{size / 1e6:.1f} MB, hashes verified")


def speed(preset: presets.Preset) -> Finding:
    """How long a default film takes here once everything is loaded, told from two sampler steps and a whole decode."""
    from yozora.core.modes import Generate
    from yozora.core.order import Order
    from yozora.engine import Engine

    request = preset.ask("a red car", {"seed": 0, "steps": 2})
    engine = Engine(preset)
    marks: dict[str, float] = {}
    for progress in engine.run(Order.of(request, Generate(seconds=request.seconds))):
        marks.setdefault(progress.stage, time.monotonic())
        marks[f"{progress.stage} ended"] = time.monotonic()
    step = (marks["denoise ended"] - marks["denoise"]) / 2
    rest = marks["done"] - marks["denoise ended"]
    device = best_device()
    dtype = str(best_dtype(torch.device(device))).removeprefix("torch.")
    return Finding(
        what=f"speed {preset.name}",
        found=f"about {step * preset.steps + rest:.1f} s a film on {device} in {dtype}, and "
        f"{1000 * step:.0f} ms a sampler step",
    )
