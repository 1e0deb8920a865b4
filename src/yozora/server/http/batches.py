"""Many calls of `/v1/videos` in one file: what its lines say, and how a batch goes on until each has ended.

A batch is a row that says what became of each line. Any process of the API may carry it on: the process that has
claimed it makes videos of lines as the key's queue has room, and writes the files of results when all have ended. A
line is made with an Idempotency-Key of its own, so that a process that is killed in between makes none of them twice.
"""

import json
import logging
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import anyio
import sqlalchemy as sa
from anyio import to_thread
from fastapi import Response

from yozora.core.modes import MODES
from yozora.core.plain import no_number
from yozora.server.accounts import keys
from yozora.server.errors import ApiError, invalid
from yozora.server.http import body_parser, mode_requests, order_requests, reading, responses
from yozora.server.http.creating import CreateCall, make
from yozora.server.http.retries import OpenCall
from yozora.server.http.service import Service
from yozora.server.http.sources import Finder
from yozora.server.store import rows, tables
from yozora.server.store.database import clock, now
from yozora.server.store.objects import StorageFull
from yozora.server.work.retry_policy import AWAY, reason

ENDPOINT: Final = "/v1/videos"
GOING: Final = ("in_progress", "cancelling")
CLAIM_SECONDS: Final = 60.0  # after which a claim of a process that was killed is free
AT_ONCE: Final = 50  # lines between two notes of what became of them
LATER: Final = (429, 503)  # refusals that say nothing of the line
CANCELLED: Final = {"code": "batch_cancelled", "message": "The batch was cancelled before this line was done."}
EXPIRED: Final = {"code": "batch_expired", "message": "The batch was not done in time."}
LOST: Final = {"code": "input_gone", "message": "The input of the batch is missing in the storage."}
GONE: Final = {"code": "video_deleted", "message": "The video of this line was deleted."}

log = logging.getLogger(__name__)
Line = dict[str, Any]


# --- the input


def parse(data: bytes, most: int) -> tuple[list[Line], list[dict[str, Any]]]:
    """The lines of an input, and what is wrong with it: code, message, line (from 1) and param."""
    lines: list[Line] = []
    errors: list[dict[str, Any]] = []
    names: set[str] = set()
    for number, text in enumerate(data.splitlines(), 1):
        if not text.strip():
            continue
        if len(lines) + len(errors) >= most:
            errors.append(_wrong(None, "too_many_lines", f"A batch has up to {most:,} lines.", None))
            break
        try:
            line = _parse_line(text)
            if line["custom_id"] in names:
                raise invalid("custom_id", "Another line has this custom_id.", "duplicate_custom_id")
        except ApiError as error:
            errors.append(_wrong(number, error.code, error.message, error.param))
            continue
        names.add(line["custom_id"])
        lines.append(line)
    if not lines and not errors:
        errors.append(_wrong(None, "empty_file", "The file has no lines.", None))
    return lines, errors


def _wrong(line: int | None, code: str, message: str, param: str | None) -> dict[str, Any]:
    return {"code": code, "message": message, "line": line, "param": param}


def _parse_line(text: bytes) -> Line:
    """Raises `ApiError` 400."""
    try:
        line = json.loads(text, parse_constant=no_number)
        said = json.dumps(line, ensure_ascii=False)
        said.encode()
    except (ValueError, RecursionError):
        raise invalid(None, "This line is not a JSON object.", "invalid_json_line") from None
    if not isinstance(line, dict) or "\\u0000" in said:
        raise invalid(None, "This line is not a JSON object.", "invalid_json_line")
    name = line.get("custom_id")
    if not isinstance(name, str) or not 0 < len(name) <= 512:
        raise invalid("custom_id", "Each line needs a custom_id of up to 512 characters.", "missing_required_parameter")
    if line.get("method") != "POST":
        raise invalid("method", "The method has to be POST.", "invalid_method")
    if line.get("url") != ENDPOINT:
        raise invalid("url", f"The url has to be that of the batch, {ENDPOINT}.", "mismatched_endpoint")
    if not isinstance(line.get("body"), dict):
        raise invalid("body", "The body has to be an object.", "missing_required_parameter")
    return {"custom_id": name, "body": line["body"]}


def input_key(batch_id: str) -> str:
    """Where a copy of the input is, until the batch has ended."""
    return f"batches/{batch_id}/input.jsonl"


# --- a batch goes on


