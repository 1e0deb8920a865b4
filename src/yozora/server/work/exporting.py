"""Exports of finished films, made by a worker beside its films: decoded, changed, encoded and stored, without a model.

One at a time, in a thread of its own, so that none waits for the films that a model makes. Knows no HTTP.
"""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from yozora.errors import UserError
from yozora.server import logs
from yozora.server.settings import Settings
from yozora.server.store import exports, tables, watermarks
from yozora.server.store.database import Database, now
from yozora.server.store.objects import Objects, StorageAway, StorageFull
from yozora.server.work import export_results
from yozora.server.work.attempts import Lost
from yozora.server.work.export_files import SOURCE, ExportJob
from yozora.server.work.queue import Queue
from yozora.server.work.retry_policy import AWAY, RetryPolicy, reason
from yozora.server.work.scratch import Scratch, no_paths

STORED: Final = 97  # percent of progress when a file is made but not yet stored
REPORT_SECONDS: Final = 0.5  # between two writes of progress, which say whether an export is still wanted
MAX_MESSAGE: Final = 500  # characters of an error that are shown

GONE: Final = ("content_gone", "The video was deleted or has expired.")
FULL: Final = ("storage_full", "The server's storage is full. Try again later.")
AWAY_TOO_LONG: Final = ("storage_unavailable", "The server's storage could not be reached. Try again later.")
TIMED_OUT: Final = ("timed_out", "This export took longer than the time limit for its kind.")
BROKEN: Final = ("internal_error", "The server had an internal error. See its log.")

log = logging.getLogger(__name__)


class Stopped(Exception):  # noqa: N818 - no error: this worker stops
    """The worker is to stop: the export waits again."""


class TookTooLong(Exception):  # noqa: N818
    """The export has taken longer than its film allows for."""


@dataclass(slots=True, kw_only=True, eq=False)
class Exports:
    """What one worker exports."""

    settings: Settings
    database: Database
    objects: Objects
    queue: Queue
    scratch: Scratch
    worker: str
    retry: RetryPolicy
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, stop: threading.Event) -> None:
        """Make what waits until `stop` is set."""
        self.stop = stop
        while not stop.wait(self.settings.times.deliver):
            try:
                while not stop.is_set() and (row := self.take()) is not None:
                    self.make(row)
            except (*AWAY, StorageFull) as error:
                log.warning("exports wait: %s", reason(error))

    def take(self) -> sa.Row[Any] | None:
        """The export whose turn it is, which is this worker's from now on."""
        with self.database.read() as connection:
            if not exports.waits(connection, self.worker):
                return None
        with self.database.begin() as connection:
            mine = tables.exports.c.worker == self.worker  # and in no hand: it was lost while the database was away
            exports.give_back(connection, mine, self.settings.limits.attempts)
            return exports.take(connection, self.worker)

    def make(self, row: sa.Row[Any]) -> str:
        """Make one; how it ended: "completed", the code of its error, "lost" or "given back". Its row says so by now.
        Here alone every error is caught: an export's failure is the export's.
        """
        start = time.monotonic()
        with logs.about(request_id=row.request_id, video=row.video):
            try:
                self._export(row, start)
                ended = "completed"
            except Stopped:
                self._write_export(
                    row, {"status": "queued", "worker": None, "progress": 0, "attempts": row.attempts - 1}
                )
                ended = "given back"
            except Lost:
                ended = "lost"
            except Exception as error:
                code, message, why = failure_of(error)
                failed = {"error_code": code, "error_message": message, "error_reason": why}
                self._write_export(row, {**failed, "status": "failed", "worker": None, "completed_at": now()})
                ended = code
            if ended != "completed":
                self._delete_files(row)
            log.info("export ended", extra={"export": row.id, "ended": ended, "seconds": time.monotonic() - start})
        return ended

    def _export(self, row: sa.Row[Any], start: float) -> None:
        with self.database.read() as connection:
            video = connection.execute(sa.select(tables.videos).where(tables.videos.c.id == row.video)).one_or_none()
            identifier = watermarks.identifier_of(connection, row.video)
        if video is None or video.file is None:
            raise Lost(row.id)
        with self.scratch.film() as folder, no_paths(folder):
            self.retry(partial(self.objects.save, video.file, folder / SOURCE))
            job = ExportJob(
                row=row, video=video, folder=folder, provenance=self.settings.provenance, identifier=identifier
            )
            for done in self._watched(job.steps(), row):
                if time.monotonic() - start > self._most_seconds(video):
                    raise TookTooLong
                self._report(row, int(done * STORED))
            result = export_results.stored(job, self.objects, self.retry)
            spent = round(time.monotonic() - start, 3)
            self.retry(partial(export_results.complete, self.database, self.queue, job, result, spent))

    def _watched(self, steps: Iterator[float], row: sa.Row[Any]) -> Iterator[float]:
        """Some of the steps: as often as it is looked whether the export is still wanted."""
        looked = time.monotonic()
        for done in steps:
            if self.stop.is_set():
                raise Stopped
            if time.monotonic() - looked >= REPORT_SECONDS:
                looked = time.monotonic()
                yield done

    def _report(self, row: sa.Row[Any], progress: int) -> None:
        """Write how far it is. Raises `Lost` where the export was deleted, or is another worker's."""
        if not self._write_export(row, {"progress": progress}):
            raise Lost(row.id)

    def _write_export(self, row: sa.Row[Any], values: Mapping[str, Any]) -> bool:
        def write(connection: sa.Connection) -> bool:
            return exports.write(connection, row, values)

        return self.retry(lambda: self.database.make_room(write))

    def _most_seconds(self, video: sa.Row[Any]) -> float:
        """That an export of this video may take."""
        width, height = (int(side) for side in video.size.split("x"))
        times = self.settings.times
        return times.film + times.film_unit * width * height / 1e6 * float(video.seconds)

    def _delete_files(self, row: sa.Row[Any]) -> None:
        """What this attempt has stored; what cannot be removed now is swept up later."""
        try:
            self.objects.delete_under(export_results.prefix_of(row))
        except (StorageAway, OSError) as error:
            log.warning("cleanup has failed: %s", reason(error))


def failure_of(error: Exception) -> tuple[str, str, str | None]:
    """What the row says of an error: code, message, and the code of a `UserError`."""
    if isinstance(error, UserError):
        return "invalid_request", str(error)[:MAX_MESSAGE], error.code
    if isinstance(error, KeyError):
        return (*GONE, None)
    if isinstance(error, StorageFull):
        return (*FULL, None)
    if isinstance(error, AWAY):
        return (*AWAY_TOO_LONG, None)
    if isinstance(error, TookTooLong):
        return (*TIMED_OUT, None)
    log.error("an export has failed", exc_info=error)
    return (*BROKEN, None)
