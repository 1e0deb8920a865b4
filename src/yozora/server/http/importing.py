"""A film that was made elsewhere becomes a completed video of a key's library. Its bytes stay as they are.

The same file is imported once by a key: it is known by its hash. Knows no route.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from yozora.core.request import MAX_PROMPT
from yozora.server.accounts.limits import check_storage, of_key
from yozora.server.errors import ApiError, invalid
from yozora.server.http.body_parser import Upload
from yozora.server.http.import_metadata import IMPORTED, FilmFacts
from yozora.server.http.library import JOINERS
from yozora.server.http.library_requests import MAX_TITLE
from yozora.server.http.moderation import blocked
from yozora.server.http.service import Service
from yozora.server.http.sources import about
from yozora.server.safety import uploads
from yozora.server.safety.uploads import ImportedFilm
from yozora.server.store import rows, tables
from yozora.server.store.database import now
from yozora.server.store.film_length import FilmLength, seconds_text

FILES: Final[Mapping[str, str]] = {
    "file": "film.mp4",
    "thumbnail": "thumbnail.webp",
    "spritesheet": "spritesheet.jpg",
}
MAX_MODEL: Final = 100  # characters
RULE_SECONDS: Final = 120.0  # that an operator's rule on frames may take


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCall:
    """A film that is sent, and what is said of it."""

    service: Service
    owner: str
    file: Upload
    facts: FilmFacts
    request_id: str

    @property
    def fingerprint(self) -> str:
        """By which the same file is known."""
        return f"{IMPORTED}:{self.file.sha256}"


async def import_film(call: ImportCall) -> tuple[sa.Row[Any], bool]:
    """The row of the video, and whether it was there before. Raises `ApiError`: 400 for what is no film that browsers
    play, and for texts that are not allowed; 429 where there is no room.
    """
    service, owner = call.service, call.owner
    found = await service.capacity.do(partial(_earlier, call))
    if found is not None:
        return found, True
    with about("video"):
        film = await service.capacity.decodings.run(
            owner, partial(uploads.imported_film, call.file.path, service.settings.limits)
        )
    facts = checked(replace(call.facts, prompt=call.facts.prompt or film.seen.prompt))
    for name in ("title", "prompt", "model"):
        text = getattr(facts, name)
        if text and (reason := await blocked(service, owner, [text])) is not None:
            raise invalid(name, reason, "moderation_blocked")
    await _apply_frame_rule(call)
    return await service.capacity.do_bulk(partial(_store, call, facts, film))


def checked(facts: FilmFacts) -> FilmFacts:
    """The facts as rows hold them: a title in one line, without what cannot be shown; what is too long is cut."""
    return FilmFacts(
        title=_in_one_line(facts.title)[:MAX_TITLE] or None,
        prompt=(facts.prompt or "").replace("\0", " ")[:MAX_PROMPT].strip() or None,
        model=_in_one_line(facts.model)[:MAX_MODEL] or None,
        created_at=facts.created_at,
    )


def _in_one_line(text: str | None) -> str:
    words = "".join(each if each.isprintable() or each in JOINERS else " " for each in text or "").split()
    return " ".join(words)


async def _apply_frame_rule(call: ImportCall) -> None:
    """Raise `ApiError` 400 where the operator's rule on frames blocks the film."""
    service = call.service
    rules = service.settings.policy
    if rules is None or not service.policy.frames:
        return
    from yozora.server.safety import frame_rules

    ask = partial(frame_rules.reason, call.file.path, rules, RULE_SECONDS)
    reason = await service.capacity.decodings.run(call.owner, ask)
    if reason is not None:
        raise invalid("video", reason, "moderation_blocked")


def _earlier(call: ImportCall) -> sa.Row[Any] | None:
    with call.service.database.begin() as connection:
        return _known(connection, call)


def _known(connection: sa.Connection, call: ImportCall) -> sa.Row[Any] | None:
    """The video that this file is already, out of the trash if it is there."""
    videos = tables.videos
    if connection.dialect.name == "postgresql":  # two of the same follow each other; on SQLite all do
        lock = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        connection.execute(lock, {"name": f"{call.owner} {call.fingerprint}"})
    mine = (videos.c.owner == call.owner) & (videos.c.fingerprint == call.fingerprint)
    row = connection.execute(sa.select(videos).where(mine).limit(1)).first()
    if row is None or row.trashed_at is None:
        return row
    connection.execute(sa.update(videos).where(videos.c.id == row.id).values(trashed_at=None))
    return rows.find(connection, videos, call.owner, row.id, "video")


def _store(call: ImportCall, facts: FilmFacts, film: ImportedFilm) -> tuple[sa.Row[Any], bool]:
    """The row of a new video, whose files are stored; or the one that another call has made meanwhile."""
    service, owner = call.service, call.owner
    video_id, number = rows.new_numbered("video")
    prefix = f"videos/{video_id}/"
    keys = {name: f"{prefix}1/{file}" for name, file in FILES.items()}
    try:
        with service.database.read() as connection:  # before anything is written
            check_storage(connection, owner, of_key(connection, owner, service.settings.limits), call.file.bytes)
        service.objects.put(keys["file"], Path(call.file.path))
        service.objects.put_bytes(keys["thumbnail"], film.thumbnail)
        service.objects.put_bytes(keys["spritesheet"], film.spritesheet)
        values = keys | _row_values(call, facts, film) | {"id": video_id, "number": number}
        with service.database.begin() as connection:
            earlier = _known(connection, call)
            if earlier is None:
                check_storage(connection, owner, of_key(connection, owner, service.settings.limits), call.file.bytes)
                connection.execute(tables.videos.insert().values(**values))
                return rows.find(connection, tables.videos, owner, video_id, "video"), False
    except ApiError:  # what another exception leaves in the storage is swept up later
        service.objects.delete_under(prefix)
        raise
    service.objects.delete_under(prefix)
    return earlier, True


def _row_values(call: ImportCall, facts: FilmFacts, film: ImportedFilm) -> dict[str, Any]:
    seen, moment, expires = film.seen, now(), call.service.settings.expires
    made = moment if facts.created_at is None else min(facts.created_at, moment)
    request = {"width": seen.width, "height": seen.height, "seconds": seen.seconds, "fps": seen.fps, "steps": 0}
    return {
        "owner": call.owner,
        "status": "completed",
        "progress": 100,
        "created_at": made,
        "completed_at": made,
        "expires_at": moment + round(expires) if expires else None,
        "model": facts.model or IMPORTED,
        "prompt": facts.prompt,
        "title": facts.title,
        "size": f"{seen.width}x{seen.height}",
        "seconds": seconds_text(seen.seconds),
        "bytes": call.file.bytes,
        **FilmLength(frames=seen.frames, fps=seen.fps).columns,
        "job": {"mode": IMPORTED, "request": request},
        "fingerprint": call.fingerprint,
        "request_id": call.request_id,
        "mode": IMPORTED,
    }
