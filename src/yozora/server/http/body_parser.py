"""A request's body as one plain structure, however the client spelled it: JSON, form text, files, bracketed keys.

`receive` takes the bytes and keeps to the limits before anything is parsed; `parse` reads them. What is large never
is in memory: bodies, files and long texts (`long_texts`) are on the disk. Neither knows what the fields mean.

Kept by hand: Starlette's parser bounds a text and the count of parts, no file, and keeps all texts in memory.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from pathlib import Path, PurePosixPath
from tempfile import SpooledTemporaryFile, TemporaryDirectory
from typing import IO, Any, Final
from urllib.parse import parse_qsl

from anyio import CapacityLimiter, to_thread
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from yozora.server.bounds import Limits
from yozora.server.errors import ApiError, invalid
from yozora.server.http import long_texts
from yozora.server.http.brackets import nested
from yozora.server.http.long_texts import LONG, MAX_DEPTH, LongText, LongTextWriter, Texts, TooLong
from yozora.server.pieces import pieces

MULTIPART: Final = "multipart/form-data"
URLENCODED: Final = "application/x-www-form-urlencoded"
MAX_PARTS: Final = 100  # fields and files of a form
MAX_NUMBER: Final = 1 << 64
KEPT: Final = 2 << 20  # bytes of texts that are kept in memory while a request is answered
IN_MEMORY: Final = 1 << 16  # bytes of a body that wait in memory
WRITTEN: Final = 1 << 18  # bytes of a larger one that are written at a time
CHUNK: Final = 1 << 16
WRITERS: Final = CapacityLimiter(4)
"""Threads that write bodies to the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came with the request; it is gone when the request is answered."""

    path: Path
    filename: str  # as the client calls it, without folders
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """What came: the bytes of the body, and what they are said to be."""

    kind: str  # the media type, in lower case; empty where nothing is said
    boundary: bytes  # of a multipart form
    data: IO[bytes]
    bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The fields: texts, numbers, truth values, lists, mappings; a `LongText` for each that is long, an `Upload` for
    every file.
    """

    fields: dict[str, Any]
    folder: Path  # where the uploads are, and what else is needed until the request is answered
    ignored: list[str] = field(default_factory=list)  # names of fields that their reader passed over

    def fingerprint(self, *about: str) -> str:
        """The same for the same content, whatever its spelling. `about` is what else the request says, as its path."""
        text = json.dumps([*about, self.fields], default=_identity, sort_keys=True, ensure_ascii=False)
        return sha256(text.encode()).hexdigest()


def announced(request: Request, limits: Limits) -> int:
    """Bytes that a body will have; as many as a text may have, where it does not say. Raises `ApiError` 413 for too
    many.
    """
    said = request.headers.get("content-length", "0" if "transfer-encoding" not in request.headers else "")
    if not said.isdecimal():
        return limits.text_bytes
    most = _most(_kind(request)[0], limits)
    if int(said[:20]) > most:
        raise _too_large(most)
    return int(said)


async def receive(request: Request, limits: Limits) -> Raw:
    """The body of a request, in memory or a temporary file. Raises `ApiError` 413 as soon as it is too long."""
    announced(request, limits)
    kind, boundary = _kind(request)
    if request.headers.get("content-encoding", "identity") != "identity":
        raise invalid(
            None, "Compressed bodies are not supported. Send the body uncompressed.", "unsupported_content_encoding"
        )
    data = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by the parser
    try:
        size = await _spool(request, data, _most(kind, limits))
    except BaseException:
        data.close()
        raise
    return Raw(kind=kind, boundary=boundary, data=data, bytes=size)


@contextmanager
def parse(raw: Raw, limits: Limits) -> Iterator[Body]:
    """The fields of a body. Its files exist while this lasts. Raises `ApiError` 400 for what cannot be read."""
    with TemporaryDirectory(prefix="yozora-") as folder, raw.data:
        raw.data.seek(0)
        if raw.kind == MULTIPART:
            fields = nested(_parse_multipart(raw, Path(folder), limits))
        elif raw.kind == URLENCODED:
            fields = nested(_pairs(raw.data.read()))
        else:
            fields = _parse_json(raw, Texts(folder=Path(folder), most=KEPT))
        for name, value in fields.items():
            _check_value(name, name)
            _check_value(value, name)
        yield Body(fields=fields, folder=Path(folder))


