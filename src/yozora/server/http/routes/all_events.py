"""`/v1/events`: all that happens to a key's videos in one stream, for browsers allow six connections to a host."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from yozora.server.accounts import sessions
from yozora.server.http.all_events import VideoChange, Watch
from yozora.server.http.export_events import ExportWatch
from yozora.server.http.export_responses import export
from yozora.server.http.library_responses import library_video
from yozora.server.http.openapi import REFUSALS
from yozora.server.http.routes import events as one_video
from yozora.server.http.service import COOKIE, Follower, Owner, Service, ServiceOf, is_welcome
from yozora.server.store import rows, tables

router = APIRouter(tags=["library"], responses=REFUSALS)

LOOK_SECONDS: Final = 0.5
CHECK_SECONDS: Final = 2.0  # between two looks whether the key and the session are still good
LONGEST_SECONDS: Final = 3600.0  # then the client connects again, and goes on where it was
PICTURE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}}, "description": "A picture."},
    204: {"description": "There is no preview now."},
}


@router.get(
    "/v1/events",
    summary="Follow all videos",
    name="events",
    responses=one_video.STREAM,
    response_class=EventSourceResponse,
)
async def events(request: Request, service: ServiceOf, owner: Follower) -> AsyncIterator[ServerSentEvent]:
    """Server-Sent Events: `created`, `progress`, `completed`, `failed`, `renamed`, `moved` (into a folder or the trash,
    or out of it) and `deleted`. `progress` is also sent when a video's `queue_position` changes (behind the fiftieth
    place, for each tenth). Each has the video as `GET /v1/library` lists it, and in `preview_url` the address of a
    picture of what is being made. Of a video that was over before the stream began, it is not known which of `renamed`
    and `moved` has happened: both are sent. `folders` says that a folder was created, renamed or deleted: read
    `GET /v1/folders` again.
    `export` tells of an export that is completed or has failed, as `GET /v1/videos/{video_id}/exports/{export_id}`
    returns it.

    The first event is `ready`. A client that sends the id of its last event (`Last-Event-ID`, as browsers do by
    themselves) is told what has happened since, up to a day. `reset` instead of `ready`, or later, says that this is
    not known: read the lists again.
    """
    watch, exports = Watch(owner=owner, place_of=service.outlook.last_place), ExportWatch(owner=owner)
    cookie = request.cookies.get(COOKIE) if "yozora.session" in request.scope else None
    last = request.headers.get("last-event-id")
    begun = await run_in_threadpool(partial(_start, service, watch, last))
    await run_in_threadpool(partial(_start_exports, service, exports, watch.since, resumes=bool(last) and begun))
    yield _plain_event("ready" if begun else "reset", watch)
    end = time.monotonic() + LONGEST_SECONDS
    checked = time.monotonic()
    while time.monotonic() < end and not service.stopping.is_set():
        if time.monotonic() - checked > CHECK_SECONDS:
            checked = time.monotonic()
            if not await run_in_threadpool(_is_signed_in, service, owner, cookie):
                return
        found = await run_in_threadpool(_look, service, watch)
        if found is None:
            watch.known.clear()
            await run_in_threadpool(partial(_start, service, watch, None))
            yield _plain_event("reset", watch)
        for change in found or ():
            yield _change_event(change, watch, request.scope.get("root_path", ""))
        for row in await run_in_threadpool(_look_exports, service, exports):
            yield ServerSentEvent(event="export", raw_data=export(row).model_dump_json(), id=f"{watch.since:.3f}")
        await asyncio.sleep(LOOK_SECONDS)


@router.get(
    "/v1/videos/{video_id}/preview",
    summary="Retrieve a preview",
    name="preview",
    responses=PICTURE,
    response_class=Response,
)
def preview(service: ServiceOf, owner: Owner, video_id: str) -> Response:
    """A small WebP picture of what is being made. Nothing (204) before the first one, and once the video
    is over."""
    with service.database.read() as connection:
        rows.find(connection, tables.videos, owner, video_id, "video")
        mine = sa.select(tables.previews.c.picture).where(tables.previews.c.video == video_id)
        picture = connection.execute(mine).scalar()
    if picture is None:  # no error: a page asks for what an event has just named
        return Response(status_code=204)
    return Response(picture, media_type="image/webp", headers={"cache-control": "private, no-store"})


def _start(service: Service, watch: Watch, last: str | None) -> bool:
    service.outlook.refresh()
    with service.database.read() as connection:
        return watch.start(connection, _moment(last))


def _look(service: Service, watch: Watch) -> list[VideoChange] | None:
    if watch.waits:
        service.outlook.refresh()
    with service.database.read() as connection:
        return watch.look(connection)


def _start_exports(service: Service, exports: ExportWatch, since: float, *, resumes: bool) -> None:
    with service.database.read() as connection:
        exports.start(connection, since, resumes=resumes)


def _look_exports(service: Service, exports: ExportWatch) -> list[sa.Row[Any]]:
    with service.database.read() as connection:
        return exports.look(connection)


def _moment(last: str | None) -> float | None:
    """The moment that the id of an event says; one that cannot be read is long ago."""
    if not last:
        return None
    try:
        said = float(last[:40])
    except ValueError:
        return 0.0
    return said if said >= 0 else 0.0


def _is_signed_in(service: Service, owner: str, cookie: str | None) -> bool:
    if cookie is not None and sessions.find(service.database, cookie) is None:
        return False
    return is_welcome(service, owner)


def _plain_event(kind: str, watch: Watch) -> ServerSentEvent:
    return ServerSentEvent(event=kind, raw_data="{}", id=f"{watch.since:.3f}")


def _change_event(change: VideoChange, watch: Watch, root: str) -> ServerSentEvent:
    said: dict[str, Any]
    if change.kind == "folders":
        said = {"object": "folders"}
    elif change.row is None:
        said = {"id": change.video_id, "object": "video.deleted", "deleted": True}
    else:
        url = f"{root}/v1/videos/{change.video_id}/preview?step={change.step}" if change.step else None
        said = library_video(change.row, change.place).model_dump() | {"preview_url": url}
    return ServerSentEvent(event=change.kind, raw_data=json.dumps(said, ensure_ascii=False), id=f"{watch.since:.3f}")
