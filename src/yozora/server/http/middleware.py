"""Round every call: a request id, how soon to ask again, the envelope on every error, and one line in the log.

Knows no route.

Kept by hand: asgi-correlation-id, told to take no client's id, warns in the log of every request that brings one.
"""

import errno
import logging
import re
import time
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yozora.errors import UserError
from yozora.server import logs, metrics, traces
from yozora.server.errors import ApiError, Kind, invalid
from yozora.server.http import azure, polling, reading
from yozora.server.http.heads import allowed
from yozora.server.http.retries import Listening, OpenCall, rough_name
from yozora.server.http.service import Service
from yozora.server.store.database import is_full
from yozora.server.store.objects import StorageAway, StorageFull

FULL: Final = (errno.ENOSPC, errno.EDQUOT)
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SHARED: Final = re.compile(r"(/s/)[^/]+")
"""A part of a path that opens a film to anyone, and is not logged."""

NOT_AGAIN: Final = {"x-should-retry": "false"}
KINDS: Final[dict[int, Kind]] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


log = logging.getLogger(__name__)


class CallTrace:
    """The outermost middleware: names every call, and says how it ended."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["yozora.request_id"] = traces.new_request_id()
        start, status = time.perf_counter(), 500
        attempt = scope["yozora.attempt"] = OpenCall()
        listening = Listening(receive, attempt)

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _usual(self.service).items():
                    headers.setdefault(name, value)
                headers.update(_common_headers(scope, self.service))
                if status == 429 and scope["method"] == "POST":
                    self.service.refusals.note(rough_name(Request(scope)))
            elif attempt.video is not None and not message.get("more_body", False):
                await listening.answering(status)
            await send(message)

        with logs.about(request_id=scope["yozora.request_id"]):
            try:
                await self.app(scope, listening if scope["method"] == "POST" else receive, named)
            finally:
                await listening.close()
                self.service.attempts.end(attempt)
                _record(scope, status, time.perf_counter() - start)


def install(app: FastAPI, service: Service) -> None:
    """Wrap an app, and answer every error of it with the envelope."""
    app.add_middleware(azure.Addresses)
    app.add_middleware(CallTrace, service=service)

    def answer(request: Request, error: ApiError) -> Response:
        return JSONResponse(azure.envelope(request.url.path, error), error.status, error.headers)

    def odd(request: Request, error: Exception) -> Response:
        """A bug, or something that broke. It is logged by the server; headers are set here, outside of `CallTrace`."""
        said = ApiError(
            500, "The server has an internal error. See its log.", kind="server_error", code="internal_error"
        )
        return JSONResponse(
            azure.envelope(request.url.path, said),
            500,
            NOT_AGAIN | _usual(service) | _common_headers(request.scope, service),
        )

    translated: dict[Any, Any] = {
        ApiError: lambda request, error: answer(request, error),
        UserError: lambda request, error: answer(request, invalid(None, str(error), reason=error.code)),
        HTTPException: lambda request, error: answer(request, _of_http(request, error)),
        RequestValidationError: lambda request, error: answer(request, _of_validation(error)),
        OperationalError: lambda request, error: answer(
            request, _storage_full_error() if is_full(error) else _unreachable()
        ),
        InterfaceError: lambda request, error: answer(request, _unreachable()),
        TimeoutError: lambda request, error: answer(request, _unreachable()),
        StorageFull: lambda request, error: answer(request, _storage_full_error()),
        StorageAway: lambda request, error: answer(request, _away()),
        OSError: lambda request, error: answer(request, _of_os(error)),
        ClientDisconnect: lambda request, error: answer(request, invalid(None, "The client has disconnected.")),
        Exception: odd,
    }
    for kind, handler in translated.items():
        app.add_exception_handler(kind, handler)


def _usual(service: Service) -> dict[str, str]:
    """What every answer says that does not say better."""
    return {polling.HEADER: str(service.settings.poll_ms), "x-content-type-options": "nosniff"}


def _common_headers(scope: Scope, service: Service) -> dict[str, str]:
    said = {"x-request-id": scope.get("yozora.request_id", "")}
    ignored = scope.get("yozora.ignored")
    return said | {reading.IGNORED: reading.header(ignored)} if ignored else said


def _of_http(request: Request, error: HTTPException) -> ApiError:
    messages = {
        404: f"Invalid URL ({request.method} {request.url.path[:200]})",
        405: f"Not allowed to {request.method} on {request.url.path[:200]}",
    }
    codes = {404: "unknown_url", 405: "method_not_allowed"}
    kind = KINDS.get(error.status_code, "server_error" if error.status_code >= 500 else "invalid_request_error")
    message = messages.get(error.status_code, str(error.detail))
    headers = {"allow": allowed(request.app.state.routes, request.scope)} if error.status_code == 405 else error.headers
    return ApiError(
        error.status_code, message, kind=kind, code=codes.get(error.status_code, "http_error"), headers=headers
    )


def _of_validation(error: RequestValidationError) -> ApiError:
    """What FastAPI itself reads: the query, and the path."""
    first = error.errors()[0]
    param = str(first["loc"][-1])
    return invalid(param, f"Invalid '{param}': {first['msg']}.")


def _of_os(error: OSError) -> ApiError:
    if error.errno not in FULL:
        raise error
    return _storage_full_error()


def _storage_full_error() -> ApiError:
    message = "The server's storage is full. Nothing was created."
    return ApiError(503, message, kind="server_error", code="storage_full", headers=NOT_AGAIN)


def _away() -> ApiError:
    headers = {"retry-after": "2", "retry-after-ms": "2000"}
    message = "The server's storage cannot be reached. Try again."
    return ApiError(503, message, kind="server_error", code="storage_unavailable", headers=headers)


def _unreachable() -> ApiError:
    """May be repeated: what was made all the same is found again."""
    headers = {"retry-after": "2", "retry-after-ms": "2000"}
    message = "The database cannot be reached. Try again."
    return ApiError(503, message, kind="server_error", code="database_unavailable", headers=headers)


def _record(scope: Scope, status: int, seconds: float) -> None:
    method, route = scope["method"], getattr(scope.get("route"), "path", "unknown")
    metrics.requested(route, method if method in METHODS else "other", status, seconds)
    path = SHARED.sub(r"\1...", scope["path"])
    said = {"method": method, "path": path, "status": status, "seconds": seconds}
    log.info("request", extra=said | {"owner": scope.get("yozora.owner", "")})
