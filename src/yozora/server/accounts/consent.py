"""Who may use a character: its owner, keys that the owner names, every key, or none.

The server checks it where a film is ordered, in the transaction that writes its row, and again when a worker takes it.
Films that are finished stay. Knows no HTTP.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import sqlalchemy as sa

from yozora.server.errors import ApiError, missing
from yozora.server.store import lineage, tables
from yozora.server.store.rows import ID
from yozora.server.work.queue import GOING, Queue

Consent = Literal["owner", "keys", "everyone", "none"]
CONSENTS: Final[tuple[Consent, ...]] = get_args(Consent)
REVOKED: Final = ("consent_revoked", "A character of this video may not be used by this key any more.")
NAME_MARK: Final = "@"
"""A reference that begins with it is a character's name, not its id."""

MAX_FILMS: Final = 1_000  # that are listed

_characters, _parents, _videos = tables.characters.c, tables.parents.c, tables.videos.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """Films with a character whose keys may not use it: rows of `videos` that have failed now, and finished ones."""

    failed: list[sa.Row[Any]]
    finished: list[sa.Row[Any]]


def may_use(character: sa.Row[Any], key_id: str) -> bool:
    """Whether a key may use a character now."""
    if character.consent == "none":
        return False
    named = character.consent == "keys" and key_id in (character.allowed or ())
    return character.owner == key_id or character.consent == "everyone" or named


def usable(connection: sa.Connection, key_id: str) -> list[sa.Row[Any]]:
    """The characters that a key may use: its own first, each of these the newest first."""
    found = connection.execute(sa.select(tables.characters).where(_visible(key_id))).all()
    mine = [row for row in found if may_use(row, key_id)]
    return sorted(mine, key=lambda row: (row.owner != key_id, -row.created_at, row.id))


def find(connection: sa.Connection, key_id: str, said: str) -> sa.Row[Any]:
    """The character of an id, or of a name after an @, that a key may use; of two with one name the key's own. Raises
    `ApiError` 404 for one that is not there or is not for this key, 403 for its own that no one may use.
    """
    if said.startswith(NAME_MARK):
        name = said.removeprefix(NAME_MARK).casefold()
        named = [row for row in usable(connection, key_id) if row.name.casefold() == name]
        if named:
            return named[0]
        raise missing("character", said)
    row = find_visible(connection, key_id, said)
    check(row, key_id)
    return row


def find_visible(connection: sa.Connection, key_id: str, character_id: str) -> sa.Row[Any]:
    """The character of an id that is a key's own, or that it may use. Raises `ApiError` 404."""
    row = None
    if ID.fullmatch(character_id):
        row = connection.execute(sa.select(tables.characters).where(_characters.id == character_id)).one_or_none()
    if row is None or (row.owner != key_id and not may_use(row, key_id)):
        raise missing("character", character_id)
    return row


def check(character: sa.Row[Any], key_id: str) -> None:
    """Raise `ApiError` 403 for a character that a key may not use."""
    if not may_use(character, key_id):
        message = f"The character '{character.name}' cannot be used: its consent was revoked."
        raise ApiError(403, message, kind="permission_error", param="characters", code=REVOKED[0])


def check_film(connection: sa.Connection, video_id: str, key_id: str) -> None:
    """Raise `ApiError` 403 for a film with a character that this key may not use: nothing can be made from it."""
    if not all(may_use(row, key_id) for row in lineage.characters_in(connection, video_id)):
        message = "The consent for a character in this video was revoked, or this key never had it."
        raise ApiError(403, message, kind="permission_error", code=REVOKED[0])


def is_revoked(connection: sa.Connection, video_id: str, key_id: str) -> bool:
    """Whether a video has a character that its key may not use. One that was deleted since stays in it."""
    inside = sa.select(tables.characters).join(tables.parents, _parents.source == _characters.id)
    inside = inside.where(_parents.video == video_id, _parents.kind == lineage.CHARACTER)
    return any(not may_use(row, key_id) for row in connection.execute(inside))


def change(
    connection: sa.Connection, queue: Queue, character: sa.Row[Any], consent: Consent, allowed: Sequence[str]
) -> Revocation:
    """Say who may use a character from now on. What waits or is being made with it for a key that may not fails."""
    mine = _characters.id == character.id
    values = {"consent": consent, "allowed": list(dict.fromkeys(allowed)) if consent == "keys" else None}
    connection.execute(sa.update(tables.characters).where(mine).values(**values))
    changed = connection.execute(sa.select(tables.characters).where(mine)).one()
    columns = (_videos.id, _videos.owner, _videos.status, _videos.created_at)
    inside = sa.select(*columns).join(tables.parents, _parents.video == _videos.id)
    inside = inside.where(_parents.kind == lineage.CHARACTER, _parents.source == character.id)
    rows: list[Any] = [
        row for row in connection.execute(inside.order_by(_videos.number)) if not may_use(changed, row.owner)
    ]
    going = [row for row in rows if row.status in GOING]
    for row in going:
        queue.fail(connection, row.id, *REVOKED)
    finished = [row for row in rows if row.status == "completed"]
    return Revocation(failed=going[:MAX_FILMS], finished=finished[:MAX_FILMS])


def _visible(key_id: str) -> sa.ColumnElement[bool]:
    return (_characters.owner == key_id) | _characters.consent.in_(("keys", "everyone"))
