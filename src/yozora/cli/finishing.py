"""The command that changes a finished film without a model: its size, its rate, its grade, its container."""

import time
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from yozora.cli.arguments import Parameters, command_of, given_options, parameter, written
from yozora.cli.working import Json, say_json, working
from yozora.core.finish import FIT, GRADES, RATE, SIZE, Finish, Grade

SUMMARY = (
    "Change the size, the frame rate, the colours or the container of a finished film, without a model. Its watermark "
    "and the history in its credentials stay."
)
FILM = Annotated[str, typer.Argument(metavar="FILM", help="A film file: MP4, WebM, MOV, GIF and others.")]
OUTPUT = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="NAME",
        help="A .mp4, .mov, .webm, .gif, .webp or .png (the first frame), or frames/ for PNGs "
        "[default: film-finished.mp4, for film.mp4].",
        show_default=False,
    ),
]


def finish_command() -> Any:
    """The command, with the options of a finish."""
    size = replace(SIZE, help="Width and height in pixels [default: those of the film].")
    rate = replace(RATE, help="Frames a second [default: as the film has them].")
    fit = replace(FIT, help="How a film of another shape fits into the size.")
    options: Parameters = [written(option) for option in (size, fit, rate, *GRADES)]
    own = [parameter("film", FILM), *options, parameter("output", OUTPUT, None), parameter("as_json", Json, False)]
    return command_of("finish", SUMMARY, own, run_finish)


def run_finish(given: dict[str, Any]) -> None:
    """Write another version of a film."""
    from yozora import media
    from yozora.films.finishing import finished

    film, output, as_json = Path(given.pop("film")), given.pop("output"), given.pop("as_json")
    said = given_options(given)
    grade = Grade(**{option.name: said.pop(option.name) for option in GRADES if option.name in said})
    finish = Finish(**said, grade=grade)
    name = output or str(media.free_name(film.with_name(f"{film.stem}-finished.mp4")))
    notes: list[str] = []
    started = time.monotonic()
    with working(f"finishing {film.name}"):
        steps = finished(film, name, finish)
        count = sum(1 for _ in _noted(steps, notes))
    for note in notes:
        typer.echo(note, err=True)
    took = round(time.monotonic() - started, 2)
    if as_json:
        say_json({"file": name, "frames": count, "took_seconds": took, "notes": notes, **finish.to_json()})
        return
    typer.echo(f"{name}: {count} frames, {took:.1f} s")


def _noted(steps: Generator[float, None, tuple[str, ...]], notes: list[str]) -> Iterator[float]:
    """The steps; what they return at the end is added to `notes`."""
    notes.extend((yield from steps))
