"""`/v1/videos`: looked at, listed, cancelled, deleted."""

from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response
from starlette.concurrency import run_in_threadpool

from yozora.server.http import polling, responses
from yozora.server.http.library import FiltersOf
from yozora.server.http.openapi import REFUSALS
from yozora.server.http.responses import Video
from yozora.server.http.service import Owner, Service, ServiceOf, is_welcome, no_entry
from yozora.server.store import removal, rows, tables

router = APIRouter(prefix="/v1/videos", tags=["videos"], responses=REFUSALS)

After = Annotated[str | None, Query(max_length=80, description="The last id of the page before.")]
Limit = Annotated[int, Query(ge=0, le=100, description="How many.")]
Order = Annotated[Literal["asc", "desc"], Query(description="Oldest first (asc) or newest first (desc).")]
Wait = Annotated[float, Query(ge=0, le=3600, description="Wait up to this many seconds until the video has ended.")]


@router.get("", summary="List videos")
def listed(
    service: ServiceOf, owner: Owner, filters: FiltersOf, after: After = None, limit: Limit = 20, order: Order = "desc"
) -> responses.Page[Video]:
    """Your videos that match the filters, without those in the trash. The next page is `after=<last_id>`, even if that
    video was deleted meanwhile.
    """
    with service.database.read() as connection:
        span = rows.PageQuery(after=after, limit=limit, order=order)
        found, more = rows.page(connection, tables.videos, owner, span, filters.condition())
    return responses.page([responses.video(row) for row in found], more, [row.id for row in found])


@router.get("/{video_id}", summary="Retrieve a video")
async def retrieve(service: ServiceOf, owner: Owner, response: Response, video_id: str, wait: Wait = 0.0) -> Video:
    """The current state of a video, or with `wait`, its state when it has ended. `openai-poll-after-ms` recommends
    an interval. Polling does not count for the rate of requests.
    """
    row = await run_in_threadpool(_find_video, service, owner, video_id)
    if wait > 0 and row.status not in polling.OVER:
        await service.holding.until_over(owner, video_id, wait)
        if not await run_in_threadpool(is_welcome, service, owner):
            raise no_entry("This API key was revoked or has expired.")
        row = await run_in_threadpool(_find_video, service, owner, video_id)
    response.headers[polling.HEADER] = str(await run_in_threadpool(service.outlook.after_ms, row))
    return responses.video(row)


@router.delete("/{video_id}", summary="Delete a video")
def delete(service: ServiceOf, owner: Owner, video_id: str) -> responses.Deleted:
    """Deletes the video and all its files, and stops an unfinished one."""

    def remove(connection: sa.Connection) -> None:
        rows.find(connection, tables.videos, owner, video_id, "video")
        removal.remove(connection, tables.videos.c.id == video_id)

    service.database.make_room(remove)
    service.objects.delete_under(f"videos/{video_id}/")
    return responses.Deleted(id=video_id, object="video.deleted")


@router.post("/{video_id}/cancel", summary="Cancel a video")
def cancel(service: ServiceOf, owner: Owner, video_id: str) -> Video:
    """A queued video is `failed` at once, with the error code `cancelled`; one in progress within a step. A video
    that has ended does not change.
    """

    def end(connection: sa.Connection) -> Video:
        rows.find(connection, tables.videos, owner, video_id, "video")
        service.queue.cancel(connection, video_id)
        return responses.video(rows.find(connection, tables.videos, owner, video_id, "video"))

    return service.database.make_room(end)


def _find_video(service: Service, owner: str, video_id: str) -> sa.Row[Any]:
    with service.database.read() as connection:
        return rows.find(connection, tables.videos, owner, video_id, "video")
