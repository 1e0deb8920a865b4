"""How often a key may ask and how much may wait for it and be kept, answered with 429 where it is too much.

Rates are counted in memory, for one process; where several answer for one database, `shared_rates` counts them there.
Queues, storage and work are counted in the database.
"""

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, Literal

import sqlalchemy as sa

from yozora.server.bounds import PER_KEY, Limits
from yozora.server.errors import ApiError, invalid
from yozora.server.store.database import now
from yozora.server.store.tables import exports, files, keys, usage, videos

What = Literal["request", "poll", "create"]
NAMES: Final[Mapping[What, str]] = MappingProxyType(
    {"request": "requests_a_minute", "poll": "polls_a_minute", "create": "creates_a_minute"}
)

WAITING: Final = ("queued", "in_progress")
QUEUE_SECONDS: Final = 5.0  # after which a client whose queue is full is told to try again
DAY, HOUR = 24 * 3600, 3600
MAX_BUCKETS: Final = 10_000


def _nothing(_owner: str) -> Mapping[str, float]:
    return {}


class Rates:
    """A bucket of tokens for each key and kind of call: a minute's worth at most, refilled evenly; for any thread.
    `own` says which limits a key has of its own.
    """

    def __init__(
        self,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
        own: Callable[[str], Mapping[str, float]] = _nothing,
    ) -> None:
        self._limits, self._clock, self._own = limits, clock, own
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, What], tuple[float, float]] = {}  # tokens, and when they were counted

    def check(self, owner: str, kind: What) -> None:
        """Take a token of `owner`'s. Raises `ApiError` 429 that says when there will be one."""
        name = NAMES[kind]
        most = self._own(owner).get(name, getattr(self._limits, name))
        if most <= 0:
            raise _too_many(f"This server accepts no {kind}s at present.", "rate_limit_exceeded", 60.0)
        wait = self._take_token(owner, kind, most)
        if wait > 0:
            message = f"Rate limit reached: {most:g} {kind}s a minute. Try again in {wait:.1f} seconds."
            raise _too_many(message, "rate_limit_exceeded", wait)

    def _take_token(self, owner: str, kind: What, most: float) -> float:
        """Take a token, of which there may be `most` and come as many a minute; the seconds until there is one, 0 where
        there was.
        """
        now, rate = self._clock(), most / 60
        with self._lock:
            tokens, counted = self._buckets.get((owner, kind), (most, now))
            tokens = min(most, tokens + (now - counted) * rate)
            if tokens < 1:
                return (1 - tokens) / rate
            self._buckets[owner, kind] = tokens - 1, now
            self._drop_full(now)
        return 0.0

    def _drop_full(self, now: float) -> None:
        """Forget who has been silent for a minute: their buckets are full again."""
        if len(self._buckets) > MAX_BUCKETS:
            self._buckets = {who: bucket for who, bucket in self._buckets.items() if now - bucket[1] < 60}


def of_key(connection: sa.Connection, owner: str, limits: Limits) -> Limits:
    """`limits`, but for those that the key has of its own."""
    return _override_limits(limits, connection.execute(sa.select(keys.c.limits).where(keys.c.id == owner)).scalar())


def check_queue(connection: sa.Connection, owner: str, limits: Limits, work: float = 0.0) -> None:
    """Raise `ApiError` 429 where `owner` has as many videos queued or being made as it may, keeps as many bytes, or has
    had as much work today; `work` is that of the film that is asked for, in megapixels times seconds.

    For the transaction that makes one more: on Postgres the key's row is locked until it ends, so that two at once
    cannot both take the last place; SQLite has one writer anyway.
    """
    mine = sa.select(keys.c.limits).where(keys.c.id == owner).with_for_update()
    limits = _override_limits(limits, connection.execute(mine).scalar())
    waiting = sa.select(sa.func.count()).where(videos.c.owner == owner, videos.c.status.in_(WAITING))
    if connection.execute(waiting).scalar_one() >= limits.queued:
        message = f"This key has {limits.queued} videos in the queue or in progress. Try again when some are completed."
        raise _too_many(message, "queue_full", QUEUE_SECONDS)
    check_storage(connection, owner, limits)
    if limits.megapixel_seconds_a_day < math.inf:
        _check_day(connection, owner, limits.megapixel_seconds_a_day, work)


def check_storage(connection: sa.Connection, owner: str, limits: Limits, more: int = 0) -> None:
    """Raise `ApiError` 429 where `owner` has no room for `more` bytes, or none at all. `limits` are the key's."""
    if limits.stored_bytes == math.inf:
        return
    kept = sum(stored(connection, owner).values())
    if kept + max(more, 1) > limits.stored_bytes:
        message = f"This key stores {kept:,} of {limits.stored_bytes:,.0f} bytes. Delete videos or files."
        headers = {"x-should-retry": "false"}
        raise ApiError(429, message, kind="rate_limit_error", code="storage_limit", headers=headers)


def stored(connection: sa.Connection, owner: str) -> dict[str, int]:
    """How many bytes of films, of uploaded files and of exports a key keeps."""
    sums = {}
    for table in (videos, files, exports):
        found = sa.select(sa.func.coalesce(sa.func.sum(table.c.bytes), 0)).where(table.c.owner == owner)
        sums[table.name] = int(connection.execute(found).scalar_one())
    return sums


def megapixel_seconds(size: str, seconds: str) -> float:
    """The work that a video is, of its size and length as its row has them; 0 for what cannot be read."""
    try:
        width, height = (int(side) for side in size.split("x"))
        return width * height / 1e6 * float(seconds)
    except ValueError:
        return 0.0


def _check_day(connection: sa.Connection, owner: str, most: float, work: float) -> None:
    if work > most:
        limit = f"a key can use {most:g} in 24 hours"
        message = f"This video needs {work:g} megapixel seconds, and {limit}. Make it shorter or smaller."
        raise invalid("seconds", message, "daily_limit")
    going = sa.select(videos.c.size, videos.c.seconds).where(videos.c.owner == owner, videos.c.status.in_(WAITING))
    used = work + sum(megapixel_seconds(row.size, row.seconds) for row in connection.execute(going))
    hour = usage.c.ended_at - usage.c.ended_at % sa.literal_column(str(HOUR))
    done = sa.select(sa.func.max(usage.c.ended_at), sa.func.sum(usage.c.width * usage.c.height * usage.c.seconds))
    done = done.where(usage.c.owner == owner, usage.c.ended_at > now() - DAY).group_by(hour)
    hours: list[tuple[int, float]] = sorted((int(at), float(pixels) / 1e6) for at, pixels in connection.execute(done))
    used += sum(amount for _, amount in hours)
    if used <= most:
        return
    wait = float(DAY)
    for at, amount in hours:
        used -= amount
        if used <= most:
            wait = max(QUEUE_SECONDS, at + DAY - now())
            break
    message = f"This key has used its {most:g} megapixel seconds for 24 hours. Try again in {wait / 60:.0f} minutes."
    raise _too_many(message, "daily_limit", wait)


def _override_limits(limits: Limits, overrides: Mapping[str, Any] | None) -> Limits:
    return replace(limits, **{name: value for name, value in (overrides or {}).items() if name in PER_KEY})


def _too_many(message: str, code: str, wait: float) -> ApiError:
    headers = {"retry-after": str(math.ceil(wait)), "retry-after-ms": str(math.ceil(wait * 1000))}
    return ApiError(429, message, kind="rate_limit_error", code=code, headers=headers)
