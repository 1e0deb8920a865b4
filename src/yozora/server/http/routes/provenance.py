"""`/v1/provenance`: where a file comes from, no matter who made it; and the same of a video that is stored here."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from anyio import to_thread
from fastapi import APIRouter

from yozora.provenance.verify import Verification
from yozora.server.errors import ApiError
from yozora.server.http import library, reading, requests, responses
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.service import BodyOf, Owner, Service, ServiceOf
from yozora.server.http.sources import about
from yozora.server.safety import uploads
from yozora.server.store.watermarks import of_owner

router = APIRouter(tags=["provenance"], responses=REFUSALS)


@router.post("/v1/provenance/verify", summary="Verify a file", openapi_extra=body(requests.VerifyFile))
async def verify(service: ServiceOf, owner: Owner, parsed: BodyOf) -> responses.Verdict:
    """Checks whether a film or a picture was made here, and whether it was changed, by its content credentials and
    its watermark. docs/provenance.md explains each `state`. `video_id` is set for one of your videos. The file is
    not stored.
    """
    asked = reading.read(requests.VerifyFile, parsed)
    settings = service.settings
    with about("file"):
        look = partial(uploads.verified, asked.file.path, settings.limits, settings.provenance)
        found = await service.capacity.decodings.run(owner, look)
    return await to_thread.run_sync(_verdict_response, service, owner, found)


@router.get("/v1/videos/{video_id}/provenance", summary="Verify a video", name="video_provenance")
async def verify_video(service: ServiceOf, owner: Owner, video_id: str) -> responses.Verdict:
    """What `POST /v1/provenance/verify` says of the film of one of your videos, without sending it. 404 until it is
    completed.
    """
    row = await service.capacity.do(partial(library.find_film, service.database, owner, video_id))
    found = await service.capacity.decodings.run(owner, partial(_verify_stored, service, row))
    return await to_thread.run_sync(_verdict_response, service, owner, found)


def _verify_stored(service: Service, row: sa.Row[Any]) -> Verification:
    """As `uploads.verified`, whose bound of bytes is for what clients send. Raises `ApiError` 404 for a lost film."""
    settings = service.settings
    with TemporaryDirectory(prefix="yozora-") as folder:
        path = Path(folder) / "film.mp4"
        try:
            service.objects.save(row.file, path)
        except KeyError:
            message = "The content was deleted or has expired."
            raise ApiError(404, message, kind="not_found_error", code="content_gone") from None
        limits = replace(settings.limits, upload_bytes=max(settings.limits.upload_bytes, path.stat().st_size))
        return uploads.verified(path, limits, settings.provenance)


def _verdict_response(service: Service, owner: str, found: Verification) -> responses.Verdict:
    video_id = None
    if found.identifier is not None:
        with service.database.read() as connection:
            video_id = of_owner(connection, owner, found.identifier)
    return responses.Verdict.model_validate({**found.to_json(), "video_id": video_id})
