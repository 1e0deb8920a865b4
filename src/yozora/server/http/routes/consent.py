"""Who may use a character: `/v1/videos/characters/{id}/consent`; and which ones a key may use: `/v1/characters`."""

from typing import Any, Final, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from yozora.server.accounts import consent
from yozora.server.accounts.consent import Consent
from yozora.server.http import reading, responses
from yozora.server.http.library_requests import ChangeConsent
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.service import BodyOf, Owner, ServiceOf
from yozora.server.store import rows, tables

router = APIRouter(tags=["characters"], responses=REFUSALS)

PICTURE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}, "description": "A picture."}
}


class UsableCharacter(BaseModel):
    """A character that a key may use."""

    id: str
    object: Literal["character"] = "character"
    name: str
    created_at: int
    own: bool = Field(description="It is the key's own.")


class ConsentFilm(BaseModel):
    """A film with the character, of any key."""

    video_id: str
    key_id: str
    created_at: int


class CharacterConsent(BaseModel):
    """Who may use a character."""

    id: str
    object: Literal["character.consent"] = "character.consent"
    consent: Consent
    keys: list[str] = Field(description="Ids of the keys that may, where `consent` is `keys`; the owner's may, too.")


class ChangedConsent(CharacterConsent):
    """Who may use it now, and which films are by keys that may not."""

    failed: list[ConsentFilm] = Field(description="Those that were not finished: they fail as `consent_revoked`.")
    finished: list[ConsentFilm] = Field(description="Those that are finished: they stay.")


@router.get("/v1/characters", summary="List usable characters")
def usable(service: ServiceOf, owner: Owner) -> responses.Page[UsableCharacter]:
    """Characters that this key may use: its own first, then those that others let it use. Calls that make videos
    take them by id, or by name after an @ (`{"id": "@Rex"}`). Of two with one name, your own comes first.
    """
    with service.database.read() as connection:
        found = consent.usable(connection, owner)
    data = [
        UsableCharacter(id=row.id, name=row.name, created_at=row.created_at, own=row.owner == owner) for row in found
    ]
    return responses.page(data, False, [row.id for row in found])


@router.get(
    "/v1/characters/{character_id}/picture",
    summary="Retrieve a character's picture",
    responses=PICTURE,
    response_class=Response,
)
def picture(service: ServiceOf, owner: Owner, character_id: str) -> Response:
    """A PNG of a character that this key may use, or that is its own."""
    with service.database.read() as connection:
        row = consent.find_visible(connection, owner, character_id)
    return Response(
        service.objects.get(row.key), media_type="image/png", headers={"cache-control": "private, no-cache"}
    )


@router.get("/v1/videos/characters/{character_id}/consent", summary="Retrieve a character's consent")
def consent_of(service: ServiceOf, owner: Owner, character_id: str) -> CharacterConsent:
    """Who may use your character."""
    with service.database.read() as connection:
        row = rows.find(connection, tables.characters, owner, character_id, "character")
    return CharacterConsent(id=row.id, consent=row.consent, keys=row.allowed or [])


@router.post(
    "/v1/videos/characters/{character_id}/consent",
    summary="Change a character's consent",
    openapi_extra=body(ChangeConsent, files=False),
)
def change_consent(service: ServiceOf, owner: Owner, character_id: str, said: BodyOf) -> ChangedConsent:
    """Say who may use your character: only this key (`owner`), keys that you name (`keys`), every key (`everyone`), or
    no one, not even you (`none`). Unfinished videos of keys that may not use it any more fail at once, with the code
    `consent_revoked`. Finished ones are listed.
    """
    asked = reading.read(ChangeConsent, said)

    def write(connection: sa.Connection) -> ChangedConsent:
        row = rows.find(connection, tables.characters, owner, character_id, "character")
        done = consent.change(connection, service.queue, row, asked.consent, asked.keys)
        row = rows.find(connection, tables.characters, owner, character_id, "character")
        return ChangedConsent(
            id=row.id,
            consent=row.consent,
            keys=row.allowed or [],
            failed=[_film(one) for one in done.failed],
            finished=[_film(one) for one in done.finished],
        )

    return service.database.make_room(write)


def _film(row: sa.Row[Any]) -> ConsentFilm:
    return ConsentFilm(video_id=row.id, key_id=row.owner, created_at=row.created_at)
