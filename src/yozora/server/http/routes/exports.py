"""`/v1/videos/{id}/exports`: a finished film in another container, size, rate or grade."""

from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response

from yozora.core.finish import Finish, Grade
from yozora.core.options import ArgumentError
from yozora.server.accounts.limits import check_storage, of_key
from yozora.server.errors import ApiError, invalid
from yozora.server.http import reading, responses
from yozora.server.http.export_responses import Export, export
from yozora.server.http.library_requests import CreateExport
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.routes.content import serve_object, version_headers
from yozora.server.http.routes.videos import After, Limit, Order
from yozora.server.http.service import BodyOf, Owner, Receiver, ServiceOf
from yozora.server.store import exports, rows, tables

router = APIRouter(prefix="/v1/videos/{video_id}/exports", tags=["library"], responses=REFUSALS)

KINDS: Final = {"mp4": "video/mp4", "webm": "video/webm", "gif": "image/gif", "frames": "application/zip"}
ENDINGS: Final = {"mp4": ".mp4", "webm": ".webm", "gif": ".gif", "frames": ".zip", "credentials": ".c2pa"}
MANIFEST: Final = "application/c2pa"
EVEN: Final = ("mp4", "webm")  # formats whose sides are even
MAX_NAME: Final = 80  # characters of a file's name
BINARY: Final = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (*KINDS.values(), MANIFEST)}
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "All of it.", "content": BINARY},
    206: {"description": "The part in `Range`.", "content": BINARY},
    304: {"description": "`If-None-Match` names this version."},
    416: {"description": "The range begins after the end."},
}

Variant = Literal["file", "credentials"]


@router.post("", summary="Export a video", name="create_export", openapi_extra=body(CreateExport, files=False))
def create(request: Request, service: ServiceOf, owner: Owner, video_id: str, said: BodyOf) -> Export:
    """Make another version of a completed film: as MP4 or WebM, as GIF, or as a ZIP of numbered PNG frames; at another
    size or frame rate; with a grade. With `library`, the result becomes a video of your library, with this one as its
    source in the lineage; else it is a file, which is kept for seven days. A worker makes it, without a model and
    beside its films. The same request gives the same export as long as that exists.

    The watermark stays. MP4, GIF and PNG contain content credentials; a WebM cannot, so its credentials are a file of
    their own (`variant=credentials`), as is the case for `yozora finish`.
    """
    asked = reading.read(CreateExport, said)
    wanted = {"format": asked.format, "library": asked.library, "finish": _finish_of(asked).to_json()}
    service.rates.check(owner, "create")
    with service.database.begin() as connection:
        video = rows.find(connection, tables.videos, owner, video_id, "video")
        if video.status != "completed":
            message = f"The video '{video.id}' is not completed. Its status is {video.status}."
            raise invalid(None, message, "video_not_completed")
        if rows.count(connection, tables.exports, owner) >= exports.MAX_EXPORTS:
            message = f"There are {exports.MAX_EXPORTS} exports already. Delete some."
            raise ApiError(400, message, code="too_many_exports")
        check_storage(connection, owner, of_key(connection, owner, service.settings.limits))
        return export(exports.add(connection, video, wanted, request.scope.get("yozora.request_id", "")))


@router.get("", summary="List the exports of a video", name="list_exports")
def listed(
    service: ServiceOf, owner: Owner, video_id: str, after: After = None, limit: Limit = 20, order: Order = "desc"
) -> responses.Page[Export]:
    """Those that are made or being made, and those that have failed in the last seven days."""
    span = rows.PageQuery(after=after, limit=limit, order=order)
    with service.database.read() as connection:
        rows.find(connection, tables.videos, owner, video_id, "video")
        mine = tables.exports.c.video == video_id
        found, more = rows.page(connection, tables.exports, owner, span, mine)
    return responses.page([export(row) for row in found], more, [row.id for row in found])


@router.get("/{export_id}", summary="Retrieve an export", name="retrieve_export")
def retrieve(service: ServiceOf, owner: Owner, video_id: str, export_id: str) -> Export:
    """How far it is, and what became of it."""
    with service.database.read() as connection:
        return export(_find(connection, owner, video_id, export_id))


@router.delete("/{export_id}", summary="Delete an export", name="delete_export")
def delete(service: ServiceOf, owner: Owner, video_id: str, export_id: str) -> responses.Deleted:
    """Deletes its file, and cancels an export that is not completed. A video that it became stays."""

    def remove(connection: sa.Connection) -> None:
        _find(connection, owner, video_id, export_id)
        connection.execute(sa.delete(tables.exports).where(tables.exports.c.id == export_id))

    service.database.make_room(remove)
    service.objects.delete_under(exports.prefix(video_id, export_id))
    return responses.Deleted(id=export_id, object="video.export.deleted")


@router.get(
    "/{export_id}/content",
    summary="Download an export",
    name="export_content",
    responses=ANSWERS,
    response_class=Response,
)
@router.head("/{export_id}/content", include_in_schema=False)
def content(
    request: Request,
    service: ServiceOf,
    owner: Receiver,
    video_id: str,
    export_id: str,
    variant: Annotated[Variant, Query(description="The file, or the content credentials of a WebM.")] = "file",
) -> Response:
    """The file, also in ranges, under a name made of the title of the video. 404 until it is completed."""
    with service.database.read() as connection:
        row = _find(connection, owner, video_id, export_id)
        video = rows.find(connection, tables.videos, owner, video_id, "video")
    key = row.file if variant == "file" else row.credentials
    if key is None:
        message = f"'{row.id}' has no {variant}. Its status is {row.status}."
        raise ApiError(404, message, kind="not_found_error", code="content_not_ready")
    kind, ending = (KINDS[row.format], ENDINGS[row.format]) if variant == "file" else (MANIFEST, ENDINGS[variant])
    named = {"content-type": kind, "content-disposition": disposition(video, ending)}
    return serve_object(request, service, key, {**version_headers(key, row.completed_at), **named})


def disposition(video: sa.Row[Any], ending: str) -> str:
    """A header by which browsers save a file under the video's title, or else its prompt (RFC 6266)."""
    said = " ".join((video.title or video.prompt or "").split())[:MAX_NAME].strip(" .")
    name = "".join("_" if each in '\\/:*?"<>|' or not each.isprintable() else each for each in said) or video.id
    return f"attachment; filename=\"{video.id}{ending}\"; filename*=UTF-8''{quote(name + ending, safe='')}"


def _find(connection: sa.Connection, owner: str, video_id: str, export_id: str) -> sa.Row[Any]:
    row = rows.find(connection, tables.exports, owner, export_id, "export")
    rows.find(connection, tables.videos, owner, video_id if row.video == video_id else "", "video")
    return row


def _finish_of(asked: CreateExport) -> Finish:
    """What is to change. Raises `ApiError` 400."""
    if asked.library and asked.format != "mp4":
        raise invalid("library", "Videos of the library are MP4 files. Leave out 'format' or 'library'.")
    try:
        grade = Grade(**asked.grade.model_dump())
        finish = Finish(size=asked.size, fps=asked.fps, fit=asked.fit, grade=grade)  # type: ignore[arg-type] # a text, which it reads
    except ArgumentError as error:
        raise invalid(error.argument, str(error), reason=error.code) from error
    if finish.size is not None and asked.format in EVEN and any(side % 2 for side in finish.size):
        raise invalid("size", f"The sides of {asked.format} films are even. Change '{asked.size}' by a pixel.")
    return finish
