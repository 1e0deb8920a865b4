"""What was made from what: edges between a key's videos, and from characters to videos. Knows no HTTP."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from yozora.server.store import tables

MAX_NODES: Final = 500
VIDEO, CHARACTER, FILE = "video", "character", "file"
CAST: Final = "characters"
"""What the characters that an order names are called; others come in with a video that it is made from."""

_parents, _videos = tables.parents.c, tables.videos.c


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageParent:
    """What a video is made from: the id of a video or a character (`kind`), or the slot of an uploaded file, and what
    the mode calls it.
    """

    kind: str
    source: str
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Edges as rows of `parents`; rows of the videos and characters that they join, by id; ids of sources that are
    another key's. Another source that ends an edge and has no row was deleted. `complete`: nothing was left out.
    """

    edges: list[sa.Row[Any]]
    videos: dict[str, sa.Row[Any]]
    characters: dict[str, sa.Row[Any]]
    foreign: frozenset[str]
    complete: bool


def record(connection: sa.Connection, video_id: str, made_from: Iterable[LineageParent]) -> None:
    """Write down what a video is made from; a source that it has twice is written once."""
    known = {(one.kind, one.source): one.slot for one in made_from}
    rows = [{"video": video_id, "kind": kind, "source": name, "slot": slot} for (kind, name), slot in known.items()]
    if rows:
        connection.execute(sa.insert(tables.parents), rows)


def characters_in(connection: sa.Connection, video_id: str) -> list[sa.Row[Any]]:
    """Characters that a video was made with, or that anything was made with that it was made from, by any key; one that
    was deleted is not among them.
    """
    older = sa.select(sa.literal(video_id, sa.Text).label("id")).cte("older", recursive=True)
    before = sa.select(_parents.source).join(older, _parents.video == older.c.id).where(_parents.kind == VIDEO)
    older = older.union(before)
    inside = sa.select(_parents.source).join(older, _parents.video == older.c.id).where(_parents.kind == CHARACTER)
    found = sa.select(tables.characters).where(tables.characters.c.id.in_(inside)).order_by(tables.characters.c.id)
    return list(connection.execute(found))


def around(connection: sa.Connection, owner: str, video_id: str) -> Graph:
    """The lineage of a video that is the owner's, both ways, which ends at what is another key's. A character is a
    source of the videos that were ordered with it, not of those made from them.
    """
    edges: dict[tuple[str, str, str], sa.Row[Any]] = {}
    seen, edge = {video_id}, {video_id}
    while edge and len(seen) < MAX_NODES:
        ends = _parents.video.in_(edge) | ((_parents.kind == VIDEO) & _parents.source.in_(edge))
        mine = sa.select(tables.parents).join(tables.videos, _videos.id == _parents.video).where(_videos.owner == owner)
        found = connection.execute(
            mine.where(ends).order_by(_parents.video, _parents.source).limit(4 * MAX_NODES)
        ).all()
        edges.update({(row.video, row.kind, row.source): row for row in found})
        reached = {row.video for row in found} | {row.source for row in found if row.kind == VIDEO}
        edge = set(sorted(reached - seen)[: MAX_NODES - len(seen)])
        seen |= edge
    return _checked(connection, owner, [row for row in edges.values() if _is_inside(row, seen)], not edge)


def _is_inside(row: sa.Row[Any], seen: set[str]) -> bool:
    inside = row.source in seen if row.kind == VIDEO else row.kind == FILE or row.slot == CAST
    return row.video in seen and inside


def _checked(connection: sa.Connection, owner: str, edges: list[sa.Row[Any]], complete: bool) -> Graph:
    """Without the rows of sources that another key has: a film of the feed, or a character that others may use."""
    ids = {row.video for row in edges} | {row.source for row in edges}
    rows = {
        table.name: {row.id: row for row in connection.execute(sa.select(table).where(table.c.id.in_(ids)))}
        for table in (tables.videos, tables.characters)
    }
    foreign = frozenset(name for found in rows.values() for name, row in found.items() if row.owner != owner)
    return Graph(
        edges=edges,
        videos={name: row for name, row in rows["videos"].items() if name not in foreign},
        characters={name: row for name, row in rows["characters"].items() if name not in foreign},
        foreign=foreign,
        complete=complete,
    )
