"""The tables' newest form, and the way of a database to it. Knows no table's meaning."""

from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from yozora.server.store.database import Database, check_file, make_private, open_database, parsed_url, refusals
from yozora.server.store.migrations import upgrade

HEAD = "0008"
"""The newest revision in `migrations/`."""


def migrate(url: str) -> None:
    """Bring all tables to the newest form; a database that does not exist yet is made. Processes may do it at once.

    Raises `UserError` for a database that cannot be reached, is damaged, or is not Yozora's; nothing is changed then.
    """
    parsed = parsed_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(parsed.database or "")
        check_file(path)
        make_private(path)
    with refusals(parsed), closing(open_database(url)) as database:
        if not _is_current(database):
            upgrade(database)


def revision(url: str) -> str | None:
    """At which revision the tables are; None where there are none. Changes nothing. Raises `UserError` as `migrate`."""
    parsed = parsed_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(parsed.database or "")
        if not path.exists():
            return None
        check_file(path)
    with refusals(parsed), closing(open_database(url)) as database, database.read() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return found


def _is_current(database: Database) -> bool:
    """Whether nothing is to be done: known without the libraries that would do it, which take a second to import."""
    inspected = sa.inspect(database.engine)
    if not inspected.has_table("alembic_version"):
        return False
    with database.read() as connection:
        revision = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return bool(revision == HEAD)
