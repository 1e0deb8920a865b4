"""`/v1/batches`: many calls of `/v1/videos` in one file."""

from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query
from pydantic import BaseModel

from yozora.server.errors import ApiError, invalid
from yozora.server.http import batches, reading, responses
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.requests import WINDOW, CreateBatch
from yozora.server.http.routes.files import BATCH
from yozora.server.http.service import BodyOf, Owner, Service, ServiceOf
from yozora.server.store import rows, tables
from yozora.server.store.database import now

router = APIRouter(prefix="/v1/batches", tags=["batches"], responses=REFUSALS)

Status = Literal["validating", "failed", "in_progress", "finalizing", "completed", "expired", "cancelling", "cancelled"]


class Wrong(BaseModel):
    """An error in a line of the input."""

    code: str
    message: str
    line: int | None
    param: str | None


class Errors(BaseModel):
    object: Literal["list"] = "list"
    data: list[Wrong]


class Counts(BaseModel):
    """Numbers of lines."""

    total: int
    completed: int
    failed: int


class Batch(BaseModel):
    """The current state of a batch."""

    id: str
    object: Literal["batch"] = "batch"
    endpoint: str
    errors: Errors | None
    input_file_id: str
    completion_window: str = WINDOW
    status: Status
    output_file_id: str | None
    error_file_id: str | None
    created_at: int
    in_progress_at: int | None
    expires_at: int
    finalizing_at: int | None = None
    completed_at: int | None
    failed_at: int | None
    expired_at: int | None
    cancelling_at: int | None = None
    cancelled_at: int | None
    request_counts: Counts
    metadata: dict[str, str] | None


@router.post("", summary="Create a batch", openapi_extra=body(CreateBatch, files=False))
def create(service: ServiceOf, owner: Owner, parsed: BodyOf) -> Batch:
    """A video for each line of a file, when the queue has room: `{"custom_id", "method": "POST", "url": "/v1/videos",
    "body": {...}}`. The batch is completed when all have ended. The output file lists the videos, the error file
    the failures. If a line cannot be read, the batch is `failed` at once.
    """
    asked = reading.read(CreateBatch, parsed)
    with service.database.read() as connection:
        file = rows.find(connection, tables.files, owner, asked.input_file_id, "file")
    if file.purpose != BATCH:
        raise invalid(
            "input_file_id",
            f"The purpose of this file is '{file.purpose[:60]}'. Use a file with the purpose '{BATCH}'.",
        )
    data = service.objects.get(file.key)
    lines, errors = batches.parse(data, service.settings.limits.batch_lines)
    batch_id, number = rows.new_numbered("batch")
    made = {"id": batch_id, "owner": owner, "number": number, "endpoint": asked.endpoint, "created_at": now()}
    made |= {"input_file": file.id, "metadata": asked.metadata}
    if errors:
        made |= {"status": "failed", "ended_at": now(), "lines": errors}
    else:
        named = [{"custom_id": line["custom_id"], "video": None, "error": None} for line in lines]
        made |= {"status": "in_progress", "lines": named}
        service.objects.put_bytes(batches.input_key(batch_id), data)
    try:
        with service.database.begin() as connection:
            _check_count(connection, service, owner)
            connection.execute(tables.batches.insert().values(**made))
            return _batch(service, connection, rows.find(connection, tables.batches, owner, batch_id, "batch"))
    except ApiError:
        service.objects.delete(batches.input_key(batch_id))
        raise


@router.get("", summary="List batches")
def listed(
    service: ServiceOf,
    owner: Owner,
    after: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> responses.Page[Batch]:
    """Your batches, the newest first."""
    with service.database.read() as connection:
        span = rows.PageQuery(after=after, limit=limit, order="desc")
        found, more = rows.page(connection, tables.batches, owner, span)
        shown = [_batch(service, connection, row) for row in found]
    return responses.page(shown, more, [row.id for row in found])


@router.get("/{batch_id}", summary="Retrieve a batch")
def retrieve(service: ServiceOf, owner: Owner, batch_id: str) -> Batch:
    with service.database.read() as connection:
        return _batch(service, connection, rows.find(connection, tables.batches, owner, batch_id, "batch"))


@router.post("/{batch_id}/cancel", summary="Cancel a batch")
def cancel(service: ServiceOf, owner: Owner, batch_id: str) -> Batch:
    """Unfinished videos stop, then the batch is `cancelled`. A batch that has ended does not change."""
    table = tables.batches
    with service.database.begin() as connection:
        rows.find(connection, table, owner, batch_id, "batch")
        going = sa.update(table).where(table.c.id == batch_id, table.c.status == "in_progress")
        connection.execute(going.values(status="cancelling"))
        return _batch(service, connection, rows.find(connection, table, owner, batch_id, "batch"))


def _check_count(connection: sa.Connection, service: Service, owner: str) -> None:
    table, most = tables.batches, service.settings.limits.batches
    mine = sa.select(sa.func.count()).select_from(table)
    mine = mine.where(table.c.owner == owner, table.c.status.in_(batches.GOING))
    if connection.execute(mine).scalar_one() >= most:
        message = f"This key has {most} unfinished batches. Wait for one, or cancel one."
        raise ApiError(400, message, param=None, code="too_many_batches")


def _batch(service: Service, connection: sa.Connection, row: sa.Row[Any]) -> Batch:
    ended = {status: row.ended_at if row.status == status else None for status in ("completed", "failed", "expired")}
    failed = row.status == "failed"
    return Batch(
        id=row.id,
        endpoint=row.endpoint,
        errors=Errors(data=[Wrong(**one) for one in row.lines]) if failed else None,
        input_file_id=row.input_file,
        status=row.status,
        output_file_id=row.output_file,
        error_file_id=row.error_file,
        created_at=row.created_at,
        in_progress_at=None if failed else row.created_at,
        expires_at=row.created_at + round(service.settings.times.batch_most),
        completed_at=ended["completed"],
        failed_at=ended["failed"],
        expired_at=ended["expired"],
        cancelled_at=row.ended_at if row.status == "cancelled" else None,
        request_counts=Counts(total=0, completed=0, failed=0) if failed else _counts(connection, row),
        metadata=row.metadata,
    )


def _counts(connection: sa.Connection, row: sa.Row[Any]) -> Counts:
    if row.ended_at is not None:  # its videos may be gone
        done = sum(line["done"] for line in row.lines)
        return Counts(total=len(row.lines), completed=done, failed=len(row.lines) - done)
    videos = tables.videos.c
    states = sa.select(videos.status, sa.func.count()).where(videos.batch == row.id).group_by(videos.status)
    there: dict[str, int] = {row[0]: row[1] for row in connection.execute(states)}
    failed = there.get("failed", 0) + sum(line["error"] is not None for line in row.lines)
    return Counts(total=len(row.lines), completed=there.get("completed", 0), failed=failed)
