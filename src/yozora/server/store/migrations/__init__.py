"""The tables' history: one file in `versions/` a change, applied in order by Alembic (imported only when called)."""

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from yozora.errors import UserError

if TYPE_CHECKING:
    from alembic.config import Config

    from yozora.server.store.database import Database

LOCK = 7_966_072_451  # any number: migrating processes of one Postgres take turns by it


def config() -> "Config":
    """Alembic's configuration; there is no ini file."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return made


def upgrade(database: "Database", revision: str = "head") -> None:
    """Apply what is missing up to `revision`, all in one transaction that holds other migrating processes off.

    Raises `UserError` for a database that a newer Yozora has made.
    """
    from alembic import command
    from alembic.util import CommandError

    alembic = config()
    with database.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        alembic.attributes["connection"] = connection
        try:
            command.upgrade(alembic, revision)
        except CommandError as error:
            raise UserError(
                f"The version of the database is not known ({error}).",
                "Install the newer Yozora that made the database.",
                code="database_version_unknown",
            ) from error
