"""Run by Alembic with a connection in an open transaction; see `upgrade` beside this."""

from alembic import context

from yozora.server.store.tables import metadata


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """The queue's tables are not ours to change."""
    return kind != "table" or name in metadata.tables


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=ours,
    render_as_batch=True,  # SQLite changes a table by making a new one
)
context.run_migrations()
