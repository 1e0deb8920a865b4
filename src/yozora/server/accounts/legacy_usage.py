"""What films have used that workers of the version before have ended: those workers write none of it down.

May be removed together with upgrades from revision 0004.
"""

from typing import Final

import sqlalchemy as sa

from yozora.server.accounts import usage
from yozora.server.store import legacy_dbos, tables
from yozora.server.store.database import mark

SINCE: Final = "usage"
"""In `marks`: since when films are counted. What ended before that is in no bill."""

LATE_SECONDS: Final = 3600  # a film that ended longer ago has been looked for
BATCH: Final = 500


def begin(connection: sa.Connection, moment: int) -> bool:
    """Films that end from `moment` on, in Unix seconds, are counted, unless that was said before; False where no
    process of that version can be.
    """
    if not legacy_dbos.there(connection):
        return False
    mark(connection, SINCE, "", moment, unless_since=0)
    return True


def record(connection: sa.Connection, moment: int, watts: int = 0) -> int:
    """Write down what such films have used, and say how many there were; `watts` is what a worker draws. Call it every
    minute.
    """
    if not begin(connection, moment):
        return 0
    since = connection.execute(sa.select(tables.marks.c.at).where(tables.marks.c.name == SINCE)).scalar_one()
    videos = tables.videos.c
    late = videos.status.in_(("completed", "failed")) & (videos.completed_at >= max(since, moment - LATE_SECONDS))
    unknown = sa.select(tables.videos).where(late, videos.id.not_in(sa.select(tables.usage.c.video))).limit(BATCH)
    rows = connection.execute(unknown).all()
    for row in rows:
        usage.record(connection, row, watts)
    return len(rows)
