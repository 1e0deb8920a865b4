"""`/v1/library`: a key's videos with titles, folders and a trash; changed one by one or several at once."""

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter

from yozora.server.errors import invalid
from yozora.server.http import library, reading, responses
from yozora.server.http.library import FiltersOf
from yozora.server.http.library_requests import ChangeVideo, ChangeVideos
from yozora.server.http.library_responses import ChangedVideos, LibraryVideo, LibraryVideoDetails, library_video
from yozora.server.http.moderation import blocked
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.order_options import video_details
from yozora.server.http.routes.videos import After, Limit, Order
from yozora.server.http.service import BodyOf, Owner, Service, ServiceOf
from yozora.server.store import removal, rows, tables

router = APIRouter(tags=["library"], responses=REFUSALS)


@router.get("/v1/library", summary="List the library")
def listed(
    service: ServiceOf, owner: Owner, filters: FiltersOf, after: After = None, limit: Limit = 20, order: Order = "desc"
) -> responses.Page[LibraryVideo]:
    """Your videos as `GET /v1/videos` lists them, with their titles, folders and modes."""
    span = rows.PageQuery(after=after, limit=limit, order=order)
    with service.database.read() as connection:
        found, more = rows.page(connection, tables.videos, owner, span, filters.condition())
    return responses.page([_in_queue(service, row) for row in found], more, [row.id for row in found])


@router.get("/v1/library/{video_id}", summary="Retrieve a video of the library")
def retrieve(service: ServiceOf, owner: Owner, video_id: str) -> LibraryVideoDetails:
    """A video with its title, folder and mode, also one in the trash, and what is needed to make it again."""
    with service.database.read() as connection:
        row = rows.find(connection, tables.videos, owner, video_id, "video")
        details = video_details(connection, row)
    return LibraryVideoDetails(**_in_queue(service, row).model_dump(), **details)


@router.post("/v1/videos/{video_id}", summary="Change a video", openapi_extra=body(ChangeVideo, files=False))
async def change(service: ServiceOf, owner: Owner, video_id: str, said: BodyOf) -> LibraryVideo:
    """Give it a title, put it into a folder or into the trash, or take it out. What is in the trash is deleted after 30
    days. A video that is not finished is cancelled when it goes into the trash.
    """
    asked = reading.read(ChangeVideo, said)
    changes = _changes(asked)
    if (title := changes.get("title")) and (reason := await blocked(service, owner, [title])) is not None:
        raise invalid("title", reason, "moderation_blocked")
    return await service.capacity.do(lambda: _in_queue(service, _change_rows(service, owner, [video_id], changes)[0]))


@router.post("/v1/library", summary="Change several videos", openapi_extra=body(ChangeVideos, files=False))
async def change_several(service: ServiceOf, owner: Owner, said: BodyOf) -> ChangedVideos:
    """Put several videos into a folder or into the trash, take them out, or delete them."""
    asked = reading.read(ChangeVideos, said)
    ids = list(dict.fromkeys(asked.ids))
    if asked.deleted:
        gone = await service.capacity.do(lambda: _delete_rows(service, owner, ids))
        return ChangedVideos(data=[], deleted=gone)
    changes = _changes(asked)
    found = await service.capacity.do(
        lambda: [_in_queue(service, row) for row in _change_rows(service, owner, ids, changes)]
    )
    return ChangedVideos(data=found, deleted=[])


def _in_queue(service: Service, row: sa.Row[Any]) -> LibraryVideo:
    return library_video(row, service.outlook.place(row))


def _changes(asked: ChangeVideo | ChangeVideos) -> dict[str, Any]:
    """What is said, by the names of `library.change`. Raises `ApiError` 400."""
    changes: dict[str, Any] = {}
    said = asked.model_fields_set
    if isinstance(asked, ChangeVideo) and "title" in said:
        changes["title"] = library.checked_text("title", asked.title)
    if "folder_id" in said:
        changes["folder"] = asked.folder_id or None
    if asked.trashed is not None:
        changes["trashed"] = asked.trashed
    return changes


def _change_rows(service: Service, owner: str, ids: list[str], changes: dict[str, Any]) -> list[sa.Row[Any]]:
    def write(connection: sa.Connection) -> list[sa.Row[Any]]:
        if changes.get("folder"):
            library.folder_of(connection, owner, changes["folder"])
        return [library.change(connection, service.queue, owner, video_id, changes) for video_id in ids]

    return service.database.make_room(write)


def _delete_rows(service: Service, owner: str, ids: list[str]) -> list[str]:
    def write(connection: sa.Connection) -> list[str]:
        for video_id in ids:
            rows.find(connection, tables.videos, owner, video_id, "video")
        removal.remove(connection, tables.videos.c.id.in_(ids))
        return ids

    gone = service.database.make_room(write)
    for video_id in gone:
        service.objects.delete_under(f"videos/{video_id}/")
    return gone
