"""Removes what has had its time: expired videos, what has no owner any more, and answers that are not repeated.

Any number of processes may sweep at any time, and one that is killed in the middle leaves nothing wrong behind: rows go
first, and objects without a row are found later.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import sqlalchemy as sa

from yozora.server.accounts import legacy_usage, sessions
from yozora.server.store import exports, legacy_dbos, live, removal, share_links, tables
from yozora.server.store.database import Database, mark, new_id
from yozora.server.store.objects import Objects

HOUR = 3600
ORPHAN_SECONDS = HOUR  # an object this young may still get its row
DELIVERED_SECONDS = 30 * 24 * HOUR  # that what became of an event can be looked at
REMEMBERED_SECONDS = 24 * HOUR  # of an Idempotency-Key
BATCH = 500

SEARCH = "orphans"  # in `marks`: when they were last looked for
INSTALLATION = "installation"
"""In `marks`, and a key in the storage: both say the same name, or this is the storage of another database."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep has removed."""

    videos: int
    orphans: int
    keys: int  # of repeated calls


def sweep(database: Database, objects: Objects, moment: int, watts: int = 0) -> Swept:
    """Remove what is over at `moment`, in Unix seconds. Call it every minute. `watts`: that a worker here draws.

    The whole storage is looked through for orphans once an hour, by one of those who sweep.
    """
    with database.begin() as connection:
        sent = tables.deliveries.c.ended_at < moment - DELIVERED_SECONDS
        connection.execute(sa.delete(tables.deliveries).where(sent))
        old = tables.idempotency.c.created_at <= moment - REMEMBERED_SECONDS
        keys = connection.execute(sa.delete(tables.idempotency).where(old)).rowcount
        live.tidy(connection, moment - HOUR)
        sessions.sweep(connection, moment)
        removal.sweep(connection, moment)
        share_links.sweep(connection, moment)
        exports.sweep(connection, moment)
        legacy_dbos.adopt(connection)
        legacy_usage.record(connection, moment, watts)
        search = mark(connection, SEARCH, "", moment, unless_since=moment - HOUR + 1)
    videos = _expire(database, objects, moment)
    orphans = 0
    if search and _is_ours(database, objects, moment):
        orphans = _remove_orphans(database, objects, moment) + objects.tidy(ORPHAN_SECONDS)
    swept = Swept(videos=videos, orphans=orphans, keys=keys)
    if videos or orphans:
        log.info("swept", extra={"videos": videos, "orphans": orphans})
    return swept


def _expire(database: Database, objects: Objects, moment: int) -> int:
    videos, count = tables.videos, 0
    over = removal.is_over(moment)
    while True:
        with database.begin() as connection:
            ids = connection.execute(sa.select(videos.c.id).where(over).limit(BATCH)).scalars().all()
            removal.remove(connection, videos.c.id.in_(ids) & over)
        for video_id in ids:
            objects.delete_under(f"videos/{video_id}")
        count += len(ids)
        if len(ids) < BATCH:
            return count


def _is_ours(database: Database, objects: Objects, moment: int) -> bool:
    """Whether this storage belongs to this database. With another one every object in it would seem an orphan."""
    with database.begin() as connection:
        mark(connection, INSTALLATION, new_id("yozora"), moment, unless_since=0)
        wanted = tables.marks.c.name == INSTALLATION
        name: str = connection.execute(sa.select(tables.marks.c.value).where(wanted)).scalar_one()
    try:
        found = objects.get(INSTALLATION).decode("utf-8", "replace")
    except KeyError:
        objects.put_bytes(INSTALLATION, name.encode())
        return True
    if found != name:
        log.warning("the storage belongs to another database, so nothing in it is removed", extra={"storage": found})
    return found == name


def _remove_orphans(database: Database, objects: Objects, moment: int) -> int:
    """Objects that no row names, of videos that are gone or over, and of files and characters that are gone."""
    old = (key for key, written in objects.listed() if written <= moment - ORPHAN_SECONDS)
    count = 0
    for keys in _batches(old):
        with database.read() as connection:
            orphans = [*_of_videos(connection, keys), *_of_uploads(connection, keys)]
        objects.delete(*orphans)
        count += len(orphans)
    return count


def _of_videos(connection: sa.Connection, keys: list[str]) -> Iterator[str]:
    mine = {key: key.split("/")[1] for key in keys if key.startswith("videos/")}
    videos = tables.videos.c
    wanted = sa.select(videos.id, videos.status, videos.file, videos.thumbnail, videos.spritesheet)
    rows = {row.id: row for row in connection.execute(wanted.where(videos.id.in_(set(mine.values()))))}
    kept = exports.objects_of(connection, [key for key in mine if exports.IN_KEYS in key])
    for key, video_id in mine.items():
        row = rows.get(video_id)
        if key in kept:
            continue
        if row is None or (
            row.status in ("completed", "failed") and key not in (row.file, row.thumbnail, row.spritesheet)
        ):
            yield key


def _of_uploads(connection: sa.Connection, keys: list[str]) -> Iterator[str]:
    for table in (tables.files, tables.characters):
        mine = [key for key in keys if key.startswith(f"{table.name}/")]
        known = set(connection.execute(sa.select(table.c.key).where(table.c.key.in_(mine))).scalars())
        yield from (key for key in mine if key not in known)
    inputs = {key: key.split("/")[1] for key in keys if key.startswith(f"{tables.batches.name}/")}
    batches = sa.select(tables.batches.c.id).where(tables.batches.c.id.in_(inputs.values()))
    going = set(connection.execute(batches.where(tables.batches.c.ended_at.is_(None))).scalars())
    yield from (key for key, batch_id in inputs.items() if batch_id not in going)


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    left = iter(keys)
    while batch := list(islice(left, BATCH)):
        yield batch
