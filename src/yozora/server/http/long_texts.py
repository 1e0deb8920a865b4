"""Texts in a body that are too long for memory, such as a picture's data URL, are put into files while they are read.

A JSON text is read piece by piece: what is left of it without them is small, and parsed as usual. Knows no fields.
"""

import json
import re
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Final

from yozora.core.plain import no_number
from yozora.server.pieces import pieces

LONG: Final = 1 << 19  # bytes of a text that are kept in memory: the longest prompt, every character escaped, has less
MAX_DEPTH: Final = 8
MAX_SIGNS: Final = 10_000  # brackets and commas of a JSON text: each costs far more memory than its byte

_OUTSIDE: Final = re.compile(rb'[^"]*')
_INSIDE: Final = re.compile(rb'(?:[^"\\]++|\\u[0-9a-fA-F]{4}|\\[^u])*+')
_SIGNS: Final = (b"[", b"{", b",")
_ESCAPE: Final = 6  # bytes of the longest escape


class TooLong(Exception):  # noqa: N818 - what the text is
    """More than is kept in memory, even without the long texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LongText:
    """A text in a file in UTF-8, until the request is answered."""

    path: Path
    bytes: int
    sha256: str

    @property
    def head(self) -> str:
        """How it begins: up to a thousand characters."""
        with self.path.open("rb") as file:
            return file.read(1000).decode("utf-8", "replace")


@dataclass(slots=True, kw_only=True)
class Texts:
    """Where the long texts of one body go, and those that are there."""

    folder: Path
    found: dict[str, LongText] = field(default_factory=dict)  # by what stands for them in the rest
    most: int  # bytes that the rest may have

    def writer(self) -> "LongTextWriter":
        return LongTextWriter(self.folder / f"text-{secrets.token_hex(8)}")


class LongTextWriter:
    """Writes one long text."""

    def __init__(self, path: Path) -> None:
        self.file, self.bytes, self.hash = path.open("xb"), 0, sha256()

    def write(self, data: bytes | bytearray) -> None:
        self.bytes += len(data)
        self.hash.update(data)
        self.file.write(data)

    def close(self) -> None:
        self.file.close()

    def done(self) -> LongText:
        self.close()
        return LongText(path=Path(self.file.name), bytes=self.bytes, sha256=self.hash.hexdigest())


def load(source: IO[bytes], texts: Texts) -> Any:
    """What a JSON text says, with a `LongText` for each long one. Raises `ValueError` and `RecursionError` as `json`
    does, and `TooLong`.
    """
    rest = _Rest(texts)
    try:
        for piece in pieces(source):
            rest.read(piece)
        said = json.loads(rest.finished(), parse_constant=no_number)
    finally:
        if rest.writer is not None:
            rest.writer.close()
    return _placed(said, texts)


def _placed(value: Any, texts: Texts, depth: int = 0) -> Any:
    """The value with long texts in the places that were kept for them; what is nested too deep to be used is left."""
    if not texts.found or depth > MAX_DEPTH:
        return value
    if isinstance(value, str):
        return texts.found.get(value, value)
    if isinstance(value, list):
        return [_placed(one, texts, depth + 1) for one in value]
    if isinstance(value, dict):
        return {key: _placed(one, texts, depth + 1) for key, one in value.items()}
    return value


class _Rest:
    """What is left of a JSON text without its long strings, in whose places their names stand."""

    def __init__(self, texts: Texts) -> None:
        self.texts, self.kept, self.signs = texts, bytearray(), 0
        self.buffer = bytearray()
        self.string: bytearray | None = None  # the one that is being read, as it is written
        self.writer: LongTextWriter | None = None  # where it goes, if it is long

    def read(self, piece: bytes) -> None:
        self.buffer += piece
        at = 0
        while at < len(self.buffer):
            reached = self._outside(at) if self.string is None else self._inside(at)
            if reached == at:
                break  # an escape that goes on in the next piece
            at = reached
        del self.buffer[:at]

    def finished(self) -> bytearray:
        if self.string is not None or self.buffer:
            raise ValueError("a text has no end")
        return self.kept

    def _outside(self, at: int) -> int:
        end = _match_end(_OUTSIDE, self.buffer, at)
        between = self.buffer[at:end]
        self.signs += sum(between.count(sign) for sign in _SIGNS)
        if self.signs > MAX_SIGNS:
            raise ValueError("it has too many parts")
        self._keep(between)
        if end == len(self.buffer):
            return end
        self.string = bytearray()
        return end + 1

    def _inside(self, at: int) -> int:
        assert self.string is not None
        end = _match_end(_INSIDE, self.buffer, at)
        self.string += self.buffer[at:end]
        if self.writer is None and len(self.string) > LONG:
            self.writer = self.texts.writer()
        if self.writer is not None:
            self.writer.write(_unescaped(self.string))
            self.string.clear()
        if self.buffer[end : end + 1] == b'"':
            self._end_string()
            return end + 1
        if len(self.buffer) - end >= _ESCAPE:
            raise ValueError("an escape sequence in a text is invalid")
        return end

    def _end_string(self) -> None:
        if self.writer is None:
            assert self.string is not None
            self._keep(b'"' + self.string + b'"')
        else:
            name = secrets.token_hex(16)
            self.texts.found[name] = self.writer.done()
            self._keep(f'"{name}"'.encode())
        self.string, self.writer = None, None

    def _keep(self, data: bytes | bytearray) -> None:
        self.kept += data
        if len(self.kept) > self.texts.most:
            raise TooLong


def _match_end(pattern: re.Pattern[bytes], data: bytearray, at: int) -> int:
    found = pattern.match(data, at)
    assert found is not None
    return found.end()


def _unescaped(data: bytearray) -> bytes:
    """Part of a JSON string as the text that it means. What is no text becomes "?": no field takes so long a one."""
    text: str = json.loads(f'"{data.decode("utf-8", "replace")}"')
    return text.encode("utf-8", "replace")
