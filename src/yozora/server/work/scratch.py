"""Folders that films are made in: each worker has one, and one that was killed leaves it to the next one."""

import fcntl
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from yozora.errors import UserError

PREFIX = "yozora-worker-"
LOCK = "lock"
YOUNG = 60.0  # seconds: a folder without a lock may still get one


class Scratch:
    """A worker's own folder, among temporary files, locked for as long as the process lives, however that ends."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = (self.folder / LOCK).open("wb")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    @contextmanager
    def film(self) -> Iterator[Path]:
        """A folder for one film, which is removed at the end."""
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            yield Path(name)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()


@contextmanager
def no_paths(folder: Path) -> Iterator[None]:
    """What a person is told of a film that is made in a folder names no place on this machine."""
    place = f"{folder}/"
    try:
        yield
    except UserError as error:
        if place not in str(error):
            raise
        raise UserError(error.message.replace(place, ""), error.hint.replace(place, ""), code=error.code) from error


def remove_abandoned() -> int:
    """Remove the folders of workers that have died; how many those were."""
    return sum(_remove_folder(folder) for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


def _remove_folder(folder: Path) -> bool:
    try:
        with (folder / LOCK).open("wb" if _is_old(folder) else "r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:  # it lives, or it is another user's, or another worker was quicker
        return False
    return True


def _is_old(folder: Path) -> bool:
    return time.time() - folder.stat().st_mtime > YOUNG
