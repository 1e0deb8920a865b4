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

from yozora.server.store.database import open_database

FIXTURES = Path(__file__).parent / "fixtures"
LATER = 4_100_000_000  # Unix seconds: when one of the deliveries is due
DELIVERIES = 5


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
