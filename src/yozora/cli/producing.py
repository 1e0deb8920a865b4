"""Orders become files: what will be made is said, then it is made, one film after the other by one loaded engine.

All is checked before the first film is made. Where one cannot be finished, a line says so, the others are made all the
same, and the exit code is 2.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yozora.cli.arguments import Parameters, as_typed, parameter
from yozora.cli.working import Json, say_json
from yozora.core.options import ArgumentError, Option, read
from yozora.core.request import MAX_SEED
from yozora.engine.gpus import gpus_of
from yozora.errors import UserError
from yozora.families import presets
from yozora.families.presets import Preset

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from yozora.engine.engine import Engine, Progress
    from yozora.films.orders import LocalOrder
    from yozora.films.plans import FilmPlan
    from yozora.media import Writer
    from yozora.media.writing import Quality

USER_ERROR = 2  # exit code
DEFAULT_NAME = "film.mp4"
VARIATIONS = Option(name="variations", kind="whole", help="Films of each prompt.", default=1, low=1, high=100)
OUTPUT: Parameters = [
    parameter(
        "output",
        Annotated[
            str | None,
            typer.Option(
                "--output",
                "-o",
                metavar="NAME",
                help="A .mp4, .mov, .webm, .gif, .webp or .png (the first frame), or frames: FOLDER/ or %04d.png. An "
                "existing file is replaced when the film is finished, but never a source. With several films, "
                "the others get the next free numbers: dog.mp4, dog-2.mp4. [default: film.mp4, film-2.mp4, ...]",
            ),
        ],
        None,
    ),
    parameter(
        "variations",
        Annotated[
            str | None,
            typer.Option("--variations", metavar="N", help="Number of films for each prompt; 1 to 100 [default: 1]."),
        ],
        None,
    ),
    parameter(
        "gpus",
        Annotated[
            str | None,
            typer.Option("--gpus", metavar="N", help="GPUs of this machine that make one film together [default: 1]."),
        ],
        None,
    ),
    parameter(
        "dry_run", Annotated[bool, typer.Option("--dry-run", help="Show what would be made, and make nothing.")], False
    ),
    parameter("as_json", Json, False),
]
"""What every film command takes beside its mode's options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where films go, how many of each order are made and on how many GPUs, and what is printed of them."""

    name: str | None
    variations: int = 1
    gpus: int = 1
    dry_run: bool = False
    as_json: bool = False


def output_of(given: dict[str, Any]) -> Output:
    """What was said of the output, taken out of all that was said."""
    said, variations, gpus = given.pop("output"), given.pop("variations"), given.pop("gpus")
    return Output(
        name=said,
        variations=1 if variations is None else read(VARIATIONS, variations),
        gpus=1 if gpus is None else gpus_of(gpus),
        dry_run=given.pop("dry_run"),
        as_json=given.pop("as_json"),
    )


def produce(orders: "Sequence[LocalOrder]", output: Output) -> None:
    """Make the films of orders and write them as they come."""
    from yozora import media
    from yozora.films.plans import plan_of

    films = varied(orders, output.variations)
    plans = [plan_of(each.order, presets.of(each.order.request)) for each in films]
    names = names_of(output.name, len(films))
    sources = [file for each in orders for file in (*each.sources, *each.characters) if isinstance(file, Path)]
    for name in names:
        media.check_apart(media.check_target(name), sources)
    said = [(*plan.notes, *each.notes) for plan, each in zip(plans, films, strict=True)]
    if output.dry_run:
        for name, plan, lines in zip(names, plans, said, strict=True):
            announce(name, plan, lines, output)
        return
    engine, failed = None, False
    for name, plan, lines, each in zip(names, plans, said, films, strict=True):
        announce(name, plan, lines, output, loaded=engine is not None)
        try:
            with progress_bar(plan.preset) as show:
                engine, film, seconds = made(each, plan, engine, name, show, output.gpus)
        except UserError as error:
            if engine is None or len(films) == 1:
                raise
            failed = True
            print(f"error: {name}: {as_typed(error)}", file=sys.stderr)
            continue
        report(name, plan, film, seconds, output, lines)
    if failed:
        raise typer.Exit(USER_ERROR)


def made(
    local_order: "LocalOrder", plan: "FilmPlan", engine: "Engine | None", name: str, show: "Show", gpus: int = 1
) -> "tuple[Engine, Writer, float]":
    """Write a film; the engine that made it, the writer, and how many seconds it took. Without an engine, one is
    loaded.
    """
    from yozora import media
    from yozora.cli import pace
    from yozora.engine.engines import engine_of
    from yozora.films import making
    from yozora.films.remaking import facts_of
    from yozora.provenance import origin
    from yozora.provenance.stamp import stamp_of

    started = time.monotonic()
    fresh = engine_of(plan.preset, gpus=gpus) if engine is None else engine
    loaded = time.monotonic()
    request = local_order.order.request
    size = request.width, request.height
    seal = stamp_of(origin.of(local_order, plan.preset), size, request.fps)
    facts = facts_of(local_order.order, plan.preset.name)
    quality: Quality = "kept" if local_order.order.sources else "good"
    with media.Writer(name, *size, fps=request.fps, facts=facts, seal=seal, quality=quality) as film:
        for progress in making.make(local_order, fresh):
            show(progress)
            if progress.frames is not None:
                film.add(progress.frames, changed=not progress.kept, region=progress.region)
        film.sound(making.sound(local_order, progress))
    ended = time.monotonic()
    if engine is None:  # of later films, some is loaded already
        pace.remember(plan, loaded - started, ended - loaded)
    return fresh, film, ended - started


