"""The command `yozora`: words, pictures and clips in, a film file out. Parses, calls and shows progress.

Whatever is heavy is imported inside the command that needs it.
"""

import io
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from yozora import __version__
from yozora.cli.admin import admin
from yozora.cli.arguments import as_typed, refused
from yozora.cli.boards import board_command
from yozora.cli.cast import cast
from yozora.cli.db import db
from yozora.cli.films import film_command
from yozora.cli.finishing import finish_command
from yozora.cli.imports import import_films
from yozora.cli.keys import keys
from yozora.cli.mcp import mcp
from yozora.cli.models import models, pull
from yozora.cli.provenance import provenance, verify
from yozora.cli.remade import again_command, show, timeline
from yozora.cli.serving import serve, worker
from yozora.cli.working import Json, path, say_json
from yozora.core.modes import MODES
from yozora.errors import UserError
from yozora.extras import explained

USER_ERROR, INTERRUPTED, TERMINATED = 2, 130, 143

# Newer releases of typer carry click inside, older ones import it: in both, its BadParameter is click's UsageError.
UsageError: type[Exception] = typer.BadParameter.__bases__[0]

# These commands have a parser of their own, which also serves where typer is not installed.
DELEGATED = {"ignore_unknown_options": True, "allow_extra_args": True}

app = typer.Typer(
    help="Make films from prompts, on your own hardware.",
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


for mode in MODES.values():
    of_cards = any(option.kind == "cards" for option in mode.own)
    app.command()(board_command(mode) if of_cards else film_command(mode))

app.command()(finish_command())
app.command()(again_command())
app.command()(show)
app.command()(timeline)

app.command()(models)
app.command()(pull)
app.add_typer(cast, name="character")
app.command()(serve)
app.command()(worker)
app.command()(mcp)
app.command("import")(import_films)
app.command()(verify)
keys.add_typer(provenance, name="provenance")
app.add_typer(keys, name="keys")
app.add_typer(db, name="db")
app.add_typer(admin, name="admin")


@app.command()
def styles(
    sheet: Annotated[
        Path | None, typer.Option(parser=path, metavar="FILE", help="Also write a picture of them (PNG).")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the styles and camera moves for prompts, --style and storyboards."""
    from yozora.cli.gallery import show_styles

    show_styles(sheet, as_json=as_json)


@app.command()
def doctor(
    model: Annotated[str | None, typer.Option("--model", metavar="NAME", help="Predict a film of this model.")] = None,
    size: Annotated[str | None, typer.Option("--size", metavar="WxH", help="The size of that film.")] = None,
    seconds: Annotated[str | None, typer.Option("--seconds", metavar="N", help="The length of that film.")] = None,
    weights: Annotated[
        str | None, typer.Option("--weights", metavar="full|fp8|int8", help="Precision of the weights.")
    ] = None,
    memory: Annotated[str | None, typer.Option("--memory", metavar="SIZE", help="Limit of device memory.")] = None,
    ram: Annotated[str | None, typer.Option("--ram", metavar="SIZE", help="Limit of main memory.")] = None,
    as_json: Json = False,
) -> None:
    """Check what this machine can run and what is missing. With --model, predict a film's arrangement, peak memory
    and time. Exit code 1: something is missing, or does not fit.
    """
    from dataclasses import asdict

    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from yozora.cli.checks import examine, film

    said = {"size": size, "seconds": seconds, "weights": weights, "memory": memory, "ram": ram}
    if model is None and any(value is not None for value in said.values()):
        raise UserError("No model is given.", "Name one: yozora doctor --model NAME.", code="model_required")
    findings = list(examine() if model is None else film(model, said))
    if as_json:
        say_json([asdict(finding) for finding in findings])
    else:
        table = Table(box=None, pad_edge=False, show_header=False)
        for finding in findings:
            mark = "[green]ok[/]" if finding.good else "[red]no[/]" if finding.needed else "[yellow]--[/]"
            table.add_row(mark, finding.what, escape(finding.found))
        Console(soft_wrap=True).print(table)
    if not all(finding.good or not finding.needed for finding in findings):
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
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # not under nohup
        signal.signal(signal.SIGHUP, _terminated)
    for stream in (sys.stdout, sys.stderr):  # names of files need not be text
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # Read when torch is loaded: threads that busy-wait make a film several times slower on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Read when numpy is loaded: its matrices here are a watermark's, so small that threads only get in their way.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        code = app(prog_name="yozora", standalone_mode=False)
    except UserError as error:
        sys.exit(_fail(as_typed(error)))
    except UsageError as error:
        sys.exit(_fail(_usage(error)))
    except ModuleNotFoundError as error:
        found = explained(error, " ".join(["yozora", *sys.argv[1:2]]))
        if found is None:
            raise
        sys.exit(_fail(str(found)))
    except (KeyboardInterrupt, typer.Abort):
        print("stopped", file=sys.stderr)
        sys.exit(INTERRUPTED)
    sys.exit(code or 0)


def _usage(error: Exception) -> str:
    message = getattr(error, "format_message", error.__str__)()
    context = getattr(error, "ctx", None)
    flag = getattr(error, "option_name", None)
    if flag is not None and context is not None and (whose := refused(context.info_name, flag)) is not None:
        return as_typed(whose)
    quotes = " Is the prompt in quotes?" if "unexpected extra argument" in message else ""
    end = "" if message.endswith(("?", ".")) else "."
    return f"{message}{end}{quotes} Try: {context.command_path if context else 'yozora'} --help"


def _fail(line: str) -> int:
    print("error: " + " ".join(line.split()), file=sys.stderr)
    return USER_ERROR


def _terminated(signum: int, frame: object) -> NoReturn:
    sys.exit(TERMINATED)
