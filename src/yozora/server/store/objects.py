"""Where films, pictures and uploads are: a local folder, or a bucket, by one set of verbs.

An object is there whole or not at all. Knows no videos, and no clients: every key is made by the server itself.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.store import AzureStore, GCSStore, HTTPStore, LocalStore, MemoryStore, S3Store, from_url

from yozora.errors import UserError

Store = LocalStore | MemoryStore | S3Store | GCSStore | AzureStore

CHUNK = 1 << 20
STAGING = ".staging"
"""In a local folder: where files are written before they have their name."""

FULL = re.compile(r"os error (28|122)\b|No space left|StorageFull|QuotaExceeded|\b507\b", re.IGNORECASE)


class StorageFull(Exception):  # noqa: N818 - the name that the job's error has
    """The disk or the bucket takes no more; what was being written is not there."""


class StorageAway(Exception):  # noqa: N818
    """The folder or the bucket cannot be reached, which may pass."""


class Objects:
    """Verbs on a store. A key is like `videos/video_1/1/film.mp4`. A key that is not there raises `KeyError`, and a
    store that is away `StorageAway`.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._folder = Path(str(store.prefix)) if isinstance(store, LocalStore) else None

    @property
    def folder(self) -> Path | None:
        """Where the objects are on this machine's disks; None for a bucket and for memory."""
        return self._folder

    def put(self, key: str, path: Path) -> int:
        """Publish a file's content, and say how many bytes it has. What had the key is replaced in one stroke."""
        size = path.stat().st_size
        with self._failures_are_said(key, writes=True), path.open("rb") as file:
            if self._folder is not None:
                self._write_file(key, file)
            else:
                obstore.put(self.store, _good(key), file)
        return size

    def put_bytes(self, key: str, data: bytes) -> None:
        with self._failures_are_said(key, writes=True):
            if self._folder is not None:
                self._write_file(key, data)
            else:
                obstore.put(self.store, _good(key), data)

    def get(self, key: str) -> bytes:
        with self._failures_are_said(key):
            return bytes(obstore.get(self.store, _good(key)).bytes())

    def save(self, key: str, path: Path) -> None:
        """Copy an object into a local file, whose folder exists. What is there after an exception is not the object."""
        with self._failures_are_said(key), path.open("wb") as file:
            for chunk in self.read(key, 0, self.size(key)):
                file.write(chunk)

    def size(self, key: str) -> int:
        with self._failures_are_said(key):
            return obstore.head(self.store, _good(key))["size"]

    def read(self, key: str, start: int, stop: int) -> Iterator[bytes]:
        """Bytes from `start` up to, not including, `stop`, a chunk at a time; fewer where the object ends before."""
        with self._failures_are_said(key):
            if start >= stop:
                obstore.head(self.store, _good(key))
                return
            answer = obstore.get(self.store, _good(key), options={"range": (start, stop)})
            for chunk in answer.stream(min_chunk_size=CHUNK):
                yield bytes(chunk)

    def url(self, key: str, seconds: float) -> str | None:
        """An address from which anyone may read the object for a while; None where the store has no such thing."""
        if isinstance(self.store, LocalStore | MemoryStore):
            return None
        return obstore.sign(self.store, "GET", _good(key), timedelta(seconds=seconds))

    def delete(self, *keys: str) -> None:
        """Remove objects; those that are not there are passed over."""
        for key in keys:
            if self._folder is not None:
                self._unlink(key)
            else:
                with contextlib.suppress(FileNotFoundError):
                    obstore.delete(self.store, _good(key))

    def delete_under(self, prefix: str) -> None:
        """Remove all objects whose keys begin with the segments of `prefix`."""
        self.delete(*self.keys(prefix))

    def keys(self, prefix: str = "") -> Iterator[str]:
        """The keys that begin with the segments of `prefix` (`videos/a` is not a beginning of `videos/ab`)."""
        return (key for key, _ in self.listed(prefix))

    def listed(self, prefix: str = "") -> Iterator[tuple[str, float]]:
        """Keys as `keys` has them, and when each was written, in Unix seconds."""
        where = _good(prefix.rstrip("/")) if prefix.strip("/") else None
        for page in obstore.list(self.store, prefix=where):
            for one in page:
                if not one["path"].startswith(f"{STAGING}/"):
                    yield one["path"], one["last_modified"].timestamp()

    def tidy(self, older: float) -> int:
        """Remove what killed processes had begun to write more than `older` seconds ago; how many files that were.

        Buckets do so themselves: set a lifecycle rule for unfinished multipart uploads.
        """
        if self._folder is None:
            return 0
        removed = 0
        for path in (self._folder / STAGING).glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < time.time() - older:
                    path.unlink()
                    removed += 1
        return removed

    def _write_file(self, key: str, content: Any) -> None:
        """Write, sync and rename. obstore's own local store renames too but does not sync: after a power cut a film
        could be there under its name, and empty.
        """
        assert self._folder is not None
        target, staged = self._folder / _good(key), self._folder / STAGING / secrets.token_hex(8)
        staged.parent.mkdir(exist_ok=True)  # not the store's own folder: one that is gone may come back
        try:
            with staged.open("xb") as file:
                if isinstance(content, bytes):
                    file.write(content)
                else:
                    shutil.copyfileobj(content, file, CHUNK)
                file.flush()
                os.fsync(file.fileno())
            _rename(staged, target)
        finally:
            staged.unlink(missing_ok=True)
        _sync_folder(target.parent)

    @contextlib.contextmanager
    def _failures_are_said(self, key: str, *, writes: bool = False) -> Iterator[None]:
        """What is absent, full or away, by one name each for all stores."""
        try:
            yield
        except (OSError, obstore.exceptions.BaseError) as error:
            number = getattr(error, "errno", None)
            if number in (errno.ENOSPC, errno.EDQUOT) or FULL.search(str(error)):
                raise StorageFull(f"no room to write {key}") from error
            if self._folder is not None and not self._folder.is_dir():
                raise StorageAway(f"the folder of the storage is gone: {self._folder}") from error
            if isinstance(error, FileNotFoundError) and not writes:  # obstore's NotFoundError is one
                raise KeyError(key) from error
            if self._folder is None and isinstance(error, obstore.exceptions.BaseError | FileNotFoundError):
                raise StorageAway(_first_line(error)) from error  # also where the bucket itself is not found
            raise

    def _unlink(self, key: str) -> None:
        assert self._folder is not None
        target = self._folder / _good(key)
        target.unlink(missing_ok=True)
        for folder in target.parents:
            if folder == self._folder:
                return
            try:
                folder.rmdir()  # only ever removes an empty one
            except OSError:
                return


