"""A job and the files that it needs become a finished film in a folder, step by step.

The only place besides the worker that knows models. Knows no database, no storage and no client: all that goes through
the steps says how far it is, and stops by not asking for the next one.
"""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from yozora.core.order import Order
from yozora.engine.engine import Engine, Progress
from yozora.engine.engine import Stage as Inside
from yozora.errors import UserError
from yozora.families import presets
from yozora.films import live, remaking
from yozora.films.making import make, sound
from yozora.films.orders import LocalOrder
from yozora.media.fragments import Fragments
from yozora.provenance import origin
from yozora.provenance.settings import Provenance
from yozora.provenance.stamp import Stamp, stamp_of
from yozora.server.store.film_length import FilmLength
from yozora.server.store.live import Facts, Fragment, PromptChange
from yozora.server.work import earlier
from yozora.server.work.finish import Finisher
from yozora.server.work.job import Job

Frames = NDArray[np.uint8]
Stage = Literal["encode", "denoise", "decode", "finish"]

STAGES: Mapping[Inside, Stage] = {"encode": "encode", "denoise": "denoise", "decode": "decode", "done": "finish"}
FINISH_WORK = 1.0  # in sampler steps: closing the file, thumbnail and contact sheet


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilmStep:
    """How far a film is: `fraction` of all the work, 0 to 1. While it is denoised, `preview()` shows what it will be.
    `part`: a fragment of a film that is watched while it is made.
    """

    stage: Stage
    fraction: float
    preview: Callable[[], Frames] | None = None
    part: Fragment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFiles:
    """Local copies of what a job is made of: its sources and a picture of each character, in the job's sequence."""

    sources: tuple[Path, ...] = ()
    characters: tuple[Path, ...] = ()


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
        self,
        job: Job,
        material: JobFiles,
        *,
        preset: presets.Preset,
        seed: int,
        folder: Path,
        watch: Stopwatch,
        provenance: Provenance,
        prompts: Callable[[], Sequence[PromptChange]] | None = None,
    ) -> None:
        """`seed` is that of a job that says none. `prompts` are new ones since they were last asked for, of a film that
        is watched while it is made. Raises `UserError` for what no film can be made of.
        """
        self.watch, self.prompts = watch, prompts
        with watch.running("encode"):
            self.asked = asked_of(job, material, seed)
        order, request = self.asked.order, self.asked.order.request
        with watch.running("finish"):
            stamp = _stamp(self.asked, preset, provenance)
        self.identifier = None if stamp is None else stamp.origin.identifier
        self.finisher = Finisher(
            folder,
            (request.width, request.height),
            request.fps,
            facts_of(order, preset.name),
            stamp,
            keeps=bool(order.sources),
        )

    @property
    def samples(self) -> list[Frames]:
        """Frames from all over the film, as far as it is."""
        return self.finisher.samples.even()

    @property
    def length(self) -> FilmLength:
        """Of the film, as far as it is."""
        return FilmLength(frames=self.finisher.samples.seen, fps=self.asked.order.request.fps)

    def steps(self, engine: Engine) -> Generator[FilmStep]:
        """Make it. Raises `UserError` for what these weights cannot do, `StorageFull` where the disk is full."""
        watched = None if self.prompts is None else WatchedFilm(self.asked, self.prompts)
        inside: Iterator[Progress | live.Window] = (
            make(self.asked, engine) if watched is None else live.make(self.asked, engine, watched.turns)
        )
        last: Progress | None = None
        with self.finisher:
            while True:
                start = time.monotonic()
                progress = next(inside, None)
                if progress is None:
                    break
                if isinstance(progress, live.Window):
                    assert watched is not None
                    assert last is not None
                    with self.watch.running("finish"):
                        part = watched.part(progress)
                    yield FilmStep(stage="decode", fraction=last.done / (last.total + FINISH_WORK), part=part)
                    continue
                last, stage = progress, STAGES[progress.stage]
                self.watch.add(stage, time.monotonic() - start)
                if progress.frames is not None:
                    with self.watch.running("finish"):
                        shown = self.finisher.add(progress.frames, kept=progress.kept, region=progress.region)
                        if watched is not None:
                            watched.fragments.add(shown)
                total = progress.total + FINISH_WORK
                yield FilmStep(stage=stage, fraction=progress.done / total, preview=progress.preview)
            assert last is not None
            with self.watch.running("finish"):
                self.finisher.sound(sound(self.asked, last))
        with self.watch.running("finish"):
            self.finisher.stills()
        yield FilmStep(stage="finish", fraction=1.0)


class WatchedFilm:
    """The fragments of a film that is watched while it is made."""

    def __init__(self, local_order: LocalOrder, prompts: Callable[[], Sequence[PromptChange]]) -> None:
        request = local_order.order.request
        self.fragments = Fragments(request.width, request.height, request.fps)
        self.prompts, self.since = prompts, time.monotonic()

    def turns(self) -> list[live.PromptSwitch]:
        """New prompts, as the film takes them."""
        return [live.PromptSwitch(name=each.event, prompt=each.prompt, windows=each.windows) for each in self.prompts()]

    def part(self, window: live.Window) -> Fragment | None:
        """The frames of a window; None where they only come with the next one's."""
        number, moment = self.fragments.count, time.monotonic()
        data, frames = self.fragments.take()
        if not frames:
            return None
        facts = Facts(
            window=window.index,
            frames=frames,
            seconds=moment - self.since,
            started=window.started,
            active=window.active,
            completed=window.completed,
        )
        self.since = moment
        return Fragment(number=number, facts=facts, data=data)


def asked_of(job: Job, material: JobFiles, seed: int) -> LocalOrder:
    """The job's order with what its references stand for here. Raises `UserError`."""
    if job.order is None:
        assert job.earlier is not None
        return earlier.order_of(job.earlier, material.sources, material.characters, seed)
    return LocalOrder(order=job.order, sources=material.sources, characters=material.characters)


def facts_of(order: Order, preset: str) -> dict[str, object]:
    """What the film's file says of it, without the keys at which this server has its sources."""
    sources = tuple(replace(source, at="") for source in order.sources)
    people = tuple(replace(each, at="") for each in order.characters)
    return remaking.facts_of(replace(order, sources=sources, characters=people), preset)


def _stamp(local_order: LocalOrder, preset: presets.Preset, provenance: Provenance) -> Stamp | None:
    """What marks and signs the film."""
    request = local_order.order.request
    made = origin.of(local_order, preset)
    try:
        return stamp_of(made, (request.width, request.height), request.fps, provenance)
    except UserError as error:  # the operator's to put right, not the client's
        raise RuntimeError(str(error)) from error
