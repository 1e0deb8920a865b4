"""Which calls were refused for now and will be repeated by the client: they have made nothing before.

A client that repeats a call sends the same content again, and so does a person who wants the same film twice. This is
how the two are told apart. Kept in memory, by one process: after a restart a repeat counts as one of an answered call.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

SECONDS: Final = 600.0
MAX_KNOWN: Final = 10_000


class Refusals:
    """Calls by a rough name, which is known before their content is read. Any thread may ask."""

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
