"""What clients upload is looked at by another process, which has little memory, little time, and nothing to gain.

`look` says what a file is, `still` shows its first picture. Both read the content and never a name. Decoding happens in
`inspect_upload`; this module starts it, waits, and kills it.
"""

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
from base64 import b64decode
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, Any, Final, Literal

import yozora
from yozora.server.errors import ApiError
from yozora.server.settings import Limits

AT_ONCE: Final = 4  # files that are looked at; each may take `Limits.decode_bytes` of memory
MAX_ANSWER: Final = 4 << 20  # bytes
STILL_SIDE: Final = 512  # pixels of the longer side

_places: Final = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a file shows, upright and in square pixels. For a picture, `fps` and `seconds` are 0 and `frames` is 1."""

    kind: Literal["picture", "film"]
    width: int
    height: int
    seconds: float
    fps: float
    frames: int
    has_sound: bool


def look(path: Path, limits: Limits) -> Looked:
    """What an uploaded file is. Raises `ApiError`: 400 `invalid_file` for what is no whole picture or film, or too much
    of one, 413 for too many bytes, 429 where too many files are being looked at.
    """
    found = Looked(**_asked("look", path, limits))
    if found.seconds > limits.upload_seconds:
        raise _invalid(f"The film runs for {found.seconds:.1f} seconds; at most {limits.upload_seconds:g} are taken.")
    return found


def still(path: Path, limits: Limits) -> bytes:
    """The first picture of an uploaded file, a PNG of at most 512 pixels a side. Raises as `look` does."""
    return b64decode(_asked("still", path, limits)["png"])


def _asked(action: Literal["look", "still"], path: Path, limits: Limits) -> dict[str, Any]:
    if path.stat().st_size > limits.upload_bytes:
        message = f"The file has more than {limits.upload_bytes:,} bytes."
        raise ApiError(413, message, code="file_too_large")
    if not _places.acquire(timeout=limits.decode_seconds):
        headers = {"retry-after": "2", "retry-after-ms": "2000"}
        message = "Too many files are being looked at. Try again in a moment."
        raise ApiError(429, message, kind="rate_limit_error", code="too_many_uploads", headers=headers)
    try:
        code, said = _run(action, path.absolute(), limits)
    finally:
        _places.release()
    if code is None or code == -signal.SIGXCPU:
        raise _invalid(f"The file cannot be decoded within {limits.decode_seconds:g} seconds.")
    if "error" in said:
        raise _invalid(str(said["error"]))
    if code != 0 or not said:
        raise _invalid("The file cannot be decoded: it is damaged, or needs too much memory.")
    return said


def _run(action: str, path: Path, limits: Limits) -> tuple[int | None, dict[str, Any]]:
    """Exit code and answer of the inspector; None where its time was up."""
    seconds = math.ceil(limits.decode_seconds)
    # No site: it would run whatever other packages want at start. Where modules lie is told instead.
    command = [sys.executable, "-S", "-s", "-P", "-m", "yozora.server.inspect_upload"]
    command += [action, str(path), str(limits.decode_bytes), str(seconds), str(MAX_ANSWER), str(STILL_SIDE)]
    with tempfile.TemporaryFile() as answer:
        process = subprocess.Popen(
            command,
            cwd="/",
            env=_bare(),
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return process.wait(limits.decode_seconds), _answer(answer)
        except subprocess.TimeoutExpired:
            return None, {}
        finally:
            _end(process)


def _bare() -> dict[str, str]:
    """An environment without secrets. One thread and one arena: address space is what is limited."""
    home = str(Path(yozora.__file__).parents[1])
    paths = os.pathsep.join([home, *(path for path in sys.path if path)])
    return {"PYTHONPATH": paths, "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


def _answer(file: IO[bytes]) -> dict[str, Any]:
    file.seek(0)
    try:
        said = json.loads(file.read(MAX_ANSWER))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill it and all that it may have started."""
    with suppress(ProcessLookupError, PermissionError):  # gone already; macOS says the latter of one that just ended
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _invalid(message: str) -> ApiError:
    return ApiError(400, message, code="invalid_file")
