"""The command `yozora`: words in, a film file out. Parses, calls and shows progress.

Whatever is heavy is imported inside the command that needs it.
"""

import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from yozora import __version__, presets
from yozora.errors import UserError
from yozora.presets import Preset, Settings
from yozora.request import parse_size

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from yozora.engine import Progress
    from yozora.film import Film

USER_ERROR, INTERRUPTED, TERMINATED = 2, 130, 143

# Newer releases of typer carry click inside, older ones import it: in both, its BadParameter is click's UsageError.
UsageError: type[Exception] = typer.BadParameter.__bases__[0]

# These commands have a parser of their own, which also serves where typer is not installed.
DELEGATED = {"ignore_unknown_options": True, "allow_extra_args": True}

app = typer.Typer(
    help="Words to film, on your own hardware.",
    epilog='For example: yozora generate "a red car driving left on a city street at night in the snow"',
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"yozora {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def generate(
    prompt: Annotated[str, typer.Argument(help="What the film shows, in quotes, in any language the model reads.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write the MP4.")] = Path(
        "film.mp4"
    ),
    seconds: Annotated[float | None, typer.Option(metavar="S", help="Length of the film.")] = None,
    size: Annotated[str | None, typer.Option(metavar="WxH", help="Width and height in pixels.")] = None,
    fps: Annotated[float | None, typer.Option(metavar="N", help="Frames a second.")] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="The same seed makes the same film.")] = None,
    steps: Annotated[int | None, typer.Option(metavar="N", help="More are slower and finer.")] = None,
    guidance: Annotated[
        float | None, typer.Option(metavar="G", help="How strictly to follow the prompt; 1: no guidance.")
    ] = None,
    negative: Annotated[str, typer.Option(metavar="TEXT", help="What the film should not show.")] = "",
    model: Annotated[str, typer.Option(metavar="NAME", help="One of `yozora models`.")] = presets.DEFAULT,
) -> None:
    """Make a film from a prompt and write it as an MP4.

    What is not said is the model's default (see `yozora models`), and the seed is drawn.
    """
    started = time.monotonic()
    settings = Settings(negative_prompt=negative, seed=secrets.randbelow(2**31) if seed is None else seed)
    if seconds is not None:
        settings["seconds"] = seconds
    if size is not None:
        settings["width"], settings["height"] = parse_size(size)
    if fps is not None:
        settings["fps"] = fps
    if steps is not None:
        settings["steps"] = steps
    if guidance is not None:
        settings["guidance"] = guidance
    preset = presets.find(model)
    request = preset.ask(prompt, settings)

    from yozora import media

    target = media.check_target(output)
    note_unknown_words(preset, prompt)
    with progress_bar(preset) as show:
        from yozora.engine import Engine

        film = None
        for progress in Engine(preset).generate(request):
            show(progress)
            film = progress.film
        assert film is not None
        media.write(target, film)
    typer.echo(f"{output}: {describe(film)}, {time.monotonic() - started:.1f} s")


@app.command()
def models() -> None:
    """List the models and what they were made for."""
    for preset in presets.PRESETS.values():
        sizes = ", ".join(f"{width}x{height}" for width, height in preset.sizes)
        default = ", the default" if preset.name == presets.DEFAULT else ""
        typer.echo(f"{preset.name}{default}: {preset.summary}")
        typer.echo(
            f"  made for   {sizes} at {preset.fps:g} fps, {preset.seconds:g} seconds (at most {preset.max_seconds:g})"
        )
        typer.echo(f"  defaults   {preset.steps} steps, guidance {preset.guidance:g}")
        typer.echo(f"  weights    {preset.folder if preset.available else 'missing from ' + str(preset.folder)}")


@app.command()
def doctor() -> None:
    """Say what this machine can run and whether anything is missing."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from yozora.doctor import examine

    table = Table(box=None, pad_edge=False, show_header=False)
    healthy = True
    for finding in examine():
        mark = "[green]ok[/]" if finding.good else "[red]no[/]" if finding.needed else "[yellow]--[/]"
        healthy = healthy and (finding.good or not finding.needed)
        table.add_row(mark, finding.what, escape(finding.found))
    Console(soft_wrap=True).print(table)
    if not healthy:
        raise typer.Exit(1)


@app.command(context_settings=DELEGATED, add_help_option=False)
def train(context: typer.Context) -> None:
    """Train a model from scratch on the procedural world."""
    from yozora.train.__main__ import main as run

    raise typer.Exit(run(context.args))


@app.command(name="eval", context_settings=DELEGATED, add_help_option=False)
def evaluate(context: typer.Context) -> None:
    """Measure how often films show what their prompts say."""
    from yozora.evaluate.__main__ import main as run

    raise typer.Exit(run(context.args))


def main() -> NoReturn:
    """Run the command. Exit codes: 0, 1 (a check failed), 2 (`UserError`), 130 (Ctrl-C) or 143 (terminated)."""
    signal.signal(signal.SIGTERM, _terminated)
    # Read when torch is loaded: threads that spin while they wait make a film several times slower on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        code = app(prog_name="yozora", standalone_mode=False)
    except UserError as error:
        sys.exit(_fail(str(error)))
    except UsageError as error:
        sys.exit(_fail(_usage(error)))
    except (KeyboardInterrupt, typer.Abort):
        print("stopped", file=sys.stderr)
        sys.exit(INTERRUPTED)
    sys.exit(code or 0)


def note_unknown_words(preset: Preset, prompt: str) -> None:
    """One line on stderr where the prompt names what the weights have never seen.

    Raises `UserError` for weights that are missing or cannot be read.
    """
    from yozora.weights import facts
    from yozora.world.captions import unknown_words

    nouns = facts(preset.files["transformer"]).get("nouns", ())
    unknown = unknown_words(prompt, nouns) if nouns else []
    if unknown:
        known = f" (it knows {_some(nouns, 6)})"
        print(f"{preset.name} has never seen: {_some(unknown, 8)}{known}", file=sys.stderr)


@contextmanager
def progress_bar(preset: Preset) -> Iterator["Show"]:
    """A bar with the time left on stderr, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<18}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield Show(bar, bar.add_task(f"loading {preset.name}", total=None))


class Show:
    """Moves a bar to where the film is."""

    def __init__(self, bar: "Bar", task: "TaskID") -> None:
        self.bar, self.task = bar, task

    def __call__(self, progress: "Progress") -> None:
        stage = "writing" if progress.film else progress.stage
        self.bar.update(self.task, description=stage, completed=progress.done, total=progress.total)


def describe(film: "Film") -> str:
    """Size, length and seed in one line."""
    count, height, width, _ = film.frames.shape
    return f"{width}x{height}, {count} frames at {film.fps:g} fps, seed {film.seed}"


def _some(words: Sequence[str], count: int) -> str:
    return ", ".join(words[:count]) + (", ..." if len(words) > count else "")


def _usage(error: Exception) -> str:
    message = getattr(error, "format_message", error.__str__)()
    context = getattr(error, "ctx", None)
    quotes = " Is the prompt in quotes?" if "unexpected extra argument" in message else ""
    return f"{message.removesuffix('.')}.{quotes} Try: {context.command_path if context else 'yozora'} --help"


def _fail(line: str) -> int:
    print("error: " + " ".join(line.split()), file=sys.stderr)
    return USER_ERROR


def _terminated(signum: int, frame: object) -> NoReturn:
    sys.exit(TERMINATED)