def _kind(request: Request) -> tuple[str, bytes]:
    """The media type, and the boundary of a form."""
    kind, options = parse_options_header(request.headers.get("content-type", "").encode("latin-1"))
    return kind.decode("latin-1").lower(), options.get(b"boundary", b"")


def _most(kind: str, limits: Limits) -> int:
    """Bytes that a body of that media type may have."""
    bounds = {MULTIPART: limits.body_bytes, URLENCODED: min(KEPT, limits.text_bytes)}
    return bounds.get(kind, limits.text_bytes)


async def _spool(request: Request, data: "SpooledTemporaryFile[bytes]", most: int) -> int:
    """Write the body, and say how long it is."""
    size, gathered = 0, bytearray()
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        gathered += chunk
        if len(gathered) >= WRITTEN:
            await to_thread.run_sync(data.write, bytes(gathered), limiter=WRITERS)
            gathered.clear()
    if size > IN_MEMORY:
        await to_thread.run_sync(data.write, gathered, limiter=WRITERS)
    else:
        data.write(gathered)
    return size


def _parse_json(raw: Raw, texts: Texts) -> dict[str, Any]:
    head = raw.data.read(CHUNK)
    if not head.strip() and len(head) < CHUNK:
        return {}
    raw.data.seek(0)
    if raw.kind and not raw.kind.endswith("json") and not head.lstrip().startswith(b"{"):
        hint = f"Send application/json, {MULTIPART} or {URLENCODED}."
        raise invalid(None, f"The content type {raw.kind[:60]!r} is not supported. {hint}", "unsupported_content_type")
    try:
        fields = long_texts.load(raw.data, texts)
    except TooLong:
        raise _too_large(texts.most, "texts") from None
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]
        raise invalid(None, f"We could not parse the JSON body of your request: {reason}.", "invalid_json") from None
    if not isinstance(fields, dict):
        raise invalid(None, "The body is not a JSON object.", "invalid_json")
    return fields


def _pairs(data: bytes) -> list[tuple[str, Any]]:
    try:
        return list(parse_qsl(data.decode(), keep_blank_values=True, max_num_fields=MAX_PARTS, errors="strict"))
    except ValueError as error:
        raise invalid(None, f"The form cannot be read: {str(error)[:200]}.", "invalid_form") from None


def _parse_multipart(raw: Raw, folder: Path, limits: Limits) -> list[tuple[str, Any]]:
    """The parts of a multipart form: a name with a text or an `Upload` each."""
    if not raw.boundary:
        raise invalid(None, "The multipart form has no boundary in its content type.", "invalid_form")
    left = pieces(raw.data)
    data = next(left, b"")
    if data.strip() == b"--" + raw.boundary + b"--":  # a form without fields, which the parser takes for a broken one
        return []
    reader = _Reader(folder, limits)
    try:
        parser = MultipartParser(raw.boundary, reader.callbacks)
        for piece in chain([data], left):
            parser.write(piece)
        parser.finalize()
    except FormParserError as error:
        raise invalid(None, f"The multipart form cannot be read: {str(error)[:200]}.", "invalid_form") from None
    finally:
        reader.part.close()
    if not reader.ended:
        raise invalid(None, "The multipart form ends too early.", "invalid_form")
    return reader.parts


@dataclass(slots=True, kw_only=True)
class _Part:
    """A part while it is read."""

    header: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)
    disposition: bytes = b""
    name: str = ""
    filename: str = ""
    text: bytearray = field(default_factory=bytearray)
    long: LongTextWriter | None = None  # where the text goes, if it is long
    file: IO[bytes] | None = None
    size: int = 0
    hash: Any = field(default_factory=sha256)

    @property
    def param(self) -> str:
        return self.name.partition("[")[0][:60]

    def close(self) -> None:
        for file in (self.file, self.long):
            if file is not None:
                file.close()


