"""What this machine can run: findings, one a line. Changes nothing and needs no network."""

import os
import platform
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import c2pa
import torch

from yozora import __version__, device, families, media
from yozora.errors import UserError
from yozora.families import presets
from yozora.families.preset import FilmSettings
from yozora.memory import catalogue
from yozora.provenance import settings as provenance
from yozora.provenance import trust
from yozora.weights import header
from yozora.weights.files import load

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
    free = device.memory("cpu") / 1e9
    yield Finding(
        what="memory",
        found=f"{free:.1f} GB free" if free else "unknown on this system",
        good=not free or free >= ROOM_GB,
        needed=False,
    )
    free = shutil.disk_usage(Path.cwd()).free
    yield Finding(what="disk", found=f"{free / 1e9:.1f} GB free in this folder", good=free >= media.ROOM)
    yield gpu()
    encoders = media.codecs()
    yield Finding(what="codecs", found=", ".join(k for k, here in encoders.items() if here), good=encoders["libx264"])
    yield credentials()
    yield from (packages(family) for family in families.FAMILIES.values() if family.packages)
    yield from (whole(entry) for entry in catalogue.entries() if entry.is_here and entry.preset.hub)
    default = presets.PRESETS[presets.DEFAULT]
    yield (found := weights(default))
    if found.good:
        yield speed(default)


def film(model: str, settings: Mapping[str, Any]) -> Iterator[Finding]:
    """What a film of a model would take here; `settings` are size, seconds, weights, memory and ram, as options have
    them. Raises `UserError` for what cannot be made, and where it does not fit into what is allowed."""
    from yozora.core.modes import COMMON
    from yozora.core.options import Option, read
    from yozora.memory import forecast

    preset = presets.find(model)
    options = {each.name: each for each in (*COMMON, Option(name="seconds", kind="number", help=""))}
    told = {name: read(options[name], value) for name, value in settings.items() if value is not None}
    size = told.pop("size", preset.sizes[0])
    asked: FilmSettings = {
        "width": size[0],
        "height": size[1],
        "seconds": told.pop("seconds", preset.seconds),
        "seed": 0,
    }
    request = replace(preset.ask("", asked, wordless=True), **told)
    for what, found, good in forecast.findings(preset, request):
        yield Finding(what=what, found=found, good=good)


def gpu() -> Finding:
    """The device that films are made on, where it is not the CPU; none is needed."""
    best = device.best_device()
    if best == "cpu":
        return Finding(what="GPU", found="none that torch can use; films are made on the CPU", good=False, needed=False)
    note = device.untested(best)
    said = f"{device.device_name(best)}, {device.memory(best) / 1e9:.0f} GB{f'; {note}' if note else ''}"
    return Finding(what="GPU", found=said, needed=False)


def packages(family: families.Family) -> Finding:
    """What a family's models need beside this package; it is not needed where none of them is used."""
    missing, found = [], []
    for name in family.packages:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    lacks = f"{', '.join(missing)} missing: pip install 'yozora[{family.extra}]'"
    return Finding(
        what=f"packages {family.name}", found=lacks if missing else ", ".join(found), good=not missing, needed=False
    )


def whole(entry: catalogue.ModelEntry) -> Finding:
    """Whether the files of a model that was fetched have the sizes that their heads say. Its hashes were verified when
    it was pulled.
    """
    what = f"weights {entry.preset.name}"
    try:
        cut = [path for path in entry.files.values() if path.suffix == ".safetensors" and not header.is_whole(path)]
    except UserError as error:
        return Finding(what=what, found=str(error), good=False, needed=False)
    if cut:
        again = f"Fetch it again: yozora pull {entry.preset.name}"
        return Finding(what=what, found=f"{cut[0]} is cut. {again}", good=False, needed=False)
    verdict = entry.verdict()
    runs = f"runs in {verdict.how}" if verdict.runs else f"does not run here: {verdict.how}"
    return Finding(what=what, found=f"{catalogue.in_gb(entry.size)}, whole; {runs}", needed=False)


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
    from yozora.engine.engine import Engine

    request = preset.ask("a red car", {"seed": 0, "steps": 2})
    engine = Engine(preset)
    marks: dict[str, float] = {}
    for progress in engine.run(Order.of(request, Generate(seconds=request.seconds))):
        marks.setdefault(progress.stage, time.monotonic())
        marks[f"{progress.stage} ended"] = time.monotonic()
    step = (marks["denoise ended"] - marks["denoise"]) / 2
    rest = marks["done"] - marks["denoise ended"]
    best = device.best_device()
    dtype = str(device.best_dtype(torch.device(best))).removeprefix("torch.")
    return Finding(
        what=f"speed {preset.name}",
        found=f"about {step * preset.steps + rest:.1f} s a film on {best} in {dtype}, and "
        f"{1000 * step:.0f} ms a sampler step",
    )
