"""`/v1/webhooks`: who is told when a video is done.

The official clients manage them under `/v1/webhook_endpoints`; both paths lead to the same.
"""

from functools import partial
from typing import Annotated, Any, Final, Literal

import sqlalchemy as sa
from anyio import to_thread
from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, Field

from yozora.server.accounts.limits import of_key
from yozora.server.errors import ApiError, invalid
from yozora.server.http import reading, requests, responses
from yozora.server.http.openapi import REFUSALS
from yozora.server.http.service import BodyOf, Owner, Service, ServiceOf
from yozora.server.store import tables
from yozora.server.store.sealing import unseal
from yozora.server.work import webhooks

router = APIRouter(tags=["webhooks"], responses=REFUSALS)

HERE: Final = "/v1/webhooks"
CLIENTS: Final = "/v1/webhook_endpoints"  # left out of the document: the same, once more


def _wrap_text(value: object) -> object:
    """One event in a form may stand without brackets."""
    return [value] if isinstance(value, str) else value


Url = Annotated[str, Field(min_length=1, max_length=2048, description="An http or https address that accepts a POST.")]
Name = Annotated[str, Field(max_length=200, description="For people.")]
Events = Annotated[tuple[webhooks.Event, ...], BeforeValidator(_wrap_text), Field(min_length=1, max_length=20)]


class CreateWebhook(requests.BodyModel):
    """Where events are sent, and which."""

    url: Url
    name: Name = ""
    event_types: Events = webhooks.EVENTS


class ChangeWebhook(requests.BodyModel):
    """What is to be another."""

    url: Url | None = None
    name: Name | None = None
    event_types: Events | None = None


class RotateSecret(requests.BodyModel):
    """Whether both secrets sign for a day."""

    keep_old_secret_active_for_24_hours: bool | None = None


class TestWebhook(requests.BodyModel):
    """What to send."""

    event_type: webhooks.Event = "video.completed"


class Webhook(BaseModel):
    """An address that gets events."""

    id: str
    object: Literal["webhook_endpoint"] = "webhook_endpoint"
    name: str
    url: str
    event_types: list[str]
    created_at: int
    signing_secret_hint: str


class WebhookWithSecret(Webhook):
    """The same with its secret, which is shown only here."""

    signing_secret: str


class Tested(BaseModel):
    """What the address answered."""

    object: Literal["webhook_endpoint.test"] = "webhook_endpoint.test"
    webhook_endpoint_id: str
    event_type: str
    status_code: int
    success: Literal[True] = True


class EventTypes(BaseModel):
    """What can happen."""

    object: Literal["list"] = "list"
    data: list[str]


def _body(kind: type[requests.BodyModel]) -> dict[str, Any]:
    said = {"schema": kind.model_json_schema()}
    forms = dict.fromkeys(("multipart/form-data", "application/x-www-form-urlencoded"), said)
    needed = any(field.is_required() for field in kind.model_fields.values())
    return {"requestBody": {"required": needed, "content": {"application/json": said, **forms}}}


@router.post(HERE, summary="Create a webhook", openapi_extra=_body(CreateWebhook))
@router.post(CLIENTS, include_in_schema=False)
async def create(service: ServiceOf, owner: Owner, parsed: BodyOf) -> WebhookWithSecret:
    """An address gets events when your videos have ended. The answer has the secret that signs deliveries; it is
    shown only here and at rotation.
    """
    asked = reading.read(CreateWebhook, parsed)
    webhooks.check_url(asked.url, private=service.settings.private_webhooks)
    return await to_thread.run_sync(_created, service, owner, asked)


def _created(service: Service, owner: str, body: CreateWebhook) -> WebhookWithSecret:
    settings = service.settings
    with service.database.begin() as connection:
        made = webhooks.create(
            connection,
            owner,
            name=_check_name(body.name) or body.url.split("/")[2][:200],
            url=body.url,
            events=body.event_types,
            most=of_key(connection, owner, settings.limits).webhooks,
        )
        return _with_secret(webhooks.find(connection, owner, made))


@router.get(HERE, summary="List webhooks")
@router.get(CLIENTS, include_in_schema=False)
def listed(
    service: ServiceOf,
    owner: Owner,
    after: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=0, le=100)] = 20,
) -> responses.Page[Webhook]:
    """Your webhooks, the newest first."""
    table = tables.webhooks
    mine = sa.select(table).where(table.c.owner == owner).order_by(table.c.created_at.desc(), table.c.id)
    with service.database.read() as connection:
        found = list(connection.execute(mine))
    ids = [row.id for row in found]
    if after is not None and after not in ids:
        raise invalid("after", f"The id '{after}' is not in this list.")
    start = ids.index(after) + 1 if after is not None else 0
    shown = found[start : start + limit]
    return responses.page([_webhook(row) for row in shown], start + limit < len(found), [row.id for row in shown])


@router.get("/v1/webhook_event_types", include_in_schema=False)
def event_types(_owner: Owner) -> EventTypes:
    return EventTypes(data=list(webhooks.EVENTS))


