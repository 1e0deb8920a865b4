"""`/v1/feed`: films that keys of this server publish to each other, off unless the operator switches it on."""

from typing import Annotated, Any, Final, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from yozora.server.accounts import audit
from yozora.server.errors import ApiError, invalid, missing
from yozora.server.http import reading, responses
from yozora.server.http.library import checked_text
from yozora.server.http.library_requests import HidePost, ReportPost
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.routes.content import ANSWERS, COLUMNS, content_headers, serve_object
from yozora.server.http.service import BodyOf, Owner, Receiver, Service, ServiceOf
from yozora.server.store import feed as posts
from yozora.server.store import rows, tables
from yozora.server.store.database import now, upsert

MAX_LISTED: Final = 100

_posts, _videos = tables.posts.c, tables.videos.c


class Post(BaseModel):
    """A film of the feed."""

    id: str = Field(description="Of the video.")
    object: Literal["post"] = "post"
    title: str | None
    prompt: str | None
    model: str
    size: str
    seconds: str
    published_at: int
    own: bool
    reported: bool = Field(description="By your key.")


class PostReport(BaseModel):
    """What a key says of a film of the feed."""

    video_id: str
    object: Literal["report"] = "report"
    key_id: str
    reason: str
    created_at: int


class ReportedPost(PostReport):
    """What a key says of a film of the feed, and which film that is."""

    title: str | None
    prompt: str | None
    published: bool = Field(description="It is in the feed, even if hidden there.")
    hidden: bool


def _is_on(service: ServiceOf, owner: Owner) -> None:
    """Raise `ApiError` 404 where there is no feed, after the key and its scope were checked."""
    if not service.settings.feed:
        message = "This server has no feed. The operator can switch one on with --feed."
        raise ApiError(404, message, kind="not_found_error", code="feed_off")


router = APIRouter(tags=["feed"], responses=REFUSALS, dependencies=[Depends(_is_on)])


@router.post("/v1/videos/{video_id}/publish", summary="Publish a video")
def publish(service: ServiceOf, owner: Owner, video_id: str) -> Post:
    """Show a completed video with its title and prompt to every key of this server, until it is taken back."""
    with service.database.begin() as connection:
        row = rows.find(connection, tables.videos, owner, video_id, "video")
        if row.status != "completed":
            raise invalid(None, f"The video '{row.id}' is not completed: it is {row.status}.", "video_not_completed")
        known = connection.execute(sa.select(_posts.video).where(_posts.video == video_id)).first()
        if known is None:
            number = rows.new_numbered("post")[1]
            values = {"video": video_id, "owner": owner, "number": number, "published_at": now()}
            connection.execute(sa.insert(tables.posts).values(values))
        return _post(connection.execute(posts.published(owner).where(_videos.id == video_id)).one(), owner)


@router.delete("/v1/videos/{video_id}/publish", summary="Take a video back")
def unpublish(service: ServiceOf, owner: Owner, video_id: str) -> responses.Deleted:
    """It is in the feed no more. What an administrator has hidden stays hidden, also if it is published again."""

    def remove(connection: sa.Connection) -> None:
        rows.find(connection, tables.videos, owner, video_id, "video")
        shown = (_posts.video == video_id) & _posts.hidden_at.is_(None)
        connection.execute(sa.delete(tables.posts).where(shown))

    service.database.make_room(remove)
    return responses.Deleted(id=video_id, object="post.deleted")


