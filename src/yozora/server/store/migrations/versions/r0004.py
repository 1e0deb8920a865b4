"""Queue entries of films that wait are of the newest version: their jobs are read in both forms."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

EARLIER, NOW = "job-1", "job-2"


def upgrade() -> None:
    bind = op.get_bind()
    schema = None if bind.dialect.name == "sqlite" else "dbos"
    if not sa.inspect(bind).has_table("workflow_status", schema=schema):
        return
    entries = sa.table("workflow_status", sa.column("application_version"), sa.column("status"), schema=schema)
    waits = (entries.c.application_version == EARLIER) & entries.c.status.in_(("ENQUEUED", "PENDING", "DELAYED"))
    op.execute(entries.update().where(waits).values(application_version=NOW))
