"""One worker's attempt at one film: what may be written about it, and only as long as it is this worker's to write.

Every write is conditional on the row still naming the worker and the attempt, so a worker that was thought dead and
wakes up changes nothing, and a film ends exactly once. Knows no model and no file.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from yozora.server.store import tables
from yozora.server.store.database import Database, now
from yozora.server.store.watermarks import remember
from yozora.server.work.job import Job
from yozora.server.work.queue import CANCELLED, Queue

R = TypeVar("R")
log = logging.getLogger(__name__)

REPORT_SECONDS = 0.2  # between two writes of progress
PATIENCE = (0.1, 0.5, 2.0, 5.0, 10.0, 20.0)  # seconds between tries to write how a film ended
CRASHED = ("worker_crashed", "Making this video stopped its worker again and again.")


class Cancelled(Exception):  # noqa: N818 - no error: somebody wanted it so
    """The film is not wanted any more, and its row is to say so."""


class Lost(Exception):  # noqa: N818
    """The film is gone, or another worker has it: whatever this attempt has made is to be thrown away."""


@dataclass(slots=True, kw_only=True, eq=False)
class Attempt:
    """A film that `worker` has taken up for the `number`-th time (crashes counted, graceful stops not)."""

    database: Database
    queue: Queue
    worker: str
    video_id: str
    owner: str
    number: int
    row: Mapping[str, Any]  # of the job, which may not be readable
    waited: float  # seconds from the request to now
    request_id: str | None = None
    said: tuple[float, int] = field(default=(0.0, 0))  # when progress was written last, and which

    @property
    def job(self) -> Job:
        """What is to be made. Raises `ValueError` for what is no job, `UserError` for one that cannot be made."""
        return Job.from_json(self.row)

    @property
    def prefix(self) -> str:
        """Of the storage keys of everything that this attempt makes."""
        return f"videos/{self.video_id}/{self.number}"

    @classmethod
    def take_up(cls, database: Database, queue: Queue, worker: str, video_id: str, limit: int) -> Self | None:
        """The film becomes this worker's, whoever had it before; None where there is nothing to make any more.

        One that `limit` attempts have not survived has failed, and one that is to stop has stopped.
        """
        videos = tables.videos
        with database.begin() as connection:
            row = connection.execute(sa.select(videos).where(videos.c.id == video_id).with_for_update()).one_or_none()
            if row is None or row.status not in ("queued", "in_progress"):
                return None
            if row.stopping or row.attempts >= limit:
                queue.fail(connection, video_id, row.owner, *(CANCELLED if row.stopping else CRASHED))
                return None
            taken = {"status": "in_progress", "worker": worker, "attempts": row.attempts + 1, "progress": 0}
            connection.execute(
                sa.update(videos).where(videos.c.id == video_id).values(**taken, started_at=row.started_at or now())
            )
        return cls(
            database=database,
            queue=queue,
            worker=worker,
            video_id=video_id,
            owner=row.owner,
            number=row.attempts + 1,
            row=row.job,
            waited=max(0.0, (time.time_ns() - row.number) / 1e9),
            request_id=row.request_id,
        )

    def check(self) -> None:
        """Raises `Cancelled` or `Lost` where this film is not to be made any more, at least not here."""
        with self.database.read() as connection:
            stopping = connection.execute(sa.select(tables.videos.c.stopping).where(self._mine)).scalar()
        if stopping is None:
            raise Lost(self.video_id)
        if stopping:
            raise Cancelled(self.video_id)

    def report(self, progress: int) -> None:
        """How far it is, 0 to 99; written only now and then."""
        at, before = self.said
        if progress == before or time.monotonic() - at < REPORT_SECONDS:
            return
        with self.database.begin() as connection:
            connection.execute(sa.update(tables.videos).where(self._mine).values(progress=progress))
        self.said = (time.monotonic(), progress)

    def preview(self, step: int, picture: bytes) -> None:
        """What the film looks like by now: a small WebP, `step` counts from 1."""
        values = {"video": self.video_id, "step": step, "picture": picture}
        with self.database.begin() as connection:
            mine = connection.execute(sa.select(tables.videos.c.id).where(self._mine).with_for_update()).scalar()
            if mine is None:
                raise Lost(self.video_id)
            insert_into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
            insert = insert_into(tables.previews).values(**values)
            connection.execute(insert.on_conflict_do_update(index_elements=["video"], set_=values))

    def complete(
        self,
        keys: Mapping[str, str],
        size: int,
        timings: Mapping[str, float],
        *,
        watermark: int | None = None,
        keep_seconds: float = 0.0,
    ) -> None:
        """The film is done: `keys` are those of file, thumbnail and spritesheet, which are in the storage by now, and
        `watermark` is the identifier in its frames. Raises `Cancelled` or `Lost`, and then nothing was written.
        """
        ended = now()
        values = {
            **keys,
            "status": "completed",
            "progress": 100,
            "completed_at": ended,
            "expires_at": ended + round(keep_seconds) if keep_seconds else None,
            "bytes": size,
            "timings": dict(timings),
        }
        if not _patiently(
            lambda: self._end(values, "video.completed", tables.videos.c.stopping.is_(False), watermark=watermark)
        ):
            self.check()
            raise Lost(self.video_id)

    def fail(self, code: str, message: str, timings: Mapping[str, float]) -> None:
        """The film is not to be had, for a reason that its owner may read. Nothing happens where it is not ours."""
        failed = {"status": "failed", "error_code": code, "error_message": message, "timings": dict(timings)}
        _patiently(lambda: self._end({**failed, "completed_at": now()}, "video.failed"))

    def release(self) -> None:
        """The film waits again, as if it had never been taken up; its ticket is given back when the worker leaves."""
        waits = {"status": "queued", "worker": None, "progress": 0, "attempts": self.number - 1}
        _patiently(lambda: self._end(waits, None))

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        videos = tables.videos.c
        row = (videos.id == self.video_id) & (videos.worker == self.worker)
        return row & (videos.attempts == self.number) & (videos.status == "in_progress")

    def _end(
        self,
        values: Mapping[str, Any],
        event: str | None,
        *also: sa.ColumnElement[bool],
        watermark: int | None = None,
    ) -> bool:
        """Write the row for the last time, and tell whoever listens, in one stroke; False where it is not ours."""
        with self.database.begin() as connection:
            if not connection.execute(sa.update(tables.videos).where(self._mine, *also).values(**values)).rowcount:
                return False
            connection.execute(sa.delete(tables.previews).where(tables.previews.c.video == self.video_id))
            if watermark is not None:
                remember(connection, self.video_id, watermark)
            if event is not None:
                self.queue.announce(connection, self.owner, event, self.video_id)
        return True


def _patiently(write: Callable[[], R]) -> R:
    """What a film came to is not lost because the database is away or full for some seconds."""
    for wait in PATIENCE:
        try:
            return write()
        except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
            log.warning("the database does not answer: %s", str(error.orig).strip().splitlines()[0])
            time.sleep(wait)
    return write()
