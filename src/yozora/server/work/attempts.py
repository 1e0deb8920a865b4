"""One worker's attempt at one film: what may be written about it, and only as long as it is this worker's to write.

Every write is conditional on the row still naming the worker and the attempt, so a worker that was thought dead and
wakes up changes nothing, and a film ends exactly once. Knows no model and no file.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import sqlalchemy as sa

from yozora.server.accounts import consent
from yozora.server.store import legacy_dbos, tables
from yozora.server.store import live as watched
from yozora.server.store.database import Database, clock, now, upsert
from yozora.server.store.film_length import FilmLength
from yozora.server.store.watermarks import remember
from yozora.server.work import legacy_films
from yozora.server.work.job import Job
from yozora.server.work.queue import Queue
from yozora.server.work.retry_policy import AWAY, RetryPolicy, reason

log = logging.getLogger(__name__)

REPORT_SECONDS = 0.2  # between two writes of progress


class Cancelled(Exception):  # noqa: N818 - no error: it was asked for
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
    cost: float  # of the work that it is, see `queue.cost`
    retry: RetryPolicy
    live: bool = False  # a client watches the film while it is made
    request_id: str | None = None
    reported: tuple[float, int] = field(default=(0.0, 0))  # when progress was written last, and which
    last_prompt: int = -1  # number of the last prompt that came while it is made
    silent_until: float = 0.0  # monotonic seconds: the database did not answer, and is left alone

    @property
    def job(self) -> Job:
        """What is to be made. Raises `ValueError` for what is no job, `UserError` for one that cannot be made."""
        return Job.from_json(self.row)

    @property
    def prefix(self) -> str:
        """Of the storage keys of everything that this attempt makes."""
        return f"videos/{self.video_id}/{self.number}"

    @classmethod
    def take_up(
        cls, database: Database, queue: Queue, worker: str, presets: Sequence[str] | None, retry: RetryPolicy
    ) -> Self | None:
        """The film whose turn it is becomes this worker's; None where none waits that it could make."""
        with database.read() as connection:
            if not queue.waits(connection, presets):
                return None
        videos = tables.videos
        with database.begin() as connection:
            row = queue.next(connection, presets)
            if row is not None and row.preset is None and legacy_films.place(connection, queue):
                row = queue.next(connection, presets)
            if row is None:
                return None
            if consent.is_revoked(connection, row.id, row.owner):
                queue.fail(connection, row.id, *consent.REVOKED)
                return None
            legacy_dbos.withdraw(connection, row.id)
            taken = {"status": "in_progress", "worker": worker, "attempts": row.attempts + 1, "progress": 0}
            connection.execute(
                sa.update(videos).where(videos.c.id == row.id).values(**taken, started_at=row.started_at or now())
            )
            queue.charge(connection, row)
        return cls(
            database=database,
            queue=queue,
            worker=worker,
            video_id=row.id,
            owner=row.owner,
            number=row.attempts + 1,
            row=row.job,
            waited=max(0.0, (time.time_ns() - row.number) / 1e9),
            cost=row.cost,
            retry=retry,
            live=row.live,
            request_id=row.request_id,
        )

    def check(self) -> None:
        """Raises `Cancelled` or `Lost` where this film is not to be made any more, at least not here. While the
        database is away the film goes on.
        """
        self._unless_away(self._check_cancelled)

    def _check_cancelled(self) -> None:
        with self.database.read() as connection:
            stopping = connection.execute(sa.select(tables.videos.c.stopping).where(self._mine)).scalar()
        if stopping is None:
            raise Lost(self.video_id)
        if stopping:
            raise Cancelled(self.video_id)

    def report(self, progress: int) -> None:
        """How far it is, 0 to 99; written only now and then."""
        at, before = self.reported
        if progress == before or time.monotonic() - at < REPORT_SECONDS:
            return
        self._unless_away(lambda: self._report(progress))

    def _report(self, progress: int) -> None:
        with self.database.begin() as connection:
            connection.execute(sa.update(tables.videos).where(self._mine).values(progress=progress))
        self.reported = (time.monotonic(), progress)

    def preview(self, step: int, picture: bytes) -> None:
        """What the film looks like by now: a small WebP, `step` counts from 1."""
        self._unless_away(lambda: self._write_preview(step, picture))

    def _write_preview(self, step: int, picture: bytes) -> None:
        with self.database.begin() as connection:
            mine = connection.execute(sa.select(tables.videos.c.id).where(self._mine).with_for_update()).scalar()
            if mine is None:
                raise Lost(self.video_id)
            upsert(connection, tables.previews, {"video": self.video_id, "step": step, "picture": picture})

    def is_broken(self) -> bool:
        """Whether a client has watched a part of the film that another attempt made: it cannot be begun again."""
        return self.live and self.retry(self._has_parts)

    def _has_parts(self) -> bool:
        with self.database.read() as connection:
            return watched.has_parts(connection, self.video_id)

    def stream(self, part: watched.Fragment) -> None:
        """A fragment of the film for the viewer. Raises `Lost` where the film is not ours."""
        self.retry(lambda: self._write_part(part))

    def _write_part(self, part: watched.Fragment) -> None:
        with self.database.begin() as connection:
            mine = connection.execute(sa.select(tables.videos.c.id).where(self._mine).with_for_update()).scalar()
            if mine is None:
                raise Lost(self.video_id)
            if (
                watched.part(connection, self.video_id, part.number) is None
            ):  # else the first try came through after all
                watched.add_part(connection, self.video_id, part)

    def prompts(self) -> list[watched.PromptChange]:
        """What the viewer has said since this was last asked; nothing while the database is away."""
        last_prompt: list[watched.PromptChange] = []
        self._unless_away(lambda: last_prompt.extend(self._prompts()))
        self.last_prompt = last_prompt[-1].number if last_prompt else self.last_prompt
        return last_prompt

    def _prompts(self) -> list[watched.PromptChange]:
        with self.database.read() as connection:
            return watched.prompts(connection, self.video_id, self.last_prompt)

    def complete(
        self,
        keys: Mapping[str, str],
        size: int,
        timings: Mapping[str, float],
        *,
        length: FilmLength | None = None,
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
            **({} if length is None else length.columns),
        }
        unless_stopped = tables.videos.c.stopping.is_(False)
        if self.retry(lambda: self._write_final_row(values, "video.completed", unless_stopped, watermark=watermark)):
            return
        if not self.retry(lambda: self._is_completed(keys)):
            self.retry(self._check_cancelled)
            raise Lost(self.video_id)

    def _is_completed(self, keys: Mapping[str, str]) -> bool:
        """Whether this very attempt has completed the film: the database took it, and was gone before it said so."""
        videos = tables.videos.c
        with self.database.read() as connection:
            done = sa.select(videos.file).where(videos.id == self.video_id, videos.status == "completed")
            return bool(connection.execute(done).scalar() == keys["file"])

    def fail(self, code: str, message: str, timings: Mapping[str, float], why: str | None = None) -> None:
        """The film is not to be had, for a reason that its owner may read; `why` is the code of the `UserError` behind
        it. Nothing happens where it is not ours.
        """
        said = {"error_code": code, "error_message": message, "error_reason": why}
        failed = {**said, "status": "failed", "timings": dict(timings), "completed_at": now()}
        self.retry(lambda: self._write_final_row(failed, "video.failed"))

    def release(self) -> None:
        """The film waits again, as if it had never been taken up."""
        waits = {"status": "queued", "worker": None, "progress": 0, "attempts": self.number - 1}
        self.retry(lambda: self._write_final_row(waits, None))

    def put_off(self, seconds: float) -> None:
        """The film waits again, and is not taken up for a while."""
        self.retry(lambda: self._put_off(seconds))

    def _put_off(self, seconds: float) -> None:
        waits = {"status": "queued", "worker": None, "progress": 0}
        with self.database.begin() as connection:
            later = clock(connection) + seconds
            connection.execute(sa.update(tables.videos).where(self._mine).values(**waits, not_before=later))

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        videos = tables.videos.c
        row = (videos.id == self.video_id) & (videos.worker == self.worker)
        return row & (videos.attempts == self.number) & (videos.status == "in_progress")

    def _write_final_row(
        self,
        values: Mapping[str, Any],
        event: str | None,
        *also: sa.ColumnElement[bool],
        watermark: int | None = None,
    ) -> bool:
        """Write the row for the last time, and queue its events, in one transaction; False where it is not ours."""

        def end(connection: sa.Connection) -> bool:
            if not connection.execute(sa.update(tables.videos).where(self._mine, *also).values(**values)).rowcount:
                return False
            connection.execute(sa.delete(tables.previews).where(tables.previews.c.video == self.video_id))
            if watermark is not None:
                remember(connection, self.video_id, watermark)
            if event is not None:
                self.queue.ended(connection, self.video_id, event)
            return True

        return self.database.make_room(end)

    def _unless_away(self, action: Callable[[], None]) -> None:
        """Do what may as well be left out; not at all for a while after the database did not answer."""
        if time.monotonic() < self.silent_until:
            return
        try:
            action()
        except AWAY as error:
            log.warning("the database does not answer; the film continues: %s", reason(error))
            self.silent_until = time.monotonic() + self.retry.times.beat
