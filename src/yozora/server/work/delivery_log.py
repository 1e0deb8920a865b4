"""Deliveries as people look at them: which events went to which webhook, what became of them, and sending one again.

Sends nothing itself: a delivery that is `pending` is its own queue entry, see `deliveries`.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import sqlalchemy as sa

from yozora.server.errors import ApiError, invalid, missing
from yozora.server.store.rows import ID
from yozora.server.store.tables import deliveries, webhooks

Status = Literal["pending", "delivered", "failed"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Deliveries of a key, to a webhook, of a status; None: of all."""

    owner: str | None = None
    webhook: str | None = None
    status: Status | None = None

    @property
    def rows(self) -> sa.ColumnElement[bool]:
        """Which rows of `deliveries` that are."""
        said = {"owner": self.owner, "webhook": self.webhook, "status": self.status}
        return sa.and_(sa.true(), *(deliveries.c[name] == value for name, value in said.items() if value is not None))


def listed(
    connection: sa.Connection, which: DeliveryFilter, *, after: str | None = None, limit: int = 20
) -> tuple[list[sa.Row[Any]], bool]:
    """The newest first, and whether there are more. Raises `ApiError` 400 for an `after` that is none."""
    place = sa.tuple_(deliveries.c.created_at, deliveries.c.id)
    wanted = sa.select(deliveries).where(which.rows)
    if after is not None:
        begin = connection.execute(sa.select(deliveries.c.created_at).where(_matches_id(after))).scalar()
        if begin is None:
            raise invalid("after", f"The id '{after[:80]}' is not in this list.")
        wanted = wanted.where(place < sa.tuple_(sa.literal(begin), sa.literal(after)))
    ordered = wanted.order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc())
    rows = list(connection.execute(ordered.limit(limit + 1)))
    return rows[:limit], len(rows) > limit


def redeliver(connection: sa.Connection, which: DeliveryFilter, delivery_id: str) -> sa.Row[Any]:
    """Send an event once more, at once and with all its attempts, whatever became of it; its id stays the same.

    One that is being sent at this moment is left alone. Raises `ApiError` 404 for what is not among `which`, and 400
    where the webhook is gone.
    """
    mine = _matches_id(delivery_id) & which.rows
    row = connection.execute(sa.select(deliveries).where(mine).with_for_update()).one_or_none()
    if row is None:
        raise missing("delivery", delivery_id)
    if connection.execute(sa.select(webhooks.c.id).where(webhooks.c.id == row.webhook)).scalar() is None:
        raise ApiError(400, "The webhook of this delivery was deleted.", code="webhook_deleted")
    if row.worker is None:
        reset = {"status": "pending", "attempts": 0, "next_at": 0.0, "ended_at": None}
        connection.execute(sa.update(deliveries).where(deliveries.c.id == row.id).values(**reset))
    return connection.execute(sa.select(deliveries).where(deliveries.c.id == row.id)).one()


def _matches_id(delivery_id: str) -> sa.ColumnElement[bool]:
    return deliveries.c.id == delivery_id if ID.fullmatch(delivery_id) else sa.false()
