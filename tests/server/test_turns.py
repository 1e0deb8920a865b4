"""Row 4's brother: a burst of calls of one client, and another client who calls in the middle of it."""

import asyncio
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from yozora.server.http import turns
from yozora.server.http.turns import AT_ONCE, Turns, client_of


def scope_of(token: str = "", address: str = "10.0.0.1") -> dict[str, Any]:
    headers = [(b"host", b"here"), *([(b"authorization", token.encode())] if token else [])]
    return {"type": "http", "headers": headers, "client": (address, 1), "token": token}


async def nothing() -> Message:
    return {"type": "http.request"}


async def nowhere(message: Message) -> None:
    return


class Busy:
    """An app that notes who is inside, and lets go when it is told."""

    def __init__(self, answers: bool = True) -> None:
        self.inside: list[str] = []
        self.begun: list[str] = []
        self.go, self.answers = asyncio.Event(), answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.inside.append(scope["token"])
        self.begun.append(scope["token"])
        await self.go.wait()
        if self.answers:
            await send({"type": "http.response.start"})
        self.inside.remove(scope["token"])


async def called(app: Turns, *tokens: str) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(app(scope_of(token), nothing, nowhere)) for token in tokens]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


def test_row_4_a_burst_of_one_client_begins_in_turn_and_others_do_not_wait() -> None:
    async def run() -> None:
        busy = Busy()
        app = Turns(busy)
        burst = await called(app, *["a"] * 100)
        (other,) = await called(app, "b")
        assert busy.inside == ["a"] * AT_ONCE + ["b"]
        busy.go.set()
        await asyncio.gather(*burst, other)
        assert len(busy.begun) == 101
        assert not app.taken
        assert not app.waiting

    asyncio.run(run())


def test_a_turn_is_over_when_the_answer_begins_or_the_body_is_asked_for() -> None:
    async def run(first: str) -> None:
        inside: list[int] = []
        ends = asyncio.Event()

        async def lasting(scope: Scope, receive: Receive, send: Send) -> None:
            inside.append(1)
            await (send({"type": "http.response.start"}) if first == "answer" else receive())
            await ends.wait()

        app = Turns(lasting)
        streams = await called(app, *["a"] * 50)
        for _ in range(100):
            await asyncio.sleep(0)
        assert len(inside) == 50
        ends.set()
        await asyncio.gather(*streams)
        assert not app.taken

    for first in ("answer", "body"):
        asyncio.run(run(first))


def test_what_takes_long_keeps_no_turn(monkeypatch: Any) -> None:
    async def run() -> None:
        monkeypatch.setattr(turns, "SECONDS", 0.01)
        busy = Busy()
        app = Turns(busy)
        calls = await called(app, *["a"] * (3 * AT_ONCE))
        deadline = asyncio.get_running_loop().time() + 30
        while len(busy.inside) < 3 * AT_ONCE and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.01)
        assert len(busy.inside) == 3 * AT_ONCE
        busy.go.set()
        await asyncio.gather(*calls)
        assert not app.taken

    asyncio.run(run())


def test_who_goes_while_waiting_leaves_nothing_behind() -> None:
    async def run() -> None:
        busy = Busy()
        app = Turns(busy)
        calls = await called(app, *["a"] * (AT_ONCE + 3))
        for task in calls[-3:]:
            task.cancel()
        busy.go.set()
        await asyncio.gather(*calls, return_exceptions=True)
        assert len(busy.begun) == AT_ONCE
        (late,) = await called(app, "a")
        await late
        assert not app.taken
        assert not app.waiting

    asyncio.run(run())


def test_a_client_is_its_credentials_or_its_address() -> None:
    assert client_of(scope_of("Bearer x")) == b"Bearer x"
    assert client_of(scope_of()) == "10.0.0.1"
    assert client_of({"headers": [], "client": None}) == ""
