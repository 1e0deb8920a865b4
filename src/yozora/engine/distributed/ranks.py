"""The other processes: started by the first one, told what to do, watched, and ended with it.

Where one of them ends by itself, the film that is being made ends with one line, and so do all the others; the next
film starts new ones.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import weakref
from collections import deque
from contextlib import suppress
from multiprocessing import connection
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import torch
from torch import distributed

import yozora
from yozora.engine.distributed import groups, messages
from yozora.engine.distributed.calls import CALLS, State
from yozora.engine.distributed.messages import Held
from yozora.errors import UserError

START_SECONDS = 120.0  # until a process has imported its libraries
NOTICE_SECONDS = 5.0  # until it is known why a call broke off
END_SECONDS = 5.0  # that processes get to end by themselves


class Ended(UserError):  # noqa: N818
    """A process has ended, and with it the film: no fault of who asked for it."""


class Ranks:
    """So many processes, of which this is the first. Raises `UserError` where the others do not come."""

    def __init__(self, device: torch.device, count: int) -> None:
        if os.name == "nt" or not distributed.is_available():
            raise UserError("This system does not support several GPUs.", "Leave out gpus.", code="gpus_unsupported")
        if distributed.is_initialized():
            raise UserError(
                "This process is in a group of torch.distributed already.",
                "Leave out gpus.",
                code="process_group_exists",
            )
        self.device, self.count = device, count
        self.failure: Ended | None = None  # why nothing can be done any more
        self.processes: list[subprocess.Popen[bytes]] = []
        self.others: list[Connection] = []
        self.answers: Queue[str] = Queue()
        self.held = Held()
        self.unwanted: deque[tuple[str, int]] = deque()  # calls that a garbage collector wants
        self.wanted: set[int] = set()  # models that are in use
        self.numbers = 0
        self._lock = threading.RLock()
        self.folder = Path(tempfile.mkdtemp(prefix="yozora-"))
        self._end = weakref.finalize(self, end, self.processes, self.others, self.folder)
        try:
            for rank in range(1, count):
                self._start(rank)
            threading.Thread(
                target=watch, args=(weakref.ref(self), dict(enumerate(self.others, 1))), daemon=True
            ).start()
            self._wait_for_answers(START_SECONDS)
            self.state: State = groups.join(self.folder, 0, count, device)
        except BaseException:
            self.close()
            raise

    def number(self) -> int:
        """A new one, of a model or a film."""
        self.numbers += 1
        return self.numbers

    def load(self, number: int, preset: Any, dtype: torch.dtype) -> None:
        """Have a model loaded by the others, meanwhile; `loaded` waits for it."""
        with self._lock:
            self._raise_failure()
            self._broadcast_call("load", number, preset, dtype)

    def loaded(self) -> None:
        """Return when the others have loaded it. Raises `UserError` where one of them cannot."""
        self._wait_for_answers(None)

    def hold(self, value: object) -> None:
        """Give the others a value that many calls will name; it travels once."""
        with self._lock:
            if value is not None and self.held.number(value) is None:
                self._raise_failure()
                self._broadcast_call("hold", value)
                self.held.put(value)

    def call(self, name: str, *values: Any) -> Any:
        """Make one of `calls.CALLS` in all processes; what it gives in this one. Raises `UserError` where one of the
        others has ended. Whatever breaks it off, all of them end.
        """
        with self._lock:
            self._raise_failure()
            try:
                while self.unwanted:
                    self._run_everywhere(*self.unwanted.popleft())
                found = self._run_everywhere(name, *values)
            except BaseException as error:
                if isinstance(error, Exception):
                    self._notice()
                failure = self.failure
                self._kill()  # wherever they are in the call
                self.close()
                if failure is not None:
                    raise failure from error
                raise
            self._raise_failure()
            return found

    def close(self) -> None:
        """End the others."""
        if self.failure is None:
            self.failure = Ended(
                "The processes of the other GPUs have ended.", "Start the engine again.", code="gpu_process_ended"
            )
        self._end()

    def lost(self, rank: int, why: str) -> None:
        """A process has ended that should not have; what waits for it is let go."""
        if self.failure is not None:
            return
        how = why or ended(self.processes[rank - 1])
        self.failure = Ended(
            f"The process of GPU {rank} has ended: {how}.",
            "The film was not made. Try again.",
            code="gpu_process_ended",
        )
        self.answers.put("")
        self._kill()

    def _kill(self) -> None:
        """End the others at once, and what this process waits for."""
        for process in self.processes:
            process.kill()
        if self.device.type == "cuda":  # kernels that wait for the others would wait for ever
            with suppress(Exception):
                distributed.distributed_c10d._abort_process_group()

    def _start(self, rank: int) -> None:
        mine, theirs = socket.socketpair()
        device = f"cuda:{(self.device.index or 0) + rank}" if self.device.type == "cuda" else "cpu"
        threads = max(1, torch.get_num_threads() // self.count)
        told = [str(each) for each in (theirs.fileno(), rank, self.count, device, threads, self.folder)]
        root = str(Path(yozora.__file__).parents[1])
        path = os.pathsep.join(each for each in (root, os.environ.get("PYTHONPATH", "")) if each)
        with theirs, (self.folder / f"{rank}.log").open("wb") as log:
            self.others.append(Connection(mine.detach()))
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "yozora.engine.distributed.rank", *told],
                env={**os.environ, "PYTHONPATH": path},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)

    def _run_everywhere(self, name: str, *values: Any) -> Any:
        self._broadcast_call(name, *values)
        return CALLS[name](self.state, *values)

    def _broadcast_call(self, name: str, *values: Any) -> None:
        message, tensors = messages.written((name, values), self.device.type, self.held)
        for other in self.others:
            other.send_bytes(message)
        messages.broadcast(tensors)

    def _wait_for_answers(self, seconds: float | None) -> None:
        """For an answer of each."""
        for _ in self.others:
            try:
                self.answers.get(timeout=seconds)
            except Empty:
                raise UserError(
                    "The processes of the other GPUs do not start.", "Try again.", code="gpu_processes_not_started"
                ) from None
            self._raise_failure()

    def _notice(self) -> None:
        """Give the supervising thread the time to see why something broke off."""
        with suppress(Empty):
            while self.failure is None:
                self.answers.get(timeout=NOTICE_SECONDS)

    def _raise_failure(self) -> None:
        if self.failure is not None:
            raise self.failure


def watch(ranks: "weakref.ref[Ranks]", others: dict[int, Connection]) -> None:
    """Take the others' answers, until one of them is gone or all are not needed any more."""
    why = dict.fromkeys(others, "")
    while True:
        try:
            ready = connection.wait(others.values())
        except (OSError, ValueError):  # closed
            return
        for rank, other in others.items():
            if other not in ready:
                continue
            try:
                said = other.recv()
            except (EOFError, OSError):
                if (alive := ranks()) is not None:
                    alive.lost(rank, why[rank])
                return
            if said in ("here", "loaded") and (alive := ranks()) is not None:
                alive.answers.put(said)
                del alive
            else:
                why[rank] = said


def ended(process: "subprocess.Popen[bytes]") -> str:
    """How a process ended, in words."""
    with suppress(subprocess.TimeoutExpired):
        code = process.wait(END_SECONDS)
        return f"signal {-code}" if code < 0 else f"exit code {code}"
    return "it does not answer"


def end(processes: "list[subprocess.Popen[bytes]]", others: list[Connection], folder: Path) -> None:
    """End what still runs, and leave nothing behind."""
    told, _ = messages.written(("stop", ()), "", Held())
    for other in others:
        with suppress(OSError):
            other.send_bytes(told)
    with suppress(Exception):  # whatever the group thinks of those that are gone
        groups.leave()
    for other in others:
        with suppress(OSError):
            other.close()
    for process in processes:
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    shutil.rmtree(folder, ignore_errors=True)
