"""What an evaluation has found so far, on disk as it is found: one that was stopped goes on from there.

Knows neither films nor figures: values are whatever JSON can hold, each under a kind and a number.
"""

import base64
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yozora.errors import UserError


class Journal:
    """Lines of JSON in a file: first what they belong to, then a value each. Without a path nothing is kept.

    Raises `UserError` where the file belongs to an evaluation with other options, or cannot be read or written.
    """

    def __init__(self, path: Path | None, belongs: Mapping[str, Any]) -> None:
        self.path = path
        self.known: dict[tuple[str, int], Any] = {}
        if path is None:
            return
        head = {"belongs": json.loads(json.dumps(belongs, default=str))}
        try:
            kept = self._load_lines(path, head) if path.is_file() else 0
            self.file = path.open("ab")
            self.file.truncate(kept)
        except OSError as error:
            raise UserError(
                f"Cannot write {path}: {error.strerror}.", "Check the permissions.", code="output_unwritable"
            ) from error
        if not kept:
            self._write(head)

    def get(self, kind: str, number: int) -> Any:
        """What was found before; None where nothing was."""
        return self.known.get((kind, number))

    def put(self, kind: str, number: int, value: Any) -> None:
        """Keep what was found."""
        self.known[kind, number] = value
        if self.path is not None:
            self._write({"kind": kind, "number": number, "value": value})

    def close(self, *, done: bool) -> None:
        """No more is kept; a journal of what is done is not needed any more."""
        if self.path is not None:
            self.file.close()
            if done:
                self.path.unlink(missing_ok=True)

    def _load_lines(self, path: Path, head: dict[str, Any]) -> int:
        """Take in a journal; how many of its bytes are whole lines."""
        kept, lines = 0, []
        for text in path.read_bytes().splitlines(keepends=True):
            if not text.endswith(b"\n"):
                break  # the evaluation was stopped while it wrote this line
            lines.append(json.loads(text))
            kept += len(text)
        if lines and lines[0] != head:
            raise UserError(
                f"{path} is from an evaluation with other options or weights.",
                "Use the same ones to continue, or remove the file to start again.",
                code="evaluation_mismatch",
            )
        self.known = {(line["kind"], line["number"]): line["value"] for line in lines[1:]}
        return kept

    def _write(self, line: Mapping[str, Any]) -> None:
        self.file.write(json.dumps(line, default=_to_json_number).encode() + b"\n")
        self.file.flush()


def packed(pixels: NDArray[np.uint8]) -> dict[str, Any]:
    """Pixels as JSON can hold them."""
    data = base64.b64encode(zlib.compress(np.ascontiguousarray(pixels).tobytes(), 6)).decode()
    return {"shape": list(pixels.shape), "data": data}


def unpacked(value: Mapping[str, Any]) -> NDArray[np.uint8]:
    """The pixels of `packed`."""
    data = zlib.decompress(base64.b64decode(value["data"]))
    return np.frombuffer(data, np.uint8).reshape(value["shape"])


def _to_json_number(value: Any) -> Any:
    """Numbers of numpy as JSON knows them."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} does not go into a journal")
