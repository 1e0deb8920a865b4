"""Rates that several API processes count together, in the database.

A process takes tokens in batches, of a second's worth at most and ever smaller as the bucket runs dry, and lets calls
in by those; so most calls ask no database. What all processes let in is never more than the rate; what they hold and do
not use is less than an eighth of it each. A key that was refused is refused here until there can be a token again.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from yozora.server.accounts import keys
from yozora.server.accounts.limits import MAX_BUCKETS, Rates, What
from yozora.server.bounds import Limits
from yozora.server.store.database import Database, clock, insert, is_full
from yozora.server.store.tables import rates

BATCH_SECONDS: Final = 1.0  # of a rate, which a process takes at once
PART: Final = 8  # of what is left, at most


@dataclass(slots=True)
class _TokenBatch:
    """What one process holds of one bucket: tokens, and until when there are none to be had (`Rates`' clock)."""

    tokens: float = 0.0
    empty_until: float = 0.0


def rates_of(limits: Limits, database: Database) -> Rates:
    """Rates of an installation: with SQLite, which is one machine's, each process counts its own."""

    def own(owner: str) -> Mapping[str, float]:
        return keys.limits_of(database, owner)

    if database.engine.dialect.name == "sqlite":
        return Rates(limits, own=own)
    return SharedRates(database, limits, own=own)


class SharedRates(Rates):
    """As `Rates`, of all processes on one database together."""

    def __init__(
        self,
        database: Database,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
        own: Callable[[str], Mapping[str, float]] = lambda _owner: {},
    ) -> None:
        super().__init__(limits, clock, own)
        self._database = database
        self._batches: dict[tuple[str, What], _TokenBatch] = {}

    def _take_token(self, owner: str, kind: What, most: float) -> float:
        with self._lock:
            if len(self._batches) > MAX_BUCKETS:
                self._batches.clear()
            batch = self._batches.setdefault((owner, kind), _TokenBatch())
            if batch.tokens >= 1:
                batch.tokens -= 1
                return 0.0
            if (wait := batch.empty_until - self._clock()) > 0:
                return wait
        try:
            taken, wait = self._fetch_tokens(owner, kind, most)  # no other call waits for the lock meanwhile
        except sa.exc.OperationalError as error:
            if not is_full(error):
                raise
            return super()._take_token(owner, kind, most)  # on a full disk each process counts its own
        with self._lock:
            if taken >= 1:
                batch.tokens += taken - 1
            else:
                batch.empty_until = self._clock() + wait
        return wait

    def _fetch_tokens(self, owner: str, kind: What, most: float) -> tuple[int, float]:
        """A batch of the bucket in the database; 0, and the seconds until there is a token, where it is empty."""
        rate = most / 60
        mine = (rates.c.owner == owner) & (rates.c.kind == kind)
        with self._database.begin() as connection:
            full = {"owner": owner, "kind": kind, "tokens": most, "counted": clock(connection)}
            connection.execute(insert(connection, rates).values(**full).on_conflict_do_nothing())
            row = connection.execute(sa.select(rates).where(mine).with_for_update()).one()
            moment = max(clock(connection), row.counted)
            tokens = min(most, row.tokens + (moment - row.counted) * rate)
            batch = math.floor(max(1.0, min(rate * BATCH_SECONDS, tokens / PART))) if tokens >= 1 else 0
            connection.execute(sa.update(rates).where(mine).values(tokens=tokens - batch, counted=moment))
        return batch, 0.0 if batch else (1 - tokens) / rate
