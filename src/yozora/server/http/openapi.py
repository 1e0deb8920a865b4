"""What the OpenAPI document says of bodies and refusals. Routes read bodies themselves, see `wire`."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from yozora.server.http import admin_requests, azure, body_parser, mode_requests, requests, responses

BODIES: Final[tuple[type[BaseModel], ...]] = (
    *mode_requests.VIDEOS,
    requests.CreateCharacter,
    requests.CreateFile,
    requests.VerifyFile,
    requests.CreateBatch,
    requests.CreateModeration,
    requests.CreateSession,
    azure.CreateJob,
    admin_requests.CreateKey,
    admin_requests.ChangeKey,
    admin_requests.DrainWorker,
)
WHERE: Final = "#/components/schemas/{model}"

WHY: Final = {
    400: "A field cannot be; `param` names it.",
    401: "No key, or not one of this server.",
    403: "The key's scopes do not allow it.",
    404: "Nothing of that id, or not this key's.",
    413: "The body or a file in it is too long.",
    429: "Too many requests or waiting videos; `retry-after` says when.",
    503: "The storage is full, or the database cannot be reached.",
}
ERROR: Final = {"application/json": {"schema": {"$ref": WHERE.format(model=responses.Error.__name__)}}}
REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    # By name: for a model FastAPI would build a validator a route and status, 500 in all, and use none.
    status: {"description": description, "content": ERROR}
    for status, description in WHY.items()
}
DESCRIPTION: Final = """The Videos API of a Yozora server. Clients of the closed service change `base_url` and the key.

Send `Authorization: Bearer <key>`, or `api-key: <key>` as clients of Azure do. Each key sees only what it made. All
addresses stand below `/openai` too: `/openai/v1/videos` is `/v1/videos`, and `api-version` may be anything.

Bodies may be JSON, multipart forms (with files, and names in brackets such as `video[id]` or `characters[][id]`) or
urlencoded forms; numbers may be text. An object may be JSON text in a form, a reference just its id.

Fields that are not known are passed over, and the answer names them in a header `yozora-ignored` (names apart by
commas, percent-encoded). Not passed over, but refused with a 400 of the code `unknown_parameter`, are a slip or another
name of a known field (`promt`, `duration`), an option of another kind of video (`strength` where a video is created),
and a file in a field that takes none. A call makes one video: `n` above 1 is refused.

A video is `queued`, then `in_progress`, then `completed` or `failed`; one that was cancelled is `failed` with the code
`cancelled`, one that the rules of this server forbid with `moderation_blocked`. A size of any shape can be asked for:
the model makes its own size nearest in shape, and the film is scaled and cropped to the asked one. What a video is made
from is copied when it is asked for: deleting the source does it no harm.

What is made of a film has its size and its rate, if no others are asked for, and what stays of it stays as it is: only
what is invented or changed went through the model, and bears the invisible mark. A board names no files: pictures and
clips are for boards that Python and the command line film.

A call that makes a video may be repeated. With an `Idempotency-Key`, the same key and content give the same video for a
day, other content is a 400; when that video is deleted, the key is free. Clients that repeat by themselves
(`x-stainless-retry-count` from 1) get the video of their first try: of the same content and the last ten minutes, the
one whose answer nobody took.

Where the model will not understand all of a prompt (words that it has never seen, a negation, a place that it does not
have), or a video is not quite as it was said (a span ends after its clip does, one of two clips is brought to the size
of the other), the answer to the call that makes it has a header `yozora-notes`: a line for each, apart by `; `, in
UTF-8 that is percent-encoded.

To ask how a video is takes nothing from the rate of requests. `openai-poll-after-ms` says when to ask again;
`GET /v1/videos/{video_id}?wait=30` answers as soon as the video is over, or after so many seconds (at most 60).

A browser signs in with `POST /v1/sessions` and sends its cookie from then on, wherever a key is taken. A call that
writes then needs the header `yozora-csrf` with the `csrf_token` of the session.

JSON is read from `application/json` and `application/...+json` alone. HEAD is answered wherever GET is.

Every answer has `x-request-id` and `openai-poll-after-ms`; one with `x-should-retry: false` is not to be repeated.
"""
TAGS: Final = {
    "videos": "The contract of the closed service.",
    "more videos": "Beyond it.",
    "characters": "Whom prompts may call by name.",
    "files": "Pictures and films to point at.",
    "provenance": "Where a film comes from.",
    "models": "Names that `model` may have.",
    "webhooks": "Who is told when a video is done.",
    "azure": "Jobs as Azure's Sora had them.",
    "batches": "Many videos at once.",
    "moderations": "What the rules of this server say of texts and pictures.",
    "usage": "What videos have used, such as a bill is made of.",
    "sessions": "Signing in from a browser: a key, or a link that works once, becomes a cookie.",
    "admin": "For whoever runs the server, with a key of the scope `admin`; not on a server without keys. Whatever is "
    "changed here is written down, see `GET /v1/admin/audit`.",
    "health": "For whoever runs the server; only metrics need a key.",
}


def body(kind: type[BaseModel], *, files: bool = True) -> dict[str, Any]:
    """The body of a route, in every spelling. `files`: whether one may be sent in it."""
    said = {"schema": {"$ref": WHERE.format(model=kind.__name__)}}
    forms = {"multipart/form-data": said} | ({} if files else {"application/x-www-form-urlencoded": said})
    needed = any(field.is_required() for field in kind.model_fields.values())
    return {"requestBody": {"required": needed, "content": {"application/json": said} | forms}}


def name_of(route: APIRoute) -> str:
    """The name of an operation, such as `videos_create`."""
    return f"{route.tags[0]}_{route.name}".replace(" ", "_")


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an app, made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes)
        kinds: tuple[type[BaseModel], ...] = (*BODIES, responses.Error)
        _, bodies = models_json_schema([(kind, "validation") for kind in kinds], ref_template=WHERE)
        made["tags"] = [{"name": name, "description": about} for name, about in TAGS.items()]
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(bodies["$defs"])
        for operations in made["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)  # of FastAPI: what cannot be read is 400 here
        for unused in (
            "HTTPValidationError",
            "ValidationError",
            body_parser.Upload.__name__,
        ):  # the latter is sent as bytes
            schemas.pop(unused, None)
        app.openapi_schema = made
    return app.openapi_schema
