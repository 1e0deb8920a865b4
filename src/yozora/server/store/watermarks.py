"""From a watermark back to the video that it was put into, for the operator. Knows no file and no HTTP.

What is remembered outlives the video: who had it made and when, but not with what words.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from yozora.server.store.database import Database
from yozora.server.store.tables import keys, traces, videos


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedVideo:
    """A video, and whose it is. Times in Unix seconds."""

    video_id: str
    owner: str  # the id of a key
    key: str | None  # its name; None on a server without keys
    mode: str
    model: str  # as it was asked for
    prompt: str | None  # None once the video was deleted, or its time was over
    created_at: int
    request_id: str


def remember(connection: sa.Connection, video_id: str, identifier: int) -> None:
    """Note that a video carries a watermark."""
    of = videos.c
    facts = sa.select(
        of.id,
        sa.literal(identifier, sa.BigInteger),
        of.owner,
        of.model,
        of.job["mode"].as_string(),
        of.created_at,
        of.request_id,
    ).where(of.id == video_id)
    connection.execute(traces.insert().from_select(list(traces.c.keys()), facts))


def identifier_of(connection: sa.Connection, video_id: str) -> int | None:
    """The number in the frames of a video; None where it bears none."""
    found: int | None = connection.execute(sa.select(traces.c.watermark).where(traces.c.video == video_id)).scalar()
    return found


def trace(database: Database, identifier: int) -> list[TracedVideo]:
    """The videos that carry a watermark, of whichever key: one, or none."""
    wanted = (
        sa.select(traces, keys.c.name.label("key"), videos.c.id.label("there"), videos.c.prompt)
        .outerjoin(keys, keys.c.id == traces.c.owner)
        .outerjoin(videos, videos.c.id == traces.c.video)
    )
    with database.read() as connection:
        rows = connection.execute(wanted.where(traces.c.watermark == identifier).order_by(traces.c.created_at)).all()
    return [
        TracedVideo(
            video_id=row.video,
            owner=row.owner,
            key=row.key,
            mode=row.mode,
            model=row.model,
            prompt=None if row.there is None else row.prompt or "",
            created_at=row.created_at,
            request_id=row.request_id or "",
        )
        for row in rows
    ]


def of_owner(connection: sa.Connection, owner: str, identifier: int) -> str | None:
    """The id of the owner's video that carries a watermark; None where it is unknown, of another owner or deleted."""
    mine = sa.select(videos.c.id).join(traces, traces.c.video == videos.c.id)
    mine = mine.where(traces.c.watermark == identifier, videos.c.owner == owner)
    return connection.execute(mine.order_by(videos.c.number).limit(1)).scalar()
