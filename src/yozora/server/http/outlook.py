"""When videos that wait or are being made will be over, and their places in the queue.

One look at the queue serves all callers for a moment, however many ask. Knows no HTTP.
"""

import heapq
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any, Final, Self

import sqlalchemy as sa

from yozora.server.settings import Settings
from yozora.server.store import tables
from yozora.server.store.database import Database, clock

OVER: Final = ("completed", "failed")
OUTLOOK_SECONDS: Final = 0.5  # for which an outlook is believed,
UNKNOWN_SECONDS: Final = 0.05  # and for which it is where a video is asked for that it does not have
LONGEST_MS: Final = 30_000  # a client that waits longer is late where something ends early
RECENT: Final = 200  # films by which others are judged
MOST_IN_LINE: Final = 5_000  # of which it is worked out when they will be made
LEAST_PROGRESS: Final = 5  # percent, and
LEAST_SECONDS: Final = 3.0  # from which on a film's own progress says how long it takes

Kind = tuple[str, str, str]  # model, size, seconds: what takes about as long


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePlace:
    """Where a video is: `position` in the queue, 1 for the next one, None where it does not wait; and in about how many
    seconds it will be over, None where that is not known.
    """

    position: int | None = None
    seconds_left: int | None = None


UNPLACED: Final = QueuePlace()


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """Seconds that films took lately: of each kind, for each unit of `queue.cost` of each preset, and on average."""

    kinds: dict[Kind, float] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)
    usual: float = 0.0

    @classmethod
    def of(cls, films: Sequence[sa.Row[Any]]) -> Self:
        """Of completed films, without the time in which they waited."""
        kinds: dict[Kind, list[float]] = defaultdict(list)
        rates: dict[str, list[float]] = defaultdict(list)
        for row in films:
            took = sum(spent for name, spent in (row.timings or {}).items() if name != "queue")
            if took <= 0:
                continue
            kinds[_alike(row)].append(took)
            if row.cost > 0:
                rates[row.preset or row.model].append(took / row.cost)
        return cls(
            kinds={kind: median(times) for kind, times in kinds.items()},
            rates={preset: median(each) for preset, each in rates.items()},
            usual=fmean(map(median, kinds.values())) if kinds else 0.0,
        )

    def takes(self, row: sa.Row[Any]) -> float | None:
        """Seconds that a film will take; None where nothing is known of its model."""
        rate = self.rates.get(row.preset or row.model)
        scaled = None if rate is None or row.cost <= 0 else rate * row.cost
        return self.kinds.get(_alike(row), scaled)


