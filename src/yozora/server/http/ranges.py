"""Which bytes of an object a client wants: RFC 9110, sections 13 and 14, for single ranges. Knows no storage.

Kept by hand: Starlette's ranges are part of `FileResponse`, which sends a file of this machine, not an object.
"""

import re
from dataclasses import dataclass
from typing import Final

RANGE: Final = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteRange:
    """Bytes `start` up to, not including, `stop`, of `size`."""

    start: int
    stop: int
    size: int

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


class Unsatisfiable(Exception):  # noqa: N818 - it is an answer
    """The range begins after the end."""


def wanted(header: str | None, size: int) -> ByteRange | None:
    """What a Range header asks for; None for all of it: no header, one that cannot be read, or several ranges at once.

    Raises `Unsatisfiable`.
    """
    match = RANGE.fullmatch(header.strip()) if header else None
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        start, stop = max(0, size - int(match[2])), size
    else:
        start, stop = int(match[1]), min(size, int(match[2]) + 1 if match[2] else size)
        if match[2] and int(match[2]) < start:
            return None
    if start >= size or start >= stop:
        raise Unsatisfiable
    return ByteRange(start=start, stop=stop, size=size)


def same(header: str | None, etag: str) -> bool:
    """Whether If-None-Match names this version, weakly compared."""
    if header is None:
        return False
    named = {one.strip().removeprefix("W/") for one in header.split(",")}
    return etag in named or "*" in named


def still(header: str | None, etag: str, modified: str) -> bool:
    """Whether If-Range holds, or is not there: strong comparison of the tag, or the very date."""
    return header is None or header.strip() in (etag, modified)
