"""The Videos API of a server, as the tools need it: every call is HTTP, every refusal is a `UserError` in its words."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

import httpx2

from yozora.errors import UserError

TRIES: Final = 3
WAIT_SECONDS: Final = 1.0  # before the next try, where the server does not say
LONGEST_WAIT: Final = 10.0
TIMEOUT: Final = httpx2.Timeout(60.0, connect=10.0)
REPEATED: Final = (408, 429)  # and what is the server's own fault
ENDINGS: Final = {"video": ".mp4", "thumbnail": ".webp", "spritesheet": ".jpg"}
OVER: Final = ("completed", "failed", "deleted")

Object = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiReply:
    """What the API answered, and what it noted beside: words that the model will not understand, unknown fields."""

    value: Object
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One moment of a film that is followed. `preview` is a data URL of a small picture, where there is a new one."""

    film: Object
    preview: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Videos:
    """The API at `url` (with /v1 at its end), asked with a key; an empty one is not sent."""

    http: httpx2.AsyncClient
    url: str
    key: str

    async def get(self, path: str, **query: Any) -> Object:
        """What is at a path below /v1. Raises `UserError` for refusals, and where there is no answer."""
        return _parse_answer(await self._send_request("GET", path, params=query)).value

    async def delete(self, path: str) -> Object:
        return _parse_answer(await self._send_request("DELETE", path)).value

    async def post(self, path: str, fields: Mapping[str, Any], files: Mapping[str, Path] | None = None) -> ApiReply:
        """Ask for something. It is made once, also where the call has to be repeated."""
        headers = {"idempotency-key": secrets.token_hex(16)}
        if not files:
            return _parse_answer(await self._send_request("POST", path, json=dict(fields), headers=headers))
        parts: dict[str, Any] = {name: (None, _to_form_text(value)) for name, value in fields.items()}
        parts |= {name: (file.name, _bytes(file)) for name, file in files.items()}
        in_order = sorted(parts.items())  # `videos[0]` before `videos[1]`, whichever is a file
        return _parse_answer(await self._send_request("POST", path, files=in_order, headers=headers))

    async def content(self, film: str, variant: str) -> tuple[bytes, str]:
        """The film, its thumbnail or its contact sheet, and its MIME type."""
        answer = await self._send_request("GET", f"/videos/{quote(film, safe='')}/content", params={"variant": variant})
        return answer.content, answer.headers.get("content-type", "")

    async def save(self, film: str, variant: str, path: Path) -> int:
        """Write the film, its thumbnail or its contact sheet to a file; how many bytes it has."""
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            async with self._open_stream(f"/videos/{quote(film, safe='')}/content", {"variant": variant}) as answer:
                with part.open("wb") as file:
                    async for block in answer.aiter_bytes():
                        file.write(block)
            part.replace(path)
        except OSError as error:
            raise UserError(
                f"{path} cannot be written: {error.strerror}.", "Choose another folder.", code="output_unwritable"
            ) from error
        finally:
            part.unlink(missing_ok=True)
        return path.stat().st_size

    async def follow(self, film: str) -> AsyncIterator[Event]:
        """What becomes of a film, moment by moment, until it is over."""
        async with self._open_stream(f"/videos/{quote(film, safe='')}/events", {}) as answer:
            async for event in httpx2.EventSource(answer):
                said: Any = event.json()
                preview = said.pop("preview", None)
                yield Event(film=said, preview=preview)
                if event.event in OVER:
                    return

    @asynccontextmanager
    async def _open_stream(self, path: str, query: Mapping[str, Any]) -> AsyncIterator[httpx2.Response]:
        request = self._request("GET", path, params=query)
        try:
            answer = await self.http.send(request, stream=True, follow_redirects=True)
            try:
                if answer.is_error:
                    await answer.aread()
                    raise _refused(answer)
                yield answer
            finally:
                await answer.aclose()
        except httpx2.HTTPError as error:
            raise self._silent(error) from error

    async def _send_request(self, method: str, path: str, **said: Any) -> httpx2.Response:
        for tried in range(1, TRIES + 1):
            try:
                answer = await self.http.send(self._request(method, path, **said), follow_redirects=True)
            except httpx2.HTTPError as error:
                if tried == TRIES:
                    raise self._silent(error) from error
                wait = WAIT_SECONDS
            else:
                if not answer.is_error:
                    return answer
                wait = _retry_delay(answer)
                if tried == TRIES or wait > LONGEST_WAIT:
                    raise _refused(answer)
            await asyncio.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def _request(self, method: str, path: str, **said: Any) -> httpx2.Request:
        headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
        headers |= said.pop("headers", {})
        return self.http.build_request(method, f"{self.url}{path}", headers=headers, timeout=TIMEOUT, **said)

    def _silent(self, error: Exception) -> UserError:
        hint = "Start it with yozora serve, or name its address with --url."
        return UserError(
            f"The Yozora server at {self.url} does not answer ({type(error).__name__}).",
            hint,
            code="server_unreachable",
        )


def _parse_answer(answer: httpx2.Response) -> ApiReply:
    try:
        value = answer.json()
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise UserError(
            f"{answer.url.host} has no Videos API.", "Pass the URL of one, with /v1.", code="server_not_videos_api"
        )
    notes = [unquote(note) for note in answer.headers.get("yozora-notes", "").split("; ") if note]
    if ignored := answer.headers.get("yozora-ignored"):
        notes.append(f"The server does not know, and passed over: {unquote(ignored)}.")
    return ApiReply(value=value, notes=tuple(notes))


def _retry_delay(answer: httpx2.Response) -> float:
    """Seconds before the call may be repeated; infinite where it may not."""
    again = answer.status_code in REPEATED or answer.status_code >= 500
    if not again or answer.headers.get("x-should-retry") == "false":
        return float("inf")
    try:
        return float(answer.headers.get("retry-after", WAIT_SECONDS))
    except ValueError:
        return WAIT_SECONDS


def _refused(answer: httpx2.Response) -> UserError:
    """The server's own words; what answers without them is told by its status."""
    try:
        said = answer.json()["error"]
        message, param = str(said["message"]), said.get("param")
    except (ValueError, KeyError, TypeError):
        return UserError(
            f"The server answered {answer.status_code}.",
            "Check that the URL is that of a Videos API, with /v1.",
            code="server_answer_invalid",
        )
    return UserError(
        message, f"(argument: {param})" if param and str(param) not in message else "", code="server_refused"
    )


def _to_form_text(value: object) -> str:
    """A form's field; what is no text is JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}.", "Use another file.", code="file_unreadable"
        ) from error
