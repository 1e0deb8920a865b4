"""`yozora serve`: the API in this process, and beside it workers in processes of their own, which are kept alive.

Knows neither routes nor models.
"""

import ipaddress
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
import uvicorn

from yozora.errors import UserError
from yozora.server import crew, keys
from yozora.server.database import Database, migrate, new_id, open_database
from yozora.server.errand import USER_ERROR, Errand
from yozora.server.jobs import Queue
from yozora.server.settings import Settings

WORKER: Final = (sys.executable, "-m", "yozora.server.worker")
"""A command that reads an `Errand` from its stdin, and works until that ends."""

THREADS: Final = {"OMP_WAIT_POLICY": "PASSIVE", "OPENBLAS_NUM_THREADS": "1"}
"""Of a worker's environment. Threads that wait for each other in a loop cost a busy machine several times the work."""

LOOK_SECONDS = 0.2  # how often a worker is looked after
SHORTEST, LONGEST = 0.5, 30.0  # seconds until one that died is followed by another: twice as long each time
HEALTHY = 60.0  # seconds after which a worker has not died at once
GRACE_SECONDS = 75.0  # that workers get to stop; a little more than they take
ANSWER_SECONDS = 5  # that requests get to end when the server stops
BACKLOG = 2048
NICE = 5  # workers make way for the API, which is to answer at once

log = logging.getLogger(__name__)


def serve(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    workers: int = 1,
    json_logs: bool = False,
    command: Sequence[str] = WORKER,
) -> None:
    """Serve until the process is told to stop (SIGTERM, Ctrl-C); a second time does not wait for anything.

    Port 0 is any free one. Raises `UserError` where the port is taken, the database cannot be used, or a worker says
    right at its start what is wrong.
    """
    if settings.insecure_no_auth and not is_loopback(host):
        raise UserError("Without keys the server listens on loopback only.", "Leave --host or --insecure-no-auth out.")
    with listening(host, port) as bound:
        migrate(settings.database)
        database = open_database(settings.database)
        queue = Queue(database)
        server = Server(app_of(settings), lines=welcome(settings, database, host, bound.getsockname()[1]))
        staff = Staff(settings, database, queue, count=workers, command=command, json_logs=json_logs)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.stop())
        try:
            staff.start(on_refusal=server.stop)
            server.run(sockets=[bound])
        finally:
            staff.stop()
            queue.close()
            database.close()
    if staff.refused:
        raise UserError("The worker could not start.", "It says above what is wrong.")


class Server(uvicorn.Server):
    """uvicorn, which says where it listens once it does."""

    def __init__(self, app: Any, lines: Sequence[str]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                backlog=BACKLOG,
                timeout_graceful_shutdown=ANSWER_SECONDS,
            )
        )
        self.lines = lines

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print("\n".join(self.lines), flush=True)

    def stop(self) -> None:
        """End as soon as the requests that are being answered have been, or have had their time."""
        self.force_exit = self.should_exit
        self.should_exit = True


@dataclass(slots=True, kw_only=True, eq=False)
class Place:
    """Where one worker works, and another when it has died. It is nobody's until `again` (monotonic seconds)."""

    process: "subprocess.Popen[bytes] | None" = None
    name: str = ""
    started: float = 0.0
    again: float = 0.0
    delay: float = SHORTEST
    deaths: int = 0


class Staff:
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
        self._thread = threading.Thread(target=self._look_after, args=(on_refusal,), name="staff", daemon=True)
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
            self._bury(place)

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
        errand = Errand(settings=self.settings, name=place.name, json_logs=self.json_logs, nice=NICE)
        assert place.process.stdin is not None
        with suppress(BrokenPipeError):  # it has died already, which is seen soon
            place.process.stdin.write(errand.to_line())
            place.process.stdin.flush()  # and left open: when it closes, this process is gone, and so is the worker

    def _replace(self, place: Place, code: int) -> None:
        lived = time.monotonic() - place.started
        place.delay = SHORTEST if lived > HEALTHY else min(LONGEST, place.delay * 2)
        place.again = time.monotonic() + (place.delay if place.deaths else 0.0)
        place.deaths += 1
        self._bury(place)
        self.refused = code == USER_ERROR and place.deaths == 1
        log.warning("a worker died and is replaced", extra={"code": code, "lived": round(lived, 1)})

    def _bury(self, place: Place) -> None:
        """Its work waits again at once: nobody needs to wait for its silence."""
        assert place.process is not None
        if place.process.stdin is not None:
            with suppress(BrokenPipeError):
                place.process.stdin.close()
        place.process = None
        try:
            crew.leave(self.database, self.queue, place.name)
        except (sa.exc.OperationalError, sa.exc.InterfaceError, TimeoutError) as error:
            log.warning("the database does not answer: %s", str(error).splitlines()[0])


def app_of(settings: Settings) -> Any:
    """The API; what it needs is imported here, for workers need none of it."""
    from yozora.server.app import make_app

    return make_app(settings, migrate=False)


def listening(host: str, port: int) -> socket.socket:
    """A socket that is bound. Raises `UserError` where that cannot be."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(BACKLOG)  # who comes while the server starts waits, and is answered
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(f"Cannot listen on {host}:{port}: {reason}.", "Choose another --host or --port.") from error
    return bound


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def welcome(settings: Settings, database: Database, host: str, port: int) -> list[str]:
    """What is printed once the server listens."""
    shown = f"[{host}]" if ":" in host else host
    lines = [f"Yozora serves the Videos API at http://{shown}:{port}/v1"]
    if settings.insecure_no_auth:
        lines.append("Anybody on this machine may use it: no key is asked for.")
    elif not keys.listed(database):
        lines.append("There is no key yet. Make one: yozora keys create NAME")
    return lines


def _tell(process: "subprocess.Popen[bytes] | None", number: int) -> None:
    if process is not None:
        with suppress(ProcessLookupError):
            process.send_signal(number)
