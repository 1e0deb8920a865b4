"""An order request becomes a video: its sources are put beside it, and its row is written in one transaction.

A call that is repeated, by the client itself or with an Idempotency-Key, gives the video that it made the first time.
"""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from anyio import to_thread
from fastapi import Depends, Request, Response

from yozora.core.order import Order
from yozora.errors import UserError
from yozora.server.accounts import consent, keys
from yozora.server.accounts.limits import check_queue, megapixel_seconds
from yozora.server.errors import ApiError, missing
from yozora.server.http.moderation import blocked
from yozora.server.http.order_requests import OrderRequest, keyed
from yozora.server.http.retries import OpenCall, rough_name
from yozora.server.http.service import BodyOf, Owner, Service, ServiceOf, no_entry
from yozora.server.http.sources import Finder, about
from yozora.server.store import feed, lineage, rows, tables
from yozora.server.store.database import now
from yozora.server.store.film_length import seconds_text
from yozora.server.work.queue import cost

REPEATED_SECONDS: Final = 600  # in which a client repeats a call by itself
REMEMBERED_SECONDS: Final = 24 * 3600  # of an Idempotency-Key
MAX_KEY: Final = 255  # characters
BLOCKED: Final = "moderation_blocked"
NOTES: Final = "Yozora-Notes"
MAX_NOTES: Final = 6000  # characters, less than servers in between take
SAFE: Final = " !\"#$&'()*+,-./:<=>?@[\\]^_`{|}~"  # printable ASCII but % and ;


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCall:
    """One call that makes a video: who calls, and how it is known when it comes again."""

    service: Service
    owner: str
    finder: Finder
    fingerprint: str  # of what it says
    key: str | None  # Idempotency-Key
    repeated: bool  # by the client itself, after a try that may have made a video
    attempt: OpenCall = field(default_factory=OpenCall)
    rated: bool = True  # whether it counts against the rate
    request_id: str
    response: Response  # what is answered, as far as its headers are concerned
    live: bool = False  # the caller watches the film while it is made


def call_of(request: Request, response: Response, service: ServiceOf, owner: Owner, body: BodyOf) -> CreateCall:
    """The call that a request is. Raises `ApiError` 400 for a key that is none."""
    key = request.headers.get("idempotency-key") or None
    if key is not None and (len(key) > MAX_KEY or not key.isprintable()):
        message = f"An Idempotency-Key has up to {MAX_KEY} printable characters."
        raise ApiError(400, message, param="Idempotency-Key", code="invalid_value")
    count = request.headers.get("x-stainless-retry-count", "0")
    repeated = count.isdecimal() and int(count[:6]) > 0
    if repeated and service.refusals.take(rough_name(request)):
        repeated = False  # the try before was refused, and made nothing
    attempt, fingerprint = request.scope["yozora.attempt"], body.fingerprint(request.url.path)
    service.attempts.begin(attempt, owner, fingerprint)
    return CreateCall(
        service=service,
        owner=owner,
        finder=Finder(service=service, owner=owner, folder=body.folder, feed=service.settings.feed),
        fingerprint=fingerprint,
        key=key,
        repeated=repeated,
        attempt=attempt,
        request_id=request.scope.get("yozora.request_id", ""),
        response=response,
    )


CallOf = Annotated[CreateCall, Depends(call_of)]


async def make(call: CreateCall, prepare: Callable[[Finder], Awaitable[OrderRequest]]) -> sa.Row[Any]:
    """The row of a new video, or of the one that this call made before. Raises `ApiError`.

    What waits does so in the event loop, and what works has threads of its own: see `capacity`.
    """
    row = await to_thread.run_sync(_before, call)
    if row is None:
        order_request = await prepare(call.finder)
        reason = await blocked(call.service, call.owner, order_request.words)
        row = await call.service.capacity.do(partial(_create_row, call, order_request, reason))
    call.attempt.video = row.id
    return row


