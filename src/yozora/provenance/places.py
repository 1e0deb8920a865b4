"""Where credentials are: in a file that can hold them, or in another one beside it. Reads neither."""

from collections.abc import Mapping
from pathlib import Path
from typing import IO

UNKNOWN = "application/octet-stream"  # media type of a file that holds no credentials itself
HEAD = 64  # bytes that tell the kind of a file
MAX_STORE = 64 << 20  # bytes of credentials beside a file

MAGIC: Mapping[bytes, str] = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF8": "image/gif",
}


def beside(path: Path) -> Path:
    """Where the credentials of a file are that are not in it: C2PA 2.2, 11.4, has the same name with another ending."""
    return path.with_suffix(".c2pa")


def store_beside(path: Path) -> bytes | None:
    """The credentials beside a file; None where there are none. Raises `OSError`."""
    found = beside(path)
    if found == path or not found.is_file() or not 0 < found.stat().st_size <= MAX_STORE:
        return None
    return found.read_bytes()


def kind_of(file: IO[bytes]) -> str | None:
    """The media type of a file that may hold credentials, by its first bytes; the file stands at its start again."""
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if head[4:8] == b"ftyp":
        return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}.get(head[8:12])
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), None)
