"""The process that looks at one uploaded file: `python -m yozora.server.safety.inspection`, started by `uploads`.

It gives up rights before it opens the file, checks that the content is one of a few kinds and whole, and only then
decodes it. Answers with one line of JSON: what was found, or `{"error": ...}`. Knows nothing of who asks.
"""

import base64
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Literal

from yozora.core.request import MAX_PROMPT
from yozora.errors import UserError
from yozora.provenance.confined import give_up, without

MAX_WORK: Final = 150_000_000_000  # pixels of all frames: two minutes of 4K at 120 a second
MAX_BOXES: Final = 100_000
TAIL: Final = 66_000  # bytes: a ZIP's directory ends in the last 65,557
KINDS = (
    "A picture has to be a JPEG, PNG, WebP, HEIC, AVIF, BMP, TIFF or GIF, a film an MP4, MOV, WebM, MKV, AVI or GIF."
)
CUT = "Its end is missing. Send the whole file."
FOREIGN: Final = (b"%pdf-", b"<html", b"<script", b"<?php", b"<svg")  # what a picture's first bytes never hold


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: what FFmpeg calls it, and whether one that begins like it is whole."""

    demuxers: tuple[str, ...]
    is_whole: Callable[[BinaryIO, int], bool]


def main(memory: str, seconds: str, answer: str, action: str, path: str, side: str) -> dict[str, object]:
    """What is in the file."""
    give_up(int(memory), int(seconds), int(answer))
    file = Path(path)
    try:
        kind = sniffed(file)
        return inspect_file(file, kind) if action == "inspect" else {"png": first_picture(file, int(side))}
    except UserError as error:
        return {"error": without(error.message, path), "reason": error.code}
    except MemoryError:
        return {"error": "Decoding the file needs too much memory."}


def sniffed(path: Path) -> FileKind:
    """The kind of a file, by its content. Raises `UserError` for another one, one that is not whole, or two in one."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(1024)
        kind = kind_of(head)
        if kind is None:
            raise UserError(f"{_refused(head)} {KINDS}", code="file_type_refused")
        if any(mark in head.lower() for mark in FOREIGN) or _is_zip(file, size):
            raise UserError(f"The file is of two types at once. {KINDS}", code="file_type_ambiguous")
        if not kind.is_whole(file, size):
            raise UserError(f"The file is damaged. {CUT}", code="file_damaged")
    return kind


def inspect_file(path: Path, kind: FileKind) -> dict[str, object]:
    """What a file shows, as `uploads.Looked` has it."""
    from yozora import media
    from yozora.media import photos, webp
    from yozora.media.opening import opened

    with path.open("rb") as file:
        animated = webp.is_animated(file.read(64))
    if not animated and not photos.knows(path):
        with opened(path) as container:
            if container.format.name not in kind.demuxers:
                raise UserError(f"The file is of two types at once. {KINDS}", code="file_type_ambiguous")
    found = media.probe(path)
    frames = found.frames or 1
    if frames * found.width * found.height > MAX_WORK:
        raise UserError(
            f"The film is too large: {frames:,} frames of {found.width}x{found.height}. Shorten it or scale it down.",
            code="film_too_large",
        )
    return {
        "kind": "picture" if found.still else "film",
        "width": found.width,
        "height": found.height,
        "seconds": found.seconds,
        "fps": found.fps,
        "frames": frames,
        "has_sound": found.has_sound,
        "clear": found.clear,
        "prompt": str(found.facts.get("prompt", ""))[:MAX_PROMPT],
    }


def first_picture(path: Path, side: int) -> str:
    """A PNG in base64, no larger than `side`."""
    from yozora import media
    from yozora.films.sheet import write_png

    found = media.probe(path)
    scale = min(1.0, side / max(found.width, found.height))
    width, height = (max(2, round(length * scale)) for length in (found.width, found.height))
    picture = next(media.open(path, width=width, height=height, fps=found.fps or 1.0).frames())
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "still.png"
        write_png(target, picture)
        return base64.b64encode(target.read_bytes()).decode()


def kind_of(head: bytes) -> FileKind | None:
    """The kind that begins so."""
    if head[:4] == b"RIFF":
        return {b"WEBP": WEBP, b"AVI ": AVI}.get(head[8:12])
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return MP4
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), None)


