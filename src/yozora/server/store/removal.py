"""Videos are removed: their rows go, and for a day it is known that they were there, for pages that list them.

Knows no storage: the caller removes the objects once the transaction has ended.
"""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from yozora.server.store import tables
from yozora.server.store.database import clock

KNOWN_SECONDS: Final = 24 * 3600  # that a deletion is kept
TRASH_SECONDS: Final = 30 * 24 * 3600  # that a video is kept in the trash


def remove(connection: sa.Connection, which: sa.ColumnElement[bool]) -> Sequence[str]:
    """Remove videos, in the transaction of `connection`, which writes; their ids."""
    gone: list[sa.Row[Any]] = list(
        connection.execute(sa.delete(tables.videos).where(which).returning(tables.videos.c.id, tables.videos.c.owner))
    )
    if gone:
        moment = clock(connection)
        rows = [{"video": row.id, "owner": row.owner, "deleted_at": moment} for row in gone]
        connection.execute(sa.delete(tables.deletions).where(tables.deletions.c.video.in_([row.id for row in gone])))
        connection.execute(sa.insert(tables.deletions), rows)
    return [row.id for row in gone]


def sweep(connection: sa.Connection, moment: float) -> None:
    """Forget deletions that are older than a day at `moment`."""
    connection.execute(sa.delete(tables.deletions).where(tables.deletions.c.deleted_at <= moment - KNOWN_SECONDS))


def is_over(moment: float) -> sa.ColumnElement[bool]:
    """Which videos have expired at `moment`, or have been in the trash for 30 days."""
    videos = tables.videos.c
    return (videos.expires_at <= moment) | (videos.trashed_at <= moment - TRASH_SECONDS)
