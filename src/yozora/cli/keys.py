"""Commands on API keys: make one, list them, change one, revoke one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yozora.cli.working import Json, say_json
from yozora.errors import UserError

if TYPE_CHECKING:
    from yozora.server.accounts.keys import Grant, Key
    from yozora.server.store.database import Database

keys = typer.Typer(
    help="Create, change and revoke keys of the Videos API; manage the keys that sign films.", no_args_is_help=True
)

Where = Annotated[
    str | None, typer.Option("--database", metavar="URL", help="The server's, if it is not the one of this machine.")
]


Expires = Annotated[
    str | None, typer.Option("--expires", metavar="TIME", help="Time until it expires, such as 30d; 0 is never.")
]
Scopes = Annotated[
    list[str] | None,
    typer.Option(
        "--scope", metavar="SCOPE", help="read, create (with reading) or admin; may be repeated. [default: create]"
    ),
]
Own = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="NAME=N",
        help="Its own limit, such as concurrent=2; may be repeated. See docs/operations.md.",
    ),
]
Priority = Annotated[
    float | None,
    typer.Option("--priority", metavar="N", help="Its share of the workers; other keys have 1. [default: 1]"),
]


@keys.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who or what will use it.")],
    expires: Expires = None,
    scope: Scopes = None,
    limit: Own = None,
    priority: Priority = None,
    database: Where = None,
    as_json: Json = False,
) -> None:
    """Create a key and print it, only this once."""
    from yozora.server.accounts import keys as store

    grant = _granted(store.Grant(), expires, scope, limit, priority)
    with opened_database(database) as opened:
        made, secret = store.create(opened, name, grant)
    if as_json:
        say_json({"id": made, "secret": secret, "name": name, **store.grant_json(grant)})
        return
    typer.echo(secret)
    typer.echo(f"{made}: save this key now; it is not shown again. Clients send it as api_key.", err=True)


@keys.command()
def change(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The id of the key in the list: key_...")],
    expires: Expires = None,
    scope: Scopes = None,
    limit: Own = None,
    priority: Priority = None,
    database: Where = None,
    as_json: Json = False,
) -> None:
    """Change a key. Options that are not given stay; limits are replaced all together."""
    from yozora.server.accounts import keys as store

    with opened_database(database) as opened:
        with opened.read() as connection:
            had = store.get(connection, key_id).grant
        key = store.change(opened, key_id, _granted(had, expires, scope, limit, priority))
    if as_json:
        say_json(key.to_json())
        return
    typer.echo(_format_key(key))


@keys.command(name="list")
def list_all(database: Where = None, as_json: Json = False) -> None:
    """List the keys, with only the ends of their secrets."""
    from yozora.server.accounts import keys as store

    with opened_database(database) as opened:
        found = store.listed(opened)
    if as_json:
        say_json([key.to_json() for key in found])
        return
    for key in found:
        typer.echo(_format_key(key))


@keys.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The id of the key in the list: key_...")],
    database: Where = None,
    as_json: Json = False,
) -> None:
    """Revoke a key. Its queued and unfinished films are cancelled; finished ones stay."""
    from yozora.server.accounts import keys as store
    from yozora.server.work.queue import Queue

    with opened_database(database) as opened:
        store.revoke(opened, key_id)
        with opened.begin() as connection:
            cancelled = Queue().cancel_all(connection, key_id)
    if as_json:
        say_json({"id": key_id, "revoked": True, "cancelled": cancelled})
        return
    also = f", and {cancelled} of its films cancelled" if cancelled else ""
    typer.echo(f"{key_id}: revoked{also}")


@keys.command()
def link(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the key, or its id: key_...")],
    url: Annotated[
        str, typer.Option("--url", metavar="URL", help="Where browsers reach the server.", show_default=True)
    ] = "http://127.0.0.1:8000",
    database: Where = None,
    as_json: Json = False,
) -> None:
    """Print a link that signs a browser in to the studio with a key. It works once, within 15 minutes."""
    from yozora.server.accounts import sessions

    with opened_database(database) as opened:
        key = sessions.key_named(opened, name)
        shown = sessions.link_url(url, sessions.make_link(opened, key.id))
    if as_json:
        say_json({"id": key.id, "url": shown, "seconds": sessions.LINK_SECONDS})
        return
    typer.echo(shown)


@contextmanager
def opened_database(url: str | None) -> "Iterator[Database]":
    """The database of a server, brought to its newest form."""
    from yozora.server.configuration import database_of
    from yozora.server.store.database import open_database
    from yozora.server.store.upgrades import migrate

    url = database_of(url)
    migrate(url)
    database = open_database(url)
    try:
        yield database
    finally:
        database.close()


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _granted(
    had: "Grant", expires: str | None, scopes: list[str] | None, limits: list[str] | None, priority: float | None
) -> "Grant":
    """What a key that had so much may do, as is said."""
    from yozora.server.configuration import parse_time
    from yozora.server.store.database import now

    said: dict[str, Any] = {}
    if expires is not None:
        said["expires_at"] = None if expires == "0" else now() + round(parse_time(expires))
    if scopes:
        said["scopes"] = tuple(dict.fromkeys(scopes))
    if limits:
        said["limits"] = dict(_split_pair(one) for one in limits)
    if priority is not None:
        said["weight"] = priority
    return replace(had, **said)


def _split_pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name.strip() and equals):
        raise UserError(f"{text!r} is not NAME=N.", "Write, for example, --limit concurrent=2.", code="limit_malformed")
    return name.strip(), value.strip()


def _format_key(key: "Key") -> str:
    from yozora.server.accounts.keys import PREFIX, USUAL

    grant = key.grant
    said = [f"made {_day(key.created_at)}"]
    said += [f"used {_day(key.last_used_at)}"] if key.last_used_at is not None else []
    said += [f"revoked {_day(key.revoked_at)}"] if key.revoked_at is not None else []
    said += [f"ends {_day(grant.expires_at)}"] if grant.expires_at is not None else []
    said += [f"may {' and '.join(grant.scopes)}"] if grant.scopes != USUAL else []
    said += [f"priority {grant.weight:g}"] if grant.weight != 1 else []
    said += [f"{name}={value:g}" for name, value in grant.limits.items()]
    return f"{key.id}  {PREFIX}...{key.hint}  {', '.join(said)}  {key.name}"
