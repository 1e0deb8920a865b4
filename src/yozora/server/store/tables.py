"""What is remembered, as tables: one row a video, and round it files, characters, webhooks and keys.

Times are Unix seconds. Every row but a worker's belongs to a key (`owner`), and no key sees another's. Changed only
together with a migration in `migrations/`.
"""

import time

import sqlalchemy as sa

from yozora.server.store.export_table import exports as exports
from yozora.server.store.export_table import metadata as metadata

keys = sa.Table(
    "keys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # key_...
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False, unique=True),  # SHA-256 of the secret, in hex
    sa.Column("hint", sa.Text, nullable=False),  # the last four characters of the secret
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("revoked_at", sa.BigInteger),
    sa.Column("expires_at", sa.BigInteger),  # None: never
    sa.Column("last_used_at", sa.BigInteger),
    sa.Column("scopes", sa.JSON),  # a list of what it may do; None: all but administration
    sa.Column("limits", sa.JSON),  # those of `bounds.PER_KEY` that differ for it
    sa.Column("weight", sa.Float, nullable=False, server_default="1"),  # its share of the workers
)

videos = sa.Table(
    "videos",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # video_...
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),  # rises: nanoseconds at creation, the order of lists
    sa.Column("status", sa.Text, nullable=False),  # queued, in_progress, completed, failed
    sa.Column("progress", sa.Integer, nullable=False, server_default="0"),  # 0..100
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("started_at", sa.BigInteger),
    sa.Column("completed_at", sa.BigInteger),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("model", sa.Text, nullable=False),  # as it was asked for
    sa.Column("prompt", sa.Text),
    sa.Column("size", sa.Text, nullable=False),
    sa.Column("seconds", sa.Text, nullable=False),
    sa.Column("remixed_from", sa.Text),
    sa.Column("error_code", sa.Text),
    sa.Column("error_message", sa.Text),
    sa.Column("error_reason", sa.Text),  # the code of the `UserError` behind it
    sa.Column("job", sa.JSON, nullable=False),  # `orders.Job` as JSON: all that a worker needs to know
    sa.Column("fingerprint", sa.Text, nullable=False),  # of the request's content: repeats are known by it
    sa.Column("answered", sa.Boolean, nullable=False, server_default=sa.true()),  # its caller knows its id
    sa.Column("stopping", sa.Boolean, nullable=False, server_default=sa.false()),  # the worker is to stop
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),  # how often a worker took it up
    sa.Column("worker", sa.Text),  # which has it now
    sa.Column("file", sa.Text),  # storage keys, once it is completed
    sa.Column("thumbnail", sa.Text),
    sa.Column("spritesheet", sa.Text),
    sa.Column("bytes", sa.BigInteger),
    sa.Column("frames", sa.BigInteger),  # that the film has; None: not completed, or by a release that did not say
    sa.Column("fps", sa.Float),  # frames a second, as `frames`
    sa.Column("timings", sa.JSON),  # stage -> seconds: queue, encode, denoise, decode, finish, upload
    sa.Column("request_id", sa.Text),
    sa.Column("priority", sa.BigInteger, nullable=False, server_default="0"),  # its key's virtual time; the least first
    sa.Column("cost", sa.Float, nullable=False, server_default="0"),  # of the work that it is
    sa.Column("preset", sa.Text),  # the local model that makes it
    sa.Column("batch", sa.Text),  # that it is part of
    sa.Column("not_before", sa.Float, nullable=False, server_default="0"),  # the database's clock
    sa.Column("live", sa.Boolean, nullable=False, server_default=sa.false()),  # a client watches while it is made
    sa.Column("mode", sa.Text),  # a name of `core.modes`
    sa.Column("title", sa.Text),  # that its owner gave it
    sa.Column("folder", sa.Text),
    sa.Column("trashed_at", sa.BigInteger),  # None: it is not in the trash
    sa.Column(  # when any column was written last, by the clock of the process that wrote it
        "changed_at", sa.Float, nullable=False, server_default="0", default=time.time, onupdate=time.time
    ),
    sa.Index("ix_videos_owner_changed_at", "owner", "changed_at"),
    sa.Index("ix_videos_trashed_at", "trashed_at"),
    sa.Index("ix_videos_status_priority", "status", "priority", "number"),
    sa.Index("ix_videos_batch", "batch"),
    sa.Index("ix_videos_owner_number", "owner", "number"),
    sa.Index("ix_videos_status", "status"),
    sa.Index("ix_videos_expires_at", "expires_at"),
    sa.Index("ix_videos_owner_fingerprint", "owner", "fingerprint"),
)

