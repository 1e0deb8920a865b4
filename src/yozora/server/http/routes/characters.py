"""`/v1/videos/characters`: people and things that prompts may name."""

from functools import partial
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query

from yozora.server.accounts.limits import of_key
from yozora.server.errors import ApiError, invalid
from yozora.server.http import reading, requests, responses
from yozora.server.http.body_parser import Upload
from yozora.server.http.moderation import blocked
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.service import BodyOf, Owner, Service, ServiceOf
from yozora.server.http.sources import Finder, about
from yozora.server.safety import uploads
from yozora.server.store import rows, tables
from yozora.server.store.database import new_id, now

router = APIRouter(prefix="/v1/videos/characters", tags=["characters"], responses=REFUSALS)


@router.post("", summary="Create a character", openapi_extra=body(requests.CreateCharacter))
async def create(service: ServiceOf, owner: Owner, parsed: BodyOf) -> responses.Character:
    """A person or thing in the first frame of a film, or in a picture. Prompts use its name. Only send
    people that you have permission to show.
    """
    asked = reading.read(requests.CreateCharacter, parsed)
    name = asked.name.strip()
    if not name or not name.isprintable():
        raise invalid("name", "The name has no letters.")
    if (reason := await blocked(service, owner, [name])) is not None:
        raise invalid("name", reason, "moderation_blocked")
    finder = Finder(service=service, owner=owner, folder=parsed.folder)
    path, title = await service.capacity.do(partial(_seen_in, finder, asked.video))
    with about("video"):
        take = partial(uploads.signed_still, path, service.settings.limits, service.settings.provenance, title)
        picture = await service.capacity.decodings.run(owner, take)
    return await service.capacity.do(partial(_store_character, service, owner, name, picture))


def _seen_in(finder: Finder, reference: Upload | requests.VideoReference) -> tuple[Path, str]:
    """The film in which the character is seen, and what it is called."""
    if not isinstance(reference, requests.VideoReference):
        return reference.path, "source"
    path = finder.folder / "character"
    with about("video"):
        source = finder.video(reference.id, "video")
        finder.service.objects.save(str(source.key), path)
    return path, str(source.video)


def _store_character(service: Service, owner: str, name: str, picture: bytes) -> responses.Character:
    limits = service.settings.limits
    made = {"id": new_id("char"), "owner": owner, "name": name, "created_at": now()}
    key = f"characters/{made['id']}.png"
    service.objects.put_bytes(key, picture)
    try:
        with service.database.begin() as connection:
            most = of_key(connection, owner, limits).characters
            if rows.count(connection, tables.characters, owner) >= most:
                raise ApiError(400, f"This key has {most} characters already. Delete some.", code="too_many_characters")
            connection.execute(tables.characters.insert().values(**made, key=key))
            return responses.character(rows.find(connection, tables.characters, owner, str(made["id"]), "character"))
    except ApiError:
        service.objects.delete(key)
        raise


@router.get("", summary="List characters")
def listed(
    service: ServiceOf, owner: Owner, order: Annotated[str, Query(pattern="^(asc|desc)$")] = "asc"
) -> responses.Page[responses.Character]:
    """All your characters."""
    mine = sa.select(tables.characters).where(tables.characters.c.owner == owner)
    rising = (tables.characters.c.created_at, tables.characters.c.id)
    with service.database.read() as connection:
        found = list(connection.execute(mine.order_by(*rising)))
    found = found if order == "asc" else found[::-1]
    return responses.page([responses.character(row) for row in found], False, [row.id for row in found])


@router.get("/{character_id}", summary="Retrieve a character")
def retrieve(service: ServiceOf, owner: Owner, character_id: str) -> responses.Character:
    with service.database.read() as connection:
        return responses.character(rows.find(connection, tables.characters, owner, character_id, "character"))


@router.delete("/{character_id}", summary="Delete a character")
def delete(service: ServiceOf, owner: Owner, character_id: str) -> responses.Deleted:
    """Its films stay."""
    with service.database.begin() as connection:
        row = rows.find(connection, tables.characters, owner, character_id, "character")
        connection.execute(sa.delete(tables.characters).where(tables.characters.c.id == character_id))
    service.objects.delete(row.key)
    return responses.Deleted(id=character_id, object="character.deleted")
