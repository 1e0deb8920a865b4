"""When a video is worth asking for again, and answers that are held back until it is over.

One look at the database serves all clients that wait: no thread is held, and a thousand clients cost what one does.
"""

import asyncio
import heapq
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from statistics import fmean
from typing import Any, Final

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool

from yozora.server.settings import Settings
from yozora.server.store import tables
from yozora.server.store.database import Database, clock

HEADER: Final = "openai-poll-after-ms"
OVER: Final = ("completed", "failed")
LOOK_SECONDS: Final = 0.25  # between two looks for videos that are over
OUTLOOK_SECONDS: Final = 2.0  # for which an outlook is believed
LONGEST_MS: Final = 30_000  # a client that waits longer is late where something ends early
RECENT: Final = 200  # films by which others are judged
MOST_IN_LINE: Final = 5_000  # of which it is worked out when they will be made
AT_ONCE: Final = 500  # ids in a statement

Kind = tuple[str, str, str]  # model, size, seconds: what takes about as long


class Outlook:
    """When each video that waits or is being made will be over, by what films of its size took lately. Any thread may
    ask.
    """

    def __init__(self, database: Database, settings: Settings, now: Callable[[], float] = time.monotonic) -> None:
        self._database, self._settings, self._now = database, settings, now
        self._lock = threading.Lock()
        self._ends: dict[str, float] = {}  # by video, on `now`'s clock
        self._later = False  # whether there are more than were looked at
        self._until = 0.0

    def after_ms(self, row: sa.Row[Any]) -> int:
        """Milliseconds after which this video is worth another look: half of the time that it will take, within bounds.
        The closer its end, the sooner it is asked for.
        """
        least = self._settings.poll_ms
        if row.status in OVER:
            return least
        with self._lock:
            if self._now() >= self._until:
                self._estimate_ends()
                self._until = self._now() + OUTLOOK_SECONDS
            end = self._ends.get(row.id)
        if end is None:
            return max(least, LONGEST_MS) if self._later and row.status == "queued" else least
        return round(min(max(least, (end - self._now()) * 500), max(least, LONGEST_MS)))

    def _estimate_ends(self) -> None:
        with self._database.read() as connection:
            line = _read_queue(connection)
            takes = _takes(connection)
            lanes = _lanes(connection, self._settings.times.silence)
        usual = fmean(takes.values()) if takes else None
        self._later, self._ends = len(line) > MOST_IN_LINE, {}
        if usual is None:
            return
        free = [self._now()] * max(1, lanes)
        for row in sorted(line[:MOST_IN_LINE], key=lambda row: row.status == "queued"):
            left = takes.get((row.model, row.size, row.seconds), usual) * (1 - row.progress / 100)
            self._ends[row.id] = _assign_worker(free, left)


class Holding:
    """Answers that are held back until a video is over. Only ever used by the event loop's thread."""

    def __init__(self, database: Database, settings: Settings, stopping: threading.Event) -> None:
        self._database, self._settings, self._stopping = database, settings, stopping
        self._waiting: dict[str, list[asyncio.Event]] = defaultdict(list)  # by video
        self._held: Counter[str] = Counter()  # by owner
        self._task: asyncio.Task[None] | None = None

    async def until_over(self, owner: str, video_id: str, seconds: float) -> None:
        """Return when the video is over or gone, or so many seconds have passed, or a key holds too many."""
        if self._held[owner] >= self._settings.limits.holds:
            return
        over = asyncio.Event()
        self._held[owner] += 1
        self._waiting[video_id].append(over)
        if self._task is None:
            self._task = asyncio.create_task(self._poll_ended())
        try:
            async with asyncio.timeout(min(seconds, self._settings.times.hold)):
                await over.wait()
        except TimeoutError:
            pass
        finally:
            self._stop_waiting(owner, video_id, over)

    def _stop_waiting(self, owner: str, video_id: str, over: asyncio.Event) -> None:
        self._held[owner] -= 1
        if not self._held[owner]:
            del self._held[owner]
        self._waiting[video_id].remove(over)
        if not self._waiting[video_id]:
            del self._waiting[video_id]

    async def _poll_ended(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(LOOK_SECONDS)
                ids = list(self._waiting)
                for video_id in ids if self._stopping.is_set() else await run_in_threadpool(self._find_ended, ids):
                    for over in self._waiting.get(video_id, ()):
                        over.set()
        finally:
            self._task = None

    def _find_ended(self, ids: list[str]) -> Iterable[str]:
        videos = tables.videos.c
        going: set[str] = set()
        try:
            with self._database.read() as connection:
                for start in range(0, len(ids), AT_ONCE):
                    these = videos.id.in_(ids[start : start + AT_ONCE]) & videos.status.not_in(OVER)
                    going |= set(connection.execute(sa.select(videos.id).where(these)).scalars())
        except sa.exc.SQLAlchemyError:  # those waiting are told when their time is over
            return ()
        return set(ids) - going


def _assign_worker(free: list[float], seconds: float) -> float:
    """When a film that takes so long ends on the worker that is free first, which has it from now on."""
    end = heapq.heappop(free) + seconds
    heapq.heappush(free, end)
    return end


def _read_queue(connection: sa.Connection) -> list[sa.Row[Any]]:
    """Who waits or is being made, in the order of the queue."""
    videos = tables.videos.c
    columns = (videos.id, videos.status, videos.model, videos.size, videos.seconds, videos.progress)
    going = sa.select(*columns).where(videos.status.in_(("queued", "in_progress")))
    return list(connection.execute(going.order_by(videos.priority, videos.number).limit(MOST_IN_LINE + 1)))


def _takes(connection: sa.Connection) -> dict[Kind, float]:
    """Seconds that films of each kind took lately, without the time in which they waited."""
    videos = tables.videos.c
    done = sa.select(videos.model, videos.size, videos.seconds, videos.timings).where(videos.status == "completed")
    took: dict[Kind, list[float]] = defaultdict(list)
    for row in connection.execute(done.order_by(videos.priority.desc(), videos.number.desc()).limit(RECENT)):
        stages = {name: spent for name, spent in (row.timings or {}).items() if name != "queue"}
        if stages:
            took[row.model, row.size, row.seconds].append(sum(stages.values()))
    return {kind: fmean(times) for kind, times in took.items()}


def _lanes(connection: sa.Connection, silence: float) -> int:
    """Workers that are alive."""
    workers = tables.workers.c
    alive = (workers.seen > clock(connection) - silence) & ~workers.draining
    return connection.execute(sa.select(sa.func.count()).select_from(tables.workers).where(alive)).scalar_one()