traces = sa.Table(
    "traces",
    metadata,
    sa.Column("video", sa.Text, primary_key=True),  # which may have been deleted since
    sa.Column("watermark", sa.BigInteger, nullable=False),  # the 48-bit identifier in the film's frames
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("request_id", sa.Text),
    sa.Index("ix_traces_watermark", "watermark"),
)

previews = sa.Table(
    "previews",
    metadata,
    sa.Column("video", sa.Text, sa.ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("picture", sa.LargeBinary, nullable=False),  # a small WebP
)

live_parts = sa.Table(
    "live_parts",
    metadata,
    sa.Column("video", sa.Text, sa.ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),  # from 0
    sa.Column("facts", sa.JSON, nullable=False),  # see `store.live.Part`
    sa.Column("data", sa.LargeBinary, nullable=False),  # a fragment of an MP4; empty once it is relayed
)

live_turns = sa.Table(
    "live_turns",
    metadata,
    sa.Column("video", sa.Text, sa.ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),  # from 0
    sa.Column("event", sa.Text, nullable=False),  # as the client calls it
    sa.Column("prompt", sa.Text, nullable=False),
    sa.Column("windows", sa.Integer, nullable=False),  # until the prompt is reached
)

files = sa.Table(
    "files",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # file_...
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("filename", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text, nullable=False),  # in the storage
    sa.Column("kind", sa.Text, nullable=False),  # picture, film
    sa.Index("ix_files_owner_number", "owner", "number"),
)

characters = sa.Table(
    "characters",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # char_...
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text, nullable=False),  # a PNG in the storage
    sa.Column("consent", sa.Text, nullable=False, server_default="owner"),  # who may use it: see `accounts.consent`
    sa.Column("allowed", sa.JSON),  # ids of the keys that may, where `consent` is "keys"
    sa.Index("ix_characters_owner", "owner"),
)

webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # we_...
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("events", sa.JSON, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),  # whsec_...
    sa.Column("previous_secret", sa.Text),  # signs too until it ends
    sa.Column("previous_until", sa.BigInteger),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Index("ix_webhooks_owner", "owner"),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("video", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("started_at", sa.BigInteger, nullable=False),
    sa.Column("seen", sa.Float, nullable=False),  # beats every few seconds; who is silent is dead
    sa.Column("metrics", sa.JSON),  # what it counted, for /metrics
    sa.Column("presets", sa.JSON),  # models that it can run; None: any
    sa.Column("memory", sa.BigInteger),  # bytes that a model may take there
    sa.Column("version", sa.Text),  # of Yozora
    sa.Column("draining", sa.Boolean, nullable=False, server_default=sa.false()),  # it takes nothing new
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # del_...
    sa.Column("event", sa.Text, nullable=False),  # evt_...: the same for every webhook that it is sent to
    sa.Column("webhook", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),  # of the event
    sa.Column("payload", sa.JSON, nullable=False),  # the event as it is sent
    sa.Column("status", sa.Text, nullable=False),  # pending, delivered, failed
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", sa.Float, nullable=False, server_default="0"),  # the database's clock
    sa.Column("worker", sa.Text),  # which is sending it
    sa.Column("http_status", sa.Integer),  # of the last answer
    sa.Column("reason", sa.Text),  # why the last attempt failed
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger),
    sa.Index("ix_deliveries_status_next_at", "status", "next_at"),
    sa.Index("ix_deliveries_owner_created_at", "owner", "created_at"),
    sa.Index("ix_deliveries_webhook", "webhook"),
)

