"""Connections: how many there may be, and how long each may take to say what it wants and to receive the answer.

uvicorn knows neither, so this is its protocol with a clock. Where there are too many, the one that has said nothing for
longest goes, and not the one that comes. Knows no route.
"""

import asyncio
import json
import logging
import resource
import time
from collections import Counter
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, Final, Literal

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from yozora.server import metrics
from yozora.server.bounds import Limits, Times
from yozora.server.errors import ApiError

MAX_HEAD: Final = 64 << 10  # bytes of a request's first line and headers
FILES: Final = 65_536  # that this process may have open, where the system lets it
SPARE_FILES: Final = 512  # of these are for databases, uploads and films
SHOWN: Final = 3  # addresses in a line of the log

Why = Literal["head", "body", "answer", "crowd", "full", "long"]
REASONS: Final[dict[Why, str]] = {
    "head": "the head of a request did not come in time",
    "body": "the body of a request did not come in time",
    "answer": "the answer was not taken in time",
    "crowd": "it said nothing, and others came",
    "full": "there are too many connections",
    "long": "the head of a request is too long",
}
ANSWERS: Final[dict[Why, tuple[str, str, str]]] = {
    "head": ("408 Request Timeout", "request_timeout", "The request was not sent in time."),
    "body": ("408 Request Timeout", "request_timeout", "The body of the request was not sent in time."),
    "full": ("503 Service Unavailable", "too_many_connections", "There are too many connections. Try again."),
    "long": ("431 Request Header Fields Too Large", "headers_too_large", "The headers of the request are too long."),
}

log = logging.getLogger(__name__)


