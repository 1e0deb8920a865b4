"""What a process of the edge holds, and what every route asks first: who is calling, and what the body says.

Knows no route and no video.
"""

import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

from anyio import CancelScope
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from yozora.server.accounts import keys, sessions
from yozora.server.accounts.limits import Rates
from yozora.server.errors import ApiError, invalid
from yozora.server.http import body_parser, runtime
from yozora.server.http.capacity import Capacity, in_thread
from yozora.server.http.outlook import Outlook
from yozora.server.http.polling import Holding
from yozora.server.http.retries import Attempts, Refusals
from yozora.server.settings import Settings
from yozora.server.store.database import Database
from yozora.server.store.objects import Objects
from yozora.server.work.queue import Queue

if TYPE_CHECKING:
    from yozora.server.safety.policy import Policy

RULES_SECONDS: Final = 1.0  # after a process has started
LARGE = 1 << 20  # bytes of a body, after which memory is tidied
ANYONE = "anyone"
"""Whose everything is on a server without keys."""

READS: Final = frozenset(
    {
        *("/v1/provenance/verify", "/v1/moderations", "/v1/sessions/current", "/v1/prompts/check"),
        *("/v1/boards/split", "/v1/boards/parse", "/v1/boards/format"),
    }
)
"""Calls that look at what is sent with them, or sign out: a key that may only read may make them."""

COOKIE: Final = "yozora_session"
CSRF: Final = "yozora-csrf"
"""Header of a write that comes with the cookie, and holds the session's token."""

