"""`/v1/videos/{id}/events`: how far a video is, told as it goes, with a small picture of what it becomes.

FastAPI writes the stream, and says now and then that it is still there.
"""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

import sqlalchemy as sa
from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from yozora.server.http import responses
from yozora.server.http.openapi import REFUSALS
from yozora.server.http.service import Follower, ServiceOf, is_welcome
from yozora.server.store import rows, tables
from yozora.server.store.database import Database

router = APIRouter(prefix="/v1/videos", tags=["more videos"], responses=REFUSALS)

LOOK_SECONDS: Final = 0.25
CHECK_SECONDS: Final = 2.0  # between two looks whether the key is still good
LONGEST_SECONDS: Final = 3600.0  # then the client connects again
OVER: Final = ("completed", "failed")
STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "Server-Sent Events.", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A video at one moment. `step` is of the preview, whose `picture` is there only where it is a new one."""

    video: responses.Video
    step: int
    picture: bytes | None


def _mine(service: ServiceOf, owner: Follower, video_id: str) -> str:
    """The id of a video that is the key's. Raises `ApiError` 404: in a stream it would be too late."""
    with service.database.read() as connection:
        return str(rows.find(connection, tables.videos, owner, video_id, "video").id)


@router.get("/{video_id}/events", summary="Follow a video", responses=STREAM, response_class=EventSourceResponse)
async def events(
    service: ServiceOf, owner: Follower, video_id: Annotated[str, Depends(_mine)]
) -> AsyncIterator[ServerSentEvent]:
    """Server-Sent Events. `progress` comes with every change: a Video, and in `preview` the newest small WebP
    picture as a data URL. The last event is `completed`, `failed` or `deleted`.
    """
    told: responses.Video | None = None
    step, end, checked = -1, time.monotonic() + LONGEST_SECONDS, time.monotonic()
    while time.monotonic() < end and not service.stopping.is_set():
        if time.monotonic() - checked > CHECK_SECONDS:
            checked = time.monotonic()
            if not await run_in_threadpool(is_welcome, service, owner):
                return
        seen = await run_in_threadpool(_read_state, service.database, video_id, step)
        if seen is None:
            yield _event("deleted", {"id": video_id, "object": "video.deleted", "deleted": True})
            return
        if seen.video.status in OVER:
            yield _event(seen.video.status, seen.video.model_dump())
            return
        if seen.video != told or seen.picture is not None:
            told, step = seen.video, seen.step
            yield _event("progress", seen.video.model_dump() | _preview_field(seen.picture))
        await asyncio.sleep(LOOK_SECONDS)


def _read_state(database: Database, video_id: str, step: int) -> _Seen | None:
    """The video now; its preview is read only where it is of another step. None: it is gone."""
    videos, previews = tables.videos, tables.previews
    with database.read() as connection:
        row = connection.execute(sa.select(videos).where(videos.c.id == video_id)).first()
        if row is None:
            return None
        newer = sa.select(previews).where(previews.c.video == video_id, previews.c.step != step)
        preview = connection.execute(newer).first()
    picture, at = (None, step) if preview is None else (preview.picture, preview.step)
    return _Seen(video=responses.video(row), step=at, picture=picture)


def _preview_field(picture: bytes | None) -> dict[str, str | None]:
    return {"preview": None if picture is None else f"data:image/webp;base64,{base64.b64encode(picture).decode()}"}


def _event(name: str, data: dict[str, Any]) -> ServerSentEvent:
    return ServerSentEvent(event=name, raw_data=json.dumps(data, ensure_ascii=False))
