"""Commands on the server's database: bring its tables up to date, look whether it is sound, copy it."""

from pathlib import Path
from typing import Annotated

import typer

db = typer.Typer(help="Look after the database of the Videos API.", no_args_is_help=True)

Where = Annotated[
    str | None, typer.Option("--database", metavar="URL", help="Of the server, where it is not this machine's own.")
]


@db.command()
def upgrade(database: Where = None) -> None:
    """Bring the tables to the newest form, or make them. Servers and workers do so too when they start."""
    from yozora.server.database import HEAD, migrate

    migrate(_url(database))
    typer.echo(f"The database is at revision {HEAD}.")


@db.command()
def check(database: Where = None) -> None:
    """Say whether the database can be used by this version of Yozora. Changes nothing."""
    from yozora.server.database import HEAD, revision

    found = revision(_url(database))
    if found != HEAD:
        typer.echo(f"The database is at revision {found or 'none'}, this Yozora needs {HEAD}: yozora db upgrade")
        raise typer.Exit(1)
    typer.echo(f"The database is sound, and at revision {found}.")


@db.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The copy, which must not exist yet.")],
    database: Where = None,
) -> None:
    """Copy a SQLite database to a file, while the server runs. Of PostgreSQL, pg_dump makes copies."""
    from yozora.server.database import copy

    size = copy(_url(database), target)
    typer.echo(f"{target}: {size:,} bytes")


def _url(database: str | None) -> str:
    from yozora.server.settings import at_home

    return database or at_home().database
