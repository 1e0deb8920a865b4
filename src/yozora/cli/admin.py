"""Commands for a server's operator: videos of all keys, workers, events, usage, and all of a key.

They work on the database and the storage themselves; an administrator's key does the same by `/v1/admin`.
"""

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from yozora.cli.keys import opened_database
from yozora.cli.provenance import printable
from yozora.cli.working import Json, path, say_json
from yozora.errors import UserError

if TYPE_CHECKING:
    from yozora.server.store.database import Database
    from yozora.server.store.objects import Objects

admin = typer.Typer(
    help="Administer a server: videos of all users, workers, events, usage.",
    no_args_is_help=True,
)

Where = Annotated[
    str | None, typer.Option("--database", metavar="URL", help="The server's, if it is not the one of this machine.")
]
Store = Annotated[
    str | None, typer.Option("--storage", metavar="URL", help="The server's, if it is not the one of this machine.")
]
Whose = Annotated[str | None, typer.Option("--key", metavar="ID", help="Only of this key.")]
Most = Annotated[int, typer.Option("--limit", metavar="N", min=1, max=10_000, help="How many.")]


@admin.command()
def jobs(
    key: Whose = None,
    status: Annotated[
        str | None, typer.Option(metavar="STATUS", help="queued, in_progress, completed or failed.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="The requested model, or the one that makes it.")
    ] = None,
    limit: Most = 50,
    database: Where = None,
    as_json: Json = False,
) -> None:
    """List videos of all keys, the newest first."""
    from yozora.server.work import administration

    status = _check_known(status, administration.STATUSES)
    which = administration.VideoFilter(owner=key, status=cast(Any, status), model=model)
    with opened_database(database) as opened, opened.read() as connection:
        found, _ = administration.jobs(connection, which, limit=limit)
    shown = ("id", "owner", "status", "progress", "model", "size", "seconds", "worker", "error_code", "created_at")
    _print_rows([{name: getattr(row, name) for name in shown} for row in found], as_json=as_json)


@admin.command()
def cancel(
    video_id: Annotated[str, typer.Argument(metavar="ID", help="video_...")],
    database: Where = None,
    as_json: Json = False,
) -> None:
    """Cancel a video of any user."""
    from yozora.server.work import administration
    from yozora.server.work.queue import Queue

    with opened_database(database) as opened, _refusals(), opened.begin() as connection:
        row = administration.cancel(connection, Queue(), video_id, by=_me())
    _print_line(f"{row.id}: {row.status}", {"id": row.id, "status": row.status}, as_json=as_json)


@admin.command()
def workers(database: Where = None, as_json: Json = False) -> None:
    """List the workers and the video of each."""
    from yozora.server.bounds import Times
    from yozora.server.work import administration

    with opened_database(database) as opened, opened.read() as connection:
        found = administration.employed(connection, Times().silence)
    _print_rows(found, as_json=as_json)


@admin.command()
def drain(
    worker_id: Annotated[str, typer.Argument(metavar="ID", help="worker_...")],
    off: Annotated[bool, typer.Option("--off", help="Let it take films again.")] = False,
    database: Where = None,
    as_json: Json = False,
) -> None:
    """Let a worker finish its film and take no new one."""
    from yozora.server.work import administration

    with opened_database(database) as opened, _refusals(), opened.begin() as connection:
        administration.drain(connection, worker_id, by=_me(), draining=not off)
    said = "takes up films again" if off else "takes nothing new"
    _print_line(f"{worker_id}: {said}", {"id": worker_id, "draining": not off}, as_json=as_json)


@admin.command()
def deliveries(
    key: Whose = None,
    webhook: Annotated[str | None, typer.Option(metavar="ID", help="Only to this webhook.")] = None,
    status: Annotated[str | None, typer.Option(metavar="STATUS", help="pending, delivered or failed.")] = None,
    limit: Most = 50,
    database: Where = None,
    as_json: Json = False,
) -> None:
    """List events for webhooks, the newest first, with the reason of each failure."""
    from yozora.server.work import delivery_log

    status = _check_known(status, delivery_log.STATUSES)
    which = delivery_log.DeliveryFilter(owner=key, webhook=webhook, status=cast(Any, status))
    with opened_database(database) as opened, opened.read() as connection:
        found, _ = delivery_log.listed(connection, which, limit=limit)
    shown = ("id", "owner", "webhook", "type", "status", "attempts", "http_status", "reason", "created_at", "ended_at")
    _print_rows([{name: getattr(row, name) for name in shown} for row in found], as_json=as_json)


@admin.command()
def redeliver(
    delivery_id: Annotated[str, typer.Argument(metavar="ID", help="del_...")],
    database: Where = None,
    as_json: Json = False,
) -> None:
    """Send an event again, whatever its status."""
    from yozora.server.work import administration

    with opened_database(database) as opened, _refusals(), opened.begin() as connection:
        row = administration.redeliver(connection, delivery_id, by=_me())
    _print_line(f"{row.id}: {row.status}", {"id": row.id, "status": row.status}, as_json=as_json)


@admin.command()
def usage(
    by: Annotated[
        str, typer.Option(metavar="NAME,NAME", help="Group by these: day, key, model, mode, status.")
    ] = "day,key,model,status",
    since: Annotated[
        str,
        typer.Option(
            metavar="TIME", help="Only videos that ended since then: a time such as 30d, or a date such as 2026-11-01."
        ),
    ] = "30d",
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only videos that ended before this day. [default: now]")
    ] = None,
    key: Whose = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a table (CSV).")] = False,
    database: Where = None,
    as_json: Json = False,
) -> None:
    """Add up the usage of videos."""
    from yozora.server.accounts import usage as store
    from yozora.server.store.database import now

    groups = [cast(Any, _check_known(name.strip(), store.GROUPS)) for name in by.split(",") if name.strip()]
    end = _moment(until) if until is not None else now() + 1
    period = store.Period(start=_moment(since), end=end, owner=key)
    with opened_database(database) as opened, opened.read() as connection:
        found = store.sums(connection, period, groups)
    if as_csv:
        writer = csv.DictWriter(sys.stdout, [*groups, *store.SUMS], lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
        return
    _print_rows(found, as_json=as_json)


@admin.command()
def export(
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="key_...")],
    target: Annotated[
        Path, typer.Argument(parser=path, metavar="FOLDER", help="A new folder; or a file, where it ends with .tar.")
    ],
    database: Where = None,
    storage: Store = None,
    as_json: Json = False,
) -> None:
    """Write all data of a key into a folder: films, files, characters, and their records as JSON."""
    from yozora.server.accounts import belongings

    with _installation(database, storage) as (opened, objects):
        if target.suffix == ".tar":
            count = _tar(opened, objects, key_id, target)
        else:
            count = belongings.export_folder(opened, objects, key_id, target, by=_me())
    said = {"id": key_id, "target": str(target), "files": count}
    _print_line(f"{target}: {count} files", said, as_json=as_json)


