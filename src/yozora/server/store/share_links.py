"""Links that show one film to anyone who has them, until they end or are revoked.

Only hashes of their tokens are stored. Knows no HTTP.
"""

import hmac
from typing import Any

import sqlalchemy as sa

from yozora.server.store import rows, tables, tokens
from yozora.server.store.database import now

_links, _videos, _keys = tables.share_links.c, tables.videos.c, tables.keys.c


def create(connection: sa.Connection, owner: str, video_id: str, seconds: int) -> tuple[str, sa.Row[Any]]:
    """The token of a new link to the owner's video, and its row."""
    token, (link_id, number) = tokens.new_token(), rows.new_numbered("link")
    moment = now()
    row = {"id": link_id, "owner": owner, "number": number, "video": video_id, "hash": tokens.hash_of(token)}
    times = {"created_at": moment, "expires_at": moment + seconds}
    connection.execute(sa.insert(tables.share_links).values(row | times))
    return token, rows.find(connection, tables.share_links, owner, link_id, "share link")


def find(connection: sa.Connection, token: str, *, needs_key: bool = True) -> sa.Row[Any] | None:
    """The video that a token shows, with the id of its link as `link`; None where it shows nothing: the link has ended,
    the film is in the trash or not finished, or its key was revoked. `needs_key` False: the server has no keys.
    """
    if not tokens.is_wellformed(token):
        return None
    digest, moment = tokens.hash_of(token), now()
    wanted = sa.select(
        tables.videos, _links.id.label("link"), _links.hash.label("link_hash"), _links.expires_at.label("ends")
    )
    wanted = wanted.join(tables.share_links, _links.video == _videos.id)
    wanted = wanted.where(_links.hash == digest, _links.expires_at > moment)
    wanted = wanted.where(_videos.status == "completed", _videos.trashed_at.is_(None))
    if needs_key:
        ends = _keys.expires_at
        wanted = wanted.join(tables.keys, _keys.id == _videos.owner)
        wanted = wanted.where(_keys.revoked_at.is_(None), ends.is_(None) | (ends > moment))
    row = connection.execute(wanted).one_or_none()
    return row if row is not None and hmac.compare_digest(row.link_hash, digest) else None


def sweep(connection: sa.Connection, moment: int) -> None:
    """Remove links that have ended at `moment`."""
    connection.execute(sa.delete(tables.share_links).where(_links.expires_at <= moment))
