"""Links to single films: made, listed and revoked with a key; opened by anyone, at `/s/{token}`."""

from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from html import escape
from typing import Annotated, Any, Final, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from yozora.server.errors import ApiError
from yozora.server.http import reading, responses
from yozora.server.http.library_requests import ShareVideo
from yozora.server.http.library_responses import CreatedShareLink, ShareLink
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.routes.content import COLUMNS, content_headers, serve_object
from yozora.server.http.routes.videos import After, Limit, Order
from yozora.server.http.service import BodyOf, Owner, Service, ServiceOf, service_of
from yozora.server.store import rows, share_links, tables
from yozora.server.store.database import now

router = APIRouter(tags=["library"], responses=REFUSALS)

MAX_LINKS: Final = 1_000  # of a key
STYLE: Final = """
  body { margin: 0; min-height: 100vh; display: grid; place-content: center; gap: 1rem;
    background: #12162a; color: #dfe3f5; font: 1rem/1.5 system-ui, sans-serif }
  video { max-width: 100vw; max-height: 85vh; background: #000 }
  h1 { margin: 0 1rem; font-size: 1rem; font-weight: 500; max-width: 60rem; overflow-wrap: anywhere }
"""
PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="{picture}">
<title>{title}</title>
<style>{style}</style>
<video src="{film}" poster="{picture}" controls autoplay loop playsinline></video>
<h1 dir="auto">{title}</h1>
</html>
"""
GONE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Yozora</title>
<p>This link does not exist, was revoked or has expired.</p>
</html>
"""
_STYLE_HASH: Final = b64encode(sha256(STYLE.encode()).digest()).decode()
SAFE: Final = {
    "content-security-policy": (
        f"default-src 'none'; media-src 'self'; img-src 'self'; style-src 'sha256-{_STYLE_HASH}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "private, no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex",
}


@router.post("/v1/videos/{video_id}/links", summary="Share a video", openapi_extra=body(ShareVideo, files=False))
def share(request: Request, service: ServiceOf, owner: Owner, video_id: str, said: BodyOf) -> CreatedShareLink:
    """Make a link that shows the film to anyone who has it, without a key, until it ends. Its address is in this answer
    alone: only a hash of it is stored.
    """
    asked = reading.read(ShareVideo, said)
    with service.database.begin() as connection:
        rows.find(connection, tables.videos, owner, video_id, "video")
        if rows.count(connection, tables.share_links, owner) >= MAX_LINKS:
            raise ApiError(400, f"There are {MAX_LINKS} links already. Revoke some.", code="too_many_links")
        token, row = share_links.create(connection, owner, video_id, asked.expires_in)
    path = f"{request.scope.get('root_path', '')}/s/{token}"
    url = f"{request.url.scheme}://{request.url.netloc}{path}"
    return CreatedShareLink(**_share_link(row).model_dump(), url=url, path=path)


@router.get("/v1/links", summary="List links")
def links(
    service: ServiceOf,
    owner: Owner,
    video: Annotated[str | None, Query(max_length=80, description="Those of one video.")] = None,
    after: After = None,
    limit: Limit = 20,
    order: Order = "desc",
) -> responses.Page[ShareLink]:
    """Your links that have not ended."""
    found = tables.share_links.c
    also = [found.expires_at > now(), *([] if video is None else [found.video == video.replace("\0", "")])]
    span = rows.PageQuery(after=after, limit=limit, order=order)
    with service.database.read() as connection:
        page, more = rows.page(connection, tables.share_links, owner, span, *also)
    return responses.page([_share_link(row) for row in page], more, [row.id for row in page])


@router.delete("/v1/links/{link_id}", summary="Revoke a link")
def revoke_link(service: ServiceOf, owner: Owner, link_id: str) -> responses.Deleted:
    """It shows nothing any more, at once."""

    def remove(connection: sa.Connection) -> None:
        rows.find(connection, tables.share_links, owner, link_id, "share link")
        connection.execute(sa.delete(tables.share_links).where(tables.share_links.c.id == link_id))

    service.database.make_room(remove)
    return responses.Deleted(id=link_id, object="share_link.deleted")


async def _shared(request: Request, token: str) -> AsyncIterator[sa.Row[Any] | None]:
    """The video of a link, while the answer is sent. Raises `ApiError` 429 for a link that is opened too often, and for
    an address that tries too many that are none.
    """
    service = service_of(request)
    row = await run_in_threadpool(_find_shared, service, token)
    who = f"link {row.link}" if row is not None else f"links of {request.client.host if request.client else ''}"
    service.rates.check(who, "request")
    with service.capacity.download(who):
        yield row


Shared = Annotated[Any, Depends(_shared)]


@router.get("/s/{token}", include_in_schema=False)
async def shared(request: Request, row: Shared) -> HTMLResponse:
    """A page that plays the film, and nothing else."""
    if row is None:
        return HTMLResponse(GONE, 404, SAFE)
    here = request.scope.get("root_path", "") + request.url.path.removeprefix(request.scope.get("root_path", ""))
    title = escape(row.title or row.prompt or "A film")
    page = PAGE.format(title=title, style=STYLE, film=escape(f"{here}/film"), picture=escape(f"{here}/picture"))
    return HTMLResponse(page, headers=SAFE)


@router.get("/s/{token}/{part}", include_in_schema=False)
@router.head("/s/{token}/{part}", include_in_schema=False)
def shared_content(request: Request, service: ServiceOf, row: Shared, part: Literal["film", "picture"]) -> Response:
    """The film or a picture of it; ranges are served."""
    variant: Literal["video", "thumbnail"] = "video" if part == "film" else "thumbnail"
    key = None if row is None else getattr(row, COLUMNS[variant])
    if key is None:
        raise ApiError(
            404, "This link does not exist, was revoked or has expired.", kind="not_found_error", code="not_found"
        )
    headers = {**content_headers(row, variant, key), "cache-control": "private, no-cache", "x-robots-tag": "noindex"}
    return serve_object(request, service, key, headers)


def _find_shared(service: Service, token: str) -> sa.Row[Any] | None:
    with service.database.read() as connection:
        return share_links.find(connection, token, needs_key=not service.settings.insecure_no_auth)


def _share_link(row: sa.Row[Any]) -> ShareLink:
    return ShareLink(id=row.id, video_id=row.video, created_at=row.created_at, expires_at=row.expires_at)
