"""What a worker does while the database or the storage is away: one policy for all that it reads and writes."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import sqlalchemy as sa

from yozora.server.bounds import Times
from yozora.server.store.objects import StorageAway, StorageFull

R = TypeVar("R")
AWAY: Final = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, TimeoutError, StorageAway)
"""What the database or the storage raises while it cannot be reached, is locked, or starts again."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Tries something again until it works, or has failed for too long. `wait` is called between two tries with the
    seconds to wait, and may raise to give up.
    """

    times: Times
    wait: Callable[[float], object] = time.sleep

    def __call__(self, action: Callable[[], R], seconds: float | None = None) -> R:
        """What `action`, which may be repeated, returns. Raises what it raised last after `seconds` (`times.away`), and
        `StorageFull` after `times.full`.
        """
        start, delay = time.monotonic(), self.times.retry
        while True:
            try:
                return action()
            except (*AWAY, StorageFull) as error:
                bound = self.times.full if isinstance(error, StorageFull) else self.times.away
                if time.monotonic() - start + delay > (bound if seconds is None else min(bound, seconds)):
                    raise
                log.warning("trying again in %.1f seconds: %s", delay, reason(error))
            self.wait(delay)
            delay = min(2 * delay, self.times.retry_most)


def reason(error: Exception) -> str:
    """What was wrong, in a line and without the statement that met it."""
    return (str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__])[0]
