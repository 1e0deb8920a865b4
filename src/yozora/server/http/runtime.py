"""How a process of the edge shares the processor among its threads, and gives memory back that is free.

By default the C library keeps what large bodies have taken: glibc is told otherwise (mallopt(3), malloc_trim(3)).
"""

import ctypes
import sys
from typing import Final

ARENAS: Final = 2  # of the C library, each with free memory of its own: by default as many as threads
MAPPED: Final = 256 << 10  # bytes from which a block is mapped by itself, and unmapped when it is freed

SWITCH_SECONDS: Final = 0.001  # for which a thread that computes lets others wait, unless it pauses by itself

_M_ARENA_MAX: Final = -8
_M_MMAP_THRESHOLD: Final = -3


def settle() -> None:
    """Call it once, when a process starts."""
    sys.setswitchinterval(SWITCH_SECONDS)
    libc = _libc()
    if libc is not None:
        libc.mallopt(_M_ARENA_MAX, ARENAS)
        libc.mallopt(_M_MMAP_THRESHOLD, MAPPED)


def trim() -> None:
    """Give back what is free; takes milliseconds."""
    libc = _libc()
    if libc is not None:
        libc.malloc_trim(0)


def _libc() -> ctypes.CDLL | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") and hasattr(libc, "mallopt") else None
