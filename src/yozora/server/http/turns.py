"""Calls of one client begin in turn: a burst of hundreds is looked at a few at a time, and no other client waits for
it.

A turn is over with the first line of the answer, when the body is asked for, or after a moment: what lasts (streams,
uploads, calls that wait for a change) is bounded elsewhere (`capacity`). A client is known by the same
credentials, or, without any, the same address. Knows no key and no route; all of it belongs to the event loop's thread.
"""

import asyncio
from collections import Counter, defaultdict, deque
from contextlib import suppress
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

AT_ONCE: Final = 4  # calls of one client whose answer has not begun
SECONDS: Final = 0.1  # after which a turn is over in any case
CREDENTIALS: Final = (b"authorization", b"api-key")


class Turns:
    """Middleware outside of all others."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.taken: Counter[str | bytes] = Counter()
        self.waiting: defaultdict[str | bytes, deque[asyncio.Future[None]]] = defaultdict(deque)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        turn = _Turn(self, client_of(scope))
        await turn.begin()
        timer = asyncio.get_running_loop().call_later(SECONDS, turn.end)

        async def received() -> Message:
            turn.end()
            return await receive()

        async def sent(message: Message) -> None:
            turn.end()
            await send(message)

        try:
            await self.app(scope, received, sent)
        finally:
            timer.cancel()
            turn.end()


class _Turn:
    """One call's."""

    def __init__(self, turns: Turns, client: str | bytes) -> None:
        self.turns, self.client, self.taken = turns, client, False

    async def begin(self) -> None:
        turns = self.turns
        if turns.taken[self.client] >= AT_ONCE:
            mine = asyncio.get_running_loop().create_future()
            turns.waiting[self.client].append(mine)
            try:
                await mine  # the one that ends a turn gives it away, and it stays counted
            except asyncio.CancelledError:
                if mine.done() and not mine.cancelled():
                    self.taken = True
                    self.end()
                raise
        else:
            turns.taken[self.client] += 1
        self.taken = True

    def end(self) -> None:
        """Once: the next one's turn."""
        if not self.taken:
            return
        self.taken, turns, client = False, self.turns, self.client
        line = turns.waiting.get(client)
        while line:
            following = line.popleft()
            if not following.done():
                following.set_result(None)
                return
        turns.waiting.pop(client, None)
        turns.taken[client] -= 1
        if turns.taken[client] <= 0:
            del turns.taken[client]


def client_of(scope: Scope) -> str | bytes:
    """The credentials of a call as they were sent, else where it comes from."""
    for name, value in scope["headers"]:
        if name in CREDENTIALS:
            return bytes(value)
    address = ""
    with suppress(KeyError, TypeError, IndexError):
        address = str(scope["client"][0])
    return address
