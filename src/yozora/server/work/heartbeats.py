"""Who works: a row for each worker that beats while it lives, and what happens to the work of those that do not.

Knows neither what the work is nor how it is done.
"""

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from yozora.server.store import tables
from yozora.server.store.database import Database, clock, now
from yozora.server.work.queue import Queue

BEAT_SECONDS = 2.0
SILENCE = 15.0  # seconds after which a worker that does not beat is dead


def here() -> str:
    """This machine, since it started, and among containers on it: process ids mean the same wherever this is equal."""
    parts = [socket.gethostname()]
    for read in (_boot, _process_ids):
        try:
            parts.append(read())
        except OSError:  # not Linux
            parts.append("")
    return "/".join(parts)


def enter(database: Database, worker: str) -> None:
    """This process is a worker from now on."""
    row = {"id": worker, "host": here(), "pid": os.getpid(), "started_at": now()}
    with database.begin() as connection:
        connection.execute(sa.insert(tables.workers).values(**row, seen=clock(connection)))


def beat(database: Database, worker: str, metrics: Mapping[str, Any]) -> None:
    """The worker lives. One that was taken for dead, and whose row is gone, enters again."""
    mine = tables.workers.c.id == worker
    with database.begin() as connection:
        told = {"seen": clock(connection), "metrics": dict(metrics)}
        known = connection.execute(sa.update(tables.workers).where(mine).values(**told)).rowcount
    if not known:
        enter(database, worker)


def leave(database: Database, queue: Queue, worker: str) -> int:
    """A worker is no more: what it had taken and not finished waits again. How many tickets that were."""
    with database.begin() as connection:
        connection.execute(sa.delete(tables.workers).where(tables.workers.c.id == worker))
        return queue.give_back(connection, [worker])


def reap(database: Database, queue: Queue, myself: str) -> int:
    """Whoever is dead leaves, and what no living worker has in hand waits again. How many tickets that were."""
    workers = tables.workers
    with database.begin() as connection:
        rows = connection.execute(sa.select(workers)).all()
        moment = clock(connection)
        for row in rows:
            if row.id != myself and (moment - row.seen >= SILENCE or not _runs(row)):
                as_seen = (workers.c.id == row.id) & (workers.c.seen == row.seen)
                connection.execute(sa.delete(workers).where(as_seen))
        return queue.give_back_lost(connection)


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]


def _process_ids() -> str:
    return os.readlink("/proc/self/ns/pid").removeprefix("pid:").strip("[]")


def _runs(row: "sa.Row[Any]") -> bool:
    """Whether a worker's process is there, as far as this machine can tell."""
    if row.host != here():
        return True
    try:
        os.kill(row.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, but there
        return True
    return True
