"""`/v1/videos/{id}/content`: the film, its thumbnail, its contact sheet; whole or in part."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from hashlib import sha256
from itertools import chain
from typing import Annotated, Any, Final, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from yozora.server.errors import ApiError
from yozora.server.http import ranges
from yozora.server.http.openapi import REFUSALS
from yozora.server.http.service import Receiver, Service, ServiceOf
from yozora.server.store import rows, tables

router = APIRouter(prefix="/v1/videos", tags=["videos"], responses=REFUSALS)

Variant = Literal["video", "thumbnail", "spritesheet"]
COLUMNS: Final = {"video": "file", "thumbnail": "thumbnail", "spritesheet": "spritesheet"}
KINDS: Final = {"video": "video/mp4", "thumbnail": "image/webp", "spritesheet": "image/jpeg"}
ENDINGS: Final = {"video": ".mp4", "thumbnail": ".webp", "spritesheet": ".jpg"}
BINARY: Final = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS.values()}
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "All of it.", "content": BINARY},
    206: {"description": "The part in `Range`.", "content": BINARY},
    304: {"description": "`If-None-Match` names this version."},
    416: {"description": "The range begins after the end."},
}


@router.get("/{video_id}/content", summary="Download a video", responses=ANSWERS, response_class=Response)
@router.head("/{video_id}/content", include_in_schema=False)
def content(
    request: Request,
    service: ServiceOf,
    owner: Receiver,
    video_id: str,
    variant: Annotated[Variant, Query(description="MP4 film, WebP picture, or JPEG sheet of frames.")] = "video",
) -> Response:
    """The film as MP4, its thumbnail as WebP, or a sheet of its frames as JPEG, also in ranges. 404 until it is
    completed.
    """
    with service.database.read() as connection:
        row = rows.find(connection, tables.videos, owner, video_id, "video")
    key = getattr(row, COLUMNS[variant]) if row.status == "completed" else None
    if key is None:
        message = f"'{row.id}' has no {variant} yet. Its status is {row.status}."
        raise ApiError(404, message, kind="not_found_error", code="content_not_ready")
    if service.settings.presign > 0 and "yozora.session" not in request.scope:  # pages load from their own origin only
        address = service.objects.url(key, service.settings.presign)
        if address is not None:
            return RedirectResponse(address, 302, {"cache-control": "no-store"})
    return serve_object(request, service, key, content_headers(row, variant, key))


def content_headers(row: sa.Row[Any], variant: Variant, key: str) -> dict[str, str]:
    named = {"content-disposition": f'inline; filename="{row.id}{ENDINGS[variant]}"', "content-type": KINDS[variant]}
    return version_headers(key, row.completed_at or row.created_at) | named


def version_headers(key: str, moment: int) -> dict[str, str]:
    """Of an object that was written at `moment`, in Unix seconds. A key is never written twice with other content, so
    it is the version.
    """
    return {
        "accept-ranges": "bytes",
        "cache-control": "private, max-age=3600",
        "etag": f'"{sha256(key.encode()).hexdigest()[:32]}"',
        "last-modified": formatdate(moment, usegmt=True),
    }


def serve_object(request: Request, service: Service, key: str, headers: dict[str, str]) -> Response:
    with gone():
        size = service.objects.size(key)
    if ranges.same(request.headers.get("if-none-match"), headers["etag"]):
        return Response(status_code=304, headers={name: headers[name] for name in ("etag", "cache-control")})
    asked = request.headers.get("range")
    if not ranges.still(request.headers.get("if-range"), headers["etag"], headers["last-modified"]):
        asked = None
    try:
        part = ranges.wanted(asked, size)
    except ranges.Unsatisfiable:
        message = f"The range {str(asked)[:60]!r} begins after the end. The content has {size} bytes."
        more = {"content-range": f"bytes */{size}"}
        raise ApiError(416, message, param="Range", code="invalid_range", headers=more) from None
    start, stop = (0, size) if part is None else (part.start, part.stop)
    headers |= {"content-length": str(stop - start)} | ({"content-range": part.content_range} if part else {})
    status = 206 if part else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return StreamingResponse(begun(service, key, start, stop), status, headers)


def begun(service: Service, key: str, start: int, stop: int) -> Iterator[bytes]:
    """Bytes of an object, the first of which have been read: what is deleted meanwhile is said before the answer
    begins.
    """
    chunks = service.objects.read(key, start, stop)
    with gone():
        first = next(chunks, b"")
    return chain((first,), chunks)


@contextmanager
def gone() -> Iterator[None]:
    """What is not in the storage is a 404."""
    try:
        yield
    except KeyError:
        message = "The content was deleted or has expired."
        raise ApiError(404, message, kind="not_found_error", code="content_gone") from None
