"""What every command does alike: a sign of life for what takes more than a moment, and JSON for scripts."""

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def path(text: str | Path) -> Path:
    """A path as it was typed: an empty one is none, though Python takes it for the current folder."""
    if not str(text).strip():
        raise typer.BadParameter("The name is empty.")
    return Path(text)


def working(what: str) -> AbstractContextManager[object]:
    """Something that turns on stderr, where that is a terminal, until the work is done."""
    from rich.console import Console
    from rich.markup import escape

    return Console(stderr=True).status(escape(what))


def say_json(value: object) -> None:
    """One JSON value on a line of its own."""
    typer.echo(json.dumps(value, ensure_ascii=False))
