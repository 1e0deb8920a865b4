"""Sessions of browsers, and the links that begin one: only hashes of their secrets are stored.

A page cannot send a bearer header for a picture, a film or a stream of events, so a key becomes a cookie that scripts
cannot read. A session belongs to a key and ends with it at once: nothing of it is remembered in a process.

A browser sends the cookie for every request to this server, also for one that another page of the same site has made.
So a write that comes with the cookie needs the session's CSRF token too, which is in an answer that only pages of this
origin can read. A token was chosen over comparing `Origin` with `Host`: proxies change `Host`, and browsers send
`Sec-Fetch-Site` to secure origins only. Knows no HTTP.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa

from yozora.errors import UserError
from yozora.server.accounts import audit, keys
from yozora.server.store import tables, tokens
from yozora.server.store.database import Database, new_id, now

SESSION_SECONDS: Final = 30 * 24 * 3600
LINK_SECONDS: Final = 15 * 60
MAX_SESSIONS: Final = 50  # of a key; the oldest ends when there is one more
STUDIO: Final = "studio"
"""The name of the key for users who sign in by the link that `yozora serve` prints."""

_sessions, _links = tables.sessions.c, tables.login_links.c


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserSession:
    """A browser that is signed in, and the key that it has signed in with. Times in Unix seconds."""

    id: str
    key: keys.Key
    created_at: int
    expires_at: int


def begin(database: Database, key_id: str) -> str | None:
    """A new session of a key: its secret, which is the cookie. None where the key is revoked or its time is over."""
    secret, moment = tokens.new_token(), now()
    with database.begin() as connection:
        if not keys.is_open(connection, key_id):
            return None
        kept = (
            sa.select(_sessions.id).where(_sessions.owner == key_id).order_by(_sessions.created_at.desc(), _sessions.id)
        )
        old = list(connection.execute(kept.offset(MAX_SESSIONS - 1)).scalars())
        connection.execute(sa.delete(tables.sessions).where(_sessions.id.in_(old)))
        row = {"id": new_id("sess"), "owner": key_id, "hash": tokens.hash_of(secret), "created_at": moment}
        connection.execute(sa.insert(tables.sessions).values(row | {"expires_at": moment + SESSION_SECONDS}))
    return secret


def find(database: Database, secret: str) -> BrowserSession | None:
    """The session of that cookie; None where there is none, or it or its key is over."""
    if not tokens.is_wellformed(secret):
        return None
    digest = tokens.hash_of(secret)
    with database.read() as connection:
        wanted = sa.select(tables.sessions).where(_sessions.hash == digest, _sessions.expires_at > now())
        row: sa.Row[Any] | None = connection.execute(wanted).one_or_none()
        if row is None or not hmac.compare_digest(row.hash, digest) or not keys.is_open(connection, row.owner):
            return None
        key = keys.get(connection, row.owner)
    return BrowserSession(id=row.id, key=key, created_at=row.created_at, expires_at=row.expires_at)


def csrf_token(secret: str) -> str:
    """What a write has to bring beside the cookie `secret`. The cookie cannot be computed from it."""
    return sha256(b"yozora csrf " + secret.encode()).hexdigest()


def is_csrf_token(secret: str, given: str) -> bool:
    """Whether that is the token of the cookie `secret`; takes the same time either way."""
    return hmac.compare_digest(csrf_token(secret).encode(), given.encode("utf-8", "replace"))


def end(database: Database, session_id: str) -> None:
    """Sign out: the cookie opens nothing from now on."""
    with database.begin() as connection:
        connection.execute(sa.delete(tables.sessions).where(_sessions.id == session_id))


def make_link(database: Database, key_id: str | None) -> str:
    """A code that begins one session of a key within 15 minutes; None: of the studio's own key, see `redeem`."""
    code = tokens.new_token()
    row = {"hash": tokens.hash_of(code), "owner": key_id, "expires_at": now() + LINK_SECONDS}
    with database.begin() as connection:
        if key_id is not None:
            audit.record(connection, audit.COMMAND_LINE, "key.link", key_id)
        connection.execute(sa.insert(tables.login_links).values(row))
    return code


def link_url(base: str, code: str) -> str:
    """The address of a link. Browsers keep what follows the # to themselves: no server and no proxy logs it."""
    return f"{base.rstrip('/')}/#code={code}"


def redeem(database: Database, code: str) -> str | None:
    """The key of a code, which is used up by this; None for one that is unknown, used or too old.

    A code without a key is the studio's, which is made now if there is none: it may create and administer, since
    the operator alone sees what the server prints.
    """
    if not tokens.is_wellformed(code):
        return None
    moment = now()
    good = (_links.hash == tokens.hash_of(code)) & _links.used_at.is_(None) & (_links.expires_at > moment)
    with database.begin() as connection:
        used = sa.update(tables.login_links).where(good).values(used_at=moment).returning(_links.owner)
        row = connection.execute(used).one_or_none()
    if row is None:
        return None
    if row.owner is not None:
        return str(row.owner)
    return studio_key(database) or keys.create(database, STUDIO, keys.Grant(scopes=("create", "admin")))[0]


def studio_key(database: Database) -> str | None:
    """The id of the oldest key named `STUDIO` that is not over."""
    named = (key.id for key in keys.listed(database) if key.name == STUDIO and not key.over)
    return next(named, None)


def key_of_server(database: Database) -> str | None:
    """Whose link `yozora serve` prints: the studio's key, else the only key that may create; None: a new one."""
    known = studio_key(database)
    if known is not None:
        return known
    able = [key.id for key in keys.listed(database) if not key.over and "create" in key.grant.allows]
    return able[0] if len(able) == 1 else None


def key_named(database: Database, said: str) -> keys.Key:
    """The key of that id, or the only one of that name that is not over. Raises `UserError`."""
    found = [key for key in keys.listed(database) if not key.over and said in (key.id, key.name)]
    if not found:
        raise UserError(f"The key {said[:60]!r} is not known.", "List the keys: yozora keys list", code="key_not_found")
    if len(found) > 1:
        raise UserError(
            f"{len(found)} keys have the name {said[:60]!r}.",
            "Write the id of one: yozora keys list",
            code="key_name_ambiguous",
        )
    return found[0]


def sweep(connection: sa.Connection, moment: int) -> None:
    """Remove what is over at `moment`: sessions, and links, used or not."""
    connection.execute(sa.delete(tables.sessions).where(_sessions.expires_at <= moment))
    connection.execute(sa.delete(tables.login_links).where(_links.expires_at <= moment))
