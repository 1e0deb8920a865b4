"""A text in a GIF or a WebP that says how it was made: put there, and read again. Knows nothing of what it says.

GIF has a comment extension (GIF89a, section 24) and WebP a chunk of Exif (RFC 9649, section 2.7.1.5), of which the
description of the image is the text. Both are plain ASCII.
"""

import shutil
import struct
import warnings
from pathlib import Path
from typing import BinaryIO

from yozora.media.targets import whole_file

DESCRIPTION = 0x010E  # tag of Exif
MOST = 4 << 20  # bytes of a text that are read
ALPHA, EXIF = 0x10, 0x08  # flags of WebP's VP8X chunk
BLOCK = 255  # bytes of a block of GIF


def add_to_gif(path: Path, text: str) -> None:
    """Put a comment before the first picture, in place."""
    data = text.encode("ascii")
    blocks = b"".join(bytes([len(data[k : k + BLOCK])]) + data[k : k + BLOCK] for k in range(0, len(data), BLOCK))
    with path.open("rb") as source, whole_file(path) as part, part.open("wb") as target:
        head = source.read(13)
        colors = 3 << (head[10] & 7) + 1 if head[10] & 0x80 else 0  # bytes of the palette for all pictures
        target.write(head + source.read(colors) + b"\x21\xfe" + blocks + b"\0")
        shutil.copyfileobj(source, target)


def add_to_webp(path: Path, size: tuple[int, int], text: str) -> None:
    """Append a description, in place. `size` is that of the pictures, for a still that does not say so itself."""
    from PIL import Image

    said = Image.Exif()
    said[DESCRIPTION] = text
    data = said.tobytes().removeprefix(b"Exif\0\0")
    with path.open("r+b") as file:
        head = file.read(30)
        if head[12:16] != b"VP8X":
            _extend(file, size, head)
            head = _read_from_start(file, 30)
        file.seek(20)
        file.write(bytes([head[20] | EXIF]))
        file.seek(0, 2)
        file.write(b"EXIF" + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2))
        length = file.tell() - 8
        file.seek(4)
        file.write(length.to_bytes(4, "little"))


def in_exif(data: bytes) -> str:
    """The description in a chunk of Exif; nothing where there is none that makes sense."""
    from PIL import Image

    said = Image.Exif()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what makes no sense
            said.load(data)
            return text_of(said.get(DESCRIPTION, ""))
    except (SyntaxError, ValueError, TypeError, OSError, LookupError, OverflowError, struct.error):
        return ""


def text_of(value: object) -> str:
    """What a decoder found as a text."""
    if isinstance(value, bytes):
        return value[:MOST].decode("utf-8", "replace")
    return value[:MOST] if isinstance(value, str) else ""


def _extend(file: BinaryIO, size: tuple[int, int], head: bytes) -> None:
    """Make a simple WebP, of one chunk with its picture, one that says what else it holds."""
    alpha = ALPHA if head[12:16] == b"VP8L" and head[24] & 0x10 else 0
    sides = b"".join((side - 1).to_bytes(3, "little") for side in size)
    rest = _read_from_start(file)[12:]
    file.seek(12)
    file.write(b"VP8X" + (10).to_bytes(4, "little") + bytes([alpha, 0, 0, 0]) + sides + rest)


def _read_from_start(file: BinaryIO, count: int = -1) -> bytes:
    file.seek(0)
    return file.read(count)
