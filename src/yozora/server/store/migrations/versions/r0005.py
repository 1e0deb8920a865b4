"""The queue is a table of ours, deliveries are rows, and keys have limits, shares and a memory of what they used.

Every new column has a default, so that processes of the release before go on beside newer ones. Deliveries that were
left to DBOS are taken over.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from yozora.server.accounts import legacy_usage
from yozora.server.store import legacy_dbos
from yozora.server.store.database import now

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _add("videos", ("priority", sa.BigInteger, "0"), ("cost", sa.Float, "0"), ("preset", sa.Text, None))
    _add("videos", ("batch", sa.Text, None), ("not_before", sa.Float, "0"), ("live", sa.Boolean, sa.false()))
    op.create_index("ix_videos_status_priority", "videos", ["status", "priority", "number"])
    _add("videos", ("answered", sa.Boolean, sa.true()))
    op.create_index("ix_videos_batch", "videos", ["batch"])
    _add("workers", ("presets", sa.JSON, None), ("memory", sa.BigInteger, None), ("version", sa.Text, None))
    _add("workers", ("draining", sa.Boolean, sa.false()))
    _add("keys", ("expires_at", sa.BigInteger, None), ("last_used_at", sa.BigInteger, None))
    _add("keys", ("scopes", sa.JSON, None), ("limits", sa.JSON, None), ("weight", sa.Float, "1"))
    _deliveries()
    _accounts()
    _batches()
    _live()
    legacy_dbos.adopt(op.get_bind())
    legacy_usage.begin(op.get_bind(), now())


def _add(table: str, *columns: tuple[str, Any, Any]) -> None:
    for name, kind, default in columns:
        op.add_column(table, sa.Column(name, kind(), nullable=default is None, server_default=default))


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("webhook", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_at", sa.Float, nullable=False, server_default="0"),
        sa.Column("worker", sa.Text),
        sa.Column("http_status", sa.Integer),
        sa.Column("reason", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_status_next_at", "deliveries", ["status", "next_at"])
    op.create_index("ix_deliveries_owner_created_at", "deliveries", ["owner", "created_at"])
    op.create_index("ix_deliveries_webhook", "deliveries", ["webhook"])


def _accounts() -> None:
    op.create_table(
        "shares",
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("finish", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("owner", name="pk_shares"),
    )
    op.create_table(
        "rates",
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("tokens", sa.Float, nullable=False),
        sa.Column("counted", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("owner", "kind", name="pk_rates"),
    )
    op.create_table(
        "usage",
        sa.Column("video", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("error_code", sa.Text),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("compute_seconds", sa.Float, nullable=False),
        sa.Column("energy_joules", sa.Float, nullable=False),
        sa.Column("worker", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("video", name="pk_usage"),
    )
    op.create_index("ix_usage_owner_ended_at", "usage", ["owner", "ended_at"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("target", sa.Text),
        sa.Column("details", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])


def _batches() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("input_file", sa.Text, nullable=False),
        sa.Column("output_file", sa.Text),
        sa.Column("error_file", sa.Text),
        sa.Column("metadata", sa.JSON),
        sa.Column("lines", sa.JSON, nullable=False),
        sa.Column("claimed", sa.Float),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
    )
    op.create_index("ix_batches_owner_number", "batches", ["owner", "number"])


def _live() -> None:
    op.create_table(
        "live_parts",
        sa.Column("video", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("video", "number", name="pk_live_parts"),
        sa.ForeignKeyConstraint(["video"], ["videos.id"], name="fk_live_parts_video", ondelete="CASCADE"),
    )
    op.create_table(
        "live_turns",
        sa.Column("video", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("prompt", sa.Text, nullable=False),
        sa.Column("windows", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("video", "number", name="pk_live_turns"),
        sa.ForeignKeyConstraint(["video"], ["videos.id"], name="fk_live_turns_video", ondelete="CASCADE"),
    )