class Connections:
    """All connections of this process. Only ever used by the event loop's thread."""

    def __init__(self, limits: Limits, times: Times, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits, self.times, self.clock = limits, times, clock
        self.most = min(limits.connections, max(1, _files() - SPARE_FILES))
        self.open: dict[Connection, None] = {}  # in the order in which they came
        self._silent: dict[Connection, None] = {}  # those that may go, the one that is silent for longest first
        self._of: dict[str, dict[Connection, None]] = {}  # by address
        self._closed: Counter[tuple[Why, str]] = Counter()  # since the last line of the log

    def protocol(self, **about: Any) -> "Connection":
        """What uvicorn makes for each connection."""
        return Connection(connections=self, **about)

    def admit(self, new: "Connection") -> bool:
        """Whether there is room for one more, perhaps because another had to go."""
        here = self._of.setdefault(new.address, {})
        if len(here) >= self.limits.connections_per_address and not new.is_local:
            self._close_one(here)
        if len(self.open) >= self.most:
            self._close_one(self._silent)
        crowded = len(here) >= self.limits.connections_per_address and not new.is_local
        if crowded or len(self.open) >= self.most:
            return False
        self.open[new] = here[new] = self._silent[new] = None
        metrics.connected(len(self.open))
        return True

    def changed(self, one: "Connection") -> None:
        """A connection may have begun or ended to be silent."""
        if one in self.open:
            self._silent.pop(one, None)
            if one.is_silent:
                self._silent[one] = None

    def forget(self, one: "Connection") -> None:
        """It is closed, or as good as that."""
        self.open.pop(one, None)
        self._silent.pop(one, None)
        here = self._of.get(one.address, {})
        here.pop(one, None)
        if not here:
            self._of.pop(one.address, None)
        metrics.connected(len(self.open))

    def close(self, one: "Connection", why: Why) -> None:
        """End a connection, and remember to say so."""
        self._closed[why, one.address] += 1
        one.refuse(why)
        self.forget(one)

    def check_all(self, seconds: float) -> None:
        """Close what has taken too long. `seconds`: since the last look."""
        for one in list(self.open):
            if one.is_gone:
                self.forget(one)
            elif (why := one.overdue(seconds)) is not None:
                self.close(one, why)
        self._log_closed()

    async def watch(self) -> None:
        """Look for what takes too long, for ever."""
        pause = min(1.0, self.times.head / 4, self.times.body / 4, self.times.answer / 4)
        last = self.clock()
        while True:
            await asyncio.sleep(pause)
            now = self.clock()
            self.check_all(now - last)
            last = now

    def _close_one(self, among: dict["Connection", None]) -> None:
        silent = next((one for one in among if one.is_silent), None)
        if silent is not None:
            self.close(silent, "crowd")

    def _log_closed(self) -> None:
        """One line for each reason, however many connections it was."""
        for why, text in REASONS.items():
            addresses = Counter({address: count for (of, address), count in self._closed.items() if of == why})
            if addresses:
                most = ", ".join(address for address, _ in addresses.most_common(SHOWN))
                said = {"why": text, "count": addresses.total(), "addresses": len(addresses), "most": most}
                log.warning("connections were closed", extra=said)
                metrics.closed(why, addresses.total())
        self._closed.clear()


class Connection(HttpToolsProtocol):
    """One connection of uvicorn's, which knows for how long it has been reading or writing what."""

    def __init__(self, *, connections: Connections, **about: Any) -> None:
        super().__init__(**about)
        self.all = connections
        self.address = ""
        self.is_local = False  # from this machine, perhaps a proxy: then all clients have one address
        self.reading: Literal["head", "body"] | None = "head"
        self.since = self.last_byte = connections.clock()  # of what is being read; of the last byte of it
        self.got = 0  # bytes of it
        self.upgraded = False  # to a WebSocket, which has bounds of its own
        self._stuck = (0, 0.0)  # bytes that the client does not take, and for how many seconds

    @property
    def is_silent(self) -> bool:
        """Whether nothing is lost if it goes: no request is being answered, or has come as far as its body."""
        answers = self.cycle is not None and not self.cycle.response_complete
        return not (self.upgraded or answers or self.reading == "body")

    @property
    def is_gone(self) -> bool:
        """Whether it is closed, and nothing is left to be sent."""
        return bool(self.transport.is_closing()) and not self.transport.get_write_buffer_size()

    def overdue(self, seconds: float) -> Why | None:
        """What has taken too long, if anything; so many seconds have gone since this was asked last."""
        times, now = self.all.times, self.all.clock()
        waiting = self.transport.get_write_buffer_size()
        last, so_long = self._stuck
        self._stuck = (waiting, so_long + seconds if waiting and waiting == last else 0.0)
        if self._stuck[1] > times.answer:
            return "answer"
        if self.upgraded or self.reading is None:
            return None
        if self.reading == "head":
            silent = not self.got and self.cycle is not None  # kept alive: uvicorn's clock
            return "head" if not silent and now - self.since > times.head else None
        if self._is_held():
            self.since, self.last_byte = self.since + seconds, self.last_byte + seconds
        allowed = times.body + self.got / self.all.limits.body_bytes_a_second
        return "body" if now - self.last_byte > times.body or now - self.since > allowed else None

    def refuse(self, why: Why) -> None:
        """Say why, where nothing was said yet, and close."""
        began = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if why == "answer" or began or self.upgraded or self.transport.get_write_buffer_size():
            self.transport.abort()
            return
        if why in ANSWERS and not (why == "head" and not self.got):
            self.transport.write(_answer(why))
        self.transport.close()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # its transport is a socket
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) else ""
        self.is_local = not self.address or ip_address(self.address.partition("%")[0]).is_loopback
        if not self.all.admit(self):
            self.all.close(self, "full")

    def connection_lost(self, exc: Exception | None) -> None:
        self.all.forget(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self.reading is None:
            self._start_reading("head")
        self.got, self.last_byte = self.got + len(data), self.all.clock()
        super().data_received(data)
        if self.reading == "head" and self.got > MAX_HEAD:
            self.all.close(self, "long")

    def handle_websocket_upgrade(self) -> None:
        self.upgraded = True
        self.all.changed(self)
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self.reading != "head":
            self._start_reading("head")

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._start_reading("body")

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._start_reading(None)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.all.changed(self)

    def _start_reading(self, what: Literal["head", "body"] | None) -> None:
        self.reading, self.got = what, 0
        self.since = self.last_byte = self.all.clock()
        self.all.changed(self)

    def _is_held(self) -> bool:
        """Whether it is we who do not read."""
        waits = self.cycle is not None and self.cycle.waiting_for_100_continue
        return bool(waits or self.flow.read_paused)


def allow_files() -> None:
    """Let this process have as many files and connections open as the system lets it, up to `FILES`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _files() -> int:
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return FILES if soft == resource.RLIM_INFINITY else soft


def _answer(why: Why) -> bytes:
    status, code, message = ANSWERS[why]
    number = int(status[:3])
    kind: Any = "server_error" if number >= 500 else "invalid_request_error"
    body = json.dumps(ApiError(number, message, kind=kind, code=code).envelope).encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    return f"{head}retry-after: 1\r\nconnection: close\r\n\r\n".encode() + body
