"""Commands on API keys: make one, list them, revoke one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from yozora.cli.working import Json, say_json

if TYPE_CHECKING:
    from yozora.server.store.database import Database

keys = typer.Typer(
    help="Make, list and revoke the keys of the Videos API; look after what signs films.", no_args_is_help=True
)

Where = Annotated[
    str | None, typer.Option("--database", metavar="URL", help="Of the server, where it is not this machine's own.")
]


@keys.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who or what will use it.")],
    database: Where = None,
    as_json: Json = False,
) -> None:
    """Make a key and print it. It is shown this once."""
    from yozora.server.accounts import keys as store

    with _opened(database) as opened:
        made, secret = store.create(opened, name)
    if as_json:
        say_json({"id": made, "secret": secret, "name": name})
        return
    typer.echo(secret)
    typer.echo(f"{made}: keep it now, it is not shown again. Clients send it as their api_key.", err=True)


@keys.command(name="list")
def list_all(database: Where = None, as_json: Json = False) -> None:
    """List the keys. Of their secrets only the ends are known."""
    from yozora.server.accounts import keys as store

    with _opened(database) as opened:
        found = store.listed(opened)
    if as_json:
        say_json(
            [
                {
                    "id": key.id,
                    "name": key.name,
                    "hint": key.hint,
                    "created_at": key.created_at,
                    "revoked_at": key.revoked_at,
                }
                for key in found
            ]
        )
        return
    for key in found:
        ended = f", revoked {_day(key.revoked_at)}" if key.revoked_at is not None else ""
        typer.echo(f"{key.id}  {store.PREFIX}...{key.hint}  made {_day(key.created_at)}{ended}  {key.name}")


@keys.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="Of the key, as the list shows it: key_...")],
    database: Where = None,
    as_json: Json = False,
) -> None:
    """Let a key open nothing any more. Films that wait or are being made are cancelled; what was made with it stays."""
    from yozora.server.accounts import keys as store
    from yozora.server.work.queue import Queue

    with _opened(database) as opened:
        store.revoke(opened, key_id)
        with opened.begin() as connection:
            cancelled = Queue().cancel_all(connection, key_id)
    if as_json:
        say_json({"id": key_id, "revoked": True, "cancelled": cancelled})
        return
    also = f", and {cancelled} of its films cancelled" if cancelled else ""
    typer.echo(f"{key_id}: revoked{also}")


@contextmanager
def _opened(url: str | None) -> "Iterator[Database]":
    from yozora.server.configuration import database_of
    from yozora.server.store.database import migrate, open_database

    url = database_of(url)
    migrate(url)
    database = open_database(url)
    try:
        yield database
    finally:
        database.close()


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
