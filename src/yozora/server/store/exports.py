"""Exports of films, as rows: asked for, taken by workers in turn, ended once. Knows no codec and no HTTP.

Every write about an export that a worker has is conditional on the row still naming the worker and the attempt. One
that is deleted is thereby cancelled: its worker finds no row. Exports of keys are taken in turn: first that of the key
that was served longest ago.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from yozora.core.finish import Finish
from yozora.server.accounts import keys
from yozora.server.store import rows, tables
from yozora.server.store.database import clock, now

KEPT_SECONDS: Final = 7 * 24 * 3600  # that the file of an export is kept: it can be made again
MAX_EXPORTS: Final = 500  # of a key
IN_KEYS: Final = "/exports/"  # between a video and an export
GOING: Final = ("queued", "in_progress")
CRASHED: Final = ("worker_crashed", "The worker stopped several times while it made this export.")

_exports = tables.exports.c


def prefix(video_id: str, export_id: str) -> str:
    """Of the storage keys of all that is made of an export."""
    return f"videos/{video_id}{IN_KEYS}{export_id}"


def objects_of(connection: sa.Connection, keys_of_objects: Sequence[str]) -> set[str]:
    """Those of some storage keys that belong to exports: of files, and all of what is being made."""
    named = {key.split(IN_KEYS)[1].split("/")[0] for key in keys_of_objects}
    found = sa.select(_exports.id, _exports.status, _exports.file, _exports.credentials).where(_exports.id.in_(named))
    known = {row.id: row for row in connection.execute(found)}

    def is_kept(key: str) -> bool:
        row = known.get(key.split(IN_KEYS)[1].split("/")[0])
        return row is not None and (row.status in GOING or key in (row.file, row.credentials))

    return {key for key in keys_of_objects if is_kept(key)}


def add(connection: sa.Connection, video: sa.Row[Any], said: Mapping[str, Any], request_id: str) -> sa.Row[Any]:
    """The row of an export of a video; `said` is its `format`, `finish` and `library`. The same one again where the
    video has it already, or it is being made; but one that is in the library may be made twice.
    """
    known = sa.select(tables.exports).where(
        _exports.video == video.id, _exports.format == said["format"], _exports.library == said["library"]
    )
    alive = _exports.status.in_(GOING if said["library"] else (*GOING, "completed"))
    for row in connection.execute(known.where(alive).order_by(_exports.number)):
        if Finish.from_json(row.finish) == Finish.from_json(said["finish"]):
            return row
    export_id, number = rows.new_numbered("export")
    made = {"id": export_id, "number": number, "owner": video.owner, "video": video.id, "status": "queued"}
    told = {"created_at": now(), "request_id": request_id, **said}
    connection.execute(sa.insert(tables.exports).values(**made, **told))
    return rows.find(connection, tables.exports, video.owner, export_id, "export")


def take(connection: sa.Connection, worker: str) -> sa.Row[Any] | None:
    """The export whose turn it is, as it is now that it is the worker's; None where none waits."""
    served = tables.exports.alias()
    last = sa.select(sa.func.max(served.c.started_at)).where(served.c.owner == _exports.owner).scalar_subquery()
    first = sa.select(_exports.id).where(_exports.status == "queued", _exports.owner.not_in(keys.are_over()))
    first = first.order_by(sa.func.coalesce(last, 0.0), _exports.number).limit(1)
    export_id = connection.execute(first.with_for_update(skip_locked=True)).scalar()
    if export_id is None:
        return None
    taken = {"status": "in_progress", "worker": worker, "attempts": _exports.attempts + 1, "progress": 0}
    mine = sa.update(tables.exports).where(_exports.id == export_id)
    connection.execute(mine.values(**taken, started_at=clock(connection)))
    return connection.execute(sa.select(tables.exports).where(_exports.id == export_id)).one()


def waits(connection: sa.Connection, worker: str) -> bool:
    """Whether there may be something for a worker to `take`, or that it has and does not know of. Only reads."""
    found = sa.select(_exports.id).where((_exports.status == "queued") | (_exports.worker == worker))
    return connection.execute(found.limit(1)).first() is not None


def write(connection: sa.Connection, row: sa.Row[Any], values: Mapping[str, Any]) -> bool:
    """Write about an export that a worker has; False where it is the worker's no longer."""
    mine = (_exports.id == row.id) & (_exports.worker == row.worker) & (_exports.attempts == row.attempts)
    changed = sa.update(tables.exports).where(mine, _exports.status == "in_progress").values(**values)
    return bool(connection.execute(changed).rowcount)


def give_back(connection: sa.Connection, whose: sa.ColumnElement[bool], attempts: int) -> None:
    """Exports that workers have which are gone wait again, or have failed after so many `attempts`."""
    code, message = CRASHED
    taken = whose & (_exports.status == "in_progress")
    failed = {"status": "failed", "error_code": code, "error_message": message, "worker": None, "completed_at": now()}
    connection.execute(sa.update(tables.exports).where(taken, _exports.attempts >= attempts).values(**failed))
    waiting = {"status": "queued", "worker": None, "progress": 0}
    connection.execute(sa.update(tables.exports).where(taken).values(**waiting))


def sweep(connection: sa.Connection, moment: float) -> None:
    """Remove exports whose time is over at `moment`: their files are found later, as no row names them any more. Those
    that have no file go after as long.
    """
    old = (_exports.created_at <= moment - KEPT_SECONDS) & _exports.expires_at.is_(None)
    over = old & (_exports.status != "in_progress")
    connection.execute(sa.delete(tables.exports).where(over | (_exports.expires_at <= moment)))