@admin.command()
def erase(
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="key_...")],
    yes: Annotated[bool, typer.Option("--yes", help="Erase; without this, only show what would be erased.")] = False,
    database: Where = None,
    storage: Store = None,
    as_json: Json = False,
) -> None:
    """Remove all data of a key for good, and revoke it: films, files, characters, webhooks, events. Usage and audit
    entries stay.
    """
    from yozora.server.accounts import belongings

    with _installation(database, storage) as (opened, objects):
        if not yes:
            count = len(belongings.entries(opened, key_id, by=None))
            raise UserError(
                f"This would delete {count} files of {key_id} for good.",
                "Confirm with --yes.",
                code="confirmation_required",
            )
        gone = belongings.erase(opened, objects, key_id, by=_me())
    said = {"id": key_id, "videos": gone.videos, "files": gone.files, "characters": gone.characters}
    line = f"{key_id}: {gone.videos} videos, {gone.files} files and {gone.characters} characters are gone"
    _print_line(line, said, as_json=as_json)


@admin.command()
def audit(
    target: Annotated[
        str | None, typer.Option(metavar="ID", help="Only actions on this key, video, worker or delivery.")
    ] = None,
    limit: Most = 50,
    database: Where = None,
    as_json: Json = False,
) -> None:
    """List the actions of administrators, by command and API, the newest first."""
    from yozora.server.accounts import audit as store

    with opened_database(database) as opened, opened.read() as connection:
        found, _ = store.listed(connection, target=target, limit=limit)
    _print_rows([dict(row._mapping) for row in found], as_json=as_json)


def _tar(database: "Database", objects: "Objects", key_id: str, target: Path) -> int:
    from yozora.server.accounts import belongings

    given = belongings.entries(database, key_id, by=_me())
    try:
        with target.open("xb") as file:
            file.writelines(belongings.tar(objects, given))
    except OSError as error:
        raise UserError(
            f"{target} cannot be written: {error.strerror}.", "Choose another name.", code="output_unwritable"
        ) from error
    return len(given)


@contextmanager
def _installation(database: str | None, storage: str | None) -> "Iterator[tuple[Database, Objects]]":
    from yozora.server.configuration import storage_of
    from yozora.server.store.objects import StorageAway, open_objects

    with opened_database(database) as opened:
        try:
            yield opened, open_objects(storage_of(storage))
        except StorageAway as error:
            raise UserError(
                f"The storage cannot be reached: {error}.",
                "Check the storage, then try again.",
                code="storage_unavailable",
            ) from error


@contextmanager
def _refusals() -> Iterator[None]:
    """What is refused as clients are told it, as people are."""
    from yozora.server.errors import ApiError

    try:
        yield
    except ApiError as error:
        raise UserError(error.message, code=error.reason) from error


def _me() -> str:
    from yozora.server.accounts.audit import COMMAND_LINE

    return COMMAND_LINE


def _check_known(said: str | None, known: Iterable[str]) -> str | None:
    if said is not None and said not in known:
        raise UserError(f"{said[:60]!r} is not known.", f"Use one of: {', '.join(known)}.", code="unknown_choice")
    return said


def _moment(text: str) -> int:
    """Unix seconds of the start of a day of UTC, or of so long ago."""
    from yozora.server.configuration import parse_time
    from yozora.server.store.database import now

    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return now() - round(parse_time(text))


def _print_line(line: str, record: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        say_json(record)
    else:
        typer.echo(line)


def _print_rows(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """Rows as JSON, or a line each: what there is, by name."""
    if as_json:
        say_json(rows)
        return
    for row in rows:
        words = [f"{name}={_format_value(name, value)}" for name, value in row.items() if value not in (None, "")]
        typer.echo(printable("  ".join(words)))


_TIMES = frozenset({"at", "created_at", "ended_at", "started_at", "day"})


def _format_value(name: str, value: Any) -> str:
    if name in _TIMES:
        shown = datetime.fromtimestamp(value, UTC)
        return shown.date().isoformat() if name == "day" else shown.isoformat(timespec="seconds").removesuffix("+00:00")
    return f"{value:g}" if isinstance(value, float) else str(value)
