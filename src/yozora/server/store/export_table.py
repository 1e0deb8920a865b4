"""The table of exports, which are other versions of finished films, and the metadata that all tables are in."""

import time

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

exports = sa.Table(
    "exports",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # export_...
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("video", sa.Text, sa.ForeignKey("videos.id", ondelete="CASCADE"), nullable=False),
    sa.Column("format", sa.Text, nullable=False),  # mp4, webm, gif, frames
    sa.Column("finish", sa.JSON, nullable=False),  # `core.finish.Finish` as JSON
    sa.Column("library", sa.Boolean, nullable=False),  # it becomes a video, and no file
    sa.Column("status", sa.Text, nullable=False),  # queued, in_progress, completed, failed
    sa.Column("progress", sa.Integer, nullable=False, server_default="0"),  # 0..100
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("started_at", sa.Float),
    sa.Column("completed_at", sa.BigInteger),
    sa.Column("expires_at", sa.BigInteger),  # of the file
    sa.Column("worker", sa.Text),  # which has it now
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("file", sa.Text),  # storage keys, once it is completed
    sa.Column("credentials", sa.Text),  # of a file that cannot hold them
    sa.Column("bytes", sa.BigInteger),
    sa.Column("result", sa.Text),  # the id of the video that it became
    sa.Column("error_code", sa.Text),
    sa.Column("error_message", sa.Text),
    sa.Column("error_reason", sa.Text),
    sa.Column("request_id", sa.Text),
    sa.Column("changed_at", sa.Float, nullable=False, server_default="0", default=time.time, onupdate=time.time),
    sa.Index("ix_exports_owner_number", "owner", "number"),
    sa.Index("ix_exports_video", "video"),
    sa.Index("ix_exports_status_number", "status", "number"),
    sa.Index("ix_exports_owner_changed_at", "owner", "changed_at"),
    sa.Index("ix_exports_expires_at", "expires_at"),
)
