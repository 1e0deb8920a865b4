"""How far an evaluation is and how long it will take: a bar in a terminal, a line a minute in a file of its output."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn, TimeRemainingColumn

EVERY = 60.0  # seconds
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressBar:
    """Follows what is made; see `progress`."""

    console: Console
    shown: Progress
    clock: Callable[[], float] = time.monotonic

    def track(self, items: Iterable[T], total: int, description: str) -> Iterator[T]:
        """The items, one after the other, while it is told how many of `total` there were."""
        if self.console.is_terminal:
            yield from self.shown.track(items, total=total, description=description)
            return
        began = told = self.clock()
        for count, item in enumerate(items, start=1):
            yield item
            now = self.clock()
            if now - told >= EVERY:
                told, left = now, (now - began) / count * (total - count)
                self.console.print(f"{description}: {count} of {total}, {left / 60:.0f} minutes left")


@contextmanager
def progress(console: Console, clock: Callable[[], float] = time.monotonic) -> Iterator[ProgressBar]:
    """A bar with the time that went by and the time that is left."""
    columns = (*Progress.get_default_columns()[:-1], TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        yield ProgressBar(console=console, shown=shown, clock=clock)