@router.get("/v1/feed", summary="List the feed")
def feed(
    service: ServiceOf,
    owner: Owner,
    after: Annotated[str | None, Query(max_length=80, description="The last id of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED)] = 20,
    video: Annotated[str | None, Query(max_length=80, description="This video alone, if it is in the feed.")] = None,
) -> responses.Page[Post]:
    """What keys of this server have published, the newest first. Calls that make a video take these videos by their
    ids, as long as they are in the feed and your key may use the characters in them.
    """
    with service.database.read() as connection:
        wanted = posts.shown(owner)
        if video is not None:
            wanted = wanted.where(_posts.video == video.replace("\0", ""))
        if after is not None:
            begin = sa.select(_posts.number).where(_posts.video == after.replace("\0", "")).scalar_subquery()
            wanted = wanted.where(_posts.number < begin)
        found = connection.execute(wanted.order_by(_posts.number.desc()).limit(limit + 1)).all()
    page = [_post(row, owner) for row in found[:limit]]
    return responses.page(page, len(found) > limit, [post.id for post in page])


@router.get(
    "/v1/feed/{video_id}/content", summary="Download a published video", responses=ANSWERS, response_class=Response
)
def feed_content(
    request: Request,
    service: ServiceOf,
    owner: Receiver,
    video_id: str,
    variant: Annotated[Literal["video", "thumbnail", "spritesheet"], Query()] = "video",
) -> Response:
    """The film of the feed, or a picture of it, as `GET /v1/videos/{video_id}/content` has them."""
    row = _find_shown(service, owner, video_id)
    key = getattr(row, COLUMNS[variant])
    if key is None:
        raise missing("post", video_id)
    return serve_object(request, service, key, content_headers(row, variant, key))


@router.post(
    "/v1/feed/{video_id}/report", summary="Report a published video", openapi_extra=body(ReportPost, files=False)
)
def report(service: ServiceOf, owner: Owner, video_id: str, said: BodyOf) -> PostReport:
    """Tell the operator what is wrong with a film. A key has one report of each."""
    reason = checked_text("reason", reading.read(ReportPost, said).reason)
    if reason is None:
        raise invalid("reason", "The reason is empty.")
    _find_shown(service, owner, video_id)
    moment = now()
    row = {"video": video_id, "owner": owner, "reason": reason, "created_at": moment}
    with service.database.begin() as connection:
        upsert(connection, tables.reports, row)
    return PostReport(video_id=video_id, key_id=owner, reason=reason, created_at=moment)


@router.get("/v1/admin/reports", summary="List reports")
def reports(service: ServiceOf, _owner: Owner) -> responses.Page[ReportedPost]:
    """The newest reports of films of the feed."""
    with service.database.read() as connection:
        found = connection.execute(posts.reported().limit(MAX_LISTED)).all()
    data = [
        ReportedPost(
            video_id=row.video,
            key_id=row.owner,
            reason=row.reason,
            created_at=row.created_at,
            title=row.title,
            prompt=row.prompt,
            published=row.published_at is not None,
            hidden=row.hidden_at is not None,
        )
        for row in found
    ]
    return responses.page(data, False, [row.video for row in found])


@router.post("/v1/admin/feed/{video_id}", summary="Hide a published video", openapi_extra=body(HidePost, files=False))
def hide(service: ServiceOf, owner: Owner, video_id: str, said: BodyOf) -> responses.Deleted:
    """Hide a film of the feed from everyone, or show it again with `hidden` false. Its key keeps the video."""
    hidden = reading.read(HidePost, said).hidden
    with service.database.begin() as connection:
        mine = _posts.video == video_id.replace("\0", "")
        changed = sa.update(tables.posts).where(mine).values(hidden_at=now() if hidden else None)
        if not connection.execute(changed).rowcount:
            raise missing("post", video_id)
        audit.record(connection, owner, "post.hide" if hidden else "post.show", video_id)
    return responses.Deleted(id=video_id, object="post.hidden" if hidden else "post.shown")


def _find_shown(service: Service, reader: str, video_id: str) -> sa.Row[Any]:
    with service.database.read() as connection:
        row = posts.find(connection, reader, video_id)
    if row is None:
        raise missing("post", video_id)
    return row


def _post(row: sa.Row[Any], owner: str) -> Post:
    about = {name: getattr(row, name) for name in ("id", "title", "prompt", "model", "size", "seconds", "published_at")}
    return Post(**about, own=row.owner == owner, reported=row.reported)
