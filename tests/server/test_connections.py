"""Row 8: who says nothing, or only half of it, shuts nobody out, is closed, and is told of in the log."""

import asyncio
import json
import logging
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import BadStatusLine, HTTPResponse
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from yozora.server import serving
from yozora.server.bounds import Limits, Times
from yozora.server.http.connections import Connections, allow_files
from yozora.server.settings import Settings

HEAD = b"POST /%s HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n"
QUICK = Times(head=0.4, body=0.6, answer=0.6, idle=60.0)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads a body, and says how long it was; at /long it says more than anybody takes."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
        if scope["path"] == "/slow":
            await asyncio.sleep(1.5)
    text = b"x" * (64 << 20) if scope["path"] == "/long" else str(size).encode()
    headers = [(b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text})


@contextmanager
def serving_app(limits: Limits, times: Times = QUICK) -> Iterator[tuple[int, Connections]]:
    bound = serving.listening("127.0.0.1", 0)
    server = serving.Server(app, Settings(limits=limits, times=times))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        yield bound.getsockname()[1], server.connections
    finally:
        server.stop()
        thread.join(20)


@contextmanager
def calling(port: int, *said: bytes) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), 20) as made:
        for part in said:
            made.sendall(part)
        yield made


def heard(made: socket.socket) -> tuple[int, bytes]:
    """Status and body of an answer, or 0 where the connection is closed without one."""
    try:
        answer = HTTPResponse(made)
        answer.begin()
        return answer.status, answer.read()
    except (ConnectionError, BadStatusLine):
        return 0, b""


def until(check: Callable[[], Any]) -> None:
    end = time.monotonic() + 20
    while not check():
        assert time.monotonic() < end
        time.sleep(0.02)


def ask(port: int) -> int:
    with calling(port, HEAD % (b"", 2), b"ab") as made:
        return heard(made)[0]


def test_row_8_half_heads_and_dripping_bodies_shut_nobody_out(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    with serving_app(Limits(connections=50)) as (port, connections), ExitStack() as stack:
        for _ in range(120):  # more than there may be: the first of them go
            stack.enter_context(calling(port, b"GET / HTTP/1.1\r\nhost:"))
            assert ask(port) == 200
        assert len(connections.open) <= 50
        dripping = [stack.enter_context(calling(port, HEAD % (b"", 1000), b"a")) for _ in range(20)]
        assert ask(port) == 200
        status, body = heard(dripping[0])
        assert (status, json.loads(body)["error"]["code"]) == (408, "request_timeout")
        until(lambda: not connections.open)
    said = [(one.why, one.count) for one in caplog.records if one.message == "connections were closed"]  # type: ignore[attr-defined]
    assert sum(count for why, count in said if "others came" in why) >= 70
    assert sum(count for why, count in said if why.startswith("the body")) == 20
    assert {why for why, _ in said if why.startswith("the head")} == {"the head of a request did not come in time"}


def test_a_body_may_come_slowly_and_we_may_read_slowly() -> None:
    limits = Limits(body_bytes_a_second=100)
    with serving_app(limits) as (port, _), calling(port, HEAD % (b"", 900)) as made:
        for _ in range(9):  # 0.9 seconds for what would have 0.6, but 1,000 bytes a second come
            made.sendall(bytes(100))
            time.sleep(0.1)
        assert heard(made) == (200, b"900")
    with serving_app(Limits()) as (port, _), calling(port, HEAD % (b"slow", 200_000)) as made:
        made.sendall(bytes(200_000))
        assert heard(made) == (200, b"200000")  # the clock stands while it is we who do not read


def test_who_does_not_take_the_answer_is_closed() -> None:
    with serving_app(Limits()) as (port, connections), calling(port, HEAD % (b"long", 0)):
        until(lambda: connections.open)
        until(lambda: not connections.open)


def test_a_head_has_an_end() -> None:
    with serving_app(Limits(), Times()) as (port, _), calling(port, b"GET / HTTP/1.1\r\nx: ") as made:
        for _ in range(80):
            try:
                made.sendall(b"y" * 1024)
            except ConnectionError:
                break
        assert heard(made)[0] in (431, 0)


def test_who_waits_for_an_answer_is_not_closed_for_another() -> None:
    with serving_app(Limits(connections=2), Times()) as (port, connections), ExitStack() as stack:
        slow = [stack.enter_context(calling(port, HEAD % (b"slow", 1), b"a")) for _ in range(2)]
        until(lambda: len(connections.open) == 2)
        with calling(port) as refused:
            status, body = heard(refused)
        assert (status, json.loads(body)["error"]["code"]) == (503, "too_many_connections")
        assert [heard(one) for one in slow] == [(200, b"1")] * 2
        assert ask(port) == 200  # those two are kept alive, and one goes


def test_an_address_has_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for this machine: a proxy on it speaks for everybody."""
    made: list[Any] = []

    class Stub:
        def __init__(self, address: str, *, is_silent: bool) -> None:
            self.address, self.is_silent, self.is_local, self.why = address, is_silent, address == "127.0.0.1", ""

        def refuse(self, why: str) -> None:
            self.why = why

    connections = Connections(Limits(connections_per_address=2), Times())
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2", *["127.0.0.1"] * 3):
        made.append(Stub(address, is_silent=True))
        assert connections.admit(made[-1])
    assert [one.why for one in made] == ["crowd", "", "", "", "", "", ""]
    made[1].is_silent = made[2].is_silent = False
    assert not connections.admit(Stub("192.0.2.1", is_silent=True))  # type: ignore[arg-type]


def test_as_many_files_as_the_system_lets() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(600, before[0]), before[1]))
        assert Connections(Limits(), Times()).most <= 600 - 512
        allow_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(before[1], 65_536)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
