"""Rows of a key: found by id, listed in pages. Only the owner's rows are ever seen. Knows no HTTP."""

import re
import secrets
import time
from dataclasses import dataclass
from typing import Any, Final, Literal

import sqlalchemy as sa

from yozora.server.errors import invalid, missing

ID: Final = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)
NUMBERED: Final = re.compile(r"[a-z]+_([0-9a-f]{16})[0-9a-f]{16}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageQuery:
    """Which page of a list is wanted: `after` is the last id of the page before."""

    after: str | None
    limit: int
    order: Literal["asc", "desc"]


def new_numbered(prefix: str) -> tuple[str, int]:
    """An id that cannot be guessed, and its number. The number can be read from the id, so that a list can go on after
    an item that has been deleted meanwhile.
    """
    number = time.time_ns()
    return f"{prefix}_{number:016x}{secrets.token_hex(8)}", number


def find(connection: sa.Connection, table: sa.Table, owner: str, name: str, what: str) -> sa.Row[Any]:
    """The owner's row of that id. Raises `ApiError` 404, which calls it a `what`."""
    if ID.fullmatch(name):
        row = connection.execute(sa.select(table).where(table.c.id == name, table.c.owner == owner)).first()
        if row is not None:
            return row
    raise missing(what, name)


def page(
    connection: sa.Connection, table: sa.Table, owner: str, span: PageQuery, *also: sa.ColumnElement[bool]
) -> tuple[list[sa.Row[Any]], bool]:
    """The owner's rows in the order of their numbers, and whether there are more after them."""
    numbers = sa.tuple_(table.c.number, table.c.id)
    wanted = sa.select(table).where(table.c.owner == owner, *also)
    if span.after is not None:
        begin = sa.tuple_(sa.literal(_cursor_number(connection, table, owner, span.after)), sa.literal(span.after))
        wanted = wanted.where(numbers > begin if span.order == "asc" else numbers < begin)
    rising = (table.c.number, table.c.id)
    ordered = rising if span.order == "asc" else tuple(column.desc() for column in rising)
    rows = list(connection.execute(wanted.order_by(*ordered).limit(span.limit + 1)))
    return rows[: span.limit], len(rows) > span.limit


def count(connection: sa.Connection, table: sa.Table, owner: str) -> int:
    """How many rows the owner has."""
    return connection.execute(sa.select(sa.func.count()).select_from(table).where(table.c.owner == owner)).scalar_one()


def _cursor_number(connection: sa.Connection, table: sa.Table, owner: str, after: str) -> int:
    if ID.fullmatch(after):
        mine = sa.select(table.c.number).where(table.c.id == after, table.c.owner == owner)
        number = connection.execute(mine).scalar()
        if number is not None:
            return int(number)
    match = NUMBERED.fullmatch(after)
    if match is None or int(match[1], 16) >= 1 << 63:
        raise invalid("after", f"The id '{after[:80]}' is not in this list.")
    return int(match[1], 16)
