"""What a process of the edge holds, and what every route asks first: who is calling, and what the body says.

Knows no route and no video.
"""

import ipaddress
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from yozora.server.accounts import keys
from yozora.server.accounts.limits import Rates
from yozora.server.errors import ApiError
from yozora.server.http import body_parser
from yozora.server.http.retries import Refusals
from yozora.server.safety.policy import Policy
from yozora.server.settings import Settings
from yozora.server.store.database import Database
from yozora.server.store.objects import Objects
from yozora.server.work.queue import Queue

ANYONE = "anyone"
"""Whose everything is on a server without keys."""

READS: Final = frozenset({"/v1/provenance/verify", "/v1/moderations"})
"""Calls that look at what is sent with them, and keep nothing: a key that may only read may make them."""

bearer = HTTPBearer(auto_error=False, description="A key that `yozora keys create NAME` printed.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Service:
    """One installation, as a process of the edge has it open."""

    settings: Settings
    database: Database
    objects: Objects
    queue: Queue
    rates: Rates
    policy: Policy
    trouble: Callable[[], Sequence[str]] = list  # what is wrong with the workers of this machine
    refusals: Refusals = field(default_factory=Refusals)
    followed: Counter[str] = field(default_factory=Counter)  # streams of events that are open, by owner


async def of(request: Request) -> Service:
    """The service that this process is."""
    return cast(Service, request.app.state.service)


ServiceOf = Annotated[Service, Depends(of)]


def owner_of(
    request: Request, service: ServiceOf, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> str:
    """Whose key the request brings. Raises `ApiError` 401, 403 for a key that may not do so, and 429 for one that asks
    too often.
    """
    if service.settings.insecure_no_auth:
        owner, allows = ANYONE, keys.Grant().allows
    else:
        if given is None or not given.credentials:
            raise _no_entry("No API key was given. Send it as the header: Authorization: Bearer yz-...")
        found = keys.recognise(service.database, given.credentials)
        if found is None:
            raise _no_entry("Incorrect API key. `yozora keys list` shows which there are.")
        owner, allows = found.id, found.grant.allows
    request.scope["yozora.owner"], request.scope["yozora.allows"] = owner, allows
    _check_scope(request, allows)
    service.rates.check(owner, "request")
    return owner


Owner = Annotated[str, Depends(owner_of)]


async def administers(request: Request, _owner: Owner) -> bool:
    """Whether the key may look at what is others'."""
    return "admin" in request.scope["yozora.allows"]


Administers = Annotated[bool, Depends(administers)]


async def _received(request: Request, service: ServiceOf, _owner: Owner) -> AsyncIterator[body_parser.Raw]:
    """Nothing is received from whoever has no key."""
    raw = await body_parser.receive(request, service.settings.limits)
    try:
        yield raw
    finally:
        raw.data.close()


def _parsed(
    request: Request, service: ServiceOf, raw: Annotated[body_parser.Raw, Depends(_received)]
) -> Iterator[body_parser.Body]:
    with body_parser.parse(raw, service.settings.limits) as body:
        request.scope["yozora.ignored"] = body.ignored
        yield body


BodyOf = Annotated[body_parser.Body, Depends(_parsed)]


def is_local(request: Request) -> bool:
    """Whether the caller sits on this machine, and no proxy speaks for another."""
    forwarded = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via"))
    if forwarded or request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _check_scope(request: Request, allows: frozenset[keys.Scope]) -> None:
    path: str = getattr(request.scope.get("route"), "path", "")
    reads = request.scope.get("method", "") in ("GET", "HEAD") or path in READS
    needed: keys.Scope = "admin" if path.startswith("/v1/admin/") else "read" if reads else "create"
    if needed not in allows:
        message = f"This key may not do that: it needs the scope '{needed}'."
        raise ApiError(403, message, kind="permission_error", code="insufficient_scope")


def _no_entry(message: str) -> ApiError:
    headers = {"www-authenticate": "Bearer"}
    return ApiError(401, message, kind="authentication_error", code="invalid_api_key", headers=headers)
