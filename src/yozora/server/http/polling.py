"""Answers that are held back until a video is over.

One look at the database serves all clients that wait: no thread is held, and a thousand clients cost what one does.
"""

import asyncio
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool

from yozora.server.settings import Settings
from yozora.server.store import tables
from yozora.server.store.database import Database

HEADER: Final = "openai-poll-after-ms"
OVER: Final = ("completed", "failed")
LOOK_SECONDS: Final = 0.25  # between two looks for videos that are over
AT_ONCE: Final = 500  # ids in a statement


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
