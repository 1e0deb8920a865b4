"""A job and the files that it needs become a finished film in a folder, step by step.

The only place besides the worker that knows models. Knows no database, no storage and no client: whoever goes through
the steps says how far it is, and stops by not asking for the next one.
"""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from yozora import board, orders, presets
from yozora.engine import Engine, Order
from yozora.engine import Stage as Inside
from yozora.errors import UserError
from yozora.orders import Choices
from yozora.provenance import origin
from yozora.provenance.settings import Provenance
from yozora.provenance.stamp import Stamp, stamp_of
from yozora.server.finish import Finisher
from yozora.server.job import Job, Mode

Frames = NDArray[np.uint8]
Stage = Literal["encode", "denoise", "decode", "finish"]

STAGES: Mapping[Inside, Stage] = {
    "reading": "encode",
    "inventing": "denoise",
    "decoding": "decode",
    "done": "finish",
}
FINISH_WORK = 1.0  # in sampler steps: closing the file, thumbnail and contact sheet


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """How far a film is: `fraction` of all the work, 0 to 1. While it is denoised, `look()` shows what it will be."""

    stage: Stage
    fraction: float
    look: Callable[[], Frames] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Local copies of what a job is made of: its sources in their order, and a picture of each character by name."""

    sources: tuple[Path, ...] = ()
    cast: Mapping[str, Path] = field(default_factory=dict)


class Stopwatch:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    def add(self, stage: str, seconds: float) -> None:
        self.spent[stage] = self.spent.get(stage, 0.0) + seconds

    @contextmanager
    def running(self, stage: str) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self.add(stage, time.monotonic() - start)


class Making:
    """A film in the making. After its `steps` have been gone through, the files of `finish` are in `folder`."""

    def __init__(
        self, job: Job, material: Material, *, seed: int, folder: Path, watch: Stopwatch, provenance: Provenance
    ) -> None:
        """`seed` is that of a job that says none. Raises `UserError` for what no film can be made of."""
        self.job, self.watch = job, watch
        with watch.running("encode"):
            self.order = order_of(job, material, seed)
        request = self.order.request
        facts = {"prompt": request.prompt, "seed": request.seed, "model": job.preset}
        size = (job.width, job.height)
        with watch.running("finish"):
            stamp = _stamp(self.order, job, material, provenance)
        self.identifier = None if stamp is None else stamp.origin.identifier
        self.finisher = Finisher(folder, size, request.fps, facts, request.prompt, stamp)

    @property
    def samples(self) -> list[Frames]:
        """Frames of the model's size from all over the film, as far as it is."""
        return self.finisher.samples.even()

    def steps(self, engine: Engine) -> Generator[Step]:
        """Make it. Raises `UserError` for what these weights cannot do, `StorageFull` where the disk is full."""
        inside = engine.run(self.order)
        total = 1.0
        with self.finisher:
            while True:
                start = time.monotonic()
                progress = next(inside, None)
                if progress is None:
                    break
                stage = STAGES[progress.stage]
                self.watch.add(stage, time.monotonic() - start)
                if progress.frames is not None:
                    with self.watch.running("finish"):
                        self.finisher.add(progress.frames)
                total = progress.total + FINISH_WORK
                yield Step(stage=stage, fraction=progress.done / total, look=progress.look)
            with self.watch.running("finish"):
                self.finisher.sound(self.order.sound)
        with self.watch.running("finish"):
            self.finisher.stills()
        yield Step(stage="finish", fraction=1.0)


def order_of(job: Job, material: Material, seed: int) -> Order:
    """The job as an order for the engine, at the model's own size nearest in shape. Raises `UserError`."""
    preset = presets.named(job.preset)
    width, height = orders.nearest(preset, job.width / job.height)
    choices: Any = {"seed": seed, "seconds": job.seconds, **job.settings}
    choices |= {"model": job.preset, "width": width, "height": height, "cast": material.cast}
    return MODES[job.mode](job, material.sources, cast(Choices, choices))


def _stamp(order: Order, job: Job, material: Material, provenance: Provenance) -> Stamp | None:
    """What marks and signs the film. The local copies of its sources have names that tell nothing."""
    titles = dict(zip(material.sources, job.titles, strict=False))
    made = origin.of(order, presets.named(job.preset), titles=titles)
    try:
        return stamp_of(made, (job.width, job.height), order.request.fps, provenance)
    except UserError as error:  # the operator's to put right, not the client's
        raise RuntimeError(str(error)) from error


def _text(job: Job, sources: Sequence[Path], choices: Choices) -> Order:
    return orders.text(job.prompt, **choices)


def _image(job: Job, sources: Sequence[Path], choices: Choices) -> Order:
    first, last = _expect(sources, 1, 2)[0], sources[1] if len(sources) == 2 else None
    return orders.image(job.prompt, first, last, **choices)


def _extend(job: Job, sources: Sequence[Path], choices: Choices) -> Order:
    (source,) = _expect(sources, 1)
    return orders.extend(source, job.prompt, backward=bool(job.options.get("backward", False)), **choices)


def _loop(job: Job, sources: Sequence[Path], choices: Choices) -> Order:
    (source,) = _expect(sources, 1)
    return orders.loop(source, job.prompt, **choices)


def _blend(job: Job, sources: Sequence[Path], choices: Choices) -> Order:
    a, b = _expect(sources, 2)
    return orders.blend(a, b, job.prompt, **choices)


def _remix(job: Job, sources: Sequence[Path], choices: Choices) -> Order:
    (source,) = _expect(sources, 1)
    return orders.remix(source, job.prompt, strength=job.options.get("strength", "mild"), **choices)


def _edit(job: Job, sources: Sequence[Path], choices: Choices) -> Order:
    (source,) = _expect(sources, 1)
    options = job.options
    x, y, width, height = options["region"]
    return orders.edit(
        source,
        job.prompt,
        region=(x, y, width, height),
        start=options.get("start") or 0.0,
        stop=options.get("stop"),
        strength=options.get("strength", 1.0),
        **choices,
    )


def _recut(job: Job, sources: Sequence[Path], choices: Choices) -> Order:
    (source,) = _expect(sources, 1)
    keep = [(float(start), float(stop)) for start, stop in job.options["keep"]]
    return orders.recut(source, keep, job.prompt, **choices)


def _storyboard(job: Job, sources: Sequence[Path], choices: Choices) -> Order:
    """A board that a client sent names no files of this machine. Its size is that of the finished film."""
    told = board.parse(job.options["board"], None)
    return orders.storyboard(replace(told, size=None), **choices)


MODES: Mapping[Mode, Callable[[Job, Sequence[Path], Choices], Order]] = {
    "text": _text,
    "image": _image,
    "extend": _extend,
    "loop": _loop,
    "blend": _blend,
    "remix": _remix,
    "edit": _edit,
    "recut": _recut,
    "storyboard": _storyboard,
}


def _expect(sources: Sequence[Path], least: int, most: int | None = None) -> Sequence[Path]:
    if not least <= len(sources) <= (most or least):
        raise UserError(f"This film is made of {least} sources, not {len(sources)}.")
    return sources
