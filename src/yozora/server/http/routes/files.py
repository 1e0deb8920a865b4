"""`/v1/files`: pictures and films that are sent once and pointed at by `file_id`."""

from functools import partial
from typing import Annotated, Final, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from yozora.server.accounts.limits import check_storage, of_key
from yozora.server.errors import ApiError
from yozora.server.http import reading, requests, responses
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.routes.content import begun
from yozora.server.http.service import BodyOf, Owner, Receiver, Service, ServiceOf
from yozora.server.http.sources import about
from yozora.server.safety import uploads
from yozora.server.store import rows, tables
from yozora.server.store.database import now

router = APIRouter(prefix="/v1/files", tags=["files"], responses=REFUSALS)


BATCH: Final = "batch"
"""The purpose of a file whose lines are calls; nothing is decoded in it."""


@router.post("", summary="Upload a file", openapi_extra=body(requests.CreateFile))
async def create(service: ServiceOf, owner: Owner, parsed: BodyOf) -> responses.File:
    """A picture or a film, which is checked before it is stored; or, for the purpose `batch`, the lines of a batch."""
    asked, limits = reading.read(requests.CreateFile, parsed), service.settings.limits
    if asked.purpose == BATCH:
        if asked.file.bytes > limits.text_bytes:
            message = f"The input of a batch can have up to {limits.text_bytes:,} bytes."
            raise ApiError(413, message, param="file", code="file_too_large")
        return await service.capacity.do(partial(_store_file, service, owner, asked, "lines"))
    with about("file"):
        found = await service.capacity.decodings.run(owner, partial(uploads.inspect, asked.file.path, limits))
    return await service.capacity.do(partial(_store_file, service, owner, asked, found.kind))


def _store_file(service: Service, owner: str, body: requests.CreateFile, kind: str) -> responses.File:
    limits = service.settings.limits
    file_id, number = rows.new_numbered("file")
    key = f"files/{file_id}"
    service.objects.put(key, body.file.path)
    values = {"id": file_id, "owner": owner, "number": number, "filename": body.file.filename, "key": key}
    values |= {"purpose": body.purpose, "bytes": body.file.bytes, "created_at": now(), "kind": kind}
    try:
        with service.database.begin() as connection:
            mine = of_key(connection, owner, limits)
            if rows.count(connection, tables.files, owner) >= mine.files:
                raise ApiError(400, f"This key has {mine.files} files already. Delete some.", code="too_many_files")
            check_storage(connection, owner, mine, body.file.bytes)
            connection.execute(tables.files.insert().values(**values))
            return responses.file(rows.find(connection, tables.files, owner, file_id, "file"))
    except ApiError:
        service.objects.delete(key)
        raise


@router.get("", summary="List files")
def listed(
    service: ServiceOf,
    owner: Owner,
    after: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=0, le=10_000)] = 1_000,
    order: Annotated[Literal["asc", "desc"], Query()] = "desc",
) -> responses.Page[responses.File]:
    """Your files."""
    with service.database.read() as connection:
        span = rows.PageQuery(after=after, limit=limit, order=order)
        found, more = rows.page(connection, tables.files, owner, span)
    return responses.page([responses.file(row) for row in found], more, [row.id for row in found])


@router.get("/{file_id}", summary="Retrieve a file")
def retrieve(service: ServiceOf, owner: Owner, file_id: str) -> responses.File:
    with service.database.read() as connection:
        return responses.file(rows.find(connection, tables.files, owner, file_id, "file"))


@router.get("/{file_id}/content", summary="Download a file", response_class=StreamingResponse)
def content(service: ServiceOf, owner: Receiver, file_id: str) -> StreamingResponse:
    """The file as you sent it."""
    with service.database.read() as connection:
        row = rows.find(connection, tables.files, owner, file_id, "file")
    headers = {"content-length": str(row.bytes), "content-disposition": f'attachment; filename="{row.id}"'}
    stream = begun(service, row.key, 0, row.bytes)
    return StreamingResponse(stream, headers=headers, media_type="application/octet-stream")


@router.delete("/{file_id}", summary="Delete a file")
def delete(service: ServiceOf, owner: Owner, file_id: str) -> responses.Deleted:
    """Queued videos that use it are still made."""

    def remove(connection: sa.Connection) -> str:
        row = rows.find(connection, tables.files, owner, file_id, "file")
        connection.execute(sa.delete(tables.files).where(tables.files.c.id == file_id))
        return str(row.key)

    service.objects.delete(service.database.make_room(remove))
    return responses.Deleted(id=file_id, object="file")
