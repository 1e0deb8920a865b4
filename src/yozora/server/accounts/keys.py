"""API keys: made, looked up, listed, revoked. Of a secret only its SHA-256 is kept, and it is shown once.

A secret has 256 random bits, so a plain hash of it cannot be searched back. Knows no HTTP.
"""

import hmac
import secrets
import threading
import time
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from yozora.errors import UserError
from yozora.server.store.database import Database, new_id, now
from yozora.server.store.tables import keys

PREFIX: Final = "yz-"
TRUSTED_SECONDS: Final = 3.0  # so long a key that was found is taken without asking the database
MAX_REMEMBERED: Final = 10_000
MAX_NAME: Final = 100  # characters
MAX_SECRET: Final = 200  # characters; what is longer is no key


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is known of a key: never its secret, only the last four characters of it (`hint`). Times in Unix seconds."""

    id: str
    name: str
    hint: str
    created_at: int
    revoked_at: int | None


@dataclass(frozen=True, slots=True)
class _Found:
    """The keys of one database that were found a moment ago: hash -> (owner, until when that is believed)."""

    owners: dict[str, tuple[str, float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def owner(self, hashed: str) -> str | None:
        with self.lock:
            owner, until = self.owners.get(hashed, (None, 0.0))
        return owner if time.monotonic() < until else None

    def remember(self, hashed: str, owner: str) -> None:
        with self.lock:
            if len(self.owners) >= MAX_REMEMBERED:
                self.owners.clear()
            self.owners[hashed] = owner, time.monotonic() + TRUSTED_SECONDS

    def forget(self) -> None:
        with self.lock:
            self.owners.clear()


_found: WeakKeyDictionary[sa.Engine, _Found] = WeakKeyDictionary()
_found_lock: Final = threading.Lock()


def create(database: Database, name: str) -> tuple[str, str]:
    """A new key of that name: its id, and its secret, which nobody can ask for again. Raises `UserError`."""
    name = name.strip()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise UserError("A key needs a name.", f"Up to {MAX_NAME} characters, such as the name of who will use it.")
    made, secret = new_id("key"), PREFIX + secrets.token_urlsafe(32)
    row = {"id": made, "name": name, "hash": _hash(secret), "hint": secret[-4:], "created_at": now()}
    with database.begin() as connection:
        connection.execute(keys.insert().values(row))
    return made, secret


def find(database: Database, secret: str) -> str | None:
    """The id of the key with that secret, None where there is none or it is revoked.

    A key that was found is believed for three seconds, so a revoked one may still be let in for as long.
    """
    if not secret.startswith(PREFIX) or len(secret) > MAX_SECRET:
        return None
    hashed, found = _hash(secret), _memory(database)
    owner = found.owner(hashed)
    if owner is not None:
        return owner
    chosen = sa.select(keys.c.id, keys.c.hash).where(keys.c.hash == hashed, keys.c.revoked_at.is_(None))
    with database.read() as connection:
        row = connection.execute(chosen).one_or_none()
    # The index compares hashes, not secrets, and its timing tells nothing that helps; this one tells nothing at all.
    if row is None or not hmac.compare_digest(row.hash, hashed):
        return None
    found.remember(hashed, row.id)
    return str(row.id)


def is_open(connection: sa.Connection, key_id: str) -> bool:
    """Whether a key opens anything now, by the database and not by memory."""
    ends = keys.c.expires_at
    lasting = keys.c.revoked_at.is_(None) & (ends.is_(None) | (ends > now()))
    return connection.execute(sa.select(keys.c.id).where(keys.c.id == key_id, lasting)).first() is not None


def listed(database: Database) -> list[Key]:
    """All keys, the revoked ones too, the oldest first."""
    columns = (keys.c.id, keys.c.name, keys.c.hint, keys.c.created_at, keys.c.revoked_at)
    with database.read() as connection:
        rows = connection.execute(sa.select(*columns).order_by(keys.c.created_at, keys.c.id))
        return [Key(**row) for row in rows.mappings()]


def revoke(database: Database, key_id: str) -> None:
    """The key opens nothing any more; what was made with it stays. Raises `UserError` for an id that nobody has."""
    with database.begin() as connection:
        known = connection.execute(sa.select(keys.c.id).where(keys.c.id == key_id)).scalar()
        if known is None:
            raise UserError(f"There is no key {key_id[:60]!r}.", "See which there are: yozora keys list")
        revoked = keys.update().where(keys.c.id == key_id, keys.c.revoked_at.is_(None))
        connection.execute(revoked.values(revoked_at=now()))
    _memory(database).forget()


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _memory(database: Database) -> _Found:
    with _found_lock:
        return _found.setdefault(database.engine, _Found())
