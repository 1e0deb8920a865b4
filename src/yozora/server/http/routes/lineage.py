"""`/v1/videos/{id}/lineage`: what a video was made from, and what was made from it."""

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
    for edge in graph.edges:
        nodes[edge.video] = _video_node(graph.videos[edge.video])
        nodes[_source_id(edge, graph)] = _source_node(edge, graph)
    edges = [LineageEdge(source=_source_id(edge, graph), target=edge.video, slot=edge.slot) for edge in graph.edges]
    return Lineage(video_id=video_id, nodes=list(nodes.values()), edges=edges, complete=graph.complete)


def _source_id(edge: sa.Row[Any], graph: lineage.Graph) -> str:
    """Nothing that is another key's is told, not even its id."""
    if edge.kind == lineage.FILE or edge.source in graph.foreign:
        return f"{edge.video}/{edge.slot}"
    return str(edge.source)


def _source_node(edge: sa.Row[Any], graph: lineage.Graph) -> LineageNode:
    if edge.source in graph.videos:
        return _video_node(graph.videos[edge.source])
    about = dict.fromkeys(("name", "status", "mode", "created_at"))
    if edge.source in graph.characters:
        row = graph.characters[edge.source]
        about |= {"name": row.name, "created_at": row.created_at}
    foreign = edge.source in graph.foreign
    deleted = edge.kind != lineage.FILE and not foreign and edge.source not in graph.characters
    return LineageNode(id=_source_id(edge, graph), kind=edge.kind, deleted=deleted, foreign=foreign, **about)


def _video_node(row: sa.Row[Any]) -> LineageNode:
    name = row.title or (row.prompt or "")[:MAX_NAME] or None
    about = {"status": row.status, "mode": row.mode, "created_at": row.created_at}
    return LineageNode(id=row.id, kind="video", name=name, deleted=False, foreign=False, **about)
