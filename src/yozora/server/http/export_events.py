"""Exports of a key that have ended since a moment, for the stream of events that tells of its videos."""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from yozora.server.http.all_events import OVER, OVERLAP
from yozora.server.store import tables
from yozora.server.store.database import clock

_exports = tables.exports.c


@dataclass(slots=True, kw_only=True)
class ExportWatch:
    """One stream: whose exports, since when (the database's clock), and which it has told."""

    owner: str
    since: float = 0.0
    told: set[str] = field(default_factory=set)

    def start(self, connection: sa.Connection, since: float, *, resumes: bool) -> None:
        """Begin at `since`. What had ended by then is not told, unless a stream before this one may not have."""
        self.since = since
        if not resumes:
            self.look(connection)

    def look(self, connection: sa.Connection) -> list[sa.Row[Any]]:
        """Those that have ended since the last look, as rows."""
        moment = clock(connection)
        mine = (_exports.owner == self.owner) & _exports.status.in_(OVER)
        recent = sa.select(tables.exports).where(mine, _exports.changed_at >= self.since - OVERLAP)
        found = connection.execute(recent.order_by(_exports.changed_at)).all()
        news = [row for row in found if row.id not in self.told]
        self.told, self.since = {row.id for row in found}, moment
        return news
