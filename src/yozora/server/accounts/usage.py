"""What films have used: a row each, written by the transaction that ends it. A film that failed has used nothing.

Rows outlive their videos: a bill can be made of them.
"""

import csv as csv_module
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final, Literal, get_args

import sqlalchemy as sa

from yozora.server.errors import invalid
from yozora.server.store import tables
from yozora.server.store.database import Database, now, upsert

EXPORT: Final = "export"
"""The mode of what is no video: it is not counted among them."""

WAITING = "queue"  # in a video's timings: seconds in which nothing was computed

Group = Literal["day", "key", "model", "mode", "status"]
GROUPS: Final[tuple[Group, ...]] = get_args(Group)
ADDED: Final = ("seconds", "steps", "compute_seconds", "energy_joules")
SUMS: Final = ("videos", "seconds", "megapixel_seconds", "steps", "compute_seconds", "energy_joules")
ROWS: Final = tuple(column.name for column in tables.usage.columns)
DAY: Final = 24 * 3600
CHUNK: Final = 1 << 16  # characters
MANY: Final = 1_000  # rows that are read at once


def record(connection: sa.Connection, row: sa.Row[Any], watts: int = 0) -> None:
    """Write down what a video, which is completed or has failed, has used; `watts` is what its worker draws."""
    completed = row.status == "completed"
    worked = sum(seconds for stage, seconds in (row.timings or {}).items() if stage != WAITING) if completed else 0.0
    width, height = (int(side) for side in row.size.split("x")) if completed else (0, 0)
    said = {
        "video": row.id,
        "owner": row.owner,
        "model": row.model,
        "mode": row.job.get("mode", ""),
        "status": row.status,
        "error_code": row.error_code,
        "seconds": float(row.seconds) if completed else 0.0,
        "width": width,
        "height": height,
        "steps": _steps(row.job) if completed else 0,
        "compute_seconds": worked,
        "energy_joules": worked * watts,
        "worker": row.worker,
        "created_at": row.created_at,
        "ended_at": row.completed_at or now(),
    }
    upsert(connection, tables.usage, said)


def record_export(connection: sa.Connection, row: sa.Row[Any], video: sa.Row[Any], seconds: float, watts: int) -> None:
    """Write down what an export of a video has used: `seconds` of work, and no second of film, which was counted when
    the film was made.
    """
    said = dict.fromkeys(("seconds", "width", "height", "steps"), 0)
    work = {"compute_seconds": seconds, "energy_joules": seconds * watts, "worker": row.worker}
    times = {"created_at": row.created_at, "ended_at": now()}
    of = {"video": row.id, "owner": row.owner, "model": video.model, "mode": EXPORT, "status": "completed"}
    upsert(connection, tables.usage, {**said, **of, **work, **times})


def _steps(job: dict[str, Any]) -> int:
    """Sampler steps of a job, also of one that an earlier version wrote."""
    said = job.get("request") or job.get("settings") or {}
    return int(said.get("steps") or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Whose videos, and of which time: those that ended from `start` on and before `end`, in Unix seconds. `owner` None
    is all keys; `model` and `status` None are all.
    """

    start: int
    end: int
    owner: str | None = None
    model: str | None = None
    status: str | None = None

    @property
    def rows(self) -> sa.ColumnElement[bool]:
        """Which rows of `usage` that are."""
        said = {"owner": self.owner, "model": self.model, "status": self.status}
        wanted = [tables.usage.c[name] == value for name, value in said.items() if value is not None]
        return sa.and_(tables.usage.c.ended_at >= self.start, tables.usage.c.ended_at < self.end, *wanted)


def sums(
    connection: sa.Connection, period: Period, by: Sequence[Group], *, skip: int = 0, limit: int | None = None
) -> list[dict[str, Any]]:
    """What was used in a period, added up by each of `by`, in their order; a day is one of UTC, and said as its first
    second. `skip` and `limit` are of the sums.
    """
    table = tables.usage.c
    parts = [_groups()[name].label(name) for name in by]
    pixels = sa.func.sum(table.width * table.height * table.seconds) / 1e6
    added = [sa.func.coalesce(sa.func.sum(table[name]), 0).label(name) for name in ADDED]
    wanted = sa.select(
        *parts, sa.func.count().filter(table.mode != EXPORT).label("videos"), pixels.label("megapixel_seconds"), *added
    )
    wanted = wanted.where(period.rows)
    if by:
        wanted = wanted.group_by(*(_groups()[name] for name in by)).order_by(*parts)
    found = connection.execute(wanted.offset(skip).limit(limit)).mappings()
    return [_sum(dict(row), by) for row in found]


def listed(
    connection: sa.Connection, period: Period, *, after: str | None = None, limit: int = 1_000
) -> list[sa.Row[Any]]:
    """What each video of a period has used, in the order in which they ended; `after` is the id of one of them.

    Raises `ApiError` 400 for an `after` that is none.
    """
    table = tables.usage.c
    wanted = sa.select(tables.usage).where(period.rows)
    if after is not None:
        known = sa.select(table.ended_at).where(table.video == after) if "\0" not in after else None
        ended = None if known is None else connection.execute(known).scalar()
        if ended is None:
            raise invalid("after", f"The id '{after[:80]}' is not in this list.")
        wanted = wanted.where(sa.tuple_(table.ended_at, table.video) > sa.tuple_(sa.literal(ended), sa.literal(after)))
    return list(connection.execute(wanted.order_by(table.ended_at, table.video).limit(limit)))


def csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Lines of a table, the first of which names the columns."""
    line = StringIO()
    writer = csv_module.DictWriter(line, columns, extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        writer.writerow(row)
        if line.tell() > CHUNK:
            yield line.getvalue()
            line.seek(0)
            line.truncate()
    yield line.getvalue()


def every(database: Database, period: Period) -> Iterator[Mapping[str, Any]]:
    """What each video of a period has used, however many there are: read some at a time."""
    after = None
    while True:
        with database.read() as connection:
            rows = listed(connection, period, after=after, limit=MANY)
        yield from (dict(row._mapping) for row in rows)
        if len(rows) < MANY:
            return
        after = rows[-1].video


def _groups() -> dict[Group, sa.ColumnElement[Any]]:
    table = tables.usage.c
    day = table.ended_at - table.ended_at % sa.literal_column("86400")
    return {"day": day, "key": table.owner, "model": table.model, "mode": table.mode, "status": table.status}


def _sum(row: Mapping[str, Any], by: Sequence[Group]) -> dict[str, Any]:
    said: dict[str, Any] = {name: row[name] for name in by}
    counted = {"videos": int(row["videos"]), "steps": int(row["steps"])}
    measured = ("seconds", "megapixel_seconds", "compute_seconds", "energy_joules")
    return said | counted | {name: float(row[name] or 0) for name in measured}
