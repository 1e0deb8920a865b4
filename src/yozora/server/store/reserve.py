"""Room on the disk of a SQLite database, kept for when it is full: what deletes and ends things has to write, too.

A file beside the database holds it. Processes may share it. Knows no tables.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

LEAST: Final = 64 << 10  # bytes: less is not worth keeping


class Reserve:
    """The file. `size` bytes are wanted; where the disk has less, half of it, or half of that."""

    def __init__(self, path: Path, size: int) -> None:
        self.path, self.size = path, size

    def keep(self) -> None:
        """Take the room, as far as it is there. Nothing happens where all of it is taken already."""
        with contextlib.suppress(OSError):
            if self.path.exists() and self.path.stat().st_size >= self.size:
                return
        size = self.size
        while size >= LEAST and not self._allocate_file(size):
            size //= 2

    @contextlib.contextmanager
    def given_up(self) -> Iterator[None]:
        """The room is free while this lasts."""
        self.path.unlink(missing_ok=True)
        try:
            yield
        finally:
            self.keep()

    def _allocate_file(self, size: int) -> bool:
        made = self.path.with_name(f"{self.path.name}-{secrets.token_hex(4)}")
        try:
            descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, size)
            finally:
                os.close(descriptor)
            made.replace(self.path)
        except OSError:
            made.unlink(missing_ok=True)
            return False
        return True
