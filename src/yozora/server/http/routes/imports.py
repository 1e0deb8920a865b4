"""`/v1/library/import`: films that were made elsewhere, as videos of the library."""

from dataclasses import fields, replace

from fastapi import APIRouter, Request

from yozora.server.errors import invalid
from yozora.server.http import reading
from yozora.server.http.import_metadata import FilmFacts, facts_of, moment_of
from yozora.server.http.importing import ImportCall, import_film
from yozora.server.http.library_requests import ImportFilm
from yozora.server.http.library_responses import ImportedVideo, library_video
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.outlook import UNPLACED
from yozora.server.http.service import BodyOf, Owner, ServiceOf

router = APIRouter(tags=["library"], responses=REFUSALS)


@router.post("/v1/library/import", summary="Import a film", openapi_extra=body(ImportFilm))
async def add(request: Request, service: ServiceOf, owner: Owner, said: BodyOf) -> ImportedVideo:
    """An MP4 or MOV that browsers play becomes a completed video, with a thumbnail and a sheet of frames. Its bytes
    stay as they are, and with them its own provenance. The same file gives the same video, and takes it out of the
    trash.

    `metadata` is a JSON object, such as exports have beside each film. The title is its `title` or `name`. The prompt
    is its `prompt`, `prompt_text`, `text`, `description` or `caption`. The model is its `model`, `model_id`,
    `model_name`, `modelId` or `modelName`. The time is its `created_at`, `createdAt`, `created`, `create_time`,
    `creation_time`, `created_time`, `timestamp` or `date`, in Unix seconds, in milliseconds or as ISO 8601. All of them
    may also be in the objects `metadata`, `generation`, `generations`, `creation_config`, `task`, `input`, `inputs`,
    `request` and `post`. A field of the call counts before one of these.
    """
    asked = reading.read(ImportFilm, said)
    call = ImportCall(
        service=service,
        owner=owner,
        file=asked.video,
        facts=_film_facts(asked),
        request_id=request.scope.get("yozora.request_id", ""),
    )
    row, existed = await import_film(call)
    return ImportedVideo(**library_video(row, UNPLACED).model_dump(), existed=existed)


def _film_facts(asked: ImportFilm) -> FilmFacts:
    """What a call says of a film. Raises `ApiError` 400 for a moment that is none."""
    facts = facts_of(asked.metadata or {})
    own = {each.name: getattr(asked, each.name) for each in fields(FilmFacts) if each.name != "created_at"}
    if asked.created_at is not None:
        own["created_at"] = moment_of(asked.created_at)
        if own["created_at"] is None:
            raise invalid("created_at", "'created_at' is not a moment. Send Unix seconds or a date such as 2026-03-01.")
    return replace(facts, **{name: value for name, value in own.items() if value is not None})
