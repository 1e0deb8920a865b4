"""What of a key's videos is looked for, and how it is changed. Knows no route."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import sqlalchemy as sa
from fastapi import Depends, Query

from yozora.server.errors import ApiError, invalid
from yozora.server.http.requests import MAX_ID
from yozora.server.store import rows, tables
from yozora.server.store.database import Database, now
from yozora.server.work.queue import Queue

NO_FOLDER: Final = "none"
MAX_WORDS: Final = 20  # of a search
JOINERS: Final = "\u200c\u200d"  # inside words of some scripts and inside emoji
Status = Literal["queued", "in_progress", "completed", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFilters:
    """Which videos are listed. None: any."""

    q: str | None = None
    status: Status | None = None
    mode: str | None = None
    model: str | None = None
    folder: str | None = None
    trashed: bool = False
    created_after: int | None = None

    def condition(self) -> sa.ColumnElement[bool]:
        """What their rows fulfil."""
        videos = tables.videos.c
        found: list[sa.ColumnElement[bool]] = []
        found.append(videos.trashed_at.is_not(None) if self.trashed else videos.trashed_at.is_(None))
        for column, value in ((videos.status, self.status), (videos.mode, self.mode), (videos.model, self.model)):
            found += [column == value] if value else []
        if self.folder:
            found.append(videos.folder.is_(None) if self.folder == NO_FOLDER else videos.folder == self.folder)
        if self.created_after is not None:
            found.append(videos.created_at >= self.created_after)
        for word in (self.q or "").replace("\0", " ").split()[:MAX_WORDS]:
            here = sa.func.lower(videos.prompt).contains(word.lower(), autoescape=True)
            found.append(here | sa.func.lower(videos.title).contains(word.lower(), autoescape=True))
        return sa.and_(*found)


def filters_of(
    q: Annotated[str | None, Query(max_length=200, description="Words that are in the title or the prompt.")] = None,
    status: Annotated[Status | None, Query()] = None,
    mode: Annotated[str | None, Query(max_length=40, description="How they were made.")] = None,
    model: Annotated[str | None, Query(max_length=100)] = None,
    folder: Annotated[
        str | None, Query(max_length=MAX_ID, description=f"The id of a folder; `{NO_FOLDER}`: those in no folder.")
    ] = None,
    trashed: Annotated[bool, Query(description="Those in the trash instead of all others.")] = False,
    created_after: Annotated[int | None, Query(ge=0, le=1 << 40, description="Unix seconds.")] = None,
) -> VideoFilters:
    """The filters of a request."""
    texts = {"q": q, "status": status, "mode": mode, "model": model, "folder": folder}
    for name, value in texts.items():
        if value is not None and "\0" in value:
            raise invalid(name, f"'{name}' has an invalid character. Remove it.")
    return VideoFilters(
        q=q, status=status, mode=mode, model=model, folder=folder, trashed=trashed, created_after=created_after
    )


FiltersOf = Annotated[VideoFilters, Depends(filters_of)]


def checked_text(name: str, said: str | None) -> str | None:
    """A title or a name: one line, without characters that change how others are shown. Raises `ApiError` 400."""
    text = " ".join((said or "").split(" ")).strip()
    if any(not (each.isprintable() or each in JOINERS) for each in text):
        raise invalid(name, f"'{name}' has a character that cannot be shown. Remove it.")
    return text or None


def change(connection: sa.Connection, queue: Queue, owner: str, video_id: str, changes: dict[str, Any]) -> sa.Row[Any]:
    """The owner's video with other values of `title`, `folder` and `trashed`. What goes into the trash unfinished
    is cancelled. Raises `ApiError` 404.
    """
    rows.find(connection, tables.videos, owner, video_id, "video")
    values = {name: value for name, value in changes.items() if name != "trashed"}
    if changes.get("trashed") is not None:
        since = sa.func.coalesce(tables.videos.c.trashed_at, now())
        values["trashed_at"] = since if changes["trashed"] else None
    if changes.get("trashed"):
        queue.cancel(connection, video_id)
    if values:
        connection.execute(sa.update(tables.videos).where(tables.videos.c.id == video_id).values(**values))
    return rows.find(connection, tables.videos, owner, video_id, "video")


def find_film(database: Database, owner: str, video_id: str) -> sa.Row[Any]:
    """The owner's video, which has a film. Raises `ApiError` 404."""
    with database.read() as connection:
        row = rows.find(connection, tables.videos, owner, video_id, "video")
    if row.status != "completed" or row.file is None:
        message = f"'{row.id}' has no film yet. Its status is {row.status}."
        raise ApiError(404, message, kind="not_found_error", code="content_not_ready")
    return row


def folder_of(connection: sa.Connection, owner: str, folder_id: str | None) -> str | None:
    """The id of a folder of the owner, None for none. Raises `ApiError` 404."""
    return str(rows.find(connection, tables.folders, owner, folder_id, "folder").id) if folder_id else None
