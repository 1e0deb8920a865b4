"""API keys: made, looked up, listed, changed, revoked. Of a secret only its SHA-256 is kept, and it is shown once.

A secret has 256 random bits, so a plain hash of it cannot be searched back. Knows no HTTP.
"""

import hmac
import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final, Literal, cast, get_args
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from yozora.errors import UserError
from yozora.server.accounts import audit
from yozora.server.bounds import PER_KEY, Limits
from yozora.server.configuration import numbers
from yozora.server.store.database import Database, new_id, now
from yozora.server.store.tables import keys

Scope = Literal["read", "create", "admin"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
USUAL: Final[tuple[Scope, ...]] = ("create",)
ALLOWS: Final[Mapping[Scope, frozenset[Scope]]] = MappingProxyType(
    {"read": frozenset({"read"}), "create": frozenset({"read", "create"}), "admin": frozenset({"read", "admin"})}
)
"""What a key of a scope may do: look at what is its own; make, change and delete as well; administer all keys'."""

PREFIX: Final = "yz-"
TRUSTED_SECONDS: Final = 3.0  # so long a key that was found is taken without asking the database
USED_SECONDS: Final = 60  # at most so often its last use is written down
MAX_REMEMBERED: Final = 10_000
MAX_NAME: Final = 100  # characters
MAX_SECRET: Final = 200  # characters; what is longer is no key
MAX_WEIGHT: Final = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a key may do, and how much.

    `limits` are those of `bounds.PER_KEY` that differ for it; `weight` is its share of the workers, where others have
    1; `expires_at` in Unix seconds, None: never. Raises `UserError` for what cannot be.
    """

    scopes: tuple[Scope, ...] = USUAL
    limits: Mapping[str, float] = field(default_factory=dict)
    weight: float = 1.0
    expires_at: int | None = None

    def __post_init__(self) -> None:
        unknown = sorted({*self.scopes} - {*SCOPES})
        if unknown or not self.scopes:
            what = f"The scope {unknown[0][:60]!r} is not known." if unknown else "A key needs a scope."
            raise UserError(what, f"Use some of: {', '.join(SCOPES)}.", code="scope_invalid")
        if not 0 < self.weight <= MAX_WEIGHT:
            raise UserError(
                f"The priority {self.weight:g} is out of range.",
                f"Use a number above 0, up to {MAX_WEIGHT:g}.",
                code="priority_out_of_range",
            )
        if self.expires_at is not None and not 0 < self.expires_at < 1 << 40:
            raise UserError(
                f"A key cannot expire at {self.expires_at}.", "Use Unix seconds.", code="key_expiry_invalid"
            )
        object.__setattr__(self, "limits", _own_limits(self.limits))

    @property
    def allows(self) -> frozenset[Scope]:
        """What its scopes let it do, together."""
        return frozenset[Scope]().union(*(ALLOWS[scope] for scope in self.scopes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is known of a key: never its secret, only the last four characters of it (`hint`). Times in Unix seconds."""

    id: str
    name: str
    hint: str
    created_at: int
    revoked_at: int | None
    last_used_at: int | None
    grant: Grant

    @property
    def over(self) -> bool:
        """Whether it opens nothing any more."""
        ends = self.grant.expires_at
        return self.revoked_at is not None or (ends is not None and ends <= now())

    def to_json(self) -> dict[str, Any]:
        """As it is listed."""
        said = {name: getattr(self, name) for name in ("id", "name", "hint", "created_at", "revoked_at")}
        return {**said, "last_used_at": self.last_used_at, **grant_json(self.grant)}


@dataclass(slots=True)
class _Found:
    """The keys of one database that were found a moment ago, until when that is believed, and when they were used."""

    keys: dict[str, tuple[Key, float]] = field(default_factory=dict)  # by the hash of the secret
    limits: dict[str, Mapping[str, float]] = field(default_factory=dict)  # by the key's id
    used: dict[str, int] = field(default_factory=dict)  # by the key's id: what is to be written down
    lock: threading.Lock = field(default_factory=threading.Lock)

    def key(self, hashed: str) -> Key | None:
        with self.lock:
            key, until = self.keys.get(hashed, (None, 0.0))
        return key if time.monotonic() < until else None

    def remember(self, hashed: str, key: Key) -> None:
        with self.lock:
            if len(self.keys) >= MAX_REMEMBERED:
                self.keys.clear()
                self.limits.clear()
            self.keys[hashed] = key, time.monotonic() + TRUSTED_SECONDS
            self.limits[key.id] = key.grant.limits

    def forget(self) -> None:
        with self.lock:
            self.keys.clear()


_found: WeakKeyDictionary[sa.Engine, _Found] = WeakKeyDictionary()
_found_lock: Final = threading.Lock()


def create(
    database: Database, name: str, grant: Grant | None = None, *, by: str = audit.COMMAND_LINE
) -> tuple[str, str]:
    """A new key of that name: its id, and its secret, which cannot be asked for again. Raises `UserError`."""
    name, grant = name.strip(), grant or Grant()
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise UserError(
            "The name of the key is empty, too long or has control characters.",
            f"Use up to {MAX_NAME} characters, such as the name of its user.",
            code="key_name_invalid",
        )
    made, secret = new_id("key"), PREFIX + secrets.token_urlsafe(32)
    row = {"id": made, "name": name, "hash": _hash(secret), "hint": secret[-4:], "created_at": now()}
    with database.begin() as connection:
        connection.execute(keys.insert().values(row | _columns(grant)))
        audit.record(connection, by, "key.create", made, {"name": name, **grant_json(grant)})
    return made, secret


def find(database: Database, secret: str) -> str | None:
    """The id of the key with that secret, see `recognise`."""
    key = recognise(database, secret)
    return None if key is None else key.id


def recognise(database: Database, secret: str) -> Key | None:
    """The key with that secret, None where there is none, or it is revoked, or its time is over.

    A key that was found is believed for three seconds, so a revoked one may still be let in for as long.
    """
    if not secret.startswith(PREFIX) or len(secret) > MAX_SECRET:
        return None
    hashed, found = _hash(secret), _memory(database)
    key = found.key(hashed)
    if key is None:
        with database.read() as connection:
            row = connection.execute(sa.select(keys).where(keys.c.hash == hashed)).one_or_none()
        # The index compares hashes, not secrets, and its timing tells nothing that helps; this one tells nothing.
        if row is None or not hmac.compare_digest(row.hash, hashed):
            return None
        key = _key_from_row(row)
        found.remember(hashed, key)
    if key.over:
        return None
    with found.lock:
        found.used[key.id] = now()
    return key


def limits_of(database: Database, key_id: str) -> Mapping[str, float]:
    """The limits that a key, which was recognised a moment ago, has of its own."""
    found = _memory(database)
    with found.lock:
        return found.limits.get(key_id, {})


def write_uses(database: Database) -> None:
    """Write down when keys were used last, for those that this process has seen since it did so before. Call it every
    `USED_SECONDS`: a request never waits for it.
    """
    found = _memory(database)
    with found.lock:
        used, found.used = found.used, {}
    if not used:
        return
    try:
        with database.begin() as connection:
            for key_id, at in used.items():
                older = keys.c.last_used_at.is_(None) | (keys.c.last_used_at <= at - USED_SECONDS)
                connection.execute(keys.update().where(keys.c.id == key_id, older).values(last_used_at=at))
    except Exception:
        with found.lock:
            found.used = used | found.used
        raise


def is_open(connection: sa.Connection, key_id: str) -> bool:
    """Whether a key opens anything now, by the database and not by memory."""
    return connection.execute(sa.select(keys.c.id).where(keys.c.id == key_id, ~_is_over())).first() is not None


def are_over() -> sa.Select[tuple[str]]:
    """Ids of the keys that are revoked, or whose time is over."""
    return sa.select(keys.c.id).where(_is_over())


def _is_over() -> sa.ColumnElement[bool]:
    ends = keys.c.expires_at
    return keys.c.revoked_at.is_not(None) | (ends.is_not(None) & (ends <= now()))


def listed(database: Database) -> list[Key]:
    """All keys, the revoked ones too, the oldest first."""
    with database.read() as connection:
        return [
            _key_from_row(row) for row in connection.execute(sa.select(keys).order_by(keys.c.created_at, keys.c.id))
        ]


def get(connection: sa.Connection, key_id: str) -> Key:
    """A key. Raises `UserError` for an id that is not known."""
    row = connection.execute(sa.select(keys).where(keys.c.id == key_id)).one_or_none() if "\0" not in key_id else None
    if row is None:
        raise UserError(
            f"The key {key_id[:60]!r} is not known.", "List the keys: yozora keys list", code="key_not_found"
        )
    return _key_from_row(row)


def change(database: Database, key_id: str, grant: Grant, *, by: str = audit.COMMAND_LINE) -> Key:
    """Let a key do other things than before. Raises `UserError` for an id that is not known."""
    with database.begin() as connection:
        get(connection, key_id)
        connection.execute(keys.update().where(keys.c.id == key_id).values(_columns(grant)))
        audit.record(connection, by, "key.change", key_id, grant_json(grant))
        changed = get(connection, key_id)
    _memory(database).forget()
    return changed


def revoke(database: Database, key_id: str, *, by: str = audit.COMMAND_LINE) -> None:
    """The key opens nothing any more; what was made with it stays. Raises `UserError` for an id that is not known."""
    with database.begin() as connection:
        get(connection, key_id)
        revoked = keys.update().where(keys.c.id == key_id, keys.c.revoked_at.is_(None))
        if connection.execute(revoked.values(revoked_at=now())).rowcount:
            audit.record(connection, by, "key.revoke", key_id)
    forget(database)


def forget(database: Database) -> None:
    """Ask the database about every key that comes next."""
    _memory(database).forget()


def grant_json(grant: Grant) -> dict[str, Any]:
    """What a key may do, as it is listed."""
    return {
        "scopes": list(grant.scopes),
        "limits": dict(grant.limits),
        "weight": grant.weight,
        "expires_at": grant.expires_at,
    }


def _own_limits(limits: Mapping[str, Any]) -> Mapping[str, float]:
    for name in limits:
        if name not in PER_KEY:
            raise UserError(
                f"The limit {str(name)[:60]!r} cannot be set for a key.",
                f"Use one of: {', '.join(PER_KEY)}.",
                code="unknown_limit",
            )
    read = numbers(Limits(), limits)
    return MappingProxyType({name: getattr(read, name) for name in limits})


def _columns(grant: Grant) -> dict[str, Any]:
    return {
        "scopes": None if grant.scopes == USUAL else list(grant.scopes),
        "limits": dict(grant.limits) or None,
        "weight": grant.weight,
        "expires_at": grant.expires_at,
    }


def _key_from_row(row: sa.Row[Any]) -> Key:
    known = cast(tuple[Scope, ...], tuple(_keep_known(row.scopes, SCOPES)))
    grant = Grant(
        scopes=USUAL if row.scopes is None else known or ("read",),
        limits={name: row.limits[name] for name in _keep_known(row.limits, PER_KEY)},
        weight=row.weight or 1.0,
        expires_at=row.expires_at,
    )
    columns = {name: getattr(row, name) for name in ("id", "name", "hint", "created_at", "revoked_at", "last_used_at")}
    return Key(**columns, grant=grant)


def _keep_known(names_given: Iterable[str] | None, names: Iterable[str]) -> list[str]:
    """Without what a newer release may have written."""
    return [name for name in names_given or () if name in names]


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _memory(database: Database) -> _Found:
    with _found_lock:
        return _found.setdefault(database.engine, _Found())
