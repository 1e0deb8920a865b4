"""What has changed among a key's videos and folders since a moment, as events: for pages that show all of them.

Everything is read from rows, so any process can go on where another one has stopped: `videos.changed_at` says when a
row was written last, and `deletions` which are gone. Clocks of processes may differ by `OVERLAP` seconds; what was told
already is known by its version. Knows no HTTP.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import sqlalchemy as sa

from yozora.server.http.outlook import UNPLACED, QueuePlace
from yozora.server.store import tables
from yozora.server.store.database import clock
from yozora.server.store.removal import KNOWN_SECONDS

OVERLAP: Final = 10.0  # seconds that are looked at again
MAX_KNOWN: Final = 5_000  # videos whose versions a stream remembers
MAX_GOING: Final = 500  # of these, videos that are looked at although nothing says that they have changed
MAX_NEWS: Final = 1_000  # changes at one look; a page that is so far behind reads its lists again
OVER: Final = ("completed", "failed")
EXACT: Final = 50  # positions up to which each is told; farther back, each tenth

Kind = Literal["ready", "reset", "created", "progress", "completed", "failed", "renamed", "moved", "deleted", "folders"]
Version = tuple[str, int, str | None, tuple[str | None, int | None], int, int]
"""Of a video: status, progress, title, place (folder and trash), the step of its preview, and its position in the
queue."""

GONE: Final[Version] = ("deleted", 0, None, (None, None), 0, 0)
_videos, _folders = tables.videos.c, tables.folders.c
_COLUMNS: Final = [column for column in tables.videos.columns if column.name not in ("timings", "fingerprint")]


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoChange:
    """Something that has happened to a video, whose row is as it is now (None: it is gone), or to folders. `step` is
    that of its preview, 0 where there is none, and `place` says where it is in the queue.
    """

    kind: Kind
    video_id: str
    row: sa.Row[Any] | None = None
    step: int = 0
    place: QueuePlace = UNPLACED


@dataclass(slots=True, kw_only=True)
class Watch:
    """One stream: whose videos, since when (the database's clock), and what it has told. `place_of` says where a video
    is in the queue.
    """

    owner: str
    place_of: Callable[[sa.Row[Any]], QueuePlace] = lambda _row: UNPLACED
    since: float = 0.0
    began: float = 0.0
    known: dict[str, Version] = field(default_factory=dict)
    folders: list[tuple[str, str]] | None = None  # ids and names; None: not known

    @property
    def waits(self) -> bool:
        """Whether anything that it has told of is not over."""
        return any(known[0] not in (*OVER, "deleted") for known in self.known.values())

    def start(self, connection: sa.Connection, since: float | None) -> bool:
        """Begin now, or at `since`, where a stream before this one has stopped. False: that is too long ago to be
        known, or never was.
        """
        moment = clock(connection)
        resumes = since is not None and moment - KNOWN_SECONDS < since <= moment + OVERLAP
        self.since = self.began = min(since, moment) if since is not None and resumes else moment
        if not resumes:
            self.known.update({row.id: version(row, self.place_of(row)) for row in self._rows(connection)})
            self.known.update({row.video: GONE for row in self._deletions(connection)})
            self.folders = self._read_folders(connection)
        return resumes or since is None

    def look(self, connection: sa.Connection) -> list[VideoChange] | None:
        """What has happened since the last look; None where it is too much."""
        moment = clock(connection)
        rows = self._rows(connection)
        if len(rows) > MAX_NEWS:
            return None
        changes = [change for row in rows for change in self._changes_of(row)]
        gone = [row.video for row in self._deletions(connection) if self.known.get(row.video) != GONE]
        self.known.update(dict.fromkeys(gone, GONE))
        self.since = moment
        self._forget()
        changes += [VideoChange(kind="deleted", video_id=video) for video in gone]
        before, self.folders = self.folders, self._read_folders(connection)
        return changes if before == self.folders else [*changes, VideoChange(kind="folders", video_id="")]

    def _changes_of(self, row: sa.Row[Any]) -> Iterator[VideoChange]:
        place = self.place_of(row)
        before, now = self.known.get(row.id), version(row, place)
        self.known.pop(row.id, None)
        self.known[row.id] = now
        is_new = max(row.created_at, row.number // 10**9) >= int(self.began)  # imported films have the date of the film
        ended_before = row.completed_at is not None and row.completed_at < int(self.began)
        for kind in _kinds(before, now, is_new=is_new, ended_before=ended_before):
            yield VideoChange(kind=kind, video_id=row.id, row=row, step=now[4], place=place)

    def _rows(self, connection: sa.Connection) -> list[sa.Row[Any]]:
        going = [name for name, known in self.known.items() if known[0] not in (*OVER, "deleted")][-MAX_GOING:]
        wanted = (_videos.changed_at >= self.since - OVERLAP) | _videos.id.in_(going)
        step = sa.select(tables.previews.c.step).where(tables.previews.c.video == _videos.id).scalar_subquery()
        found = sa.select(*_COLUMNS, step.label("step")).where(_videos.owner == self.owner, wanted)
        return list(connection.execute(found.order_by(_videos.changed_at, _videos.id).limit(MAX_NEWS + 1)))

    def _deletions(self, connection: sa.Connection) -> list[sa.Row[Any]]:
        gone = tables.deletions.c
        recent = (gone.owner == self.owner) & (gone.deleted_at >= self.since - OVERLAP)
        found = sa.select(tables.deletions).where(recent).order_by(gone.deleted_at, gone.video)
        return list(connection.execute(found.limit(MAX_NEWS)))

    def _read_folders(self, connection: sa.Connection) -> list[tuple[str, str]]:
        found = sa.select(_folders.id, _folders.name).where(_folders.owner == self.owner).order_by(_folders.id)
        return [(row.id, row.name) for row in connection.execute(found)]

    def _forget(self) -> None:
        """What was told longest ago goes first, but nothing that is still being made."""
        over = [name for name, known in self.known.items() if known[0] in (*OVER, "deleted")]
        for name in over[: max(0, len(self.known) - MAX_KNOWN)]:
            del self.known[name]


def version(row: sa.Row[Any], place: QueuePlace) -> Version:
    """What a page shows of a video."""
    position = place.position or 0
    told = position if position <= EXACT else position - position % 10
    return (row.status, row.progress, row.title, (row.folder, row.trashed_at), row.step or 0, told)


def _kinds(before: Version | None, now: Version, *, is_new: bool, ended_before: bool) -> Iterator[Kind]:
    """What has happened to a video between two versions; `before` None: it was not known. `ended_before`: it was over
    when the stream began, so that something else has happened to it.
    """
    if before == now:
        return
    if before is None and is_new:
        yield "created"
        if now[0] == "queued":
            return
    if before is None and not is_new and ended_before:
        yield from ("renamed", "moved")
        return
    if before is None or before[:2] != now[:2] or before[4:] != now[4:]:
        ended: dict[str, Kind] = {"completed": "completed", "failed": "failed"}
        yield ended.get(now[0], "progress")
    if before is not None and before[2] != now[2]:
        yield "renamed"
    if before is not None and before[3] != now[3]:
        yield "moved"
