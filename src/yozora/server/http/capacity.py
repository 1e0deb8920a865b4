"""How much one process of the edge does at once: of each kind of work so much in all, and half of it for one key.

So no key waits for what another key has set going: work that takes long has a gate and threads of its own, and the
threads that rows are read in (the event loop's default ones) never wait for a decoder, a disk or another host. What
gets no turn in time is answered with 429. Knows no route; all of it belongs to the event loop's one thread.
"""

import math
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Final, Self, TypeVar

import anyio
from anyio import CapacityLimiter, to_thread

from yozora.server.bounds import Limits
from yozora.server.errors import ApiError

T = TypeVar("T")

RETRY_SECONDS: Final = 2.0  # after which a client is told to come again
WORK_THREADS: Final = 8  # that parse bodies, read prompts and write sources: more would only wait for each other
BULK_THREADS: Final = 2  # that do so with bodies of more than a megabyte


@dataclass(slots=True, eq=False, kw_only=True)
class _Waiting:
    owner: str
    weight: int
    is_let_in: anyio.Event = field(default_factory=anyio.Event)


class Gate:
    """Lets so much in at once, first come first served, but passes over those whose key has its half already.

    `room` and weights are in whatever is counted: calls, or bytes.
    """

    def __init__(self, room: int, timeout: float) -> None:
        self.room, self.share, self.timeout = room, max(1, room // 2), timeout
        self.taken: Counter[str] = Counter()  # by owner
        self.line: list[_Waiting] = []

    @asynccontextmanager
    async def place(self, owner: str, weight: int = 1) -> AsyncIterator[None]:
        """Something of `owner`'s is inside. What is larger than a key's half goes in when nothing else of it is there.

        Raises `ApiError` 429 where there was no turn within `timeout` seconds.
        """
        weight = min(weight, self.share)
        await self._enter(owner, weight)
        try:
            yield
        finally:
            self._release_place(owner, weight)

    async def run(self, owner: str, work: Callable[[], T]) -> T:
        """What `work` returns, which has a place here and a thread that no other kind of work uses."""
        async with self.place(owner):
            return await to_thread.run_sync(work, limiter=CapacityLimiter(1))

    async def _enter(self, owner: str, weight: int) -> None:
        if not self.line and self._fits(owner, weight):
            self.taken[owner] += weight
            return
        mine = _Waiting(owner=owner, weight=weight)
        self.line.append(mine)
        self._let_in()
        try:
            with anyio.fail_after(self.timeout):
                await mine.is_let_in.wait()
        except BaseException as error:
            if mine in self.line:
                self.line.remove(mine)
            else:
                self._release_place(owner, weight)
            if isinstance(error, TimeoutError):
                raise too_much() from None
            raise

    def _release_place(self, owner: str, weight: int) -> None:
        self.taken[owner] -= weight
        if not self.taken[owner]:
            del self.taken[owner]
        self._let_in()

    def _let_in(self) -> None:
        passed: set[str] = set()  # keys that have their half: nothing of theirs overtakes what they sent before
        for one in list(self.line):
            if one.owner in passed:
                continue
            if self._fits(one.owner, one.weight):
                self.line.remove(one)
                self.taken[one.owner] += one.weight
                one.is_let_in.set()
            elif self.taken[one.owner] + one.weight > self.share:
                passed.add(one.owner)
            else:
                return  # it is its turn: what is smaller and came later does not overtake it

    def _fits(self, owner: str, weight: int) -> bool:
        return self.taken[owner] + weight <= self.share and self.taken.total() + weight <= self.room


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Capacity:
    """The gates of one process."""

    limits: Limits
    incoming: Gate  # bytes of large bodies, from before they are received until they are answered
    bodies: Gate  # that are used, from when they are here until they are answered
    decodings: Gate  # files that are looked at, each by a process of its own
    guards: Gate  # prompts that a guard model is asked about
    calls: Gate  # to addresses that clients name
    work: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(WORK_THREADS))
    bulk: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(BULK_THREADS))
    asking: Counter[str] = field(default_factory=Counter)  # requests that are being answered, by owner
    sending: Counter[str] = field(default_factory=Counter)  # of these, downloads,
    followed: Counter[str] = field(default_factory=Counter)  # and streams of events

    @classmethod
    def of(cls, limits: Limits) -> Self:
        turn = limits.turn_seconds
        return cls(
            limits=limits,
            incoming=Gate(limits.incoming_bytes, turn),
            bodies=Gate(limits.bodies_at_once, turn),
            decodings=Gate(limits.decodings_at_once, turn),
            guards=Gate(limits.guards_at_once, turn),
            calls=Gate(limits.calls_at_once, turn),
        )

    def request(self, owner: str) -> AbstractContextManager[None]:
        """A request of that key is being answered. Raises `ApiError` 429 for one too many, as the next two do."""
        most = self.limits.requests_at_once
        return _counted(self.asking, owner, most, too_much(f"This key has {most} open requests."))

    def download(self, owner: str) -> AbstractContextManager[None]:
        """A film or a file is being sent."""
        most = self.limits.downloads_at_once
        return _counted(self.sending, owner, most, too_much(f"This key has {most} open downloads."))

    def stream(self, owner: str) -> AbstractContextManager[None]:
        """A stream of events is open."""
        most = self.limits.streams_at_once
        refusal = too_much(f"This key has {most} open streams.", "too_many_streams")
        return _counted(self.followed, owner, most, refusal)

    async def do(self, work: Callable[[], T]) -> T:
        """What `work` returns: something that takes a moment of the processor or of the storage."""
        return await to_thread.run_sync(work, limiter=self.work)

    async def do_bulk(self, work: Callable[[], T]) -> T:
        """The same with much data: something that pauses now and then, see `pieces`."""
        return await to_thread.run_sync(work, limiter=self.bulk)


@contextmanager
def _counted(counts: Counter[str], owner: str, most: int, refusal: ApiError) -> Iterator[None]:
    """One more of `owner`'s. Raises `refusal` where there are as many as may be."""
    if counts[owner] >= most:
        raise refusal
    counts[owner] += 1
    try:
        yield
    finally:
        counts[owner] -= 1
        if not counts[owner]:
            del counts[owner]


@asynccontextmanager
async def in_thread(manager: AbstractContextManager[T], limiter: CapacityLimiter) -> AsyncIterator[T]:
    """Enter and leave a context manager that takes its time."""
    value = await to_thread.run_sync(manager.__enter__, limiter=limiter)
    try:
        yield value
    except BaseException as error:
        with anyio.CancelScope(shield=True):
            said = (type(error), error, error.__traceback__)
            swallowed = await to_thread.run_sync(manager.__exit__, *said, limiter=limiter)
        if not swallowed:
            raise
    else:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(manager.__exit__, None, None, None, limiter=limiter)


def too_much(what: str = "The server is busy.", code: str = "too_many_at_once") -> ApiError:
    headers = {
        "retry-after": str(math.ceil(RETRY_SECONDS)),
        "retry-after-ms": str(math.ceil(1000 * RETRY_SECONDS)),
    }
    message = f"{what} Try again in a moment."
    return ApiError(429, message, kind="rate_limit_error", code=code, headers=headers)
