"""`/v1/videos/{id}/timeline.xml`: the cards of a film as clips of a timeline, for editors."""

from dataclasses import replace
from functools import partial
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import sqlalchemy as sa
from anyio import to_thread
from fastapi import APIRouter, Response

from yozora.server.http import library
from yozora.server.http.openapi import REFUSALS
from yozora.server.http.service import Receiver, ServiceOf
from yozora.server.http.sources import about
from yozora.server.safety import uploads
from yozora.server.work.job import Job

router = APIRouter(prefix="/v1/videos", tags=["library"], responses=REFUSALS)

KIND: Final = "application/xml"
XML: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {KIND: {"schema": {"type": "string"}}}, "description": "FCP 7 XML."}
}


@router.get("/{video_id}/timeline.xml", summary="Retrieve a timeline", responses=XML, response_class=Response)
async def timeline(service: ServiceOf, owner: Receiver, video_id: str) -> Response:
    """FCP 7 XML (xmeml, version 5) for Premiere and Resolve: a clip for each card of a board, with its prompt as its
    name, and a marker. The clips are parts of the film, which the editor looks for as `<video_id>.mp4`. 404 until the
    video is completed.
    """
    row = await to_thread.run_sync(library.find_film, service.database, owner, video_id)
    limits = replace(service.settings.limits, upload_seconds=inf)  # a film that was made here
    with TemporaryDirectory(prefix="yozora-") as folder:
        path = Path(folder) / "film"
        with about(None):
            await service.capacity.do_bulk(partial(service.objects.save, row.file, path))
            found = await service.capacity.decodings.run(owner, partial(uploads.inspect, path, limits))
    text = await service.capacity.do(partial(_timeline_xml, row, found))
    headers = {"content-disposition": f'attachment; filename="{row.id}.xml"', "cache-control": "private, no-cache"}
    return Response(text, media_type=KIND, headers=headers)


def _timeline_xml(row: sa.Row[Any], found: uploads.Looked) -> str:
    from yozora.films import xmeml  # knows every codec: slow to load

    order = Job.from_json(row.job).order
    fps = found.fps if order is None else order.request.fps
    name = row.title or row.id
    return xmeml.to_xml(
        xmeml.FilmTimeline(
            name=name,
            address=f"{row.id}.mp4",
            width=found.width,
            height=found.height,
            fps=fps,
            frames=found.frames,
            cuts=xmeml.cuts_of(order, row.prompt or name, found.frames, fps),
            sounds=found.has_sound,
        )
    )