async def run(service: Service) -> None:
    """Carry all batches on, until this is cancelled."""
    while True:
        await anyio.sleep(service.settings.times.batch)
        try:
            for batch_id in await to_thread.run_sync(going, service):
                await advance(service, batch_id)
        except (*AWAY, StorageFull) as error:
            log.warning("batches wait: %s", reason(error))
        except Exception:
            log.exception("a batch could not continue")


def going(service: Service) -> list[str]:
    """Batches that are not done; in any order, so that one that cannot be carried on does not hold up the others."""
    table = tables.batches
    with service.database.read() as connection:
        ids = list(connection.execute(sa.select(table.c.id).where(table.c.status.in_(GOING))).scalars())
    return secrets.SystemRandom().sample(ids, len(ids))


async def advance(service: Service, batch_id: str) -> None:
    """Make what there is room for, and end the batch when nothing is left to wait for; unless another process does."""
    row = await to_thread.run_sync(_claimed, service, batch_id)
    if row is None:
        return
    lines: list[Line] = [dict(line) for line in row.lines]
    why = await to_thread.run_sync(_why, service, row)
    if why is None:
        await _create_videos(service, row, lines)
    await service.capacity.do(partial(_finish_step, service, row, lines, why))


def _why(service: Service, row: sa.Row[Any]) -> dict[str, str] | None:
    """Why nothing more is made for a batch; None where it goes on."""
    with service.database.read() as connection:
        over = connection.execute(keys.are_over().where(tables.keys.c.id == row.owner)).first()
    if row.status == "cancelling" or over is not None:
        return CANCELLED
    return EXPIRED if now() >= row.created_at + service.settings.times.batch_most else None


def _finish_step(service: Service, row: sa.Row[Any], lines: list[Line], why: dict[str, str] | None) -> None:
    """What a step of a batch ends with: it is over, or what became of it so far is written down."""
    if why is not None:
        _give_up(service, row, lines, why)
    if all(line["video"] or line["error"] for line in lines):
        _end_batch(service, row, lines, why)
    _save_lines(service, row.id, lines, None)


def _claimed(service: Service, batch_id: str) -> sa.Row[Any] | None:
    table = tables.batches
    with service.database.begin() as connection:
        moment = clock(connection)
        free = table.c.claimed.is_(None) | (table.c.claimed < moment)
        mine = sa.update(table).where(table.c.id == batch_id, table.c.status.in_(GOING), free)
        if not connection.execute(mine.values(claimed=moment + CLAIM_SECONDS)).rowcount:
            return None
        return connection.execute(sa.select(table).where(table.c.id == batch_id)).one()


async def _create_videos(service: Service, row: sa.Row[Any], lines: list[Line]) -> None:
    """Videos of the lines that have none yet, until the queue is full."""
    left = [at for at, line in enumerate(lines) if not (line["video"] or line["error"])]
    if not left:
        return
    try:
        bodies, _ = await service.capacity.do(lambda: parse(service.objects.get(input_key(row.id)), len(lines)))
    except KeyError:
        for at in left:
            lines[at]["error"] = {"status": None, "error": LOST}
        return
    for count, at in enumerate(left, 1):
        try:
            lines[at]["video"] = await _made(service, row, at, bodies[at]["body"])
        except ApiError as error:
            if error.status in LATER:
                return
            lines[at]["error"] = {"status": error.status, **error.envelope}
        if count % AT_ONCE == 0:
            status = await to_thread.run_sync(_save_lines, service, row.id, lines, CLAIM_SECONDS)
            if status != "in_progress":
                return


async def _made(service: Service, row: sa.Row[Any], at: int, body: dict[str, Any]) -> str:
    """The id of the video that a line has made, now or before. Raises `ApiError`."""
    mode = next(mode for mode in MODES.values() if not mode.route)
    with TemporaryDirectory(prefix="yozora-") as folder:
        said = body_parser.Body(fields=body, folder=Path(folder))
        call = CreateCall(
            service=service,
            owner=row.owner,
            finder=Finder(service=service, owner=row.owner, folder=said.folder, feed=service.settings.feed),
            fingerprint=said.fingerprint(row.id, str(at)),
            key=f"{row.id} {at}",
            repeated=False,
            attempt=OpenCall(),
            rated=False,
            request_id="",
            response=Response(),
        )
        asked = await service.capacity.do(partial(reading.read, mode_requests.KINDS[mode.name], said))

        async def order_request(finder: Finder) -> order_requests.OrderRequest:
            return replace(await order_requests.order_request(finder, mode, asked), batch=row.id)

        return str((await make(call, order_request)).id)


