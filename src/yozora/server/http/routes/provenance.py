"""`/v1/provenance`: where a file comes from, no matter who made it."""

from functools import partial

from anyio import to_thread
from fastapi import APIRouter

from yozora.provenance.verify import Verification
from yozora.server.http import reading, requests, responses
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.service import BodyOf, Owner, Service, ServiceOf
from yozora.server.http.sources import about
from yozora.server.safety import uploads
from yozora.server.store.watermarks import of_owner

router = APIRouter(prefix="/v1/provenance", tags=["provenance"], responses=REFUSALS)


@router.post("/verify", summary="Verify a file", openapi_extra=body(requests.VerifyFile))
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


def _verdict_response(service: Service, owner: str, found: Verification) -> responses.Verdict:
    video_id = None
    if found.identifier is not None:
        with service.database.read() as connection:
            video_id = of_owner(connection, owner, found.identifier)
    return responses.Verdict.model_validate({**found.to_json(), "video_id": video_id})