class Outlook:
    """What is expected of all videos of the queue. Any thread may ask."""

    def __init__(self, database: Database, settings: Settings, now: Callable[[], float] = time.monotonic) -> None:
        self._database, self._settings, self._now = database, settings, now
        self._lock = threading.Lock()
        self._ends: dict[str, float] = {}  # by video, on `now`'s clock
        self._known: set[str] = set()  # videos whose end is more than a guess
        self._positions: dict[str, int] = {}
        self._later = False  # whether there are more than were looked at
        self._made, self._until = float("-inf"), 0.0

    def after_ms(self, row: sa.Row[Any]) -> int:
        """Milliseconds after which this video is worth another look: half of the time that it will take, within bounds.
        The closer its end, the sooner it is asked for.
        """
        least = self._settings.poll_ms
        if row.status in OVER:
            return least
        with self._lock:
            self._refresh(row)
            end = self._ends.get(row.id)
        if end is None:
            return max(least, LONGEST_MS) if self._later and row.status == "queued" else least
        return round(min(max(least, (end - self._now()) * 500), max(least, LONGEST_MS)))

    def place(self, row: sa.Row[Any]) -> QueuePlace:
        """Where a video is, by its row. May read the database: not for callers that have a connection of it."""
        if row.status in OVER:
            return UNPLACED
        with self._lock:
            self._refresh(row)
        return self.last_place(row)

    def refresh(self) -> None:
        """Look again where the last look is too long ago."""
        with self._lock:
            self._refresh(None)

    def last_place(self, row: sa.Row[Any]) -> QueuePlace:
        """Where a video was when this was looked at last."""
        if row.status in OVER:
            return UNPLACED
        with self._lock:
            end = self._ends.get(row.id) if row.id in self._known else None
            position = self._positions.get(row.id) if row.status == "queued" else None
        return QueuePlace(position=position, seconds_left=None if end is None else max(0, round(end - self._now())))

    def _refresh(self, row: sa.Row[Any] | None) -> None:
        """Look again where the last look is too long ago, or knows nothing of a video."""
        moment = self._now()
        unknown = row is not None and row.id not in (self._positions if row.status == "queued" else self._ends)
        if moment >= self._until or (unknown and moment >= self._made + UNKNOWN_SECONDS):
            self._estimate_ends()
            self._made = self._now()
            self._until = self._made + OUTLOOK_SECONDS

    def _estimate_ends(self) -> None:
        with self._database.read() as connection:
            line = _read_queue(connection)
            durations = Durations.of(_read_completed(connection))
            lanes = _lanes(connection, self._settings.times.silence)
        self._later = len(line) > MOST_IN_LINE
        line = line[:MOST_IN_LINE]
        self._positions = {row.id: place for place, row in enumerate((r for r in line if r.status == "queued"), 1)}
        self._ends, self._known = {}, set()
        free = [(self._now(), False)] * max(1, lanes)  # when each worker is free, and whether that is a guess
        for row in sorted(line, key=lambda row: row.status == "queued"):
            left = seconds_left(row, durations)
            start, guess = heapq.heappop(free)
            end = (start + (durations.usual if left is None else left), guess or left is None)
            heapq.heappush(free, end)
            self._ends[row.id] = end[0]
            if lanes and not end[1]:
                self._known.add(row.id)


def seconds_left(row: sa.Row[Any], durations: Durations) -> float | None:
    """Seconds that are still to be spent on a video: by its own progress, or by what others took."""
    if row.status == "in_progress" and row.attempts <= 1 and row.progress >= LEAST_PROGRESS:
        spent = float(row.changed_at) - float(row.started_at or row.changed_at)  # when progress was written last
        if spent >= LEAST_SECONDS:
            left = spent * (100 - int(row.progress)) / int(row.progress)
            return max(0.0, left - max(0.0, time.time() - float(row.changed_at)))
    takes = durations.takes(row)
    return None if takes is None else takes * (1 - int(row.progress) / 100)


def _alike(row: sa.Row[Any]) -> Kind:
    return row.model, row.size, row.seconds


def _read_queue(connection: sa.Connection) -> list[sa.Row[Any]]:
    """What waits or is being made, in the order of the queue."""
    videos = tables.videos.c
    columns = [videos.id, videos.status, videos.model, videos.preset, videos.size, videos.seconds, videos.cost]
    columns += [videos.progress, videos.attempts, videos.started_at, videos.changed_at]
    going = sa.select(*columns).where(videos.status.in_(("queued", "in_progress")))
    return list(connection.execute(going.order_by(videos.priority, videos.number).limit(MOST_IN_LINE + 1)))


def _read_completed(connection: sa.Connection) -> list[sa.Row[Any]]:
    """The films that were completed lately."""
    videos = tables.videos.c
    columns = (videos.model, videos.preset, videos.size, videos.seconds, videos.cost, videos.timings)
    done = sa.select(*columns).where(videos.status == "completed")
    return list(connection.execute(done.order_by(videos.priority.desc(), videos.number.desc()).limit(RECENT)))


def _lanes(connection: sa.Connection, silence: float) -> int:
    """Workers that are alive."""
    workers = tables.workers.c
    alive = (workers.seen > clock(connection) - silence) & ~workers.draining
    return connection.execute(sa.select(sa.func.count()).select_from(tables.workers).where(alive)).scalar_one()