bearer = HTTPBearer(auto_error=False, description="A key that `yozora keys create NAME` printed.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Service:
    """One installation, as a process of the edge has it open."""

    settings: Settings
    database: Database
    objects: Objects
    queue: Queue
    rates: Rates
    rules: "Callable[[], Policy]"
    capacity: Capacity
    attempts: Attempts
    outlook: Outlook
    holding: Holding
    stopping: threading.Event  # set when the process is told to stop: no call is held any longer
    problems: Callable[[], Sequence[str]] = list  # what is wrong with the workers of this machine
    refusals: Refusals = field(default_factory=Refusals)
    watched: Counter[str] = field(default_factory=Counter)  # live sessions that are open, by owner

    @property
    def policy(self) -> "Policy":
        """The rules of moderation."""
        return self.rules()

    def read_rules(self, stop: threading.Event) -> None:
        """For a thread, so that no request waits for it: a little later than the first of them."""
        stop.wait(RULES_SECONDS)
        self.rules()


def rules_of(path: Path | None) -> "Callable[[], Policy]":
    """What gives the policy in a file, or the one that ships. Raises `UserError` for a file that cannot be; what ships
    is read when it is first needed.
    """

    @cache
    def rules() -> "Policy":
        from yozora.server.safety import policy

        return policy.load(path)

    if path is not None:
        rules()
    return rules


def service_of(request: Request) -> Service:
    """The service that this process is. What depends on the request anyway calls this: FastAPI looks at every
    dependency of every route when the server starts.
    """
    return cast(Service, request.app.state.service)


async def of(request: Request) -> Service:
    """The same, for routes."""
    return service_of(request)


def is_welcome(service: Service, owner: str) -> bool:
    """Whether a key that was let in before may still go on."""
    if service.settings.insecure_no_auth:
        return True
    with service.database.read() as connection:
        return keys.is_open(connection, owner)


ServiceOf = Annotated[Service, Depends(of)]


def owner_of(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> str:
    """Whose key the request brings. Raises `ApiError` 401, 403 for a key that may not do so, and 429 for one that asks
    too often.
    """
    service = service_of(request)
    if service.settings.insecure_no_auth:
        owner, allows = ANYONE, keys.Grant().allows
    else:
        found = _key_of_request(request, service, given)
        owner, allows = found.id, found.grant.allows
    request.scope["yozora.owner"], request.scope["yozora.allows"] = owner, allows
    check_scope(_needed(request), allows)
    service.rates.check(owner, "poll" if request.method in ("GET", "HEAD") else "request")
    return owner


def _key_of_request(request: Request, service: Service, given: HTTPAuthorizationCredentials | None) -> keys.Key:
    """The key that a request brings, or that of the session of its cookie. Raises `ApiError` 401 and 403."""
    if given is not None and given.credentials:
        found = keys.recognise(service.database, given.credentials)
        if found is None:
            raise no_entry("Incorrect API key. The command `yozora keys list` shows the valid ones.")
        return found
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        raise no_entry("The API key is missing. Send the header Authorization: Bearer yz-...")
    request.scope["yozora.session"] = True
    return session_of(service, cookie, None if request.method in ("GET", "HEAD") else request.headers.get(CSRF, "")).key


def session_of(service: Service, cookie: str, token: str | None) -> sessions.BrowserSession:
    """The session of a cookie; `token` None: nothing is written. Raises `ApiError` 401, and 403 for another token."""
    session = sessions.find(service.database, cookie)
    if session is None:
        raise no_entry("This session is over. Sign in again.")
    if token is not None and not sessions.is_csrf_token(cookie, token):
        message = f"A call with a cookie needs the session's token in the header {CSRF}."
        raise ApiError(403, message, kind="permission_error", code="csrf_token_invalid")
    return session


async def _admitted(request: Request, owner: Annotated[str, Depends(owner_of)]) -> AsyncIterator[str]:
    """The same, while the request is answered. Raises `ApiError` 429 for one too many of a key."""
    with service_of(request).capacity.request(owner):
        yield owner


Owner = Annotated[str, Depends(_admitted)]


async def _sent(request: Request, owner: Owner) -> AsyncIterator[str]:
    """The same until all of the answer is sent, which is a film or a file."""
    with service_of(request).capacity.download(owner):
        yield owner


Receiver = Annotated[str, Depends(_sent)]


async def _followed(request: Request, owner: Owner) -> AsyncIterator[str]:
    """The same until the answer, which is a stream of events, is over."""
    with service_of(request).capacity.stream(owner):
        yield owner


Follower = Annotated[str, Depends(_followed)]


async def administers(request: Request, _owner: Owner) -> bool:
    """Whether the key may look at what is others'."""
    return "admin" in request.scope["yozora.allows"]


Administers = Annotated[bool, Depends(administers)]


async def _received(request: Request, owner: Owner) -> AsyncIterator[body_parser.Raw]:
    """Nothing is received from clients without a key; what is large waits at the other end until there is room."""
    service = service_of(request)
    limits, capacity = service.settings.limits, service.capacity
    size = body_parser.announced(request, limits)
    async with AsyncExitStack() as stack:
        if size > body_parser.IN_MEMORY:
            await stack.enter_async_context(capacity.incoming.place(owner, size))
        raw = await body_parser.receive(request, limits)
        stack.push_async_callback(_thrown_away, capacity, raw)
        check_kind(raw.kind, bool(raw.data.tell()))
        await stack.enter_async_context(capacity.bodies.place(owner))
        yield raw


async def _thrown_away(capacity: Capacity, raw: body_parser.Raw) -> None:
    """A body is needed no longer. Removing a large file may wait for the disk."""
    with CancelScope(shield=True):
        if raw.bytes > body_parser.IN_MEMORY:
            await capacity.do_bulk(raw.data.close)
        else:
            raw.data.close()
        if raw.bytes > LARGE:
            await capacity.do_bulk(runtime.trim)


def check_kind(kind: str, has_body: bool) -> None:
    """Raise `ApiError` 400 for a body that is neither JSON nor a form by its content type: a web page may send any
    other one to any server without asking.
    """
    is_json = kind.startswith("application/") and kind.endswith(("/json", "+json"))
    if has_body and not is_json and kind not in (body_parser.MULTIPART, body_parser.URLENCODED):
        hint = f"Send application/json, {body_parser.MULTIPART} or {body_parser.URLENCODED}."
        said = f"A body of the kind {kind[:60]!r}" if kind else "A body without a content type"
        raise invalid(None, f"{said} is not supported. {hint}", "unsupported_content_type")


async def _parsed(
    request: Request, raw: Annotated[body_parser.Raw, Depends(_received)]
) -> AsyncIterator[body_parser.Body]:
    service = service_of(request)
    parsing, capacity = body_parser.parse(raw, service.settings.limits), service.capacity
    async with in_thread(parsing, capacity.bulk if raw.bytes > LARGE else capacity.work) as body:
        request.scope["yozora.ignored"] = body.ignored
        yield body


BodyOf = Annotated[body_parser.Body, Depends(_parsed)]


def check_scope(needed: keys.Scope, allows: frozenset[keys.Scope]) -> None:
    """Raise `ApiError` 403 for a key that may not do what needs that scope."""
    if needed not in allows:
        message = f"This key does not have the scope '{needed}'."
        raise ApiError(403, message, kind="permission_error", code="insufficient_scope")


def _needed(request: Request) -> keys.Scope:
    path: str = getattr(request.scope.get("route"), "path", "")
    if path.startswith("/v1/admin/"):
        return "admin"
    return "read" if request.method in ("GET", "HEAD") or path in READS else "create"


def no_entry(message: str, reason: str = "") -> ApiError:
    """401: no key, or none of this server."""
    headers = {"www-authenticate": "Bearer"}
    return ApiError(401, message, kind="authentication_error", code="invalid_api_key", reason=reason, headers=headers)
