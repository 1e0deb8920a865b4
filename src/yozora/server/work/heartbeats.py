"""Who works: a row for each worker that gives signs of life, and what happens to the work of those that do not.

Knows neither what the work is nor how it is done.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import yozora
from yozora.server.store import tables
from yozora.server.store.database import Database, clock, now
from yozora.server.work.queue import Queue
from yozora.server.work.retry_policy import AWAY, reason

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Able:
    """What a worker can do: the models that it can run (None: any), and the bytes that one may take."""

    presets: tuple[str, ...] | None = None
    memory: int | None = None


def here() -> str:
    """This machine, since it started, and among containers on it: process ids mean the same wherever this is equal."""
    parts = [socket.gethostname()]
    for read in (_boot, _process_ids):
        try:
            parts.append(read())
        except OSError:  # not Linux
            parts.append("")
    return "/".join(parts)


def enter(database: Database, worker: str, able: Able = Able()) -> None:
    """This process is a worker from now on."""
    row = {"id": worker, "host": here(), "pid": os.getpid(), "started_at": now(), "version": yozora.__version__}
    row |= {"presets": None if able.presets is None else list(able.presets), "memory": able.memory}
    with database.begin() as connection:
        connection.execute(sa.insert(tables.workers).values(**row, seen=clock(connection)))


def beat(database: Database, worker: str, metrics: Mapping[str, Any], able: Able = Able()) -> bool:
    """The worker lives; whether it is to take up nothing new. One that was taken for dead, and whose row is gone,
    enters again.
    """
    mine = tables.workers.c.id == worker
    with database.begin() as connection:
        state = {"seen": clock(connection), "metrics": dict(metrics)}
        drains = sa.update(tables.workers).where(mine).values(**state).returning(tables.workers.c.draining)
        row = connection.execute(drains).one_or_none()
    if row is None:
        enter(database, worker, able)
    return bool(row and row.draining)


def leave(database: Database, queue: Queue, worker: str) -> int:
    """A worker is no more: what it had taken and not finished waits again. How many films that were."""
    with database.begin() as connection:
        connection.execute(sa.delete(tables.workers).where(tables.workers.c.id == worker))
        return queue.give_back(connection, worker)


def reap(database: Database, queue: Queue, *, myself: str = "", silence: float) -> int:
    """Workers that are dead are removed, and what no living worker has in hand waits again, or has ended. How many
    films that were. A worker is dead whose process is gone, or that has given no sign for `silence` seconds. Films of
    keys that are over are cancelled.
    """
    workers = tables.workers
    with database.begin() as connection:
        rows = connection.execute(sa.select(workers)).all()
        moment = clock(connection)
        for row in rows:
            if row.id != myself and (moment - row.seen >= silence or not _runs(row)):
                as_seen = (workers.c.id == row.id) & (workers.c.seen == row.seen)
                connection.execute(sa.delete(workers).where(as_seen))
        found = queue.reclaim(connection)
        queue.cancel_over(connection)
        return found


class Reaper:
    """Calls `reap` as often as it is due, for any process of an installation.

    When the database comes back after an outage, no worker has given a sign of life for as long. So others are judged
    by their silence only after the database has answered this process for that long.
    """

    def __init__(self, database: Database, queue: Queue, myself: str = "") -> None:
        self._database, self._queue, self._myself = database, queue, myself
        self._answers = self._due = time.monotonic()

    def check_workers(self) -> None:
        """Reap, if it is time."""
        times, moment = self._queue.times, time.monotonic()
        if moment < self._due:
            return
        silence = times.silence if moment - self._answers >= times.silence else float("inf")
        try:
            found = reap(self._database, self._queue, myself=self._myself, silence=silence)
        except AWAY as error:
            log.warning("the database does not answer: %s", reason(error))
            self._answers = time.monotonic()
        else:
            if found:
                log.warning("the videos of a dead worker are queued again", extra={"videos": found})
        self._due = time.monotonic() + times.reap

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set."""
        while not stop.wait(self._queue.times.reap):
            self.check_workers()


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
    except PermissionError:  # of another user, but there
        return True
    return True