def _refused(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if not head:
        return "The file is empty."
    if b"<svg" in head.lower():
        return "The file is an SVG drawing."
    if start.startswith((b"#extm3u", b"ffconcat", b"[playlist]", b"<mpd", b"<smil", b"rtsptext", b"file ")):
        return "The file is a playlist, which only lists other files."
    return "The file is an archive." if head[:2] == b"PK" else "The file is neither a picture nor a film."


def _is_zip(file: BinaryIO, size: int) -> bool:
    """Whether a ZIP archive ends where the file does, comment and all."""
    file.seek(max(0, size - TAIL))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    return at >= 0 and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)


def _jpeg(file: BinaryIO, size: int) -> bool:
    """Segments up to the picture's data, and an end after them; a thumbnail inside has an end of its own."""
    at = 2
    while True:
        file.seek(at)
        marker = file.read(4)
        if len(marker) < 4 or marker[0] != 0xFF:
            return False
        if marker[1] == 0xDA:  # start of scan
            return b"\xff\xd9" in file.read()
        at += 1 if marker[1] == 0xFF else 2 + int.from_bytes(marker[2:], "big")


def _png(file: BinaryIO, size: int) -> bool:
    at = 8
    while True:
        file.seek(at)
        head = file.read(8)
        at += 12 + int.from_bytes(head[:4], "big")
        if len(head) < 8 or at > size:
            return False
        if head[4:] == b"IEND":
            return True


def _bmp(file: BinaryIO, size: int) -> bool:
    file.seek(2)
    return int.from_bytes(file.read(4), "little") <= size and size > 26


def _tiff(file: BinaryIO, size: int) -> bool:
    """Whether the directory is there; whether all of the picture is, its decoder tells."""
    file.seek(0)
    order: Literal["little", "big"] = "little" if file.read(2) == b"II" else "big"
    file.seek(4)
    at = int.from_bytes(file.read(4), order)
    file.seek(at)
    return at > 0 and at + 2 + 12 * int.from_bytes(file.read(2), order) + 4 <= size


def _gif(file: BinaryIO, size: int) -> bool:
    file.seek(max(0, size - 64))
    return file.read().rstrip(b"\0").endswith(b";")


def _riff(file: BinaryIO, size: int) -> bool:
    file.seek(4)
    return int.from_bytes(file.read(4), "little") + 8 <= size


def _mp4(file: BinaryIO, size: int) -> bool:
    """Whether the boxes fill the file (ISO/IEC 14496-12, 4.2); bytes after the last one that are no box do no harm."""
    at = 0
    for _ in range(MAX_BOXES):
        if at == size:
            return True
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4], "big")
        length = int.from_bytes(head[8:16], "big") if length == 1 else length or size - at
        if length < 8:
            return at > 0
        at += length
        if at > size:
            return False
    return False


def _matroska(file: BinaryIO, size: int) -> bool:
    """Whether the segment is all there, where it says how long it is (RFC 8794, 4 and 6.2)."""
    file.seek(4)
    start, length = _vint(file)
    file.seek(start + (length or 0))
    if file.read(4) != b"\x18\x53\x80\x67":
        return False
    start, segment = _vint(file)
    return segment is None or start + segment <= size


def _vint(file: BinaryIO) -> tuple[int, int | None]:
    """Where the file stands after a number of variable length, and the number; None for an unknown size."""
    first = file.read(1)
    width = 9 - first[0].bit_length() if first and first[0] else 1
    rest = file.read(width - 1)
    value = int.from_bytes((first or b"\0") + rest, "big") & ((1 << 7 * width) - 1)
    return file.tell(), None if value == (1 << 7 * width) - 1 else value


MP4: Final = FileKind(("mov,mp4,m4a,3gp,3g2,mj2",), _mp4)
WEBP: Final = FileKind(("webp_pipe",), _riff)
AVI: Final = FileKind(("avi",), _riff)
MAGIC: Final = {
    b"\xff\xd8\xff": FileKind(("jpeg_pipe", "mjpeg"), _jpeg),
    b"\x89PNG\r\n\x1a\n": FileKind(("png_pipe", "apng"), _png),
    b"GIF87a": FileKind(("gif",), _gif),
    b"GIF89a": FileKind(("gif",), _gif),
    b"BM": FileKind(("bmp_pipe",), _bmp),
    b"II*\0": FileKind(("tiff_pipe",), _tiff),
    b"MM\0*": FileKind(("tiff_pipe",), _tiff),
    b"\x1a\x45\xdf\xa3": FileKind(("matroska,webm",), _matroska),
}

if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