def open_objects(url: str) -> Objects:
    """A path or `file:///path` (made if need be), `s3://bucket/prefix`, `gs://`, `az://`, or `memory:///` for tests.

    Credentials come from the environment, as the cloud's own tools have them. Raises `UserError` for what cannot be
    opened.
    """
    if "://" not in url:
        url = Path(url).expanduser().absolute().as_uri()
    try:
        if url.startswith("file:"):
            return Objects(LocalStore.from_url(url, mkdir=True))
        store = from_url(url)
    except (obstore.exceptions.BaseError, OSError, ValueError) as error:
        raise UserError(
            f"The storage {url!r} cannot be opened: {_first_line(error)}", _KINDS, code="storage_unavailable"
        ) from error
    if isinstance(store, HTTPStore):
        raise UserError(f"The storage {url!r} cannot be written to.", _KINDS, code="storage_unwritable")
    return Objects(store)


_KINDS = "Write a path, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX; see docs/operations.md."


def _good(key: str) -> str:
    """The key itself. Raises `ValueError` for one that could leave the store: keys are never a client's words."""
    parts = key.split("/")
    if not all(part.strip(".") and part.isprintable() for part in parts) or "\\" in key or "#" in key:
        raise ValueError(f"{key!r} is no key")
    return key


def _rename(staged: Path, target: Path) -> None:
    """Into a folder that others may be removing, because it is empty, at this moment."""
    for _ in range(20):
        with contextlib.suppress(FileNotFoundError, FileExistsError):  # mkdir too can meet them in between
            target.parent.mkdir(parents=True, exist_ok=True)
            staged.replace(target)
            return
    raise OSError(errno.EBUSY, "the folder is removed again and again", str(target.parent))


def _sync_folder(folder: Path) -> None:
    """So that the name, too, outlives a power cut; if it is gone already, another process has deleted the object."""
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0]
