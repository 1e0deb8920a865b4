"""`/v1/folders`: where a key keeps its videos."""

from typing import Any, Final

import sqlalchemy as sa
from fastapi import APIRouter

from yozora.server.errors import ApiError, invalid
from yozora.server.http import reading, responses
from yozora.server.http.library import checked_text
from yozora.server.http.library_requests import NameFolder
from yozora.server.http.library_responses import Folder
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.service import BodyOf, Owner, ServiceOf
from yozora.server.store import rows, tables
from yozora.server.store.database import now

router = APIRouter(prefix="/v1/folders", tags=["library"], responses=REFUSALS)

MAX_FOLDERS: Final = 500  # of a key


@router.post("", summary="Create a folder", name="create_folder", openapi_extra=body(NameFolder, files=False))
def create(service: ServiceOf, owner: Owner, said: BodyOf) -> Folder:
    """An empty folder. Two may have the same name."""
    name = _folder_name(said)
    folder_id, number = rows.new_numbered("folder")
    with service.database.begin() as connection:
        if rows.count(connection, tables.folders, owner) >= MAX_FOLDERS:
            raise ApiError(400, f"There are {MAX_FOLDERS} folders already. Delete some.", code="too_many_folders")
        made = {"id": folder_id, "owner": owner, "number": number, "name": name, "created_at": now()}
        connection.execute(sa.insert(tables.folders).values(made))
        return _folder(connection, rows.find(connection, tables.folders, owner, folder_id, "folder"))


@router.get("", summary="List folders", name="list_folders")
def listed(service: ServiceOf, owner: Owner) -> responses.Page[Folder]:
    """All your folders, by name."""
    mine = sa.select(tables.folders).where(tables.folders.c.owner == owner)
    with service.database.read() as connection:
        found = connection.execute(mine.order_by(tables.folders.c.name, tables.folders.c.number)).all()
        folders = [_folder(connection, row) for row in found]
    return responses.page(folders, False, [folder.id for folder in folders])


@router.post(
    "/{folder_id}", summary="Rename a folder", name="rename_folder", openapi_extra=body(NameFolder, files=False)
)
def rename(service: ServiceOf, owner: Owner, folder_id: str, said: BodyOf) -> Folder:
    name = _folder_name(said)
    with service.database.begin() as connection:
        rows.find(connection, tables.folders, owner, folder_id, "folder")
        mine = tables.folders.c.id == folder_id
        connection.execute(sa.update(tables.folders).where(mine).values(name=name))
        return _folder(connection, rows.find(connection, tables.folders, owner, folder_id, "folder"))


@router.delete("/{folder_id}", summary="Delete a folder", name="delete_folder")
def delete(service: ServiceOf, owner: Owner, folder_id: str) -> responses.Deleted:
    """Its videos stay, without a folder."""

    def remove(connection: sa.Connection) -> None:
        rows.find(connection, tables.folders, owner, folder_id, "folder")
        inside = (tables.videos.c.owner == owner) & (tables.videos.c.folder == folder_id)
        connection.execute(sa.update(tables.videos).where(inside).values(folder=None))
        connection.execute(sa.delete(tables.folders).where(tables.folders.c.id == folder_id))

    service.database.make_room(remove)
    return responses.Deleted(id=folder_id, object="folder.deleted")


def _folder_name(said: BodyOf) -> str:
    name = checked_text("name", reading.read(NameFolder, said).name)
    if name is None:
        raise invalid("name", "The name is empty.")
    return name


def _folder(connection: sa.Connection, row: sa.Row[Any]) -> Folder:
    videos = tables.videos.c
    inside = (videos.owner == row.owner) & (videos.folder == row.id) & videos.trashed_at.is_(None)
    count = connection.execute(sa.select(sa.func.count()).where(inside)).scalar_one()
    return Folder(id=row.id, name=row.name, created_at=row.created_at, videos=count)
