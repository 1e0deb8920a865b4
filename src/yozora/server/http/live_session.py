"""One live session: a film that its client watches while it is made, and may tell something new meanwhile.

The film is one like others: a row, made by a worker, which puts fragments beside it. They are looked for here and
relayed; prompts go the other way. This process makes nothing.
"""

import asyncio
import json
import logging
import time
from functools import partial
from io import BytesIO
from typing import Any, Final

import sqlalchemy as sa
from fastapi import Response
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from yozora.core.modes import MODES
from yozora.core.order import Order
from yozora.errors import UserError
from yozora.families import presets
from yozora.server.errors import ApiError
from yozora.server.http import body_parser, live_messages, mode_requests, order_requests, reading
from yozora.server.http.capacity import in_thread
from yozora.server.http.creating import BLOCKED, CreateCall, make
from yozora.server.http.live_messages import BEGUN, CHUNK, DONE, ERROR, PONG, QUEUED, Interaction, Refused
from yozora.server.http.moderation import blocked
from yozora.server.http.retries import OpenCall
from yozora.server.http.service import Service, is_welcome
from yozora.server.http.sources import Finder
from yozora.server.store import live, tables
from yozora.server.store.objects import StorageFull
from yozora.server.work.job import Job
from yozora.server.work.retry_policy import AWAY, reason

MODE: Final = next(mode for mode in MODES.values() if not mode.route)
OVER: Final = ("completed", "failed")
MOST: Final = 1_000  # interactions of a session

log = logging.getLogger(__name__)


class SessionStopped(Exception):  # noqa: N818 - no error: the client wants no more
    """`session.stop` came."""


