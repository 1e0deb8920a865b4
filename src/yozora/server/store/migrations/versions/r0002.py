"""Which watermark a finished film carries, so that its operator finds the video that a film in the wild came from."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("videos", sa.Column("watermark", sa.BigInteger(), nullable=True))
    op.create_index("ix_videos_watermark", "videos", ["watermark"])
