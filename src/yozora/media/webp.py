"""Animated WebP, which FFmpeg reads only the stills of: the container is read here, its pictures by FFmpeg.

After the WebP Container Specification (RFC 9649). Shown over white, as all that is transparent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from av import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from yozora.media import comments
from yozora.media.pictures import PAPER, over_paper

ANIMATED, ALPHA = 0x02, 0x10  # flags of the VP8X chunk
REPLACES, CLEARS = 0x02, 0x01  # flags of a frame: it is not blended; its place is cleared after it
ALIGNED = 64  # pixels: FFmpeg counts a row as if it were padded to a multiple of this
SHORTEST, USUAL = 10, 100  # milliseconds: a frame of at most the first is shown for the second, as browsers do


@dataclass(frozen=True, slots=True, kw_only=True)
class WebpFrame:
    """One frame as stored: where its data are in the file, where it lands on the canvas, and for how many ms."""

    offset: int
    size: int
    left: int
    top: int
    width: int
    height: int
    milliseconds: int
    flags: int


def is_animated(head: bytes) -> bool:
    """Whether these first bytes, at least 21, are an animated WebP's."""
    return len(head) > 20 and head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and bool(head[20] & ANIMATED)


def parts(path: Path) -> tuple[tuple[int, int], list[WebpFrame], str]:
    """The canvas (width, height), the frames that are whole, and what the file says of itself; a file that breaks off
    has fewer.
    """
    size, found, comment = (0, 0), [], ""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(12)
        for kind, offset, length in _chunks(file, end):
            if kind == b"VP8X":
                data = file.read(10)
                size = (1 + _from_little_endian(data[4:7]), 1 + _from_little_endian(data[7:10]))
            elif kind == b"ANMF" and length > 16:
                found.append(_part(file.read(16), offset + 16, length - 16))
            elif kind == b"EXIF" and length <= comments.MOST:
                comment = comments.in_exif(file.read(length))
    return size, found, comment


def pictures(path: Path) -> Iterator[NDArray[np.uint8]]:
    """The canvas uint8 `[3, H, W]` after each part, every time another array.

    Raises an FFmpeg error where the data are damaged.
    """
    (width, height), found, _ = parts(path)
    canvas = np.full((3, height, width), PAPER, np.uint8)
    for part in found:
        place = canvas[:, part.top : part.top + part.height, part.left : part.left + part.width]
        drawn = _decoded(path, part, -(-width // ALIGNED) * ALIGNED * height)
        if drawn is None:
            return
        drawn = drawn[:, : place.shape[1], : place.shape[2]]
        place = place[:, : drawn.shape[1], : drawn.shape[2]]
        place[:] = over_paper(drawn[:3], drawn[3], PAPER if part.flags & REPLACES else place)
        yield canvas.copy()
        if part.flags & CLEARS:
            place[:] = PAPER


def is_clear(path: Path, size: tuple[int, int], found: Sequence[WebpFrame]) -> bool:
    """Whether anything shows through the first picture."""
    if not found:
        return False
    (width, height), first = size, found[0]
    if (first.left, first.top, first.width, first.height) != (0, 0, width, height):
        return True
    try:
        drawn = _decoded(path, first, -(-width // ALIGNED) * ALIGNED * height)
    except FFmpegError:  # told where the pictures are read
        return False
    return drawn is not None and bool((drawn[3] < 255).any())


def _part(data: bytes, offset: int, size: int) -> WebpFrame:
    left, top, width, height, milliseconds = (_from_little_endian(data[at : at + 3]) for at in range(0, 15, 3))
    return WebpFrame(
        offset=offset,
        size=size,
        left=2 * left,
        top=2 * top,
        width=width + 1,
        height=height + 1,
        milliseconds=milliseconds if milliseconds > SHORTEST else USUAL,
        flags=data[15],
    )


def _decoded(path: Path, part: WebpFrame, max_pixels: int) -> NDArray[np.uint8] | None:
    """RGBA uint8 `[4, H, W]` of one part, which is made a WebP of its own for the decoder; None where it shows none."""
    with path.open("rb") as file:
        file.seek(part.offset)
        data = file.read(part.size)
    if data[:4] == b"ALPH":
        size = (part.width - 1).to_bytes(3, "little") + (part.height - 1).to_bytes(3, "little")
        data = b"VP8X" + (10).to_bytes(4, "little") + bytes([ALPHA, 0, 0, 0]) + size + data
    packet = Packet(b"RIFF" + (4 + len(data)).to_bytes(4, "little") + b"WEBP" + data)
    codec = VideoCodecContext.create("webp", "r")
    codec.options = {"max_pixels": str(max_pixels)}
    frames = [*codec.decode(packet), *codec.decode(None)]
    return None if not frames else frames[0].to_ndarray(format="rgba").astype(np.uint8, copy=False).transpose(2, 0, 1)


def _chunks(file: BinaryIO, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, offset and length of the chunks from here on that are whole; the file stands at each one's data."""
    at = file.tell()
    while True:
        head = file.read(8)
        length = int.from_bytes(head[4:], "little")
        if len(head) < 8 or at + 8 + length > end:
            return
        yield head[:4], at + 8, length
        at += 8 + length + length % 2
        file.seek(at)


def _from_little_endian(data: bytes) -> int:
    return int.from_bytes(data, "little")