def _create_row(call: CreateCall, order_request: OrderRequest, reason: str | None) -> sa.Row[Any]:
    """The row of a new video, whose sources are stored; one with a `reason` has failed."""
    service = call.service
    _add_notes_header(call, order_request)
    video_id, number = rows.new_numbered("video")
    try:
        order = order_request.order if reason else _with_sources(service, video_id, order_request, call.finder.folder)
        values = _row_values(call, order_request, order) | {"id": video_id, "number": number}
        with service.database.begin() as connection:
            row = _write(connection, call, values, reason)
            if row.id == video_id:
                for actor in order_request.actors:
                    consent.find(connection, call.owner, actor.id)  # as it is now, whatever it was before
                _check_sources(connection, call.owner, order_request)
                lineage.record(connection, video_id, _parents_of(connection, order_request))
            return row
    except ApiError:  # refused after all; what another exception leaves in the storage is swept up later
        service.objects.delete_under(_video_prefix(video_id))
        raise


def _add_notes_header(call: CreateCall, order_request: OrderRequest) -> None:
    """Say in a header of the answer what the model will not understand, and what is not as it was said."""
    from yozora.language import notes_on  # knows every word in every language: slow to load

    notes = order_request.notes
    with suppress(UserError):  # the weights are on other machines
        preset = call.service.settings.preset(order_request.order.request.model)
        notes += notes_on(order_request.order.prompts, preset.nouns, preset.name, preset.taught, preset.word_hashes)
    written = [quote(note, safe=SAFE) for note in notes]
    while sum(map(len, written)) > MAX_NOTES:
        written.pop()
    if written:
        call.response.headers[NOTES] = "; ".join(written)


def _write(connection: sa.Connection, call: CreateCall, values: dict[str, Any], reason: str | None) -> sa.Row[Any]:
    """All of it or nothing: the row, what its key stands for, and, where it is blocked, its end."""
    _take_turns(connection, call)
    earlier = _earlier(connection, call)
    if earlier is not None:
        call.service.objects.delete_under(_video_prefix(values["id"]))
        return earlier
    if call.attempt.replaced:
        raise ApiError(409, "This call was repeated. The repeated call gets the answer.", code="repeated")
    if call.repeated:
        call.service.attempts.replace(call.attempt)
    queue, owner, video_id = call.service.queue, call.owner, values["id"]
    if not call.service.settings.insecure_no_auth and not keys.is_open(connection, owner):
        raise no_entry("This API key was revoked or has expired.")
    if reason is None:
        work = megapixel_seconds(values["size"], values["seconds"])
        check_queue(connection, owner, call.service.settings.limits, work)
    connection.execute(tables.videos.insert().values(**values))
    if call.key is not None:
        _remember(connection, call, video_id)
    if reason is None:
        queue.add(connection, video_id)
    else:
        queue.fail(connection, video_id, BLOCKED, reason)
    return rows.find(connection, tables.videos, owner, video_id, "video")


def _before(call: CreateCall) -> sa.Row[Any] | None:
    """The video that this call has made already; where there is none, it takes one of the key's creates a minute."""
    earlier = None
    if call.key is not None or call.repeated:
        call.service.attempts.flush()
        with call.service.database.begin() as connection:
            _take_turns(connection, call)
            earlier = _earlier(connection, call)
    if earlier is None and call.rated:
        call.service.rates.check(call.owner, "create")
    return earlier


def _earlier(connection: sa.Connection, call: CreateCall) -> sa.Row[Any] | None:
    """The video that this call has made already. Raises `ApiError` 400 for a key that stands for something else."""
    if call.key is not None:
        return _of_key(connection, call)
    return _of_repeat(connection, call) if call.repeated else None


def _of_key(connection: sa.Connection, call: CreateCall) -> sa.Row[Any] | None:
    """The video that a key stands for; a key whose video was deleted stands for nothing any more."""
    known, videos = tables.idempotency.c, tables.videos
    mine = sa.select(known.fingerprint, known.video).where(known.owner == call.owner, known.key == call.key)
    found = connection.execute(mine.where(known.created_at > now() - REMEMBERED_SECONDS)).first()
    if found is None:
        return None
    row = connection.execute(sa.select(videos).where(videos.c.id == found.video)).first()
    if row is not None and found.fingerprint != call.fingerprint:
        message = "This Idempotency-Key was used with other content. Use a new key for a new video."
        raise ApiError(400, message, param="Idempotency-Key", code="idempotency_error")
    return row


