"""`WS /v1/realtime/video`: a film is watched while it is made, and takes a new prompt in the middle."""

from base64 import b64decode
from typing import Final

from fastapi import APIRouter, WebSocket
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketState

from yozora.server.accounts import keys
from yozora.server.errors import ApiError
from yozora.server.http.live_session import LiveSession
from yozora.server.http.service import ANYONE, COOKIE, Service, check_scope, no_entry, session_of

router = APIRouter()

MOST: Final = 8  # sessions of a key that are open at once, of one process
PROTOCOL: Final = "realtime"
KEY: Final = "openai-insecure-api-key."
"""A key as a web page can send it, which sets no headers: among the subprotocols, as clients of OpenAI's sockets do."""
TOKEN: Final = "yozora-csrf."
"""The token of a session, sent in the same way: a page of another origin could open a socket with the cookie."""


@router.websocket("/v1/realtime/video")
async def realtime(socket: WebSocket) -> None:
    """Messages are those of `live_messages`."""
    service: Service = socket.app.state.service
    sessions = service.watched
    try:
        owner = await run_in_threadpool(_owner, service, socket)
        if sessions[owner] >= MOST:
            message = f"This key has {MOST} open live sessions. Close some."
            raise ApiError(429, message, kind="rate_limit_error", code="too_many_streams", headers={"retry-after": "5"})
    except ApiError as error:
        await socket.send_denial_response(JSONResponse(error.envelope, error.status, error.headers))
        return
    sessions[owner] += 1
    try:
        offered = socket.scope.get("subprotocols", [])
        await socket.accept(PROTOCOL if PROTOCOL in offered else None)
        await LiveSession(socket, service, owner).run()
        if WebSocketState.DISCONNECTED not in (socket.application_state, socket.client_state):
            await socket.close()
    finally:
        sessions[owner] -= 1
        if not sessions[owner]:
            del sessions[owner]


def _secret(socket: WebSocket) -> str:
    """The key that the connection brings; empty where there is none."""
    scheme, _, given = socket.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and given:
        return given.strip()
    if "api-key" in socket.headers:
        return socket.headers["api-key"]
    offered: list[str] = socket.scope.get("subprotocols", [])
    keys_offered = [one.removeprefix(KEY) for one in offered if one.startswith(KEY)]
    if keys_offered:  # before a password, which may be a proxy's
        return keys_offered[0]
    return _password(given) if scheme.lower() == "basic" else ""


def _token(socket: WebSocket) -> str:
    offered: list[str] = socket.scope.get("subprotocols", [])
    return next((one.removeprefix(TOKEN) for one in offered if one.startswith(TOKEN)), "")


def _password(given: str) -> str:
    """The password of RFC 7617's credentials: clients make them of an address such as ws://:key@host."""
    try:
        return b64decode(given, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _owner(service: Service, socket: WebSocket) -> str:
    """Whose key or session it is. Raises `ApiError` 401, 403 and 429."""
    if service.settings.insecure_no_auth:
        owner = ANYONE
    else:
        secret, cookie = _secret(socket), socket.cookies.get(COOKIE)
        if cookie and not secret:
            found: keys.Key | None = session_of(service, cookie, _token(socket)).key
        else:
            found = keys.recognise(service.database, secret)
        if found is None:
            raise no_entry("Incorrect API key. The command `yozora keys list` shows the valid ones.")
        check_scope("create", found.grant.allows)
        owner = found.id
    service.rates.check(owner, "request")
    return owner
