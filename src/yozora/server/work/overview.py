"""The state of an installation at one glance, for its operator: queue, stages, deliveries, reports and disk.

Every query reads few rows or an index alone, but for the sum of all sizes, which is kept for a while. Changes nothing.
"""

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import fmean, median
from typing import Any, Final

import sqlalchemy as sa

from yozora.server.store.database import Database, clock
from yozora.server.store.tables import deliveries, files, posts, reports, videos
from yozora.server.work.administration import STATUSES, employed
from yozora.server.work.delivery_log import STATUSES as DELIVERY_STATUSES

RECENT: Final = 200  # completed videos whose stages are counted
FIRST: Final = 50  # queued videos that are listed
STAGES: Final = ("queue", "encode", "denoise", "decode", "finish", "upload")
SUMMED_SECONDS: Final = 30.0  # for which the sum of all sizes is kept
NEARLY_ALL: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTimes:
    """Seconds in a stage of the newest completed videos; `p95_seconds`: 95 of 100 took no longer."""

    name: str
    count: int
    mean_seconds: float
    median_seconds: float
    p95_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Bytes of what is kept; None where that cannot be known."""

    videos: int
    files: int
    database: int | None


def queue(connection: sa.Connection) -> dict[str, Any]:
    """How many videos have each status, how long the first has waited, and the next of them in their order."""
    grouped = sa.select(videos.c.status, sa.func.count()).group_by(videos.c.status)
    counts: dict[str, int] = dict(list(connection.execute(grouped)))
    queued = videos.c.status == "queued"
    oldest = connection.execute(sa.select(sa.func.min(videos.c.created_at)).where(queued)).scalar()
    shown = ("id", "owner", "model", "mode", "size", "seconds", "created_at")
    first = sa.select(*(videos.c[name] for name in shown)).where(queued)
    rows = connection.execute(first.order_by(videos.c.priority, videos.c.number).limit(FIRST)).all()
    waited = 0 if oldest is None else max(0, round(clock(connection)) - oldest)
    waiting = [{"position": k, **row._mapping} for k, row in enumerate(rows, 1)]
    return {status: counts.get(status, 0) for status in STATUSES} | {"oldest_seconds": waited, "waiting": waiting}


def workers(connection: sa.Connection, silence: float) -> dict[str, int]:
    """How many workers there are, are alive, have a video, and take nothing new."""
    found = employed(connection, silence)
    alive = [each for each in found if each["alive"]]
    busy, draining = (sum(bool(each[name]) for each in alive) for name in ("video", "draining"))
    return {"total": len(found), "alive": len(alive), "busy": busy, "draining": draining}


def stages(connection: sa.Connection) -> list[StageTimes]:
    """How long the stages of the newest completed videos took, in the order of the work."""
    done = videos.c.status == "completed"
    numbers = sa.select(videos.c.number).where(done).order_by(videos.c.number.desc()).limit(RECENT)
    since = min(connection.execute(numbers).scalars(), default=None)
    if since is None:
        return []
    recent = sa.select(videos.c.timings).where(done, videos.c.number >= since)
    found: list[Mapping[str, float]] = [each or {} for each in connection.execute(recent).scalars()]
    names = [*STAGES, *sorted({name for each in found for name in each} - set(STAGES))]
    spent = {name: [each[name] for each in found if name in each] for name in names}
    return [_stage_times(name, seconds) for name, seconds in spent.items() if seconds]


def delivered(connection: sa.Connection) -> dict[str, int]:
    """Events for webhooks of the last 30 days by status, and how long the first that is pending has waited."""
    grouped = sa.select(deliveries.c.status, sa.func.count()).group_by(deliveries.c.status)
    counts: dict[str, int] = dict(list(connection.execute(grouped)))
    pending = sa.select(sa.func.min(deliveries.c.created_at)).where(deliveries.c.status == "pending")
    oldest = connection.execute(pending).scalar()
    waited = 0 if oldest is None else max(0, round(clock(connection)) - oldest)
    return {status: counts.get(status, 0) for status in DELIVERY_STATUSES} | {"oldest_seconds": waited}


def reported(connection: sa.Connection) -> dict[str, int]:
    """Reports of films that are shown in the feed, all reports, and films that are hidden."""
    shown = sa.select(sa.func.count()).join(posts, posts.c.video == reports.c.video).where(posts.c.hidden_at.is_(None))
    hidden = sa.select(sa.func.count()).select_from(posts).where(posts.c.hidden_at.is_not(None))
    counts = {
        "open": shown.select_from(reports),
        "total": sa.select(sa.func.count()).select_from(reports),
        "hidden_posts": hidden,
    }
    return {name: connection.execute(query).scalar_one() for name, query in counts.items()}


def stored(database: Database) -> Stored:
    """Bytes that are kept; counted again after a while."""
    return _sum_sizes(database, int(time.monotonic() / SUMMED_SECONDS))


def disk(folder: Path | None) -> dict[str, int | None]:
    """Bytes of the disk that a storage folder is on; None where the storage is a bucket, or the folder is away."""
    try:
        found = None if folder is None else shutil.disk_usage(folder)
    except OSError:
        found = None
    if found is None:
        return {"total_bytes": None, "used_bytes": None, "free_bytes": None}
    return {"total_bytes": found.total, "used_bytes": found.used, "free_bytes": found.free}


def _stage_times(name: str, seconds: Sequence[float]) -> StageTimes:
    rising = sorted(seconds)
    most = rising[min(len(rising) - 1, int(NEARLY_ALL * len(rising)))]
    return StageTimes(
        name=name,
        count=len(rising),
        mean_seconds=round(fmean(rising), 3),
        median_seconds=round(median(rising), 3),
        p95_seconds=round(most, 3),
    )


@lru_cache(maxsize=8)
def _sum_sizes(database: Database, _moment: int) -> Stored:
    with database.read() as connection:
        sums = [
            int(connection.execute(sa.select(sa.func.coalesce(sa.func.sum(table.c.bytes), 0))).scalar_one())
            for table in (videos, files)
        ]
        size = "pg_database_size(current_database())"
        if connection.dialect.name == "sqlite":
            size = "page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        held = int(connection.execute(sa.text(f"SELECT {size}")).scalar_one())
    return Stored(videos=sums[0], files=sums[1], database=held)
