"""`yozora serve`: the API in this process, and beside it workers in processes of their own, which are kept alive.

Knows neither routes nor models.
"""

import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

import uvicorn

from yozora.errors import UserError
from yozora.server.accounts import keys, sessions
from yozora.server.http import pages
from yozora.server.http.connections import Connections, allow_files
from yozora.server.listening import BACKLOG, is_loopback, listening
from yozora.server.loading import quickly
from yozora.server.settings import Settings
from yozora.server.store.database import Database, open_database
from yozora.server.store.sealing import seal_all
from yozora.server.store.upgrades import migrate
from yozora.server.work.queue import Queue
from yozora.server.work.supervisor import WORKER, Supervisor

ANSWER_SECONDS = 5  # that requests get to end when the server stops
EVERYWHERE = ("0.0.0.0", "::")
UMASK = 0o077  # no other user of this machine reads what this process and its workers write

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

    Port 0 chooses a free port. Raises `UserError` where the port is taken, the database cannot be used, or a worker
    says right at its start what is wrong.
    """
    if settings.insecure_no_auth and not is_loopback(host):
        reason = "A server without keys can only listen on loopback."
        raise UserError(reason, "Leave out --host.", code="keyless_public_address")
    os.umask(UMASK)
    with listening(host, port) as bound:
        migrate(settings.database)
        database = open_database(settings.database)
        seal_all(database)
        supervisor = Supervisor(
            settings, database, Queue.of(settings), count=workers, command=command, json_logs=json_logs
        )
        app = app_of(settings, supervisor.problems)
        allow_files()
        lines = welcome(settings, database, host, bound.getsockname()[1])
        server = Server(app, settings, lines, app.state.service.stopping)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server.stop())
        try:
            supervisor.start(on_refusal=server.stop)
            server.run(sockets=[bound])
        finally:
            supervisor.stop()
            database.close()
    if supervisor.refused:
        raise UserError("The worker could not start.", "The lines above say why.", code="worker_not_started")


def is_news(record: logging.LogRecord) -> bool:
    """uvicorn takes a WebSocket that was refused with an answer for one that was forgotten, and logs an error."""
    return record.msg != "ASGI callable returned without completing handshake."


class Server(uvicorn.Server):
    """uvicorn, which says its address once it is listening, and whose connections have limits."""

    def __init__(
        self, app: Any, settings: Settings, lines: Sequence[str] = (), stopping: threading.Event | None = None
    ) -> None:
        self.connections = Connections(settings.limits, settings.times)
        logging.getLogger("uvicorn.error").addFilter(is_news)
        super().__init__(
            uvicorn.Config(
                app,
                http=self.connections.protocol,  # type: ignore[arg-type] # makes one, as the class would
                timeout_keep_alive=settings.times.idle,  # type: ignore[arg-type] # it takes parts of seconds, too
                log_config=None,
                access_log=False,
                server_header=False,
                backlog=BACKLOG,
                timeout_graceful_shutdown=ANSWER_SECONDS,
            )
        )
        self.lines, self.stopping = lines, stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._watch = asyncio.create_task(self.connections.watch())
        if self.started and self.lines:
            print("\n".join(self.lines), flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.stopping is not None:
            self.stopping.set()  # no call is held back any longer
        await super().shutdown(sockets)

    def stop(self) -> None:
        """End as soon as the requests that are being answered have been, or have had their time."""
        self.force_exit = self.should_exit
        self.should_exit = True


def app_of(settings: Settings, problems: Callable[[], Sequence[str]] = list) -> Any:
    """The API; what it needs is imported here, for workers need none of it."""
    with quickly():
        from yozora.server.http.app import make_app

    return make_app(settings, migrate=False, problems=problems)


def welcome(settings: Settings, database: Database, host: str, port: int) -> list[str]:
    """What is printed once the server is listening."""
    shown = f"[{host}]" if ":" in host else host
    lines = [f"Yozora serves the Videos API at http://{shown}:{port}/v1"]
    if settings.insecure_no_auth:
        lines.append("Everyone on this machine may use it: no key is asked for.")
    elif not keys.listed(database):
        lines.append("There is no key yet. Make one: yozora keys create NAME")
    base = f"http://{'127.0.0.1' if host in EVERYWHERE else shown}:{port}{settings.root_path}"
    if not pages.are_built():
        lines.append("The studio's pages are not built here: make studio")
    elif settings.insecure_no_auth:
        lines.append(f"The studio is at {base}/")
    else:
        code = sessions.make_link(database, sessions.key_of_server(database))
        lines.append(f"Open the studio within 15 minutes; this link works once: {sessions.link_url(base, code)}")
    return lines
