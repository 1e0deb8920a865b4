"""`/v1/admin`: what the operator sees and does beyond keys, by a key of the scope `admin`.

`yozora admin` does the same on the database itself; both leave the same trail.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from yozora.errors import UserError
from yozora.server.accounts import audit, belongings, keys
from yozora.server.errors import missing
from yozora.server.http import admin_requests, reading, responses
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.service import BodyOf, Owner, Receiver, ServiceOf
from yozora.server.work import administration, delivery_log

router = APIRouter(prefix="/v1/admin", tags=["admin"], responses=REFUSALS)

After = Annotated[str | None, Query(max_length=80, description="The last id of the page before.")]
Limit = Annotated[int, Query(ge=0, le=100, description="How many.")]
Whose = Annotated[str | None, Query(max_length=80, description="Only of this key.")]
TAR: dict[int | str, dict[str, Any]] = {200: {"content": {"application/x-tar": {}}, "description": "A tar."}}


class ApiKey(BaseModel):
    """A key with its scopes and limits."""

    id: str
    object: Literal["key"] = "key"
    name: str
    hint: str
    scopes: list[str]
    limits: dict[str, float]
    priority: float
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    last_used_at: int | None


class KeyWithSecret(ApiKey):
    """The same with its secret, which is shown only here."""

    secret: str


class AdminVideo(responses.Video):
    """A video of any key."""

    key: str
    worker: str | None
    attempts: int
    request_id: str | None


class WorkerStatus(BaseModel):
    """A worker and its current video."""

    id: str
    object: Literal["worker"] = "worker"
    host: str
    pid: int
    version: str | None
    started_at: int
    presets: list[str] | None
    memory: int | None
    draining: bool
    alive: bool
    silent_seconds: float
    video: str | None


class Workers(BaseModel):
    """All workers."""

    object: Literal["list"] = "list"
    data: list[WorkerStatus]


class KeyDelivery(responses.Delivery):
    """An event of any key."""

    key: str


class Deed(BaseModel):
    """An action of an administrator; `actor` is the id of a key, or `command line`."""

    id: str
    object: Literal["audit.entry"] = "audit.entry"
    at: int
    actor: str
    action: str
    target: str | None
    details: dict[str, Any] | None


class Erased(BaseModel):
    """How much data of a key was erased."""

    id: str
    object: Literal["key.erased"] = "key.erased"
    videos: int
    files: int
    characters: int


@router.post("/keys", name="create_key", summary="Create a key", openapi_extra=body(admin_requests.CreateKey))
def create_key(service: ServiceOf, owner: Owner, parsed: BodyOf) -> KeyWithSecret:
    """Its secret is shown only here."""
    asked = reading.read(admin_requests.CreateKey, parsed)
    made, secret = keys.create(service.database, asked.name, asked.grant, by=owner)
    with service.database.read() as connection:
        return KeyWithSecret(**_key_fields(keys.get(connection, made)), secret=secret)


@router.get("/keys", name="list_keys", summary="List keys")
def list_keys(service: ServiceOf, _owner: Owner, after: After = None, limit: Limit = 20) -> responses.Page[ApiKey]:
    """All keys, the revoked ones too, the oldest first."""
    found = keys.listed(service.database)
    ids = [key.id for key in found]
    if after is not None and after not in ids:
        raise missing("key", after)
    start = ids.index(after) + 1 if after is not None else 0
    shown = [_key_response(key) for key in found[start : start + limit]]
    return responses.page(shown, start + limit < len(found), [key.id for key in shown])


@router.get("/keys/{key_id}", name="get_key", summary="Retrieve a key")
def get_key(service: ServiceOf, _owner: Owner, key_id: str) -> ApiKey:
    """Its scopes and limits, and the minute of its last use."""
    with _report_missing_key(key_id), service.database.read() as connection:
        return _key_response(keys.get(connection, key_id))


@router.post("/keys/{key_id}", name="change_key", summary="Change a key", openapi_extra=body(admin_requests.ChangeKey))
def change_key(service: ServiceOf, owner: Owner, key_id: str, parsed: BodyOf) -> ApiKey:
    """Changes scopes, limits, priority or expiry. All processes apply it within seconds."""
    asked = reading.read(admin_requests.ChangeKey, parsed)
    with _report_missing_key(key_id), service.database.read() as connection:
        had = keys.get(connection, key_id).grant
    return _key_response(keys.change(service.database, key_id, asked.of(had), by=owner))


@router.delete("/keys/{key_id}", name="revoke_key", summary="Revoke a key")
def revoke_key(service: ServiceOf, owner: Owner, key_id: str) -> ApiKey:
    """The key stops working, and its queued and unfinished films are cancelled. Finished ones stay."""
    with _report_missing_key(key_id):
        keys.revoke(service.database, key_id, by=owner)
    with service.database.begin() as connection:
        service.queue.cancel_all(connection, key_id)
        return _key_response(keys.get(connection, key_id))


@router.get(
    "/keys/{key_id}/export",
    name="export_key",
    summary="Export all data of a key",
    response_class=StreamingResponse,
    responses=TAR,
)
def export_key(service: ServiceOf, owner: Receiver, key_id: str) -> StreamingResponse:
    """A tar of its films, files and characters, and JSON records of these, of webhooks, events and usage."""
    with _report_missing_key(key_id):
        given = belongings.entries(service.database, key_id, by=owner)
    headers = {"content-disposition": f'attachment; filename="{key_id}.tar"'}
    stream = belongings.tar(service.objects, given)
    return StreamingResponse(stream, headers=headers, media_type="application/x-tar")


@router.delete("/keys/{key_id}/data", name="erase_key", summary="Erase all data of a key")
def erase_key(service: ServiceOf, owner: Owner, key_id: str) -> Erased:
    """Deletes its films, files, characters, webhooks and events, and revokes the key. Usage and audit entries stay."""
    with _report_missing_key(key_id):
        gone = belongings.erase(service.database, service.objects, key_id, by=owner)
    return Erased(id=key_id, videos=gone.videos, files=gone.files, characters=gone.characters)


@router.get("/videos", name="list_videos", summary="List videos of all keys")
def list_videos(
    service: ServiceOf,
    _owner: Owner,
    key: Whose = None,
    status: administration.Status | None = None,
    model: Annotated[
        str | None, Query(max_length=100, description="The requested model, or the one that makes it.")
    ] = None,
    after: After = None,
    limit: Limit = 20,
) -> responses.Page[AdminVideo]:
    """The newest first."""
    which = administration.VideoFilter(owner=key, status=status, model=model)
    with service.database.read() as connection:
        found, more = administration.jobs(connection, which, after=after, limit=limit)
    return responses.page([_job(row) for row in found], more, [row.id for row in found])


@router.post("/videos/{video_id}/cancel", name="cancel_video", summary="Cancel a video of any user")
def cancel_video(service: ServiceOf, owner: Owner, video_id: str) -> AdminVideo:
    """The same as by its owner."""
    with service.database.begin() as connection:
        return _job(administration.cancel(connection, service.queue, video_id, by=owner))


@router.get("/workers", name="list_workers", summary="List workers")
def list_workers(service: ServiceOf, _owner: Owner) -> Workers:
    """The models and the current video of each."""
    with service.database.read() as connection:
        found = administration.employed(connection, service.settings.times.silence)
    return Workers(data=[WorkerStatus(**one) for one in found])


@router.post(
    "/workers/{worker_id}/drain",
    name="drain_worker",
    summary="Drain a worker",
    openapi_extra=body(admin_requests.DrainWorker, files=False),
)
def drain_worker(service: ServiceOf, owner: Owner, worker_id: str, parsed: BodyOf) -> WorkerStatus:
    """It finishes its film and takes no new one. `"draining": false` ends this."""
    draining = reading.read(admin_requests.DrainWorker, parsed).draining
    with service.database.begin() as connection:
        administration.drain(connection, worker_id, by=owner, draining=draining)
        found = administration.employed(connection, service.settings.times.silence)
    return next(WorkerStatus(**one) for one in found if one["id"] == worker_id)


@router.get("/deliveries", name="list_deliveries", summary="List deliveries of all keys")
def list_deliveries(
    service: ServiceOf,
    _owner: Owner,
    key: Whose = None,
    webhook: Annotated[str | None, Query(max_length=80)] = None,
    status: delivery_log.Status | None = None,
    after: After = None,
    limit: Limit = 20,
) -> responses.Page[KeyDelivery]:
    """Events for webhooks, of the last 30 days, the newest first."""
    which = delivery_log.DeliveryFilter(owner=key, webhook=webhook, status=status)
    with service.database.read() as connection:
        found, more = delivery_log.listed(connection, which, after=after, limit=limit)
    return responses.page([_delivery(row) for row in found], more, [row.id for row in found])


@router.post("/deliveries/{delivery_id}/redeliver", name="redeliver", summary="Send an event of any user again")
def redeliver(service: ServiceOf, owner: Owner, delivery_id: str) -> KeyDelivery:
    """The same as by its owner."""
    with service.database.begin() as connection:
        return _delivery(administration.redeliver(connection, delivery_id, by=owner))


@router.get("/audit", name="list_audit", summary="List audit entries")
def list_audit(
    service: ServiceOf,
    _owner: Owner,
    target: Annotated[
        str | None, Query(max_length=80, description="Only actions on this key, video, worker or delivery.")
    ] = None,
    after: After = None,
    limit: Limit = 20,
) -> responses.Page[Deed]:
    """Actions by API and command line, the newest first."""
    with service.database.read() as connection:
        found, more = audit.listed(connection, target=target, after=after, limit=limit)
    return responses.page([Deed(**row._mapping) for row in found], more, [row.id for row in found])


@contextmanager
def _report_missing_key(key_id: str) -> Iterator[None]:
    try:
        yield
    except UserError:
        raise missing("key", key_id) from None


def _key_fields(key: keys.Key) -> dict[str, Any]:
    said = key.to_json()
    return {**said, "priority": said.pop("weight")}


def _key_response(key: keys.Key) -> ApiKey:
    return ApiKey(**_key_fields(key))


def _job(row: Any) -> AdminVideo:
    about = {"key": row.owner, "worker": row.worker, "attempts": row.attempts, "request_id": row.request_id}
    return AdminVideo(**responses.video(row).model_dump(), **about)


def _delivery(row: Any) -> KeyDelivery:
    return KeyDelivery(**responses.delivery(row).model_dump(), key=row.owner)