class _Reader:
    """Takes what the parser finds: texts into memory, files into a folder, within the limits."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.parts: list[tuple[str, Any]] = []
        self.part, self.ended = _Part(), False
        self.callbacks: Any = {
            "on_part_begin": self._begin_part,
            "on_part_data": self._data,
            "on_part_end": self._end_part,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._read_part_headers,
            "on_end": self._end_form,
        }
        self._folder, self._limits, self._texts, self._count = folder, limits, 0, 0
        self._long = Texts(folder=folder, most=KEPT)
        self._kept = 0  # bytes of texts in memory

    def _begin_part(self) -> None:
        self._count += 1
        if self._count > MAX_PARTS:
            raise invalid(None, f"The form has more than {MAX_PARTS} parts.", "invalid_form")
        self.part = _Part()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self.part.header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self.part.value += data[start:end]

    def _header_end(self) -> None:
        if bytes(self.part.header).lower() == b"content-disposition":
            self.part.disposition = bytes(self.part.value)
        self.part.header, self.part.value = bytearray(), bytearray()

    def _read_part_headers(self) -> None:
        _, options = parse_options_header(self.part.disposition)
        if not options.get(b"name"):
            raise invalid(None, "A part of the form has no name.", "invalid_form")
        self.part.name = options[b"name"].decode("utf-8", "replace")
        if b"filename" in options:
            self.part.filename = _plain_name(options[b"filename"].decode("utf-8", "replace"))
            self.part.file = (self._folder / f"upload-{self._count}").open("xb")

    def _data(self, data: bytes, start: int, end: int) -> None:
        part, limits = self.part, self._limits
        part.size += end - start
        if part.file is None:
            self._texts += end - start
            if self._texts > limits.text_bytes:
                raise _too_large(limits.text_bytes)
            self._add_text(part, data[start:end])
            return
        if part.size > limits.upload_bytes:
            message = f"A file can have up to {limits.upload_bytes:,} bytes."
            raise ApiError(413, message, param=part.param, code="file_too_large")
        piece = data[start:end]
        part.hash.update(piece)
        part.file.write(piece)

    def _add_text(self, part: _Part, piece: bytes) -> None:
        part.text += piece
        self._kept += len(piece)
        if part.long is None and part.size > LONG:
            part.long = self._long.writer()
        if part.long is not None:
            part.long.write(part.text)
            self._kept -= len(part.text)
            part.text.clear()
        if self._kept > KEPT:
            raise _too_large(KEPT, "texts")

    def _end_part(self) -> None:
        part = self.part
        if part.file is None:
            value = _decoded(part) if part.long is None else self._structured(part.long.done())
            self.parts.append((part.name, value))
            return
        path = Path(part.file.name)
        part.close()
        if part.size or part.filename:  # else a browser's choice of a file that was left empty
            name = part.filename or "upload"
            upload = Upload(path=path, filename=name, bytes=part.size, sha256=part.hash.hexdigest())
            self.parts.append((part.name, upload))

    def _structured(self, text: LongText) -> Any:
        """What a long text says, if it is JSON; else the text."""
        if text.head.lstrip()[:1] not in ("{", "["):
            return text
        with text.path.open("rb") as file:
            try:
                return long_texts.load(file, self._long)
            except (ValueError, RecursionError, TooLong):
                return text

    def _end_form(self) -> None:
        self.ended = True


def _decoded(part: _Part) -> str:
    try:
        return part.text.decode()
    except UnicodeDecodeError:
        raise invalid(part.param, "This is not UTF-8 text.") from None


def _check_value(value: object, name: str, depth: int = 0) -> None:
    """Whether every text is text: no database takes a NUL or half a character."""
    param = name[:60] if _is_text(name) else None
    if depth > MAX_DEPTH:
        raise invalid(param, "This is nested too deeply.")
    if isinstance(value, str):
        if "\0" in value or not _is_text(value):
            raise invalid(param, "This is not valid text. Remove its invalid characters.")
    elif isinstance(value, int | float) and not -MAX_NUMBER <= value <= MAX_NUMBER:
        raise invalid(param, "This number is too large.")
    elif isinstance(value, list):
        for item in value:
            _check_value(item, name, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_value(key, name, depth + 1)
            _check_value(item, name, depth + 1)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _plain_name(file_name: str) -> str:
    """A client's file name without folders and signs that only terminals know."""
    name = PurePosixPath(file_name.replace("\\", "/")).name
    return "".join(char for char in name if char.isprintable())[:255]


def _identity(value: object) -> object:
    if isinstance(value, Upload):
        return {"sha256": value.sha256}
    if isinstance(value, LongText):
        return {"text": value.sha256}
    raise TypeError(type(value).__name__)


def _too_large(most: int, what: str = "body") -> ApiError:
    return ApiError(413, f"The {what} of a request can have up to {most:,} bytes.", code="request_too_large")
