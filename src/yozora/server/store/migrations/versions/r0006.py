"""What the studio's pages need: sessions, folders and a trash, lineage, share links, consent, a feed.

Every new column has a default, so that processes of the release before go on beside newer ones. Modes and lineage of
the films that are there already are read from their jobs.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from yozora.core import modes

revision = "0006"
down_revision = "0005"

MODES = dict.fromkeys(("text", "image"), modes.having(modes.Generate).name)
"""Names of modes in jobs of earlier releases, and today's."""

BATCH = 500


def upgrade() -> None:
    _films()
    _sessions()
    _links_and_feed()
    op.add_column("characters", sa.Column("consent", sa.Text, nullable=False, server_default="owner"))
    op.add_column("characters", sa.Column("allowed", sa.JSON))
    _fill_from_jobs(op.get_bind())


def _films() -> None:
    for name, kind in (("mode", sa.Text), ("title", sa.Text), ("folder", sa.Text), ("trashed_at", sa.BigInteger)):
        op.add_column("videos", sa.Column(name, kind()))
    op.add_column("videos", sa.Column("changed_at", sa.Float, nullable=False, server_default="0"))
    op.create_index("ix_videos_owner_changed_at", "videos", ["owner", "changed_at"])
    op.create_index("ix_videos_trashed_at", "videos", ["trashed_at"])
    op.create_table(
        "folders",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_folders"),
    )
    op.create_index("ix_folders_owner_number", "folders", ["owner", "number"])
    op.create_table(
        "parents",
        sa.Column("video", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("slot", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("video", "kind", "source", name="pk_parents"),
        sa.ForeignKeyConstraint(["video"], ["videos.id"], name="fk_parents_video", ondelete="CASCADE"),
    )
    op.create_index("ix_parents_source", "parents", ["source"])


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("hash", name="uq_sessions_hash"),
    )
    op.create_index("ix_sessions_owner", "sessions", ["owner"])
    op.create_table(
        "login_links",
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("hash", name="pk_login_links"),
    )
    op.create_table(
        "deletions",
        sa.Column("video", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("deleted_at", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("video", name="pk_deletions"),
    )
    op.create_index("ix_deletions_owner_deleted_at", "deletions", ["owner", "deleted_at"])


def _links_and_feed() -> None:
    op.create_table(
        "share_links",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("video", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_share_links"),
        sa.UniqueConstraint("hash", name="uq_share_links_hash"),
        sa.ForeignKeyConstraint(["video"], ["videos.id"], name="fk_share_links_video", ondelete="CASCADE"),
    )
    op.create_index("ix_share_links_owner_number", "share_links", ["owner", "number"])
    op.create_index("ix_share_links_video", "share_links", ["video"])
    op.create_table(
        "posts",
        sa.Column("video", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("published_at", sa.BigInteger, nullable=False),
        sa.Column("hidden_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("video", name="pk_posts"),
        sa.ForeignKeyConstraint(["video"], ["videos.id"], name="fk_posts_video", ondelete="CASCADE"),
    )
    op.create_index("ix_posts_number", "posts", ["number"])
    op.create_table(
        "reports",
        sa.Column("video", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("video", "owner", name="pk_reports"),
        sa.ForeignKeyConstraint(["video"], ["videos.id"], name="fk_reports_video", ondelete="CASCADE"),
    )


def _fill_from_jobs(connection: sa.Connection) -> None:
    """The mode of each film, and what it was made from: a source's title is the id of the video that it is, and a
    character's is its name, which is taken for the one character of that name that the key has.
    """
    videos = sa.table("videos", *map(sa.column, ("id", "owner", "remixed_from", "mode")), sa.column("job", sa.JSON))
    parents = sa.table("parents", *map(sa.column, ("video", "kind", "source", "slot")))
    set_mode = videos.update().where(videos.c.id == sa.bindparam("video")).values(mode=sa.bindparam("named"))
    people, last = _known_characters(connection), ""
    page = sa.select(videos).order_by(videos.c.id).limit(BATCH)
    while rows := connection.execute(page.where(videos.c.id > last)).all():
        last = rows[-1].id
        jobs = [(row, job) for row in rows if isinstance(job := _plain_job(row.job), dict)]
        named = [
            {"video": row.id, "named": MODES.get(job["mode"], job["mode"])} for row, job in jobs if job.get("mode")
        ]
        edges = {(row.id, *edge): None for row, job in jobs for edge in _job_sources(row, job, people)}
        if named:
            connection.execute(set_mode, named)
        if edges:
            connection.execute(parents.insert(), [_edge_row(*edge) for edge in edges])


def _edge_row(video: str, kind: str, source: str) -> dict[str, str]:
    return {"video": video, "kind": kind, "source": source, "slot": "character" if kind == "character" else "video"}


def _plain_job(said: Any) -> Any:
    return json.loads(said) if isinstance(said, str) else said


def _known_characters(connection: sa.Connection) -> dict[tuple[str, str], str]:
    """Ids of characters, by the key and the name; none where a key has two of one name."""
    characters = sa.table("characters", *map(sa.column, ("id", "owner", "name")))
    found: dict[tuple[str, str], list[str]] = {}
    for row in connection.execute(sa.select(characters)):
        found.setdefault((row.owner, row.name), []).append(row.id)
    return {who: ids[0] for who, ids in found.items() if len(ids) == 1}


def _job_sources(
    row: sa.Row[Any], job: Mapping[str, Any], people: Mapping[tuple[str, str], str]
) -> Iterator[tuple[str, str]]:
    if row.remixed_from:
        yield "video", row.remixed_from
    for source in job.get("sources", ()):
        title = source.get("title", "") if isinstance(source, dict) else ""
        if title.startswith("video_"):
            yield "video", title
    for character in (*job.get("characters", ()), *job.get("starring", ())):
        name = character.get("name", "") if isinstance(character, dict) else ""
        if (row.owner, name) in people:
            yield "character", people[row.owner, name]