shares = sa.Table(
    "shares",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("finish", sa.BigInteger, nullable=False),  # virtual time at which its last film would be done
)

rates = sa.Table(
    "rates",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("tokens", sa.Float, nullable=False),
    sa.Column("counted", sa.Float, nullable=False),  # the database's clock
)

usage = sa.Table(
    "usage",
    metadata,
    sa.Column("video", sa.Text, primary_key=True),  # which may have been deleted since
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),  # completed, failed
    sa.Column("error_code", sa.Text),
    sa.Column("seconds", sa.Float, nullable=False),  # of film; 0 where it failed, as all that follows
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("steps", sa.Integer, nullable=False),
    sa.Column("compute_seconds", sa.Float, nullable=False),
    sa.Column("energy_joules", sa.Float, nullable=False),
    sa.Column("worker", sa.Text),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger, nullable=False),
    sa.Index("ix_usage_owner_ended_at", "owner", "ended_at"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),  # the id of a key, or "command line"
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("target", sa.Text),
    sa.Column("details", sa.JSON),
    sa.Index("ix_audit_at", "at"),
)

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # batch_...
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("endpoint", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("input_file", sa.Text, nullable=False),
    sa.Column("output_file", sa.Text),
    sa.Column("error_file", sa.Text),
    sa.Column("metadata", sa.JSON),
    sa.Column("lines", sa.JSON, nullable=False),  # what became of each line of the input
    sa.Column("claimed", sa.Float),  # until when a process works on it, by the database's clock
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger),
    sa.Index("ix_batches_owner_number", "owner", "number"),
)

marks = sa.Table(
    "marks",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),  # what was done to this installation as a whole,
    sa.Column("value", sa.Text, nullable=False),  # how it came out,
    sa.Column("at", sa.BigInteger, nullable=False),  # and when last
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # sess_...
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False, unique=True),  # SHA-256 of the cookie, in hex
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Index("ix_sessions_owner", "owner"),
)

login_links = sa.Table(
    "login_links",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),  # SHA-256 of the code, in hex
    sa.Column("owner", sa.Text),  # None: the studio's own key, which is made when the link is used
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("used_at", sa.BigInteger),
)

folders = sa.Table(
    "folders",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # folder_...
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Index("ix_folders_owner_number", "owner", "number"),
)

parents = sa.Table(
    "parents",
    metadata,
    sa.Column("video", sa.Text, sa.ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),  # see `store.lineage`
    sa.Column("source", sa.Text, primary_key=True),  # its id, or the slot of a file; it may be gone since
    sa.Column("slot", sa.Text, nullable=False),  # what the mode calls it
    sa.Index("ix_parents_source", "source"),
)

deletions = sa.Table(
    "deletions",
    metadata,
    sa.Column("video", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("deleted_at", sa.Float, nullable=False),
    sa.Index("ix_deletions_owner_deleted_at", "owner", "deleted_at"),
)

share_links = sa.Table(
    "share_links",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # link_...
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("video", sa.Text, sa.ForeignKey("videos.id", ondelete="CASCADE"), nullable=False),
    sa.Column("hash", sa.Text, nullable=False, unique=True),  # SHA-256 of the token, in hex
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Index("ix_share_links_owner_number", "owner", "number"),
    sa.Index("ix_share_links_video", "video"),
)

posts = sa.Table(
    "posts",
    metadata,
    sa.Column("video", sa.Text, sa.ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("published_at", sa.BigInteger, nullable=False),
    sa.Column("hidden_at", sa.BigInteger),  # by an administrator
    sa.Index("ix_posts_number", "number"),
)

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("video", sa.Text, sa.ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("owner", sa.Text, primary_key=True),  # the key that reports
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)
