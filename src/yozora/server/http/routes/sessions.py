"""`/v1/sessions`: a browser signs in with a key or with a link that works once, and signs out."""

import json
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials
from starlette.concurrency import run_in_threadpool

from yozora.server.accounts import keys, sessions
from yozora.server.errors import invalid, missing
from yozora.server.http import body_parser, reading, requests, responses
from yozora.server.http.openapi import REFUSALS, WHERE
from yozora.server.http.service import ANYONE, COOKIE, Owner, Service, ServiceOf, bearer, no_entry, session_of

router = APIRouter(prefix="/v1/sessions", tags=["sessions"], responses=REFUSALS)

MAX_BODY: Final = 4_096  # bytes
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "content": {"application/json": {"schema": {"$ref": WHERE.format(model=requests.CreateSession.__name__)}}}
    }
}
Given = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


@router.post("", summary="Sign in", openapi_extra=BODY)
async def create(request: Request, response: Response, service: ServiceOf, given: Given) -> responses.Session:
    """Make a session of a key (a bearer token, or in the body), or of the code of a link. The answer sets
    the cookie `yozora_session`, which scripts cannot read and other sites cannot send.
    """
    if service.settings.insecure_no_auth:
        return _of_anyone()
    service.rates.check(f"sign-in {request.client.host if request.client else ''}", "request")
    asked = await _read_body(request)
    key = asked.key or (given.credentials if given is not None and given.credentials else None)
    cookie = await run_in_threadpool(_begin, service, key, asked.code)
    session = await run_in_threadpool(session_of, service, cookie, None)
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=sessions.SESSION_SECONDS,
        path=_cookie_path(request),
        secure=_is_secure(request),
        httponly=True,
        samesite="strict",
    )
    response.headers["cache-control"] = "no-store"
    return _session_response(session, cookie)


@router.get("", summary="Say who is signed in")
def state(request: Request, response: Response, service: ServiceOf) -> responses.SessionState:
    """The session of this browser's cookie, null without one that works. It needs no key, so that a page can ask
    before anyone has signed in.
    """
    response.headers["cache-control"] = "no-store"
    if service.settings.insecure_no_auth:
        return responses.SessionState(session=_of_anyone())
    cookie = request.cookies.get(COOKIE)
    found = sessions.find(service.database, cookie) if cookie else None
    return responses.SessionState(session=_session_response(found, cookie) if found and cookie else None)


@router.get("/current", summary="Retrieve the session")
def current(request: Request, response: Response, service: ServiceOf, _owner: Owner) -> responses.Session:
    """The session of the cookie, with its token. 404 for a call that brings a key instead."""
    response.headers["cache-control"] = "no-store"
    if service.settings.insecure_no_auth:
        return _of_anyone()
    cookie = _cookie(request)
    return _session_response(session_of(service, cookie, None), cookie)


@router.delete("/current", summary="Sign out")
def delete(request: Request, response: Response, service: ServiceOf, _owner: Owner) -> responses.Deleted:
    """The cookie stops working."""
    if service.settings.insecure_no_auth:
        return responses.Deleted(id=ANYONE, object="session.deleted")
    session = session_of(service, _cookie(request), None)
    sessions.end(service.database, session.id)
    response.delete_cookie(
        COOKIE, path=_cookie_path(request), secure=_is_secure(request), httponly=True, samesite="strict"
    )
    return responses.Deleted(id=session.id, object="session.deleted")


async def _read_body(request: Request) -> requests.CreateSession:
    """JSON alone: a page of another site can send a form, and would sign a browser in with a key of its own."""
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > MAX_BODY:
            raise invalid(None, f"The body has more than {MAX_BODY} bytes.")
    if not data:
        return requests.CreateSession()
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise invalid(None, "Send application/json.", "unsupported_content_type")
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        raise invalid(None, "The body is not valid JSON.", "invalid_json") from None
    if not isinstance(said, dict):
        raise invalid(None, "The body has to be a JSON object.", "invalid_json")
    return reading.read(requests.CreateSession, body_parser.Body(fields=said, folder=Path()))


def _begin(service: Service, key: str | None, code: str | None) -> str:
    """The cookie of a new session. Raises `ApiError` 400 and 401."""
    if (key is None) == (code is None):
        raise invalid("key", "Send either 'key' or 'code'.", "missing_required_parameter")
    if code is not None:
        owner = sessions.redeem(service.database, code)
        if owner is None:
            message = "This link was used before, or it has expired. Make a new one: yozora keys link NAME"
            raise no_entry(message, reason="link_used")
    else:
        owner = keys.find(service.database, key) if key is not None and key.isascii() else None
        if owner is None:
            raise no_entry("Incorrect API key. The command `yozora keys list` shows the valid ones.")
    cookie = sessions.begin(service.database, owner)
    if cookie is None:
        raise no_entry("This API key was revoked or has expired.")
    return cookie


def _session_response(session: sessions.BrowserSession, cookie: str) -> responses.Session:
    return responses.Session(
        id=session.id,
        key_id=session.key.id,
        key_name=session.key.name,
        scopes=[*sorted(session.key.grant.allows)],
        created_at=session.created_at,
        expires_at=min(session.expires_at, session.key.grant.expires_at or session.expires_at),
        csrf_token=sessions.csrf_token(cookie),
    )


def _of_anyone() -> responses.Session:
    scopes: list[str] = [*sorted(keys.Grant().allows)]
    return responses.Session(
        id=ANYONE, key_id=ANYONE, key_name=ANYONE, scopes=scopes, created_at=0, expires_at=None, csrf_token=""
    )


def _cookie(request: Request) -> str:
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        raise missing("session", "current")
    return cookie


def _cookie_path(request: Request) -> str:
    return str(request.scope.get("root_path", "")) or "/"


def _is_secure(request: Request) -> bool:
    """Whether the browser speaks TLS, with this server or with a proxy that says so. A client that says so without TLS
    only loses its own cookie.
    """
    said = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    forwarded = "proto=https" in request.headers.get("forwarded", "").partition(",")[0].lower().replace('"', "")
    return request.url.scheme == "https" or said == "https" or forwarded
