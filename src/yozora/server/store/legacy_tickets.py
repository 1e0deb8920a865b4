"""Deliveries that an earlier version left to DBOS become rows of `deliveries`.

Until tables 0005 a film that waited and an event that was to be sent were also workflows in DBOS's tables. A film's row
says all that its ticket did, so tickets of films need nothing; an event was written down nowhere else. Processes of
that version may run beside newer ones and write tickets; its workers send those as long as one of them lives.
Knows neither DBOS's library nor the queue. May be removed together with upgrades from revision 0004.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from yozora.server.store import tables
from yozora.server.store.database import clock, new_id

SCHEMA: Final = "dbos"  # on PostgreSQL
APPLICATION, WORKFLOW = "yozora", "deliver_event"  # of (webhook, event, attempt), where the first attempt is 1
OPEN: Final = ("ENQUEUED", "DELAYED", "PENDING")
SILENCE: Final = 15.0  # seconds after which a worker of that version is dead

log = logging.getLogger(__name__)


def adopt(connection: sa.Connection) -> int:
    """Take over the open deliveries of a database that had DBOS's queue; how many there were.

    Nothing happens while a worker of that version lives (it says no version of itself), nor where there are no such
    tables. Ticket and row change together in the transaction of `connection`, which must write, and any number of
    processes may call this at once. An event that a webhook is known to get is not written down for it again: a worker
    that was taken for dead may leave a ticket for its next attempt.
    """
    schema = None if connection.dialect.name == "sqlite" else SCHEMA
    if not sa.inspect(connection).has_table("workflow_status", schema=schema):
        return 0
    taken = 0
    for ticket in _taken(connection, schema):
        row = _row(connection, ticket)
        if row is not None:
            connection.execute(sa.insert(tables.deliveries).values(row))
            taken += 1
    if taken:
        log.info("deliveries of an earlier version were taken over", extra={"deliveries": taken})
    return taken


def _taken(connection: sa.Connection, schema: str | None) -> list[Mapping[str, Any]]:
    """Tickets that are open no longer, in one statement, so that each is taken by one process: when it is due in
    milliseconds, or None, and what the workflow was called with.
    """
    status = _table(
        *("workflow_status", schema, "workflow_uuid", "name", "application_name", "status"),
        *("owner_xid", "completed_at", "delay_until_epoch_ms", "inputs"),
    )
    workers, moment = tables.workers.c, clock(connection)
    alive = sa.exists().where(workers.version.is_(None), workers.seen > moment - SILENCE)
    mine = (status.c.application_name == APPLICATION) & (status.c.name == WORKFLOW) & status.c.status.in_(OPEN)
    # Without its owner's token, DBOS ignores what an execution that was lost still has to say.
    ended = {"status": "CANCELLED", "completed_at": int(moment * 1000), "owner_xid": None}
    update = sa.update(status).where(mine, ~alive).values(**ended)
    returned = update.returning(status.c.workflow_uuid, status.c.delay_until_epoch_ms, status.c.inputs)
    tickets = connection.execute(returned).mappings().all()
    beside = _table("workflow_input", schema, "workflow_uuid", "inputs")
    names = [ticket["workflow_uuid"] for ticket in tickets]
    inputs = sa.select(beside.c.workflow_uuid, beside.c.inputs).where(beside.c.workflow_uuid.in_(names))
    said = {row.workflow_uuid: row.inputs for row in connection.execute(inputs)} if names else {}
    return [{**ticket, "inputs": said.get(ticket["workflow_uuid"]) or ticket["inputs"]} for ticket in tickets]


def _row(connection: sa.Connection, ticket: Mapping[str, Any]) -> dict[str, Any] | None:
    """The row of a ticket; None where nobody is to be told any more, or has been told."""
    try:
        webhook, event, attempt = json.loads(ticket["inputs"])["positionalArgs"]
        about = {"event": str(event["id"]), "type": str(event["type"]), "created_at": int(event["created_at"])}
        attempts = int(attempt) - 1
    except (ValueError, TypeError, KeyError):
        log.warning("a delivery of an earlier version cannot be read", extra={"ticket": ticket["workflow_uuid"]})
        return None
    hooks, rows = tables.webhooks.c, tables.deliveries.c
    owner = connection.execute(sa.select(hooks.owner).where(hooks.id == webhook)).scalar()
    known = sa.select(rows.id).where(rows.event == about["event"], rows.webhook == webhook)
    if owner is None or connection.execute(known).first() is not None:
        return None
    state = {"status": "pending", "attempts": attempts, "next_at": (ticket["delay_until_epoch_ms"] or 0) / 1000}
    return {"id": new_id("del"), "webhook": webhook, "owner": owner, "payload": event, **about, **state}


def _table(name: str, schema: str | None, *columns: str) -> sa.TableClause:
    return sa.table(name, *map(sa.column, columns), schema=schema)
