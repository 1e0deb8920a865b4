"""`/v1/videos/{id}/lineage`: what a video was made from, and what was made from it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from fastapi import APIRouter

from yozora.server.http.library_responses import Lineage, LineageEdge, LineageNode
from yozora.server.http.openapi import REFUSALS
from yozora.server.http.service import Owner, ServiceOf
from yozora.server.store import lineage, rows, tables

router = APIRouter(prefix="/v1/videos", tags=["library"], responses=REFUSALS)

MAX_NAME: Final = 200  # characters of a prompt


@router.get("/{video_id}/lineage", summary="Retrieve a video's lineage", name="lineage")
def retrieve(service: ServiceOf, owner: Owner, video_id: str) -> Lineage:
    """Your videos, characters and files that it was made from, and your videos that were made from it, as nodes and
    edges. A source that was deleted, or is another key's, is a node without a name.
    """
    with service.database.read() as connection:
        row = rows.find(connection, tables.videos, owner, video_id, "video")
        graph = lineage.around(connection, owner, video_id)
    nodes = {row.id: _video_node(row)}
    edges = []
    for edge, source in zip(graph.edges, _source_ids(graph), strict=True):
        nodes[edge.video] = _video_node(graph.videos[edge.video])
        nodes[source] = _source_node(edge, source, graph)
        edges.append(LineageEdge(source=source, target=edge.video, slot=edge.slot))
    return Lineage(video_id=video_id, nodes=list(nodes.values()), edges=edges, complete=graph.complete)


def _source_ids(graph: lineage.Graph) -> Iterator[str]:
    """Of each edge. Nothing that is another key's is told, not even its id; two characters in one slot are two."""
    named: Counter[str] = Counter()
    for edge in graph.edges:
        if edge.kind != lineage.FILE and edge.source not in graph.foreign:
            yield edge.source
            continue
        name = f"{edge.video}/{edge.slot}"
        yield f"{name}/{named[name] + 1}" if named[name] else name
        named[name] += 1


def _source_node(edge: sa.Row[Any], name: str, graph: lineage.Graph) -> LineageNode:
    if edge.source in graph.videos:
        return _video_node(graph.videos[edge.source])
    about = dict.fromkeys(("name", "status", "mode", "created_at"))
    if edge.source in graph.characters:
        row = graph.characters[edge.source]
        about |= {"name": row.name, "created_at": row.created_at}
    foreign = edge.source in graph.foreign
    deleted = edge.kind != lineage.FILE and not foreign and edge.source not in graph.characters
    return LineageNode(id=name, kind=edge.kind, deleted=deleted, foreign=foreign, **about)


def _video_node(row: sa.Row[Any]) -> LineageNode:
    name = row.title or (row.prompt or "")[:MAX_NAME] or None
    about = {"status": row.status, "mode": row.mode, "created_at": row.created_at}
    return LineageNode(id=row.id, kind="video", name=name, deleted=False, foreign=False, **about)
