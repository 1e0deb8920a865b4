"""A process that looks at files which may be hostile: it has little memory, little time, and nothing to gain.

`ask` starts it, waits and kills it; `give_up` is what it does first. Knows nothing of what is looked for.
"""

import json
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import yozora

MAX_ANSWER: Final = 4 << 20  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceLimits:
    """Bytes of memory, and seconds of time, both of the clock and of the processor."""

    memory: int
    seconds: float


def ask(
    module: str, arguments: tuple[str, ...], bounds: ResourceLimits, input_text: str = ""
) -> tuple[int | None, dict[str, Any]]:
    """Exit code and JSON answer of `python -m module`, whose arguments are those of `give_up` and then these;
    `input_text` is on its standard input, where no other user sees it. The code is None where its time was up.
    """
    seconds = math.ceil(bounds.seconds)
    # No site: it would run whatever other packages want at start. Where modules are is told instead.
    command = [sys.executable, "-S", "-s", "-P", "-m", module]
    command += [str(bounds.memory), str(seconds), str(MAX_ANSWER), *arguments]
    with tempfile.TemporaryFile() as question, tempfile.TemporaryFile() as answer:
        question.write(input_text.encode())
        question.seek(0)
        process = subprocess.Popen(
            command,
            cwd="/",
            env=bare(),
            stdin=question,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return process.wait(bounds.seconds), _answer(answer)
        except subprocess.TimeoutExpired:
            return None, {}
        finally:
            _kill_process(process)


def out_of_time(code: int | None) -> bool:
    """Whether an exit code says so."""
    return code is None or code == -signal.SIGXCPU


def bare() -> dict[str, str]:
    """An environment without secrets. One thread and one arena: address space is what is limited."""
    home = str(Path(yozora.__file__).parents[1])
    paths = os.pathsep.join([home, *(path for path in sys.path if path)])
    return {"PYTHONPATH": paths, "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


def give_up(memory: int, seconds: int, answer: int) -> None:
    """Bounds on this process for good, its network included where the system lets it."""
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, answer),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))
    if sys.platform == "linux":
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])  # decoders start a thread for each core
        _restrict_process()


def without(message: str, path: str) -> str:
    """A message without the path, which need not be told."""
    said = message.replace(repr(path), "the file").replace(path, "the file")
    return said[:1].upper() + said[1:]


def _restrict_process() -> None:
    """No new rights, no longer than its parent, no network: the last one only where users may make namespaces."""
    import ctypes

    libc = ctypes.CDLL(None)
    die_with_parent, no_new_rights = 1, 38
    libc.prctl(no_new_rights, 1, 0, 0, 0)
    libc.prctl(die_with_parent, signal.SIGKILL, 0, 0, 0)
    new_user, new_network = 0x10000000, 0x40000000
    libc.unshare(new_user | new_network)


def _answer(file: IO[bytes]) -> dict[str, Any]:
    file.seek(0)
    try:
        said = json.loads(file.read(MAX_ANSWER))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _kill_process(process: "subprocess.Popen[bytes]") -> None:
    """Kill it and all that it may have started."""
    with suppress(ProcessLookupError, PermissionError):  # gone already; macOS says the latter of one that just ended
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
