"""`/v1/webhooks/{id}/deliveries`: which events went to a webhook, what became of them, and sending one again."""

from typing import Annotated

from fastapi import APIRouter, Query

from yozora.server.http import responses
from yozora.server.http.openapi import REFUSALS
from yozora.server.http.routes.webhooks import CLIENTS, HERE
from yozora.server.http.service import Owner, ServiceOf
from yozora.server.work import delivery_log, webhooks

router = APIRouter(tags=["webhooks"], responses=REFUSALS)

LIST = "/{webhook_id}/deliveries"
AGAIN = LIST + "/{delivery_id}/redeliver"


@router.get(HERE + LIST, name="deliveries", summary="List a webhook's deliveries")
@router.get(CLIENTS + LIST, include_in_schema=False)
def listed(
    service: ServiceOf,
    owner: Owner,
    webhook_id: str,
    after: Annotated[str | None, Query(max_length=80, description="The last id of the page before.")] = None,
    limit: Annotated[int, Query(ge=0, le=100, description="How many.")] = 20,
    status: Annotated[delivery_log.Status | None, Query(description="Only those.")] = None,
) -> responses.Page[responses.Delivery]:
    """Its events of the last 30 days, the newest first, with the reason of each failure."""
    with service.database.read() as connection:
        webhooks.find(connection, owner, webhook_id)
        which = delivery_log.DeliveryFilter(owner=owner, webhook=webhook_id, status=status)
        found, more = delivery_log.listed(connection, which, after=after, limit=limit)
    return responses.page([responses.delivery(row) for row in found], more, [row.id for row in found])


@router.post(HERE + AGAIN, name="redeliver", summary="Send an event again")
@router.post(CLIENTS + AGAIN, include_in_schema=False)
def redeliver(service: ServiceOf, owner: Owner, webhook_id: str, delivery_id: str) -> responses.Delivery:
    """Sends the event at once and repeats it until it is delivered, whatever its status. The event keeps its id."""
    with service.database.begin() as connection:
        webhooks.find(connection, owner, webhook_id)
        which = delivery_log.DeliveryFilter(owner=owner, webhook=webhook_id)
        return responses.delivery(delivery_log.redeliver(connection, which, delivery_id))
