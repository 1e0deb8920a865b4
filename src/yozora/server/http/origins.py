"""Whose web page may talk to this server: what is checked before anything else is, and what browsers are told.

A server without keys lets in everyone who reaches it, and a browser reaches it for every page that its user opens: so
it is called by a name of this machine, and by no page of another place. A key is never sent by a browser on its own.
Starlette's TrustedHostMiddleware knows no origins, and answers without the envelope of errors. Knows no route.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from yozora.server.errors import ApiError
from yozora.server.settings import Settings

OURS: Final = ("localhost", "127.0.0.1", "::1")
ANY: Final = "*"
TOLD: Final = (
    *("content-disposition", "content-range", "etag", "openai-poll-after-ms", "retry-after", "retry-after-ms"),
    *("x-request-id", "x-should-retry", "yozora-ignored", "yozora-notes"),
)
"""Headers of answers that a page of another origin may read."""


class Origins:
    """Lets in who calls this server by one of its names, and no page of another origin where there are no keys."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.open = settings.insecure_no_auth
        self.hosts = names_in(settings.hosts) or (OURS if self.open else (ANY,))
        self.origins = names_in(settings.cors)
        self.root = settings.root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.root and "path" in scope:
            path = scope["path"].removeprefix(self.root) if scope["path"].startswith(f"{self.root}/") else scope["path"]
            scope.update(root_path=self.root, path=self.root + path)  # whether the proxy has taken it off or not
        refusal = self._check_origin(Headers(scope=scope), scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await JSONResponse(refusal.envelope, refusal.status)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.message})

    def _check_origin(self, headers: Mapping[str, str], scope: Scope) -> ApiError | None:
        host = headers.get("host", "")
        if ANY not in self.hosts and host_of(host) not in self.hosts:
            message = f"This server does not have the name {host[:100]!r}. Its operator can add names with --hosts."
            return ApiError(421, message, code="unknown_host")
        if self.open and self._is_foreign(headers, host, scope):
            message = "Pages of other origins cannot use this server. Its operator can allow an origin with --cors."
            return ApiError(403, message, kind="permission_error", code="origin_not_allowed")
        return None

    def _is_foreign(self, headers: Mapping[str, str], host: str, scope: Scope) -> bool:
        """Whether a page of another origin asks; a link to here that a user follows is none."""
        origin = headers.get("origin")
        if origin is not None:
            return ANY not in self.origins and origin not in self.origins and urlsplit(origin).netloc != host
        visits = scope.get("method") in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate"
        return headers.get("sec-fetch-site") == "cross-site" and not visits


def install(app: FastAPI, settings: Settings) -> None:
    """Check hosts and origins, and answer browsers that ask for a page of an origin that is allowed."""
    app.add_middleware(Origins, settings=settings)
    allowed = names_in(settings.cors)
    if allowed:
        said: dict[str, Any] = {"allow_origins": allowed, "allow_methods": [ANY], "allow_headers": [ANY]}
        app.add_middleware(CORSMiddleware, **said, expose_headers=TOLD, max_age=3600)


def names_in(text: str) -> tuple[str, ...]:
    """Names apart by commas."""
    return tuple(name.strip().rstrip("/") for name in text.split(",") if name.strip())


def host_of(header: str) -> str:
    """The name in a header `Host`, without its port, in lower case."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0].rstrip(".").lower()
