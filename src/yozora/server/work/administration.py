"""What the operator of the installation sees and does beyond keys: videos of all of them, and workers.

Every function is part of the transaction of `connection`. What is done leaves a line in `accounts.audit`.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import sqlalchemy as sa

from yozora.server.accounts import audit
from yozora.server.errors import invalid, missing
from yozora.server.store.database import clock
from yozora.server.store.rows import ID
from yozora.server.store.tables import videos, workers
from yozora.server.work import delivery_log
from yozora.server.work.queue import Queue

Status = Literal["queued", "in_progress", "completed", "failed"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFilter:
    """Videos of a key, a status, a model (as it was asked for, or that makes them), a worker; None: of all."""

    owner: str | None = None
    status: Status | None = None
    model: str | None = None
    worker: str | None = None

    @property
    def rows(self) -> sa.ColumnElement[bool]:
        """Which rows of `videos` that are."""
        said = {"owner": self.owner, "status": self.status, "worker": self.worker}
        wanted = [videos.c[name] == value for name, value in said.items() if value is not None]
        if self.model is not None:
            wanted.append((videos.c.model == self.model) | (videos.c.preset == self.model))
        return sa.and_(sa.true(), *wanted)


def jobs(
    connection: sa.Connection, which: VideoFilter, *, after: str | None = None, limit: int = 20
) -> tuple[list[sa.Row[Any]], bool]:
    """Videos, the newest first, and whether there are more. Raises `ApiError` 400 for an `after` that is none."""
    wanted = sa.select(videos).where(which.rows)
    if after is not None:
        number = connection.execute(sa.select(videos.c.number).where(_is(videos, after))).scalar()
        if number is None:
            raise invalid("after", f"The id '{after[:80]}' is not in this list.")
        place = sa.tuple_(videos.c.number, videos.c.id)
        wanted = wanted.where(place < sa.tuple_(sa.literal(number), sa.literal(after)))
    rows = list(connection.execute(wanted.order_by(videos.c.number.desc(), videos.c.id.desc()).limit(limit + 1)))
    return rows[:limit], len(rows) > limit


def cancel(connection: sa.Connection, queue: Queue, video_id: str, *, by: str) -> sa.Row[Any]:
    """Stop a video of any user, see `Queue.cancel`. Raises `ApiError` 404."""
    row = _find_row(connection, videos, video_id, "video")
    queue.cancel(connection, video_id)
    audit.record(connection, by, "video.cancel", video_id, {"owner": row.owner, "status": row.status})
    return _find_row(connection, videos, video_id, "video")


def employed(connection: sa.Connection, silence: float) -> list[dict[str, Any]]:
    """The workers that there are, each with what it has in hand; `alive` says whether it gave a sign of life within
    `silence` seconds.
    """
    moment = clock(connection)
    making = sa.select(videos.c.worker, videos.c.id).where(videos.c.status == "in_progress")
    has = {row.worker: row.id for row in connection.execute(making)}
    shown = ("id", "host", "pid", "version", "started_at", "presets", "memory", "draining")
    return [
        {name: getattr(row, name) for name in shown}
        | {"silent_seconds": max(0.0, moment - row.seen), "alive": moment - row.seen < silence}
        | {"video": has.get(row.id)}
        for row in connection.execute(sa.select(workers).order_by(workers.c.started_at, workers.c.id))
    ]


def drain(connection: sa.Connection, worker_id: str, *, by: str, draining: bool = True) -> None:
    """Let a worker take nothing new, or again; it sees so at its next sign of life. Raises `ApiError` 404."""
    _find_row(connection, workers, worker_id, "worker")
    connection.execute(sa.update(workers).where(workers.c.id == worker_id).values(draining=draining))
    audit.record(connection, by, "worker.drain" if draining else "worker.resume", worker_id)


def redeliver(connection: sa.Connection, delivery_id: str, *, by: str) -> sa.Row[Any]:
    """Send an event of any user once more, see `delivery_log.redeliver`."""
    row = delivery_log.redeliver(connection, delivery_log.DeliveryFilter(), delivery_id)
    audit.record(connection, by, "delivery.redeliver", delivery_id, {"owner": row.owner, "webhook": row.webhook})
    return row


def _find_row(connection: sa.Connection, table: sa.Table, name: str, what: str) -> sa.Row[Any]:
    row = connection.execute(sa.select(table).where(_is(table, name))).one_or_none()
    if row is None:
        raise missing(what, name)
    return row


def _is(table: sa.Table, name: str) -> sa.ColumnElement[bool]:
    return table.c.id == name if ID.fullmatch(name) else sa.false()
