"""Films that keys publish to each other: which of them are shown. Knows no HTTP."""

from typing import Any

import sqlalchemy as sa

from yozora.server.store import tables
from yozora.server.store.rows import ID

_posts, _videos, _reports = tables.posts.c, tables.videos.c, tables.reports.c


def published(reader: str) -> sa.Select[Any]:
    """Videos that were published, with `published_at`, and `reported`: whether the key that reads has done so."""
    mine = sa.exists().where(_reports.video == _videos.id, _reports.owner == reader).label("reported")
    return sa.select(tables.videos, _posts.published_at, mine).join(tables.posts, _posts.video == _videos.id)


def shown(reader: str) -> sa.Select[Any]:
    """Those in the feed: neither hidden nor in the trash."""
    return published(reader).where(
        _posts.hidden_at.is_(None), _videos.trashed_at.is_(None), _videos.status == "completed"
    )


def find(connection: sa.Connection, reader: str, video_id: str) -> sa.Row[Any] | None:
    """The film of the feed with that id; None where there is none."""
    if not ID.fullmatch(video_id):
        return None
    return connection.execute(shown(reader).where(_videos.id == video_id)).one_or_none()


def reported() -> sa.Select[Any]:
    """Reports, the newest first, each with `title`, `prompt`, `published_at` and `hidden_at` of its film."""
    films = tables.reports.outerjoin(tables.videos, _videos.id == _reports.video)
    joined = films.outerjoin(tables.posts, _posts.video == _reports.video)
    more = (_videos.title, _videos.prompt, _posts.published_at, _posts.hidden_at)
    return sa.select(tables.reports, *more).select_from(joined).order_by(_reports.created_at.desc(), _reports.video)
