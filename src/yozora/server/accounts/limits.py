"""How often a key may ask and how much may wait for it, answered with 429 where it is too much.

Rates are counted in memory, one process alone: several API processes let through as many times the rate. The queue is
counted in the database.
"""

import math
import threading
import time
from collections.abc import Callable
from typing import Final, Literal

import sqlalchemy as sa

from yozora.server.errors import ApiError
from yozora.server.settings import Limits
from yozora.server.store.tables import keys, videos

What = Literal["request", "create", "poll"]

WAITING: Final = ("queued", "in_progress")
QUEUE_SECONDS: Final = 5.0  # after which a client whose queue is full is told to try again
MAX_BUCKETS: Final = 10_000


class Rates:
    """A bucket of tokens for each key and kind of call: a minute's worth at most, refilled evenly; for any thread."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._rates: dict[What, int] = {
            "request": limits.requests_a_minute,
            "create": limits.creates_a_minute,
            "poll": limits.polls_a_minute,
        }
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, What], tuple[float, float]] = {}  # tokens, and when they were counted

    def check(self, owner: str, kind: What) -> None:
        """Take a token of `owner`'s. Raises `ApiError` 429 that says when there will be one."""
        rate = self._rates[kind] / 60
        if rate <= 0:
            raise _too_many(f"No {kind}s are taken at present.", "rate_limit_exceeded", 60.0)
        now = self._clock()
        with self._lock:
            tokens, counted = self._buckets.get((owner, kind), (float(self._rates[kind]), now))
            tokens = min(float(self._rates[kind]), tokens + (now - counted) * rate)
            if tokens >= 1:
                self._buckets[owner, kind] = tokens - 1, now
                self._drop_full(now)
                return
        wait = (1 - tokens) / rate
        message = f"Rate limit reached: {self._rates[kind]} {kind}s a minute. Try again in {wait:.1f} seconds."
        raise _too_many(message, "rate_limit_exceeded", wait)

    def _drop_full(self, now: float) -> None:
        """Forget who has been silent for a minute: their buckets are full again."""
        if len(self._buckets) > MAX_BUCKETS:
            self._buckets = {who: bucket for who, bucket in self._buckets.items() if now - bucket[1] < 60}


def check_queue(connection: sa.Connection, owner: str, limits: Limits) -> None:
    """Raise `ApiError` 429 where `owner` has as many videos queued or being made as it may.

    For the transaction that makes one more: on Postgres the key's row is locked until it ends, so that two at once
    cannot both take the last place; SQLite has one writer anyway.
    """
    connection.execute(sa.select(keys.c.id).where(keys.c.id == owner).with_for_update())
    waiting = sa.select(sa.func.count()).where(videos.c.owner == owner, videos.c.status.in_(WAITING))
    if connection.execute(waiting).scalar_one() >= limits.queued:
        message = f"{limits.queued} videos are queued or being made with this key. Try again when some are done."
        raise _too_many(message, "queue_full", QUEUE_SECONDS)


def _too_many(message: str, code: str, wait: float) -> ApiError:
    headers = {"retry-after": str(math.ceil(wait)), "retry-after-ms": str(math.ceil(wait * 1000))}
    return ApiError(429, message, kind="rate_limit_error", code=code, headers=headers)
