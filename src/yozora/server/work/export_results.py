"""What an export has become: a file in the storage, or a video of the library; its row says so once. Knows no codec."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from yozora.server.accounts import usage
from yozora.server.store import exports, lineage, rows, tables, watermarks
from yozora.server.store.database import Database, now
from yozora.server.store.film_length import FilmLength
from yozora.server.store.objects import Objects
from yozora.server.work.attempts import Lost
from yozora.server.work.export_files import ExportJob
from yozora.server.work.finish import FILM, SPRITESHEET, THUMBNAIL
from yozora.server.work.queue import Queue
from yozora.server.work.retry_policy import RetryPolicy

FINISH: Final = "finish"
"""The mode of a video that is another version of one, and what this is to it."""

INHERITED: Final = ("owner", "model", "prompt", "seconds", "job", "preset", "title", "folder", "expires_at")
"""Columns that such a video has from its source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportResult:
    """Storage keys of what is stored, by the columns that hold them, and how many bytes the film has. `video` is the
    id and the number of a new video, and `length` how long it is.
    """

    keys: dict[str, str]
    size: int
    video: tuple[str, int] = field(default=("", 0))
    length: FilmLength | None = None


def prefix_of(row: sa.Row[Any]) -> str:
    """Of the storage keys of all that an attempt stores."""
    return f"{exports.prefix(row.video, row.id)}/{row.attempts}"


def stored(job: ExportJob, objects: Objects, retry: RetryPolicy) -> ExportResult:
    """Store what the job has made."""
    if job.row.library:
        video = rows.new_numbered("video")
        files = {"file": FILM, "thumbnail": THUMBNAIL, "spritesheet": SPRITESHEET}
        paths = {f"videos/{video[0]}/1/{name}": (what, job.folder / name) for what, name in files.items()}
    else:
        video, prefix = ("", 0), prefix_of(job.row)
        paths = {f"{prefix}/{job.file.name}": ("file", job.file)}
        if job.credentials is not None:
            paths[f"{prefix}/{job.credentials.name}"] = ("credentials", job.credentials)
    sizes = {what: retry(partial(objects.put, key, path)) for key, (what, path) in paths.items()}
    keys = {what: key for key, (what, _) in paths.items()}
    return ExportResult(keys=keys, size=sizes["file"], video=video, length=job.length)


def complete(database: Database, queue: Queue, job: ExportJob, result: ExportResult, seconds: float) -> None:
    """The row says that it is completed after so many `seconds` of work; may be called again. Raises `Lost` where it
    is not this worker's any more.
    """
    ended = now()
    said = {"status": "completed", "progress": 100, "completed_at": ended, "worker": None}
    if job.row.library:
        said |= {"result": result.video[0]}
    else:
        said |= {**result.keys, "bytes": result.size, "expires_at": ended + exports.KEPT_SECONDS}

    def end(connection: sa.Connection) -> bool:
        if not exports.write(connection, job.row, said):
            return False
        usage.record_export(connection, job.row, job.video, seconds, queue.watts)
        if job.row.library:
            _add_video(connection, job, result, seconds)
            queue.announce(connection, job.row.owner, "video.completed", result.video[0])
        return True

    if not database.make_room(end) and not _is_completed(database, job.row.id, result):
        raise Lost(job.row.id)


def _add_video(connection: sa.Connection, job: ExportJob, result: ExportResult, seconds: float) -> None:
    """The row of the video that the export became, with its lineage and the number in its watermark."""
    ended, (video_id, number) = now(), result.video
    inherited = {name: getattr(job.video, name) for name in INHERITED}
    made = {"id": video_id, "number": number, "mode": FINISH, "remixed_from": job.video.id, "fingerprint": video_id}
    state = {"status": "completed", "progress": 100, "attempts": 1, "worker": job.row.worker, "bytes": result.size}
    times = {"created_at": job.row.created_at, "started_at": round(job.row.started_at), "completed_at": ended}
    more = {
        "size": job.size,
        "timings": {"finish": seconds},
        "request_id": job.row.request_id,
        **(result.length.columns if result.length else {}),
    }
    connection.execute(sa.insert(tables.videos).values(**inherited, **made, **state, **times, **more, **result.keys))
    parent = lineage.LineageParent(kind=lineage.VIDEO, source=job.video.id, slot=FINISH)
    lineage.record(connection, video_id, [parent])
    if job.identifier is not None:
        watermarks.remember(connection, video_id, job.identifier)


def _is_completed(database: Database, export_id: str, result: ExportResult) -> bool:
    """Whether this very attempt has completed it: the database took it, and was gone before it said so."""
    known = tables.exports.c
    with database.read() as connection:
        row = connection.execute(sa.select(known.file, known.result).where(known.id == export_id)).one_or_none()
    return row is not None and (row.result == result.video[0] if row.result else row.file == result.keys["file"])
