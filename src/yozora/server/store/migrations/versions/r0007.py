"""Other versions of finished films, and why a film has failed in finer steps. Only adds: processes of the release
before go on beside newer ones.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

INDICES = (("owner", "number"), ("video",), ("status", "number"), ("owner", "changed_at"), ("expires_at",))


def upgrade() -> None:
    op.add_column("videos", sa.Column("error_reason", sa.Text))
    op.create_table(
        "exports",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("id", "owner")),
        sa.Column("number", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("video", "format")),
        sa.Column("finish", sa.JSON, nullable=False),
        sa.Column("library", sa.Boolean, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("progress", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.Float),
        *(sa.Column(name, sa.BigInteger) for name in ("completed_at", "expires_at")),
        sa.Column("worker", sa.Text),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        *(sa.Column(name, sa.Text) for name in ("file", "credentials")),
        sa.Column("bytes", sa.BigInteger),
        *(sa.Column(name, sa.Text) for name in ("result", "error_code", "error_message", "error_reason", "request_id")),
        sa.Column("changed_at", sa.Float, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_exports"),
        sa.ForeignKeyConstraint(["video"], ["videos.id"], name="fk_exports_video", ondelete="CASCADE"),
    )
    for columns in INDICES:
        op.create_index("_".join(("ix_exports", *columns)), "exports", list(columns))
