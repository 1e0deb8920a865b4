"""Webhooks: which events are sent where, and how an event is signed and sent.

Signed after the Standard Webhooks specification, as the official clients check it. Repeating is the queue's business;
this sends once. Knows no job.
"""

import base64
import json
import logging
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

import sqlalchemy as sa

from yozora.errors import UserError
from yozora.server.errors import ApiError, invalid, missing
from yozora.server.store import tables
from yozora.server.store.database import Database, new_id, now
from yozora.server.store.sealing import seal, unseal

Event = Literal["video.completed", "video.failed"]
EVENTS: Final[tuple[Event, ...]] = ("video.completed", "video.failed")
SECONDS: Final = 10.0  # for one delivery, all of it
OVERLAP: Final = 24 * 3600  # seconds for which the old secret signs too
SECRET: Final = "whsec_"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """What became of one delivery: the HTTP status, or why there is none."""

    status: int | None
    reason: str = ""

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def event(kind: str, video_id: str) -> dict[str, Any]:
    """Something that has happened to a video, as it is sent. Its id stays the same however often that is."""
    return {"id": new_id("evt"), "object": "event", "created_at": now(), "type": kind, "data": {"id": video_id}}


def sign(secret: str, id: str, timestamp: int, body: str) -> str:  # noqa: A002 - the header's name
    """`v1,<base64>`: an HMAC-SHA256 of id, time and body, as the header `webhook-signature` has it."""
    from standardwebhooks import Webhook

    return Webhook(secret).sign(id, datetime.fromtimestamp(timestamp, UTC), body)


def targets(connection: sa.Connection, owner: str, event: str) -> list[str]:
    """The ids of the owner's webhooks that want such an event."""
    table = tables.webhooks
    mine = sa.select(table.c.id, table.c.events).where(table.c.owner == owner).order_by(table.c.created_at, table.c.id)
    return [row.id for row in connection.execute(mine) if event in row.events]


def post(database: Database, webhook_id: str, event: Mapping[str, Any], attempt: int, *, private: bool = False) -> bool:
    """Send an event once; whether that is settled: taken with a 2xx, or there is no receiver any more.

    Ten seconds at most, no redirects. `private` allows addresses of the own network. `attempt` counts from 1, and is
    told in a header.
    """
    with database.read() as connection:
        row = connection.execute(sa.select(tables.webhooks).where(tables.webhooks.c.id == webhook_id)).one_or_none()
    return row is None or deliver(row, event, attempt, private=private).accepted


def deliver(row: sa.Row[Any], event: Mapping[str, Any], attempt: int, *, private: bool) -> DeliveryResult:
    """Send an event to a webhook, a row of the table, once."""
    import httpcore

    from yozora.server.safety import ssrf

    body = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    try:
        headers = headers_of(row, str(event["id"]), int(time.time()), body)
    except UserError as error:
        log.warning("an event cannot be signed: %s", error)
        return DeliveryResult(status=None, reason="The server cannot read this webhook's secret.")
    headers.append(("yozora-delivery-attempt", str(attempt)))
    try:
        url = ssrf.parsed(row.url)
        sent = [("host", url.netloc.decode("ascii")), *headers]
        with (
            ssrf.calls(private=private, seconds=SECONDS) as calls,
            calls.stream("POST", ssrf.target(url), headers=sent, content=body.encode()) as response,
        ):
            return DeliveryResult(status=response.status)
    except ssrf.AddressError as error:
        return DeliveryResult(status=None, reason=f"The URL {error}.")
    except httpcore.TimeoutException:
        return DeliveryResult(status=None, reason=f"The webhook did not answer within {SECONDS:g} seconds.")
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol):
        return DeliveryResult(status=None, reason=f"The URL {ssrf.UNREACHED}.")


def headers_of(row: sa.Row[Any], event_id: str, timestamp: int, body: str) -> list[tuple[str, str]]:
    """What a delivery says beside its body. Where the secret was rotated lately, the old one signs too."""
    valid = [unseal(row.secret)]
    if row.previous_secret and (row.previous_until or 0) > timestamp:
        valid.append(unseal(row.previous_secret))
    return [
        ("content-type", "application/json"),
        ("content-length", str(len(body.encode()))),
        ("user-agent", "yozora-webhooks"),
        ("webhook-id", event_id),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", " ".join(sign(secret, event_id, timestamp, body) for secret in valid)),
    ]


def check_url(url: str, *, private: bool) -> None:
    """Raise `ApiError` 400 for an address that would not be called."""
    from yozora.server.safety import ssrf

    try:
        ssrf.check(url, private=private)
    except ssrf.AddressError as error:
        raise invalid("url", f"The URL {error}.", "invalid_url") from error


def create(connection: sa.Connection, owner: str, *, name: str, url: str, events: Sequence[Event], most: int) -> str:
    """A new webhook of `owner`, who may have so many; its id. Raises `ApiError` 400."""
    table = tables.webhooks
    count = sa.select(sa.func.count()).select_from(table).where(table.c.owner == owner)
    if connection.execute(count).scalar_one() >= most:
        raise ApiError(400, f"This key has {most} webhooks already. Delete some.", code="too_many_webhooks")
    made = new_id("we")
    row = {"id": made, "owner": owner, "name": name, "url": url, "events": _unique(events), "created_at": now()}
    connection.execute(table.insert().values(**row, secret=seal(connection, _new_secret())))
    return made


def change(connection: sa.Connection, row: sa.Row[Any], **changes: object) -> None:
    """Give a webhook another `name`, `url` or `events`; None leaves what is there."""
    table = tables.webhooks
    new = {key: value for key, value in changes.items() if value is not None}
    if new:
        connection.execute(table.update().where(table.c.id == row.id).values(**new))


def rotate(connection: sa.Connection, row: sa.Row[Any], *, overlap: bool) -> None:
    """Give a webhook a new secret; with `overlap`, the old one signs too for 24 hours."""
    table = tables.webhooks
    old = {"previous_secret": seal(connection, unseal(row.secret)), "previous_until": now() + OVERLAP}
    old = old if overlap else {"previous_secret": None, "previous_until": None}
    connection.execute(table.update().where(table.c.id == row.id).values(secret=seal(connection, _new_secret()), **old))


def find(connection: sa.Connection, owner: str, webhook_id: str) -> sa.Row[Any]:
    """The owner's webhook. Raises `ApiError` 404."""
    table = tables.webhooks
    mine = sa.select(table).where(table.c.id == webhook_id, table.c.owner == owner)
    row = connection.execute(mine).one_or_none() if webhook_id.isascii() and "\0" not in webhook_id else None
    if row is None:
        raise missing("webhook", webhook_id)
    return row


def _new_secret() -> str:
    return SECRET + base64.b64encode(secrets.token_bytes(32)).decode()


def _unique(events: Sequence[Event]) -> list[str]:
    return [kind for kind in EVENTS if kind in events]
