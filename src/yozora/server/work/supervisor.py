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

import sqlalchemy as sa

from yozora.server.settings import Settings
from yozora.server.store.database import Database, new_id
from yozora.server.work import heartbeats
from yozora.server.work.queue import Queue
from yozora.server.work.worker_configuration import USER_ERROR, WorkerConfiguration

WORKER: Final = (sys.executable, "-m", "yozora.server.work.worker")
"""A command that reads a `WorkerConfiguration` from its stdin, and works until that ends."""

THREADS: Final = {"OMP_WAIT_POLICY": "PASSIVE", "OPENBLAS_NUM_THREADS": "1"}
"""Of a worker's environment. Threads that wait for each other in a loop cost a busy machine several times the work."""

LOOK_SECONDS = 0.2  # how often a worker is looked after
SHORTEST, LONGEST = 0.5, 30.0  # seconds until one that died is followed by another: twice as long each time
HEALTHY = 60.0  # seconds after which a worker has not died at once
GRACE_SECONDS = 75.0  # that workers get to stop; a little more than they take
NICE = 5  # workers make way for the API, which is to answer at once

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True, eq=False)
class Place:
    """Where one worker works, and another when it has died. It is nobody's until `again` (monotonic seconds)."""

    process: "subprocess.Popen[bytes] | None" = None
    name: str = ""
    started: float = 0.0
    again: float = 0.0
    delay: float = SHORTEST
    deaths: int = 0


class Supervisor:
    """Worker processes: `count` of them, and one that dies is followed by another."""

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
        self.places = [Place() for _ in range(count)]
        self.refused = False  # a worker said right at its start that it cannot work
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, on_refusal: Callable[[], None]) -> None:
        """Employ them; `on_refusal` is called where the first of them says at once that it cannot work."""
        self._thread = threading.Thread(target=self._look_after, args=(on_refusal,), name="supervisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End all of them: gracefully, and after a while without grace."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        going = [place for place in self.places if place.process is not None]
        for place in going:
            _tell(place.process, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
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
            if self.refused:
                on_refusal()
                return

    def _employ(self, place: Place) -> None:
        place.name, place.started = new_id("worker"), time.monotonic()
        place.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, env={**THREADS, **os.environ})
        told = WorkerConfiguration(settings=self.settings, name=place.name, json_logs=self.json_logs, nice=NICE)
        assert place.process.stdin is not None
        with suppress(BrokenPipeError):  # it has died already, which is seen soon
            place.process.stdin.write(told.to_line())
            place.process.stdin.flush()  # and left open: when it closes, this process is gone, and so is the worker

    def _replace(self, place: Place, code: int) -> None:
        lived = time.monotonic() - place.started
        place.delay = SHORTEST if lived > HEALTHY else min(LONGEST, place.delay * 2)
        place.again = time.monotonic() + (place.delay if place.deaths else 0.0)
        place.deaths += 1
        self._reap(place)
        self.refused = code == USER_ERROR and place.deaths == 1
        log.warning("a worker died and is replaced", extra={"code": code, "lived": round(lived, 1)})

    def _reap(self, place: Place) -> None:
        """Its work waits again at once: nobody needs to wait for its silence."""
        assert place.process is not None
        if place.process.stdin is not None:
            with suppress(BrokenPipeError):
                place.process.stdin.close()
        place.process = None
        try:
            heartbeats.leave(self.database, self.queue, place.name)
        except (sa.exc.OperationalError, sa.exc.InterfaceError, TimeoutError) as error:
            log.warning("the database does not answer: %s", str(error).splitlines()[0])


def _tell(process: "subprocess.Popen[bytes] | None", number: int) -> None:
    if process is not None:
        with suppress(ProcessLookupError):
            process.send_signal(number)