class LiveSession:
    """A session on a socket that is open."""

    def __init__(self, socket: WebSocket, service: Service, owner: str) -> None:
        self.socket, self.service, self.owner = socket, service, owner
        self.times = service.settings.times
        self.video, self.chunks, self.fps = "", 0, 1.0
        self.touched = time.monotonic()
        self.events: dict[str, Interaction] = {}
        self.sending = asyncio.Lock()  # a chunk's two messages follow each other

    async def run(self) -> None:
        """From `session.start` to the end; the film is cancelled where the client does not watch it to its end."""
        finished = False
        try:
            await self._start_session()
            await self._watch()
            finished = True
        except SessionStopped:
            await self._send_message(type=DONE, request_id=self.video, chunks=self.chunks, stopped=True)
        except ApiError as error:
            await self._refuse(error)
        except (*AWAY, StorageFull) as error:
            log.warning("a live session could not start: %s", reason(error))
            message = "The database or the storage cannot be reached. Try again."
            await self._refuse(ApiError(503, message, kind="server_error", code="database_unavailable"))
        except WebSocketDisconnect:
            pass
        finally:
            if self.video and not finished:
                await run_in_threadpool(self._cancel)
            log.info("live session ended", extra={"video": self.video, "owner": self.owner, "chunks": self.chunks})

    async def _start_session(self) -> None:
        """Ask for the film, and tell what was accepted. Raises `ApiError`."""
        try:
            text = await asyncio.wait_for(self.socket.receive_text(), self.times.live_start)
        except TimeoutError:
            raise live_messages.wrong("Timeout waiting for session.start") from None
        except KeyError:
            raise live_messages.wrong("The message is not text. Send it as text.") from None
        row = await self._create_video(live_messages.message(text, live_messages.MAX_START))
        order = Job.from_json(row.job).order
        assert order is not None
        self.video, self.fps = row.id, order.request.fps
        config = accepted(order, row.model)
        await self._send_message(type=BEGUN, request_id=self.video, format=live_messages.FORMAT, config=config)

    async def _create_video(self, message: dict[str, Any]) -> sa.Row[Any]:
        service, settings = self.service, self.service.settings
        try:
            fps = settings.preset(str(message.get("model") or settings.usual)).fps
        except UserError:
            fps = presets.PRESETS[presets.DEFAULT].fps  # the model is refused below, by its name
        data = BytesIO(json.dumps(live_messages.requested(message, fps)).encode())
        raw = body_parser.Raw(kind="application/json", boundary=b"", data=data)
        async with (
            service.capacity.bodies.place(self.owner),
            in_thread(body_parser.parse(raw, settings.limits), service.capacity.work) as body,
        ):
            asked = await service.capacity.do(partial(reading.read, mode_requests.KINDS[MODE.name], body))
            call = CreateCall(
                service=service,
                owner=self.owner,
                finder=Finder(service=service, owner=self.owner, folder=body.folder, feed=service.settings.feed),
                fingerprint=body.fingerprint("live"),
                key=None,
                repeated=False,
                attempt=OpenCall(),
                request_id="",
                response=Response(),
                live=True,
            )
            return await make(call, lambda finder: order_requests.order_request(finder, MODE, asked))

    async def _watch(self) -> None:
        """Relay and listen until the film is over. Raises `ApiError`, `SessionStopped` and `WebSocketDisconnect`."""
        relaying, listening = asyncio.create_task(self._relay()), asyncio.create_task(self._receive_messages())
        try:
            await asyncio.wait((relaying, listening), return_when=asyncio.FIRST_COMPLETED)
            for task in (relaying, listening):
                if task.done():
                    task.result()
                    return
        finally:
            for task in (relaying, listening):
                task.cancel()
            await asyncio.gather(relaying, listening, return_exceptions=True)

    async def _relay(self) -> None:
        """Send what the worker makes, as it comes. Raises `ApiError` for a film that has failed, for one that stands
        still, and for a key that was revoked.
        """
        before: tuple[str, int] | None = None
        while True:
            try:
                row, part = await run_in_threadpool(self._read_next_part)
            except AWAY:
                row, part = None, None
            if row is not None and before != (row.status, row.progress):
                before, self.touched = (row.status, row.progress), time.monotonic()
            if part is not None:
                await self._chunk(part)
                continue
            if row is not None and row.status in OVER:
                if row.status == "failed":
                    raise ApiError(
                        400, row.error_message or "The film has failed.", code=row.error_code or "internal_error"
                    )
                await self._send_message(type=DONE, request_id=self.video, chunks=self.chunks, stopped=False)
                return
            if time.monotonic() - self.touched > self.times.live_stall:
                raise ApiError(408, "Stall timeout: no generation progress", code="stall_timeout")
            await asyncio.sleep(self.times.live_look)

    def _read_next_part(self) -> tuple[sa.Row[Any], live.Fragment | None]:
        """The row, and the next fragment; the row first, so that what is over has all of its fragments."""
        if not is_welcome(self.service, self.owner):
            raise ApiError(401, "The API key was revoked.", kind="authentication_error", code="invalid_api_key")
        with self.service.database.read() as connection:
            row = connection.execute(sa.select(tables.videos).where(tables.videos.c.id == self.video)).first()
            if row is None:
                raise ApiError(404, "The video was deleted.", kind="not_found_error", code="video_not_found")
            return row, live.part(connection, self.video, self.chunks)

    async def _chunk(self, part: live.Fragment) -> None:
        facts, fps = part.facts, self.fps
        said = {
            "type": CHUNK,
            "request_id": self.video,
            "kind": "media",
            "transport_chunk_index": part.number,
            "generation_chunk_index": facts.window,
            "num_frames": facts.frames,
            "byte_length": len(part.data),
            "started_event_ids": list(facts.started),
            "active_event_ids": list(facts.active),
            "completed_event_ids": list(facts.completed),
            "realtime_factor": round(facts.frames / fps / max(facts.seconds, 1e-3), 3),
        }
        async with self.sending:
            await self.socket.send_json(said)
            await self.socket.send_bytes(part.data)
        self.chunks, self.touched = self.chunks + 1, time.monotonic()
        await run_in_threadpool(self._relayed, part.number)

    def _relayed(self, number: int) -> None:
        try:
            with self.service.database.begin() as connection:
                live.relayed(connection, self.video, number)
        except AWAY:
            log.warning("the database does not answer; a sent fragment is removed later")

    async def _receive_messages(self) -> None:
        """Do what the client says. What cannot be is answered, and ends nothing."""
        while True:
            try:
                text = await self.socket.receive_text()
            except KeyError:
                text = ""  # a binary message
            try:
                await self._handle_message(live_messages.message(text, live_messages.MAX_CONTROL))
            except ApiError as error:
                await self._refuse(error)

    async def _handle_message(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == live_messages.STOP:
            raise SessionStopped
        if kind == live_messages.PING:
            self.touched = time.monotonic()
            await self._send_message(type=PONG)
        elif kind == live_messages.INTERACTION:
            await self._turn(live_messages.interaction(message))
        else:
            raise live_messages.wrong(f"Unknown message type: {str(kind)[:60]}")

    async def _turn(self, interaction: Interaction) -> None:
        """Note a new prompt, once. Raises `ApiError` for one that is not to be."""
        known = self.events.get(interaction.event)
        if known is None:
            if len(self.events) >= MOST:
                raise live_messages.wrong(f"A session has up to {MOST} interactions.", interaction.event)
            if not interaction.refused:
                why = await blocked(self.service, self.owner, (interaction.prompt,))
                if why is not None:
                    raise Refused(why, BLOCKED, interaction.event)
                await run_in_threadpool(self._store_prompt, interaction)
        elif known.said != interaction.said:
            raise Refused(
                f"The event_id {interaction.event} was used for another interaction.",
                "event_id_conflict",
                interaction.event,
            )
        await self._send_message(type=QUEUED, request_id=self.video, event_id=interaction.event)
        if interaction.refused:
            raise Refused(interaction.refused, "interaction_failed", interaction.event)

    def _store_prompt(self, interaction: Interaction) -> None:
        prompt = live.PromptChange(
            number=len(self.events), event=interaction.event, prompt=interaction.prompt, windows=interaction.windows
        )
        try:
            with self.service.database.begin() as connection:
                live.add_prompt(connection, self.video, prompt)
        except AWAY:
            raise Refused(
                "The database cannot be reached. Try again.", "database_unavailable", interaction.event
            ) from None
        self.events[interaction.event] = interaction

    async def _refuse(self, error: ApiError) -> None:
        event = error.event if isinstance(error, Refused) else None
        about = {"request_id": self.video or None, "event_id": event, "param": error.param}
        known = {name: value for name, value in about.items() if value is not None}
        await self._send_message(type=ERROR, message=error.message, code=error.code, reason=error.reason, **known)

    async def _send_message(self, **said: Any) -> None:
        """A message, where the client is still there to get it."""
        if self.socket.application_state is not WebSocketState.CONNECTED:
            return
        async with self.sending:
            await self.socket.send_json(said)

    def _cancel(self) -> None:
        """The client does not watch any more; a film that is over stays as it is."""
        try:
            with self.service.database.begin() as connection:
                self.service.queue.cancel(connection, self.video)
        except AWAY:
            log.warning("the database does not answer; a film without viewers continues")


def accepted(order: Order, model: str) -> dict[str, Any]:
    """What of `session.start` the film is made by, by the names that it has there."""
    request = order.request
    return {
        "model": model,
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt,
        "width": request.width,
        "height": request.height,
        "fps": request.fps,
        "num_frames": int(request.seconds * request.fps + 0.5) + 1,
        "num_inference_steps": request.steps,
        "guidance_scale": request.guidance,
        "seed": request.seed,
    }
