"""Much data, piece by piece, with a pause after each, in which other threads of the process get their turn."""

import time
from collections.abc import Iterator
from typing import IO, Final

PIECE: Final = 1 << 16  # bytes: less than a millisecond of whatever is done with them
PAUSE_SECONDS: Final = 0.0005
SHORT: Final = 1 << 20  # bytes before the first pause


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The rest of a file. Only for threads that nothing else waits for."""
    size = 0
    while piece := file.read(PIECE):
        yield piece
        size += len(piece)
        if size > SHORT:
            time.sleep(PAUSE_SECONDS)
