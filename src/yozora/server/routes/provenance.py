"""`/v1/provenance`: where a file comes from, whoever made it."""

from fastapi import APIRouter

from yozora.server import answers, reading, schema, uploads
from yozora.server.openapi import REFUSALS, body
from yozora.server.service import BodyOf, Owner, ServiceOf
from yozora.server.sources import about
from yozora.server.tracing import of_owner

router = APIRouter(prefix="/v1/provenance", tags=["provenance"], responses=REFUSALS)


@router.post("/verify", summary="Verify a file", openapi_extra=body(schema.VerifyFile))
def verify(service: ServiceOf, owner: Owner, said: BodyOf) -> answers.Verdict:
    """Whether a film or a picture was made here, and whether it was changed since: by its content credentials, and by
    the invisible mark in its frames. docs/provenance.md says what follows from each `state`. `video_id` is there where
    it is one of your videos. Nothing is kept.
    """
    asked = reading.read(schema.VerifyFile, said)
    with about("file"):
        found = uploads.verified(asked.file.path, service.settings.limits, service.settings.provenance)
    video_id = None
    if found.identifier is not None:
        with service.database.read() as connection:
            video_id = of_owner(connection, owner, found.identifier)
    return answers.Verdict.model_validate({**found.to_json(), "video_id": video_id})