def varied(orders: "Sequence[LocalOrder]", variations: int) -> "list[LocalOrder]":
    """So many films of each order, each with the next seed. Raises `ArgumentError` where there is none."""
    from yozora.core.ordering import reseeded

    films = [each for each in orders for _ in range(variations)]
    first = films[0].order.request.seed
    if first + len(films) - 1 > MAX_SEED:
        raise ArgumentError(
            "seed",
            f"{len(films)} seeds from {first} on are out of range.",
            "Use a smaller seed.",
            code="seed_out_of_range",
        )
    return [replace(each, order=reseeded(each.order, first + k)) for k, each in enumerate(films)]


def names_of(name_given: str | None, count: int) -> list[str]:
    """A name for each film: the first as it was typed, or free; the others with the next free numbers."""
    from yozora import media

    first = str(media.free_name(Path(DEFAULT_NAME))) if name_given is None else name_given
    names = [first]
    if count == 1:
        return names
    before, after = _around_number(DEFAULT_NAME if name_given is None else name_given)
    number = 2
    while len(names) < count:
        name = f"{before}-{number}{after}"
        if name not in names and not Path(name if "%" not in name else Path(name).parent).exists():
            names.append(name)
        number += 1
    return names


def _around_number(said: str) -> tuple[str, str]:
    """What stands before and after the number of a film's name: frames have folders of their own."""
    from yozora import media

    target = media.check_target(said)
    if target.kind != "frames":
        return str(Path(said).with_suffix("")), Path(said).suffix
    if "%" not in Path(said).name:
        return said.rstrip("/"), "/"
    if Path(said).parent == Path():
        raise UserError(
            "The frames of several films cannot share one folder.",
            f"Use another name: frames/{said}",
            code="frames_folder_shared",
        )
    return str(Path(said).parent), f"/{Path(said).name}"


def announce(name: str, plan: "FilmPlan", notes: Sequence[str], output: Output, *, loaded: bool = False) -> None:
    """Say what will be made: on stderr, or as the result where that is all that is asked for."""
    from yozora.cli import pace

    expected = pace.expected(plan, loaded=loaded)
    time_needed = "" if expected is None else f", {pace.in_words(expected)}"
    what = "would make" if output.dry_run else "making"
    typer.echo(f"{what} {name}: {plan.summary}{time_needed}", err=not output.dry_run or output.as_json)
    for note in notes:
        typer.echo(note, err=True)
    if output.dry_run and output.as_json:
        say_json({**facts(name, plan), "dry_run": True, "expected_seconds": expected, "notes": list(notes)})


def report(name: str, plan: "FilmPlan", film: "Writer", seconds: float, output: Output, notes: Sequence[str]) -> None:
    """Say what was made; `notes` were told before."""
    for note in film.notes:
        typer.echo(note, err=True)
    request = plan.order.request
    if output.as_json:
        say_json(
            {
                **facts(name, plan),
                "frames": film.count,
                "took_seconds": round(seconds, 2),
                "notes": [*notes, *film.notes],
            }
        )
        return
    size = f"{request.width}x{request.height}"
    typer.echo(f"{name}: {size}, {film.count} frames at {request.fps:.4g} fps, seed {request.seed}, {seconds:.1f} s")


def facts(name: str, plan: "FilmPlan") -> dict[str, object]:
    """A film, for scripts."""
    request = plan.order.request
    return {
        "file": name,
        "mode": plan.order.mode,
        "prompt": request.prompt,
        "model": plan.preset.name,
        "seed": request.seed,
        "quality": request.quality,
        "width": request.width,
        "height": request.height,
        "fps": request.fps,
        "frames": plan.frames,
        "made_at": list(plan.native),
    }


@contextmanager
def progress_bar(preset: Preset) -> Iterator["Show"]:
    """A bar with the time left on stderr, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<18}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield Show(bar, bar.add_task(f"loading {preset.name}", total=None))


STAGES = {"encode": "encoding", "denoise": "denoising", "decode": "decoding", "done": "decoding"}
"""The engine's stages as a person is told them."""


class Show:
    """Moves a bar to where the film is."""

    def __init__(self, bar: "Bar", task: "TaskID") -> None:
        self.bar, self.task = bar, task

    def __call__(self, progress: "Progress") -> None:
        total = None if progress.stage == "encode" else progress.total  # how long sources are read is not known
        self.bar.update(self.task, description=STAGES[progress.stage], completed=progress.done, total=total)
