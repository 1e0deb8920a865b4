"""Commands on the server's database: bring its tables up to date, look whether it is sound, copy it, search it."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yozora.cli.provenance import printable
from yozora.cli.working import Json, path, say_json
from yozora.errors import UserError

if TYPE_CHECKING:
    from yozora.server.store.watermarks import TracedVideo

db = typer.Typer(help="Administer the database of the Videos API.", no_args_is_help=True)

Where = Annotated[
    str | None, typer.Option("--database", metavar="URL", help="The server's, if it is not the one of this machine.")
]


@db.command()
def upgrade(database: Where = None, as_json: Json = False) -> None:
    """Upgrade the tables, or create them. Servers and workers do this too when they start."""
    from yozora.server.store.database import open_database
    from yozora.server.store.sealing import seal_all
    from yozora.server.store.upgrades import HEAD, migrate

    url = _url(database)
    migrate(url)
    with closing(open_database(url)) as opened:
        seal_all(opened)
    if as_json:
        say_json({"revision": HEAD})
        return
    typer.echo(f"The database is at revision {HEAD}.")


@db.command()
def check(database: Where = None, as_json: Json = False) -> None:
    """Check whether this version of Yozora can use the database. Changes nothing. Exit code 1: it cannot."""
    from yozora.server.store.upgrades import HEAD, revision

    found = revision(_url(database))
    if as_json:
        say_json({"revision": found, "needed": HEAD, "sound": found == HEAD})
        raise typer.Exit(0 if found == HEAD else 1)
    if found != HEAD:
        typer.echo(f"The database is at revision {found or 'none'} and needs {HEAD}. Run: yozora db upgrade")
        raise typer.Exit(1)
    typer.echo(f"The database is intact and at revision {found}.")


@db.command()
def backup(
    target: Annotated[Path, typer.Argument(parser=path, metavar="FILE", help="The copy, which must not exist yet.")],
    database: Where = None,
    as_json: Json = False,
) -> None:
    """Copy a SQLite database to a file, while the server runs. For PostgreSQL, use pg_dump."""
    from yozora.server.store.database import copy

    size = copy(_url(database), target)
    if as_json:
        say_json({"file": str(target), "bytes": size})
        return
    typer.echo(f"{target}: {size:,} bytes")


@db.command(name="find-mark")
def find_mark(
    mark: Annotated[str, typer.Argument(metavar="MARK", help="Twelve digits as yozora verify shows them, or a film.")],
    database: Where = None,
    as_json: Json = False,
) -> None:
    """Find the video with a watermark, and its key. Exit code 1: none."""
    from yozora.server.store.database import open_database
    from yozora.server.store.upgrades import migrate
    from yozora.server.store.watermarks import trace

    identifier = _identifier(mark)
    url = _url(database)
    migrate(url)
    with closing(open_database(url)) as opened:
        found = trace(opened, identifier)
    if as_json:
        say_json({"mark": f"{identifier:012x}", "videos": [asdict(video) for video in found]})
        raise typer.Exit(0 if found else 1)
    for line in (line for video in found for line in _describe_video(video)):
        typer.echo(printable(line))
    if not found:
        typer.echo(f"No video has the mark {identifier:012x}.")
        raise typer.Exit(1)


def _identifier(mark: str) -> int:
    """The number that a mark is, or that is found in a film."""
    from yozora.provenance import settings, verify

    if re.fullmatch(r"[0-9a-fA-F]{12}", mark):
        return int(mark, 16)
    if not Path(mark).exists():
        raise UserError(
            f"{mark!r} is neither a mark nor a film.",
            "Pass a film, or twelve hexadecimal digits such as 5f3a09c2e871.",
            code="mark_malformed",
        )
    found = verify.verify(Path(mark), settings.load()).identifier
    if found is None:
        raise UserError(
            f"No mark was found in {mark!r}.", f"For details, run: yozora verify {mark}", code="mark_not_found"
        )
    return found


def _describe_video(video: "TracedVideo") -> Iterator[str]:
    who = "anyone, on a server without keys" if video.key is None else f"{video.key} ({video.owner})"
    when = datetime.fromtimestamp(video.created_at, UTC).isoformat(sep=" ", timespec="seconds")
    yield video.video_id
    yield f"  asked for  {when.removesuffix('+00:00')} UTC by {who}"
    yield f"  made by    {video.model}, mode {video.mode}"
    gone = "not known any more: the video was deleted, or its time was over"
    yield f"  prompt     {gone if video.prompt is None else ' '.join(video.prompt.split()) or '-'}"
    yield f"  request    {video.request_id or '-'}"


def _url(database: str | None) -> str:
    from yozora.server.configuration import database_of

    return database_of(database)
