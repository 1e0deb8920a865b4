"""Watermarks have rows of their own, which outlive the videos: a film in the wild is traced after it was deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    made = op.create_table(
        "traces",
        sa.Column("video", sa.Text(), nullable=False),
        sa.Column("watermark", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("video", name="pk_traces"),
    )
    op.create_index("ix_traces_watermark", "traces", ["watermark"])
    videos = sa.table(
        "videos",
        *(sa.column(name) for name in ("id", "watermark", "owner", "model", "created_at", "request_id")),
        sa.column("job", sa.JSON),
    ).c
    known = sa.select(
        videos.id,
        videos.watermark,
        videos.owner,
        videos.model,
        videos.job["mode"].as_string(),
        videos.created_at,
        videos.request_id,
    ).where(videos.watermark.is_not(None))
    op.execute(made.insert().from_select(list(made.c.keys()), known))
    op.drop_index("ix_videos_watermark", "videos")
    op.drop_column("videos", "watermark")
