"""All that belongs to a key: given out as a folder or a tar, or erased.

Given out are films with their pictures, uploaded files, characters, and what is known of them, of webhooks, events,
batches and of what was used, as JSON; never a secret. Erased are the same but for what was used, by which bills are
made, the trail of what administrators did, and the numbers in films' marks, by which a film can be traced.
"""

import json
import re
import tarfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from yozora.errors import UserError
from yozora.server.accounts import audit, keys
from yozora.server.store import tables
from yozora.server.store.database import Database, now
from yozora.server.store.objects import Objects

SECRET: Final = frozenset({"hash", "secret", "previous_secret", "fingerprint"})
"""Columns that are given to no one."""

KINDS: Final = (
    tables.videos, tables.files, tables.characters, tables.webhooks, tables.deliveries, tables.batches, tables.usage,
    tables.folders, tables.share_links, tables.posts, tables.exports,
)  # fmt: skip
ERASED: Final = (
    tables.videos, tables.files, tables.characters, tables.webhooks, tables.deliveries, tables.batches,
    tables.idempotency, tables.shares, tables.rates, tables.sessions, tables.login_links, tables.folders,
    tables.share_links, tables.posts, tables.reports, tables.deletions, tables.exports,
)  # fmt: skip
ERASED_NAME: Final = "erased"
SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{1,8}\Z", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFile:
    """A file that is given out: its path, and either its content or its key in the storage."""

    path: str
    content: bytes = b""
    key: str | None = None


def entries(database: Database, key_id: str, *, by: str | None) -> list[ExportFile]:
    """What belongs to a key, as it is at one moment; `by` is who takes it away, None: not said.

    Raises `UserError` for an id that is not known.
    """
    if by is not None:
        with database.begin() as connection:
            keys.get(connection, key_id)
            audit.record(connection, by, "key.export", key_id)
    with database.read() as connection:
        key = keys.get(connection, key_id)
        rows = {table.name: _read_rows(connection, table, key_id) for table in KINDS}
    said: dict[str, Any] = {"key": key.to_json(), **rows}
    told = [ExportFile(path=f"{name}.json", content=_to_json_bytes(value)) for name, value in said.items()]
    return [*told, *_film_entries(rows["videos"]), *_uploads(rows["files"]), *_characters(rows["characters"])]


def export_folder(database: Database, objects: Objects, key_id: str, folder: Path, *, by: str) -> int:
    """Write all of a key into a folder, which must not exist yet; how many files that were.

    Raises `UserError` where that cannot be.
    """
    given, count = entries(database, key_id, by=by), 0
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise UserError(
            f"The folder {str(folder)!r} cannot be created: {error.strerror}.",
            "Choose another folder.",
            code="output_unwritable",
        ) from error
    for entry in given:
        size = _entry_size(objects, entry)
        if size is not None:
            (folder / entry.path).parent.mkdir(exist_ok=True)
            with (folder / entry.path).open("wb") as file:
                file.writelines(_content(objects, entry, size))
            count += 1
    return count


def tar(objects: Objects, given: Iterable[ExportFile]) -> Iterator[bytes]:
    """Files as a tar, piece by piece; it is not stored as a whole. What is gone from the storage is left out."""
    for entry in given:
        size = _entry_size(objects, entry)
        if size is None:
            continue
        about = tarfile.TarInfo(entry.path)
        about.size, about.mtime = size, int(time.time())
        yield about.tobuf(tarfile.PAX_FORMAT)
        yield from _content(objects, entry, size)
        yield bytes(-size % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedCounts:
    """How much of a key was erased."""

    videos: int
    files: int
    characters: int


def erase(database: Database, objects: Objects, key_id: str, *, by: str) -> ErasedCounts:
    """Remove all that belongs to a key, and revoke it; films that are being made are stopped.

    Rows go first, all in one transaction: what is left in the storage, should that be away, has no owner and is swept
    up. Raises `UserError` for an id that is not known.
    """
    with database.begin() as connection:
        keys.get(connection, key_id)
        kept = [f"videos/{row}" for row in _column(connection, tables.videos.c.id, key_id)]
        files = _column(connection, tables.files.c.key, key_id)
        characters = _column(connection, tables.characters.c.key, key_id)
        for table in ERASED:
            connection.execute(sa.delete(table).where(table.c.owner == key_id))
        over = {"name": ERASED_NAME, "revoked_at": sa.func.coalesce(tables.keys.c.revoked_at, now())}
        connection.execute(sa.update(tables.keys).where(tables.keys.c.id == key_id).values(**over))
        erased = ErasedCounts(videos=len(kept), files=len(files), characters=len(characters))
        audit.record(connection, by, "key.erase", key_id, {"videos": erased.videos, "files": erased.files})
    keys.forget(database)
    for prefix in kept:
        objects.delete_under(prefix)
    objects.delete(*files, *characters)
    return erased


def _read_rows(connection: sa.Connection, table: sa.Table, owner: str) -> list[dict[str, Any]]:
    shown = [column for column in table.columns if column.name not in SECRET]
    found = connection.execute(sa.select(*shown).where(table.c.owner == owner).order_by(*table.primary_key.columns))
    return [dict(row) for row in found.mappings()]


def _column(connection: sa.Connection, column: sa.Column[Any], owner: str) -> list[str]:
    return list(connection.execute(sa.select(column).where(column.table.c.owner == owner)).scalars())


def _film_entries(videos: Iterable[Mapping[str, Any]]) -> Iterator[ExportFile]:
    for row in videos:
        for kind in ("file", "thumbnail", "spritesheet"):
            if row[kind] is not None:
                name = row["id"] if kind == "file" else f"{row['id']}-{kind}"
                yield ExportFile(path=f"videos/{name}{_suffix(row[kind])}", key=row[kind])


def _uploads(files: Iterable[Mapping[str, Any]]) -> Iterator[ExportFile]:
    for row in files:
        yield ExportFile(path=f"files/{row['id']}{_suffix(row['filename'])}", key=row["key"])


def _characters(characters: Iterable[Mapping[str, Any]]) -> Iterator[ExportFile]:
    for row in characters:
        yield ExportFile(path=f"characters/{row['id']}{_suffix(row['key'])}", key=row["key"])


def _suffix(name: str) -> str:
    """The end of a name that tells what the file is; names themselves are clients' words, and stand in the JSON."""
    found = SUFFIX.search(name)
    return found[0].lower() if found else ""


def _to_json_bytes(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _entry_size(objects: Objects, entry: ExportFile) -> int | None:
    if entry.key is None:
        return len(entry.content)
    try:
        return objects.size(entry.key)
    except KeyError:  # deleted meanwhile
        return None


def _content(objects: Objects, entry: ExportFile, size: int) -> Iterator[bytes]:
    if entry.key is None:
        yield entry.content
    else:
        yield from objects.read(entry.key, 0, size)