def _of_repeat(connection: sa.Connection, call: CreateCall) -> sa.Row[Any] | None:
    """The first video of the same content whose answer was not taken, which is this call's from now on. Where all were,
    the only one there is: its answer may have been lost on the way. One of several would be another caller's.
    """
    videos = tables.videos
    alike = (videos.c.owner == call.owner) & (videos.c.fingerprint == call.fingerprint)
    recent = alike & (videos.c.created_at > now() - REPEATED_SECONDS)
    waiting = call.service.attempts.waiting(call.attempt)
    lost = (
        sa.select(videos)
        .where(recent, ~videos.c.answered, videos.c.id.not_in(waiting))
        .order_by(videos.c.number)
        .limit(1)
    )
    row = connection.execute(lost).first()
    if row is not None:
        connection.execute(sa.update(videos).where(videos.c.id == row.id).values(answered=True))
        return row
    found = connection.execute(sa.select(videos).where(recent).limit(2)).all()
    return found[0] if len(found) == 1 else None


def _remember(connection: sa.Connection, call: CreateCall, video_id: str) -> None:
    known = tables.idempotency
    connection.execute(known.delete().where(known.c.owner == call.owner, known.c.key == call.key))
    said = {"owner": call.owner, "key": call.key, "fingerprint": call.fingerprint}
    connection.execute(known.insert().values(**said, video=video_id, created_at=now()))


def _take_turns(connection: sa.Connection, call: CreateCall) -> None:
    """Two of the same call follow each other, so that the second sees what the first has made; on SQLite all do."""
    if connection.dialect.name == "postgresql":
        name = f"{call.owner} {call.key or call.fingerprint}"
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def _with_sources(service: Service, video_id: str, order_request: OrderRequest, folder: Path) -> Order:
    """The order, with a copy of everything that it needs: what is deleted meanwhile does it no harm."""
    given = [
        *((source.path, source.key) for source in order_request.sources),
        *((None, actor.key) for actor in order_request.actors),
    ]
    keys = []
    for index, (path, key) in enumerate(given):
        local = path or folder / f"source-{index}"
        if key is not None:
            with about("video" if index < len(order_request.sources) else "characters"):
                service.objects.save(key, local)
        keys.append(f"{_video_prefix(video_id)}sources/{index}")
        service.objects.put(keys[-1], local)
    films = len(order_request.sources)
    return keyed(order_request.order, tuple(keys[:films]), tuple(keys[films:]))


def _check_sources(connection: sa.Connection, owner: str, request: OrderRequest) -> None:
    """Raise `ApiError` 403 and 404 for a video that could be used a moment ago, and may not be now."""
    for source in request.sources:
        if source.video is not None:
            if source.published and feed.find(connection, owner, source.video) is None:
                raise missing("video", source.video)
            consent.check_film(connection, source.video, owner)


def _parents_of(connection: sa.Connection, request: OrderRequest) -> Iterator[lineage.LineageParent]:
    """What a video is made from. Characters of the films count as its own: their consent is checked again when a worker
    takes it, and revoking it ends it.
    """
    for source, said in zip(request.sources, request.order.sources, strict=True):
        if source.video is None:
            yield lineage.LineageParent(kind=lineage.FILE, source=said.slot, slot=said.slot)
        else:
            yield lineage.LineageParent(kind=lineage.VIDEO, source=source.video, slot=said.slot)
            for row in lineage.characters_in(connection, source.video):
                yield lineage.LineageParent(kind=lineage.CHARACTER, source=row.id, slot=said.slot)
    for actor in request.actors:
        yield lineage.LineageParent(kind=lineage.CHARACTER, source=actor.id, slot=lineage.CAST)


def _row_values(call: CreateCall, order_request: OrderRequest, order: Order) -> dict[str, Any]:
    request = order.request
    return {
        "owner": call.owner,
        "status": "queued",
        "created_at": now(),
        "model": order_request.model,
        "prompt": order_request.prompt,
        "size": f"{request.width}x{request.height}",
        "seconds": seconds_text(order_request.seconds),
        "remixed_from": order_request.remixed_from,
        "job": json.loads(json.dumps(order.to_json())),  # as it comes out again
        "fingerprint": call.fingerprint,
        "answered": False,
        "request_id": call.request_id,
        "batch": order_request.batch,
        "preset": request.model,
        "cost": cost(request),
        "live": call.live,
        "mode": order.mode,
    }


def _video_prefix(video_id: str) -> str:
    return f"videos/{video_id}/"