def _give_up(service: Service, row: sa.Row[Any], lines: list[Line], why: dict[str, str]) -> None:
    """No more videos are made, and those that are being made stop."""
    for line in lines:
        if not (line["video"] or line["error"]):
            line["error"] = {"status": None, "error": why}
    with service.database.begin() as connection:
        for video in _videos(connection, row.id).values():
            service.queue.cancel(connection, video.id)


def _videos(connection: sa.Connection, batch_id: str) -> dict[str, sa.Row[Any]]:
    mine = sa.select(tables.videos).where(tables.videos.c.batch == batch_id)
    return {row.id: row for row in connection.execute(mine)}


def _save_lines(service: Service, batch_id: str, lines: list[Line], claimed: float | None) -> str | None:
    """Write down what became of the lines, and for how many seconds more it is claimed; what its status is by now."""
    table = tables.batches
    with service.database.begin() as connection:
        mine = sa.update(table).where(table.c.id == batch_id, table.c.status.in_(GOING))
        until = None if claimed is None else clock(connection) + claimed
        connection.execute(mine.values(lines=lines, claimed=until))
        return connection.execute(sa.select(table.c.status).where(table.c.id == batch_id)).scalar()


# --- the end


def _end_batch(service: Service, row: sa.Row[Any], lines: list[Line], why: dict[str, str] | None) -> None:
    """The batch has ended, if all its videos have."""
    with service.database.read() as connection:
        videos = _videos(connection, row.id)
    if any(video.status in ("queued", "in_progress") for video in videos.values()):
        return
    results = [_result(line, videos.get(line["video"]), why) for line in lines]
    for line, one in zip(lines, results, strict=True):
        line["done"] = one["error"] is None and one["response"]["status_code"] == 200
    good, bad = (
        [one for line, one in zip(lines, results, strict=True) if line["done"] is done] for done in (True, False)
    )
    status = "completed" if why is None else "cancelled" if why is CANCELLED else "expired"
    files = {
        "output_file": _store_results(service, row, "output", good),
        "error_file": _store_results(service, row, "error", bad),
    }
    table = tables.batches
    with service.database.begin() as connection:
        ended = {"status": status, "ended_at": now(), "lines": lines}
        ended |= {column: values and values["id"] for column, values in files.items()}
        still = sa.update(table).where(table.c.id == row.id, table.c.status.in_(GOING))
        if connection.execute(still.values(**ended)).rowcount:
            for values in files.values():
                if values:
                    connection.execute(tables.files.insert().values(**values))
    service.objects.delete(input_key(row.id))


def _result(line: Line, video: sa.Row[Any] | None, why: dict[str, str] | None) -> dict[str, Any]:
    """A line of an output: what a call would have been answered, once its video has ended."""
    found: dict[str, Any] = {"id": f"batch_req_{secrets.token_hex(12)}", "custom_id": line["custom_id"]}
    if line["error"] is not None:
        status, error = line["error"]["status"], line["error"]["error"]
        if status is None:
            return found | {"response": None, "error": error}
        return found | {"response": _response(status, "", {"error": error}), "error": None}
    if video is None:
        return found | {"response": None, "error": GONE}
    body = responses.video(video).model_dump(mode="json")
    error = body["error"]
    if error is not None and error["code"] == "cancelled" and why is not None:
        error = why
    return found | {"response": _response(200, video.request_id or "", body), "error": error}


def _response(status: int, request_id: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"status_code": status, "request_id": request_id, "body": body}


def _store_results(
    service: Service, row: sa.Row[Any], what: str, results: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """A file of results in the storage, as a row of `files`; None where there are none."""
    if not results:
        return None
    data = b"".join(_lines(results))
    file_id, number = rows.new_numbered("file")
    key = f"files/{file_id}"
    service.objects.put_bytes(key, data)
    values = {"id": file_id, "owner": row.owner, "number": number, "key": key, "bytes": len(data), "kind": "lines"}
    return values | {"filename": f"{row.id}_{what}.jsonl", "purpose": "batch_output", "created_at": now()}


def _lines(results: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    for one in results:
        yield json.dumps(one, ensure_ascii=False).encode() + b"\n"
