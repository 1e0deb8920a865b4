"""Worker processes of this machine, which are kept alive: one that dies is followed by another. Knows no HTTP."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from yozora.server.settings import Settings
from yozora.server.store.database import Database, new_id
from yozora.server.work import heartbeats
from yozora.server.work.queue import Queue
from yozora.server.work.retry_policy import AWAY, reason
from yozora.server.work.worker_configuration import USER_ERROR, WorkerConfiguration

WORKER: Final = (sys.executable, "-m", "yozora.server.work.worker")
"""A command that reads a `WorkerConfiguration` from its stdin, and works until that ends."""

THREADS: Final = {"OMP_WAIT_POLICY": "PASSIVE", "OPENBLAS_NUM_THREADS": "1"}
"""Of a worker's environment. Threads that wait for each other in a loop cost a busy machine several times the work."""

LOOK_SECONDS = 0.2  # how often a worker is looked after
SHORTEST, LONGEST = 0.5, 30.0  # seconds until one that died is followed by another: twice as long each time
HEALTHY = 60.0  # seconds after which a worker has not died at once
MORE_SECONDS = 15.0  # that workers get to stop, beyond the grace that their films have
FIRST = 8  # times the silence that is death: a worker that starts imports its libraries first
NICE = 5  # workers make way for the API, which is to answer at once

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True, eq=False)
class WorkerSlot:
    """Where one worker works, and another when it has died. It is free until `again` (monotonic seconds)."""

    process: "subprocess.Popen[bytes] | None" = None
    name: str = ""
    started: float = 0.0
    alive: int = -1  # the end of a pipe at which the worker's signs of life arrive
    last_beat: float | None = None  # monotonic seconds of the last one; None: none yet
    killed: float | None = None  # when it was told to end at once
    again: float = 0.0
    delay: float = SHORTEST
    deaths: int = 0
    problems: str = ""  # why there is no worker here


class Supervisor:
    """Worker processes: `count` of them, and one that dies or hangs is followed by another."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        queue: Queue,
        *,
        count: int,
        command: Sequence[str],
        json_logs: bool = False,
    ) -> None:
        self.settings, self.database, self.queue = settings, database, queue
        self.command, self.json_logs = list(command), json_logs
        self.places = [WorkerSlot() for _ in range(count)]
        self.refused = False  # a worker said right at its start that it cannot work
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, on_refusal: Callable[[], None]) -> None:
        """Employ them; `on_refusal` is called where the first of them says at once that it cannot work."""
        self._thread = threading.Thread(target=self._look_after, args=(on_refusal,), name="supervisor", daemon=True)
        self._thread.start()

    def problems(self) -> list[str]:
        """What is wrong with workers that cannot be replaced, for the operator."""
        return [place.problems for place in self.places if place.problems]

    def stop(self) -> None:
        """End all of them: gracefully, and after a while without grace."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        going = [place for place in self.places if place.process is not None]
        for place in going:
            _send_signal(place.process, signal.SIGTERM)
            _send_signal(place.process, signal.SIGCONT)  # one that stands still receives no other signal
        deadline = time.monotonic() + self.settings.times.grace + MORE_SECONDS
        for place in going:
            assert place.process is not None
            try:
                place.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                place.process.kill()
                place.process.wait()
            self._reap(place)

    def _look_after(self, on_refusal: Callable[[], None]) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            for place in self.places:
                if place.process is None and time.monotonic() >= place.again:
                    self._employ(place)
                elif place.process is not None and place.process.poll() is not None:
                    self._replace(place, place.process.returncode)
                elif place.process is not None:
                    self._check_worker(place)
            if self.refused:
                on_refusal()
                return

    def _employ(self, place: WorkerSlot) -> None:
        place.name, place.started, place.last_beat, place.killed = new_id("worker"), time.monotonic(), None, None
        try:
            place.alive, theirs = os.pipe()
            os.set_blocking(place.alive, False)
            place.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, pass_fds=[theirs], env={**THREADS, **os.environ}
            )
        except OSError as error:
            self._cannot(place, f"A worker cannot be started: {error.strerror}.")
            return
        os.close(theirs)
        told = WorkerConfiguration(
            settings=self.settings, name=place.name, json_logs=self.json_logs, nice=NICE, alive=theirs
        )
        assert place.process.stdin is not None
        with suppress(BrokenPipeError):  # it has died already, which is seen soon
            place.process.stdin.write(told.to_line())
            place.process.stdin.flush()  # and left open: when it closes, this process is gone, and so is the worker

    def _check_worker(self, place: WorkerSlot) -> None:
        """Check whether a worker lives; one that gives no sign any more is ended, and replaced when it is gone."""
        moment, silence = time.monotonic(), self.settings.times.silence
        with suppress(BlockingIOError):
            while os.read(place.alive, 1 << 12):
                place.last_beat, place.problems, place.delay = moment, "", min(place.delay, SHORTEST)
        last, bound = (place.started, FIRST * silence) if place.last_beat is None else (place.last_beat, silence)
        if moment - last < bound:
            return
        if place.killed is None:
            log.error("a worker does not respond and is ended", extra={"worker": place.name})
            place.killed = moment
            _send_signal(place.process, signal.SIGKILL)
        elif moment - place.killed > silence and not place.problems:
            place.problems = "A worker hangs and cannot be ended: its device may be stuck."
            log.error(place.problems, extra={"worker": place.name})

    def _replace(self, place: WorkerSlot, code: int) -> None:
        lived = time.monotonic() - place.started
        place.delay = SHORTEST if lived > HEALTHY else min(LONGEST, place.delay * 2)
        place.again = time.monotonic() + (place.delay if place.deaths else 0.0)
        place.deaths += 1
        if lived > HEALTHY or place.last_beat is not None:
            place.problems = ""
        else:
            place.problems = f"A worker dies as it starts, with exit code {code}; the log says why."
        self._reap(place)
        self.refused = code == USER_ERROR and place.deaths == 1
        log.warning("a worker has ended and is replaced", extra={"code": code, "lived": round(lived, 1)})

    def _cannot(self, place: WorkerSlot, why: str) -> None:
        place.process, place.problems = None, why
        place.delay = min(LONGEST, place.delay * 2)
        place.again = time.monotonic() + place.delay
        log.error(why)

    def _reap(self, place: WorkerSlot) -> None:
        """Its work waits again at once: no process needs to wait for its silence."""
        assert place.process is not None
        if place.process.stdin is not None:
            with suppress(BrokenPipeError):
                place.process.stdin.close()
        os.close(place.alive)
        place.process = None
        try:
            heartbeats.leave(self.database, self.queue, place.name)
        except AWAY as error:
            log.warning("the database does not answer: %s", reason(error))


def _send_signal(process: "subprocess.Popen[bytes] | None", number: int) -> None:
    if process is not None:
        with suppress(ProcessLookupError):
            process.send_signal(number)
