"""What administrators did, a row each, written by the transaction that does it. Rows are never changed or removed."""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from yozora.server.errors import invalid
from yozora.server.store.database import now
from yozora.server.store.rows import NUMBERED, new_numbered
from yozora.server.store.tables import audit

COMMAND_LINE: Final = "command line"
"""Who acts, where it is no key."""


def record(
    connection: sa.Connection, by: str, action: str, target: str | None, details: Mapping[str, Any] | None = None
) -> None:
    """`by`, the id of a key or `COMMAND_LINE`, did something, such as "key.revoke", to what has the id `target`."""
    said = {"actor": by, "action": action, "target": target, "details": dict(details) if details else None}
    connection.execute(sa.insert(audit).values(id=new_numbered("audit")[0], at=now(), **said))


def listed(
    connection: sa.Connection, *, target: str | None = None, after: str | None = None, limit: int = 20
) -> tuple[list[sa.Row[Any]], bool]:
    """What was done, to all or to one thing, the newest first, and whether there is more after it."""
    wanted = sa.select(audit)
    if target is not None:
        wanted = wanted.where(audit.c.target == target)
    if after is not None:
        if not NUMBERED.fullmatch(after):
            raise invalid("after", f"The id '{after[:80]}' is not in this list.")
        wanted = wanted.where(audit.c.id < after)  # ids begin with the time, in nanoseconds
    rows = list(connection.execute(wanted.order_by(audit.c.id.desc()).limit(limit + 1)))
    return rows[:limit], len(rows) > limit