@router.get(HERE + "/{webhook_id}", summary="Retrieve a webhook")
@router.get(CLIENTS + "/{webhook_id}", include_in_schema=False)
def retrieve(service: ServiceOf, owner: Owner, webhook_id: str) -> Webhook:
    with service.database.read() as connection:
        return _webhook(webhooks.find(connection, owner, webhook_id))


@router.post(HERE + "/{webhook_id}", summary="Change a webhook", openapi_extra=_body(ChangeWebhook))
@router.post(CLIENTS + "/{webhook_id}", include_in_schema=False)
async def change(service: ServiceOf, owner: Owner, webhook_id: str, parsed: BodyOf) -> Webhook:
    """Changes address, name or events. The secret stays."""
    asked = reading.read(ChangeWebhook, parsed)
    if asked.url is not None:
        webhooks.check_url(asked.url, private=service.settings.private_webhooks)
    return await to_thread.run_sync(_changed, service, owner, webhook_id, asked)


def _changed(service: Service, owner: str, webhook_id: str, body: ChangeWebhook) -> Webhook:
    name = None if body.name is None else _check_name(body.name)
    events = None if body.event_types is None else list(body.event_types)
    with service.database.begin() as connection:
        row = webhooks.find(connection, owner, webhook_id)
        webhooks.change(connection, row, name=name, url=body.url, events=events)
        return _webhook(webhooks.find(connection, owner, webhook_id))


@router.delete(HERE + "/{webhook_id}", summary="Delete a webhook")
@router.delete(CLIENTS + "/{webhook_id}", include_in_schema=False)
def delete(service: ServiceOf, owner: Owner, webhook_id: str) -> responses.Deleted:
    """It gets no more events, also no pending ones."""
    with service.database.begin() as connection:
        row = webhooks.find(connection, owner, webhook_id)
        connection.execute(sa.delete(tables.webhooks).where(tables.webhooks.c.id == row.id))
    return responses.Deleted(id=row.id, object="webhook_endpoint.deleted")


@router.post(HERE + "/{webhook_id}/rotate", summary="Rotate a webhook's secret", openapi_extra=_body(RotateSecret))
def rotate(service: ServiceOf, owner: Owner, webhook_id: str, parsed: BodyOf) -> WebhookWithSecret:
    """Creates a new secret. The old one also signs for 24 hours, unless you set another time."""
    kept = reading.read(RotateSecret, parsed).keep_old_secret_active_for_24_hours
    return _rotated(service, owner, webhook_id, overlap=kept is not False)


@router.post(CLIENTS + "/{webhook_id}/rotate_secret", include_in_schema=False)
def rotate_secret(service: ServiceOf, owner: Owner, webhook_id: str, parsed: BodyOf) -> WebhookWithSecret:
    """As the official clients have it: the old secret ends at once, unless you say otherwise."""
    kept = reading.read(RotateSecret, parsed).keep_old_secret_active_for_24_hours
    return _rotated(service, owner, webhook_id, overlap=kept is True)


@router.post(HERE + "/{webhook_id}/test", summary="Test a webhook", openapi_extra=_body(TestWebhook))
@router.post(CLIENTS + "/{webhook_id}/test", include_in_schema=False)
async def test(service: ServiceOf, owner: Owner, webhook_id: str, parsed: BodyOf) -> Tested:
    """Sends one test event now, and returns the answer of the address."""
    kind = reading.read(TestWebhook, parsed).event_type
    row = await to_thread.run_sync(_find_webhook, service, owner, webhook_id)
    event = webhooks.event(kind, "video_" + "0" * 32)
    send = partial(webhooks.deliver, row, event, 1, private=service.settings.private_webhooks)
    done = await service.capacity.calls.run(owner, send)
    if done.status is None:
        raise ApiError(400, f"The webhook cannot be reached. {done.reason}", code="webhook_unreachable")
    return Tested(webhook_endpoint_id=row.id, event_type=kind, status_code=done.status)


def _find_webhook(service: Service, owner: str, webhook_id: str) -> sa.Row[Any]:
    with service.database.read() as connection:
        return webhooks.find(connection, owner, webhook_id)


def _rotated(service: ServiceOf, owner: str, webhook_id: str, *, overlap: bool) -> WebhookWithSecret:
    with service.database.begin() as connection:
        webhooks.rotate(connection, webhooks.find(connection, owner, webhook_id), overlap=overlap)
        return _with_secret(webhooks.find(connection, owner, webhook_id))


def _check_name(name: str) -> str:
    if name and not name.isprintable():
        raise invalid("name", "Use a name of one line without control characters.")
    return name.strip()


def _webhook_fields(row: sa.Row[Any]) -> dict[str, Any]:
    hint = f"{webhooks.SECRET}...{unseal(row.secret)[-4:]}"
    fields = {"id": row.id, "name": row.name, "url": row.url, "event_types": row.events, "created_at": row.created_at}
    return {**fields, "signing_secret_hint": hint}


def _webhook(row: sa.Row[Any]) -> Webhook:
    return Webhook(**_webhook_fields(row))


def _with_secret(row: sa.Row[Any]) -> WebhookWithSecret:
    return WebhookWithSecret(**_webhook_fields(row), signing_secret=unseal(row.secret))
