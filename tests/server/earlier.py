"""Installations of earlier versions, as archives in `fixtures/` have them, and processes that go on beside newer ones.

What such a process would write is written here in SQL, as that version wrote it.
"""

import json
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from yozora.server.store import tables
from yozora.server.store.database import open_database

FIXTURES = Path(__file__).parent / "fixtures"
LATER = 4_100_000_000  # Unix seconds: when one of the deliveries is due


def unpack(url: str, folder: Path) -> None:
    """The installation of tables 0004 and tickets "job-2": its storage into a folder, its database to an empty one."""
    with connected(url) as connection:
        kind = "sqlite" if connection.dialect.name == "sqlite" else "postgres"
        with tarfile.open(FIXTURES / f"{kind}-job-2.tar.xz") as archive:
            archive.extractall(folder, filter="data")
        if kind == "postgres":
            connection.connection.cursor().execute((folder / "yozora.sql").read_bytes())


@contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    """A transaction that writes, on a database of any version."""
    database = open_database(url)
    try:
        with database.begin() as connection:
            yield connection
    finally:
        database.close()


def queue_table(connection: sa.Connection, name: str) -> sa.Table:
    """One of the tables of DBOS."""
    schema = None if connection.dialect.name == "sqlite" else "dbos"
    return sa.Table(name, sa.MetaData(), schema=schema, autoload_with=connection)


def tickets(connection: sa.Connection, workflow: str) -> dict[str, str]:
    """Status by name of the tickets of `make_film` or `deliver_event`."""
    table = queue_table(connection, "workflow_status")
    rows = connection.execute(sa.select(table.c.workflow_uuid, table.c.status).where(table.c.name == workflow)).all()
    return {row.workflow_uuid: row.status for row in rows}


def change_ticket(connection: sa.Connection, ticket: str, **values: Any) -> None:
    table = queue_table(connection, "workflow_status")
    connection.execute(sa.update(table).where(table.c.workflow_uuid == ticket).values(**values))


def enqueue(connection: sa.Connection, name: str, queue: str, workflow: str, *arguments: Any, **more: Any) -> None:
    """A ticket, as DBOS 3.4.0 writes it in the caller's transaction."""
    moment = int(time.time() * 1000)
    said = {"workflow_uuid": name, "status": "ENQUEUED", "name": workflow, "queue_name": queue, "priority": 0}
    said |= {"application_version": "job-2", "application_name": "yozora", "serialization": "portable_json"}
    said |= {"created_at": moment, "updated_at": moment, "recovery_attempts": 0}
    connection.execute(sa.insert(queue_table(connection, "workflow_status")).values(**said, **more))
    inputs = json.dumps({"positionalArgs": arguments, "namedArgs": {}}, separators=(",", ":"))
    beside = {"workflow_uuid": name, "inputs": inputs, "retention_timestamp": moment}
    connection.execute(sa.insert(queue_table(connection, "workflow_input")).values(**beside))


def enqueue_delivery(connection: sa.Connection, webhook: str, event: Mapping[str, Any], attempt: int = 1) -> str:
    """An event that an old process wants to be sent; the ticket's name."""
    name = f"{event['id']}.{webhook}.{attempt}"
    enqueue(connection, name, "webhooks", "deliver_event", webhook, event, attempt)
    return name


def enter_worker(connection: sa.Connection, name: str, seen: float) -> None:
    """A worker of that version says that it lives: it knows no columns that came later."""
    said = "INSERT INTO workers (id, host, pid, started_at, seen) VALUES (:id, 'elsewhere', 1, 1, :seen)"
    connection.execute(sa.text(said), {"id": name, "seen": seen})


def hear(connection: sa.Connection, url: str) -> None:
    """The webhooks are at another address from now on, and none of their events is for the far future."""
    moved = sa.func.replace(tables.webhooks.c.url, "http://127.0.0.1", url)
    connection.execute(sa.update(tables.webhooks).values(url=moved))
    table, soon = queue_table(connection, "workflow_status"), int(time.time() + 2) * 1000
    late = table.c.delay_until_epoch_ms == LATER * 1000
    connection.execute(sa.update(table).where(late).values(delay_until_epoch_ms=soon))


def ask(connection: sa.Connection, video_id: str, owner: str, job: Mapping[str, Any]) -> None:
    """A film is to be made: its row and its ticket. Such a process knows no columns that came later."""
    said = {
        "id": video_id,
        "owner": owner,
        "number": time.time_ns(),
        "status": "queued",
        "created_at": int(time.time()),
    }
    said |= {"model": "sora-2", "size": "96x64", "seconds": "0.3", "job": json.dumps(job), "fingerprint": video_id}
    names = ", ".join(said)
    values = ", ".join(f":{name}" for name in said)
    connection.execute(sa.text(f"INSERT INTO videos ({names}) VALUES ({values})"), said)
    enqueue(connection, video_id, "films", "make_film", video_id)


def take_up(connection: sa.Connection, video_id: str, worker: str) -> bool:
    """A worker of that version makes a film its own, whoever had it before; whether there was something to make."""
    said = "UPDATE videos SET status = 'in_progress', worker = :worker, attempts = attempts + 1, progress = 0"
    said += " WHERE id = :id AND status IN ('queued', 'in_progress')"
    return connection.execute(sa.text(said), {"id": video_id, "worker": worker}).rowcount == 1


def complete(connection: sa.Connection, video_id: str, worker: str, attempt: int) -> bool:
    """A worker of that version has made a film; whether it was its own."""
    folder = f"videos/{video_id}/{attempt}"
    said = "UPDATE videos SET status = 'completed', progress = 100, completed_at = :at, bytes = 1, file = :file"
    said += " WHERE id = :id AND worker = :worker AND attempts = :attempt AND status = 'in_progress'"
    values = {
        "id": video_id,
        "worker": worker,
        "attempt": attempt,
        "at": int(time.time()),
        "file": f"{folder}/film.mp4",
    }
    return connection.execute(sa.text(said), values).rowcount == 1
