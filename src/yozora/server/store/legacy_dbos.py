"""What an earlier version left to DBOS: its deliveries become rows of `deliveries`, its entries of films are withdrawn.

Until tables 0005 a film that waited and an event that was to be sent were also workflows in DBOS's tables. A film's row
says all that its entry did; an event was written down in no other place. Processes of that version may run beside newer
ones and write entries; its workers send those as long as one of them lives. Knows neither DBOS's library nor the queue.
May be removed together with upgrades from revision 0004.
"""

import json
import logging
from collections.abc import Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from yozora.server.store import tables
from yozora.server.store.database import clock, new_id

SCHEMA: Final = "dbos"  # on PostgreSQL
APPLICATION, WORKFLOW = "yozora", "deliver_event"  # of (webhook, event, attempt), where the first attempt is 1
COLUMNS: Final = {
    "workflow_status": (
        *("workflow_uuid", "name", "application_name", "status"),
        *("owner_xid", "completed_at", "delay_until_epoch_ms"),
    ),
    "workflow_input": ("workflow_uuid", "inputs"),
}
BATCH: Final = 500  # entries that are looked up at once
OPEN: Final = ("ENQUEUED", "DELAYED", "PENDING")
SILENCE: Final = 15.0  # seconds after which a worker of that version is dead

_found: WeakKeyDictionary[sa.Engine, bool] = WeakKeyDictionary()

log = logging.getLogger(__name__)


def adopt(connection: sa.Connection) -> int:
    """Take over the open deliveries of a database that had DBOS's queue; how many there were.

    Nothing happens while a worker of that version lives (it says no version of itself), nor where there are no such
    tables. Entry and row change together in the transaction of `connection`, which must write, and any number of
    processes may call this at once. An event that a webhook is known to get is not written down for it again: a worker
    that was taken for dead may leave an entry for its next attempt.
    """
    if not there(connection):
        return 0
    entries, taken = _claim_entries(connection), 0
    for start in range(0, len(entries), BATCH):
        rows = _delivery_rows(connection, entries[start : start + BATCH])
        taken += len(rows)
        if rows:
            connection.execute(sa.insert(tables.deliveries), rows)
    if taken:
        log.info("deliveries of an earlier version were taken over", extra={"deliveries": taken})
    return taken


def withdraw(connection: sa.Connection, video_id: str) -> None:
    """A worker takes this film. Workers of that version follow entries, and would take it from there once more."""
    if there(connection):
        status = _dbos_table(connection, "workflow_status")
        mine = (status.c.workflow_uuid == video_id) & status.c.status.in_(OPEN)
        connection.execute(sa.update(status).where(mine).values(**_cancelled_values(clock(connection))))


def _claim_entries(connection: sa.Connection) -> list[sa.Row[Any]]:
    """Entries that are open no longer, in one statement, so that each is taken by one process: their names, and when
    they are due in milliseconds, or None.
    """
    status, workers, moment = _dbos_table(connection, "workflow_status"), tables.workers.c, clock(connection)
    alive = sa.exists().where(workers.version.is_(None), workers.seen > moment - SILENCE)
    mine = (status.c.application_name == APPLICATION) & (status.c.name == WORKFLOW) & status.c.status.in_(OPEN)
    update = sa.update(status).where(mine, ~alive).values(**_cancelled_values(moment))
    return list(connection.execute(update.returning(status.c.workflow_uuid, status.c.delay_until_epoch_ms)))


def _delivery_rows(connection: sa.Connection, entries: Sequence[sa.Row[Any]]) -> list[dict[str, Any]]:
    """The rows of entries, without those whose event is not to be sent any more, or has been sent."""
    hooks, deliveries, inputs = tables.webhooks.c, tables.deliveries.c, _dbos_table(connection, "workflow_input").c
    mine = inputs.workflow_uuid.in_([entry.workflow_uuid for entry in entries])
    inputs_of = {row.workflow_uuid: row.inputs for row in connection.execute(sa.select(*inputs).where(mine))}
    owners = {row.id: row.owner for row in connection.execute(sa.select(hooks.id, hooks.owner))}
    rows = {}
    for entry in entries:
        row = _row(inputs_of.get(entry.workflow_uuid), entry)
        if row is not None and row["webhook"] in owners:
            rows[row["event"], row["webhook"]] = row | {"owner": owners[row["webhook"]]}
    known = sa.select(deliveries.event, deliveries.webhook).where(deliveries.event.in_([event for event, _ in rows]))
    for sent in connection.execute(known):
        rows.pop((sent.event, sent.webhook), None)
    return list(rows.values())


def _row(inputs_of: str | None, entry: sa.Row[Any]) -> dict[str, Any] | None:
    """The row of one entry but for its owner; None where it cannot be read."""
    try:
        webhook, event, attempt = json.loads(inputs_of or "")["positionalArgs"]
        about = {"event": str(event["id"]), "type": str(event["type"]), "created_at": int(event["created_at"])}
        attempts = int(attempt) - 1
    except (ValueError, TypeError, KeyError):
        log.warning("a delivery of an earlier version cannot be read", extra={"ticket": entry.workflow_uuid})
        return None
    state = {"status": "pending", "attempts": attempts, "next_at": (entry.delay_until_epoch_ms or 0) / 1000}
    return {"id": new_id("del"), "webhook": str(webhook), "payload": event, **about, **state}


def _cancelled_values(moment: float) -> dict[str, Any]:
    """Without its owner's token, DBOS ignores what an execution that was lost still has to say about an entry."""
    return {"status": "CANCELLED", "completed_at": int(moment * 1000), "owner_xid": None}


def there(connection: sa.Connection) -> bool:
    """Whether there are tables of DBOS. They are not made any more, so a process asks once."""
    if connection.engine not in _found:
        _found[connection.engine] = sa.inspect(connection).has_table("workflow_status", schema=_schema(connection))
    return _found[connection.engine]


def _dbos_table(connection: sa.Connection, name: str) -> sa.TableClause:
    return sa.table(name, *map(sa.column, COLUMNS[name]), schema=_schema(connection))


def _schema(connection: sa.Connection) -> str | None:
    return None if connection.dialect.name == "sqlite" else SCHEMA
