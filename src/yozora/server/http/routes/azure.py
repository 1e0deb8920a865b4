"""`/v1/video/generations`: Azure's jobs, at `/openai/v1/video/generations` too."""

from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Annotated, Any, Final, Literal

import sqlalchemy as sa
from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from yozora.server.errors import ApiError, invalid, missing
from yozora.server.http import azure, reading
from yozora.server.http.azure import JOBS, PREFIX, AzureJob, Generation
from yozora.server.http.creating import CallOf, CreateCall, make
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.routes import content, videos
from yozora.server.http.service import BodyOf, Owner, Service, ServiceOf
from yozora.server.store import rows, tables

router = APIRouter(prefix=JOBS, tags=["azure"], responses=REFUSALS)

SCANNED: Final = 500  # jobs that a list with `statuses` looks through
GONE: Final[dict[int | str, dict[str, Any]]] = {204: {"description": "It was deleted."}}


class Jobs(BaseModel):
    """A page of a list."""

    object: Literal["list"] = "list"
    data: list[AzureJob]
    has_more: bool
    first_id: str | None
    last_id: str | None


@router.post("/jobs", summary="Create a job", openapi_extra=body(azure.CreateJob))
async def create(call: CallOf, parsed: BodyOf) -> AzureJob:
    """One video for each of `n_variants`; each is also a video of `/v1/videos`."""
    asked = await call.service.capacity.do(partial(reading.read, azure.CreateJob, parsed))
    job_id, _ = rows.new_numbered(PREFIX)
    made: list[sa.Row[Any]] = []
    try:
        for variant in range(asked.n_variants):
            order_request = partial(azure.order_request, create_job=asked, job_id=job_id)
            made.append(await make(_numbered(call, variant), order_request))
            job_id = made[0].batch or job_id  # that of the first try, where this is a repeat
    except ApiError:  # all of them or none
        for row in made:
            await to_thread.run_sync(videos.delete, call.service, call.owner, row.id)
        raise
    return azure.job(made)


@router.get("/jobs", summary="List jobs")
def listed(
    service: ServiceOf,
    owner: Owner,
    before: Annotated[str | None, Query(max_length=80)] = None,
    after: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    statuses: Annotated[list[str] | None, Query(description="Separated by commas.")] = None,
) -> Jobs:
    """Your jobs, the newest first."""
    wanted = {name for said in statuses or [] for name in said.split(",") if name}
    table = tables.videos
    mine = sa.select(table.c.batch).where(table.c.owner == owner, table.c.batch.like(f"{PREFIX}_%")).distinct()
    if after is not None:
        mine = mine.where(table.c.batch < after)
    if before is not None:
        mine = mine.where(table.c.batch > before)
    count = SCANNED if wanted else limit + 1
    with service.database.read() as connection:
        ids = list(connection.execute(mine.order_by(table.c.batch.desc()).limit(count)).scalars())
        jobs = (azure.job(_find_job_videos(connection, owner, one)) for one in ids)
        found = list(islice((one for one in jobs if not wanted or one.status in wanted), limit + 1))
    shown = found[:limit]
    first, last = (shown[0].id, shown[-1].id) if shown else (None, None)
    return Jobs(data=shown, has_more=len(found) > limit, first_id=first, last_id=last)


@router.get("/jobs/{job_id}", summary="Retrieve a job")
def retrieve(service: ServiceOf, owner: Owner, job_id: str) -> AzureJob:
    with service.database.read() as connection:
        return azure.job(_find_job_videos(connection, owner, job_id))


@router.delete("/jobs/{job_id}", summary="Delete a job", status_code=204, responses=GONE, response_class=Response)
def delete(service: ServiceOf, owner: Owner, job_id: str) -> Response:
    """Deletes all its videos, and stops unfinished ones."""
    with service.database.read() as connection:
        found = _find_job_videos(connection, owner, job_id)
    for row in found:
        videos.delete(service, owner, row.id)
    return Response(status_code=204)


@router.get("/{generation_id}", summary="Retrieve a film of a job")
def generation(service: ServiceOf, owner: Owner, generation_id: str) -> Generation:
    return azure.generation(_find_completed(service, owner, generation_id))


@router.get(
    "/{generation_id}/content/video",
    summary="Download the film of a job",
    responses=content.ANSWERS,
    response_class=Response,
)
@router.head("/{generation_id}/content/video", include_in_schema=False)
def film(request: Request, service: ServiceOf, owner: Owner, generation_id: str) -> Response:
    """MP4. The id of a job means its first film."""
    return content.content(request, service, owner, _find_completed(service, owner, generation_id).id)


@router.get(
    "/{generation_id}/content/thumbnail",
    summary="Download a picture of a film of a job",
    responses=content.ANSWERS,
    response_class=Response,
)
@router.head("/{generation_id}/content/thumbnail", include_in_schema=False)
def thumbnail(request: Request, service: ServiceOf, owner: Owner, generation_id: str) -> Response:
    """WebP."""
    return content.content(request, service, owner, _find_completed(service, owner, generation_id).id, "thumbnail")


def _numbered(call: CreateCall, variant: int) -> CreateCall:
    """The call that makes one of the variants: a repeat finds each of them."""
    if variant == 0:
        return call
    key = None if call.key is None else f"{call.key} {variant}"
    return replace(call, key=key, fingerprint=f"{call.fingerprint} {variant}")


def _find_job_videos(connection: sa.Connection, owner: str, job_id: str) -> list[sa.Row[Any]]:
    """The videos of a job. Raises `ApiError` 404 where there are none."""
    table = tables.videos
    found: list[sa.Row[Any]] = []
    if job_id.startswith(f"{PREFIX}_"):
        mine = sa.select(table).where(table.c.owner == owner, table.c.batch == job_id)
        found = list(connection.execute(mine.order_by(table.c.number)))
    if not found:
        raise missing("job", job_id)
    return found


def _find_completed(service: Service, owner: str, generation_id: str) -> sa.Row[Any]:
    """A video that is completed, by its own id or as the first of a job."""
    with service.database.read() as connection:
        if not generation_id.startswith(f"{PREFIX}_"):
            return rows.find(connection, tables.videos, owner, generation_id, "generation")
        found = _find_job_videos(connection, owner, generation_id)
    row = next((row for row in found if row.status == "completed"), None)
    if row is None:
        raise invalid(None, f"The job '{generation_id[:80]}' has no film yet. Try again later.", "content_not_ready")
    return row
