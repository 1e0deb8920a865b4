"""`/v1/provenance`: where a file comes from, whoever made it."""

from fastapi import APIRouter

from yozora.server.http import reading, requests, responses
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.service import BodyOf, Owner, ServiceOf
from yozora.server.http.sources import about
from yozora.server.safety import uploads
from yozora.server.store.watermarks import of_owner

router = APIRouter(prefix="/v1/provenance", tags=["provenance"], responses=REFUSALS)


@router.post("/verify", summary="Verify a file", openapi_extra=body(requests.VerifyFile))
def verify(service: ServiceOf, owner: Owner, said: BodyOf) -> responses.Verdict:
    """Whether a film or a picture was made here, and whether it was changed since: by its content credentials, and by
    the invisible mark in its frames. docs/provenance.md says what follows from each `state`. `video_id` is there where
    it is one of your videos. Nothing is kept.
    """
    asked = reading.read(requests.VerifyFile, said)
    with about("file"):
        found = uploads.verified(asked.file.path, service.settings.limits, service.settings.provenance)
    video_id = None
    if found.identifier is not None:
        with service.database.read() as connection:
            video_id = of_owner(connection, owner, found.identifier)
    return responses.Verdict.model_validate({**found.to_json(), "video_id": video_id})
