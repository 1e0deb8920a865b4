"""What was found out about a file is kept as long as the file stays what it is, so that no large one is read twice."""

import os
import time
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

MOST = 64  # files of which something is kept, of each kind of finding
FRESH = 0.1  # seconds: a file that was changed so lately may be changed again without another time to show for it


def remembered(find: Callable[[Path], T]) -> Callable[[Path], T]:
    """A function of a file that does its work once for each content, within this process: a file is taken for unchanged
    by its place, size and times. What it raises is not kept. What it returns is shared: change nothing in it.
    """

    @lru_cache(maxsize=MOST)
    def known(path: str, state: tuple[int, ...]) -> T:
        return find(Path(path))

    @wraps(find)
    def asked(path: Path) -> T:
        try:
            said = os.stat(path)
        except (OSError, ValueError):
            return find(path)  # which says what is wrong
        if time.time_ns() - max(said.st_mtime_ns, said.st_ctime_ns) < FRESH * 1e9:
            return find(path)
        state = (said.st_dev, said.st_ino, said.st_size, said.st_mtime_ns, said.st_ctime_ns)
        return known(os.fspath(path), state)

    return asked
