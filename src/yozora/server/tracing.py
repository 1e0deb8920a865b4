"""From a watermark back to the video that it was put into, for whoever runs the server. Knows no file and no HTTP.

Known is what has a row: a video that was deleted, or removed when its time was over, is not found any more.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from yozora.server.database import Database
from yozora.server.tables import keys, videos


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """A video, and whose it is. Times in Unix seconds."""

    video_id: str
    owner: str  # the id of a key
    key: str | None  # its name; None on a server without keys
    mode: str
    model: str  # as it was asked for
    prompt: str
    created_at: int
    completed_at: int
    request_id: str


def trace(database: Database, identifier: int) -> list[Traced]:
    """The videos that carry a watermark, of whichever key: one, or none."""
    wanted = sa.select(videos, keys.c.name.label("key")).outerjoin(keys, keys.c.id == videos.c.owner)
    with database.read() as connection:
        rows = connection.execute(wanted.where(videos.c.watermark == identifier).order_by(videos.c.number)).all()
    return [
        Traced(
            video_id=row.id,
            owner=row.owner,
            key=row.key,
            mode=row.job["mode"],
            model=row.model,
            prompt=row.prompt or "",
            created_at=row.created_at,
            completed_at=row.completed_at,
            request_id=row.request_id or "",
        )
        for row in rows
    ]


def of_owner(connection: sa.Connection, owner: str, identifier: int) -> str | None:
    """The id of the owner's video that carries a watermark; None where it is nobody's, or somebody else's."""
    mine = sa.select(videos.c.id).where(videos.c.watermark == identifier, videos.c.owner == owner)
    return connection.execute(mine.order_by(videos.c.number).limit(1)).scalar()
