"""Whose answer has reached its client: a client that repeats a call sends the same content again, and so does a person
who wants the same film twice, and this is how the two are told apart.

Neither official client sends a key with a call, or a number that is the same in its repeat. So a repeat belongs to a
call whose answer was not taken: the row of its video says so (`answered`), to every process of the installation; or,
where nothing is made yet, to a call that is being worked on though its client has gone.
"""

import asyncio
import logging
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from starlette.requests import Request
from starlette.types import Message, Receive

from yozora.server.store import tables
from yozora.server.store.database import Database

FLUSH_SECONDS: Final = 0.2  # after which what was answered is written down
SECONDS: Final = 600.0  # that a refusal is remembered
MAX_KNOWN: Final = 10_000

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class OpenCall:
    """One call that may make a video, while it is answered."""

    name: tuple[str, str] | None = None  # its owner, and the fingerprint of its content
    video: str | None = None  # that it has made or found
    gone: bool = False  # the client has not waited for the answer
    answered: bool = False
    replaced: bool = False  # by a repeat: it makes nothing any more


class Attempts:
    """Calls that are being answered by this process. Any thread may ask."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._open: dict[tuple[str, str], list[OpenCall]] = defaultdict(list)
        self._ended: dict[str, bool] = {}  # videos whose rows are to say whether the answer was taken

    def begin(self, attempt: OpenCall, owner: str, fingerprint: str) -> None:
        """What a call asks for is known."""
        with self._lock:
            attempt.name = owner, fingerprint
            self._open[attempt.name].append(attempt)

    def end(self, attempt: OpenCall) -> None:
        """A call is over, whether its answer was taken or not."""
        with self._lock:
            if attempt.name is not None:
                self._open[attempt.name].remove(attempt)
                if not self._open[attempt.name]:
                    del self._open[attempt.name]
            if attempt.video is not None:
                self._ended[attempt.video] = attempt.answered

    def replace(self, repeat: OpenCall) -> None:
        """A repeat makes what another call of the same content was about to make, if that one's client has gone."""
        with self._lock:
            alike = self._open.get(repeat.name, []) if repeat.name else []
            for one in alike:
                if one is not repeat and one.gone and one.video is None and not one.replaced:
                    one.replaced = True
                    return

    def waiting(self, repeat: OpenCall) -> list[str]:
        """Videos of the same content whose answers are on their way to clients that wait for them."""
        with self._lock:
            alike = self._open.get(repeat.name, []) if repeat.name else []
            return [one.video for one in alike if one.video is not None and not one.gone]

    def flush(self) -> None:
        """Write down which answers were taken. Raises what the database raises; nothing is forgotten then."""
        with self._lock:
            ended, self._ended = self._ended, {}
        if not ended:
            return
        videos = tables.videos
        try:
            with self._database.begin() as connection:
                for answered in (True, False):
                    these = [video for video, how in ended.items() if how == answered]
                    if these:
                        changed = sa.update(videos).where(videos.c.id.in_(these), videos.c.answered != answered)
                        connection.execute(changed.values(answered=answered))
        except BaseException:
            with self._lock:
                self._ended = {**ended, **self._ended}
            raise

    def run(self, stop: threading.Event) -> None:
        """Write down what there is until `stop` is set, and once more then."""
        while True:
            over = stop.wait(FLUSH_SECONDS)
            try:
                self.flush()
            except (sa.exc.SQLAlchemyError, OSError) as error:
                log.debug("which answers were taken is not written down yet: %s", error)
            if over:
                return


class Refusals:
    """Calls that were refused for now: they have made nothing, and will be repeated. By a rough name, which is known
    before their content is read, and in memory: after a restart a repeat counts as one of an answered call.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, list[float]] = OrderedDict()

    def note(self, call: str) -> None:
        """A call was refused, and made nothing."""
        with self._lock:
            self._known.setdefault(call, []).append(self._clock())
            self._known.move_to_end(call)
            while len(self._known) > MAX_KNOWN:
                self._known.popitem(last=False)

    def take(self, call: str) -> bool:
        """Whether a repeat may be that of a refused call; each refusal is taken once."""
        with self._lock:
            recent = [when for when in self._known.pop(call, []) if when > self._clock() - SECONDS]
            if len(recent) > 1:
                self._known[call] = recent[1:]
            return bool(recent)


class Listening:
    """What a call receives, and whether its client is still there once all of it has come."""

    def __init__(self, receive: Receive, attempt: OpenCall) -> None:
        self._receive, self._attempt = receive, attempt
        self._task: asyncio.Task[None] | None = None

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._attempt.gone = not self._attempt.answered
        elif self._task is None and not message.get("more_body", False):
            self._task = asyncio.create_task(self._wait_for_disconnect())
        return message

    async def answering(self, status: int) -> None:
        """The last of the answer is about to be sent: is the client there? Clients repeat what failed here."""
        await asyncio.sleep(0)  # who has gone is told of in between
        self._attempt.answered = not self._attempt.gone and status < 500

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _wait_for_disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._attempt.gone = not self._attempt.answered


def rough_name(request: Request) -> str:
    """What is known of a call before its content is read, and is the same when the client repeats it."""
    owner = request.scope.get("yozora.owner", "")
    return f"{owner} {request.url.path} {request.headers.get('content-length', '')}"
