"""What the OpenAPI document says of bodies and refusals. Routes read bodies themselves, see `wire`."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from yozora.server.http import (
    admin_requests,
    azure,
    board_bodies,
    body_parser,
    library_requests,
    mode_requests,
    requests,
    responses,
)

BODIES: Final[tuple[type[BaseModel], ...]] = (
    *mode_requests.VIDEOS,
    requests.CreateCharacter,
    requests.CreateFile,
    requests.VerifyFile,
    requests.CreateBatch,
    requests.CreateModeration,
    requests.CreateSession,
    requests.CheckPrompt,
    board_bodies.SplitScript,
    board_bodies.ParseBoard,
    board_bodies.FormatBoard,
    library_requests.ChangeVideo,
    library_requests.ChangeVideos,
    library_requests.ImportFilm,
    library_requests.NameFolder,
    library_requests.ShareVideo,
    library_requests.CreateExport,
    library_requests.ChangeConsent,
    library_requests.ReportPost,
    library_requests.HidePost,
    azure.CreateJob,
    admin_requests.CreateKey,
    admin_requests.ChangeKey,
    admin_requests.DrainWorker,
)
WHERE: Final = "#/components/schemas/{model}"

WHY: Final = {
    400: "A field has an impossible value; `param` names it.",
    401: "The key is missing or unknown.",
    403: "The key's scopes do not allow it.",
    404: "No object of this key has this id.",
    413: "The body or a file in it is too large.",
    429: "Too many requests or queued videos; `retry-after` says when to repeat.",
    503: "The storage is full, or the database is unavailable.",
}
ERROR: Final = {"application/json": {"schema": {"$ref": WHERE.format(model=responses.Error.__name__)}}}
REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    # By name: for a model FastAPI would build a validator a route and status, 500 in all, and use none.
    status: {"description": description, "content": ERROR}
    for status, description in WHY.items()
}
DESCRIPTION: Final = """The Videos API of a Yozora server. Clients of the closed service change `base_url` and the key.

Send `Authorization: Bearer <key>`, or `api-key: <key>` as Azure's clients do. Each key sees only its own objects. All
addresses also exist below `/openai`: `/openai/v1/videos` is `/v1/videos`, and `api-version` may have any value.

Bodies may be JSON, multipart forms (with files, and names in brackets such as `video[id]` or `characters[][id]`) or
urlencoded forms. Numbers may be text. In a form, an object may be JSON text, and a reference may be just its id.

Unknown fields are ignored, and the header `yozora-ignored` names them (separated by commas, percent-encoded). A
misspelled field (`promt`) and another name of a field (`duration`) are refused with a 400 and `unknown_parameter`. So
are an option of another call (`strength` where a video is created) and a file in a field that takes none. Each call
makes one video: `n` above 1 is refused.

A video is `queued`, then `in_progress`, then `completed` or `failed`. A cancelled video is `failed` with the code
`cancelled`, a video with a forbidden prompt is `failed` with `moderation_blocked`. Every size is possible: the model
uses its own size with the nearest shape, and the server scales and crops the film. The server copies sources when the
call arrives, so they may be deleted afterwards.

A video that is made from others has their size and frame rate, unless others are given. Kept parts stay unchanged. Only
invented and changed parts come from the model and carry the invisible watermark.

A card of a board may begin with an `image` or a `clip`. Both are text: the id of one of your files or videos, or the
name of a file that is sent in `files` with the board. An image may also be an address, where the server fetches these.
Of a film, an image is its first frame.

A call that makes a video may be repeated. With an `Idempotency-Key`, the same key and content give the same video for a
day, and other content is a 400. After that video was deleted, the key can be used again. Clients that repeat by
themselves (`x-stainless-retry-count` from 1) get the video of their first try. This is the one with the same content
from the last ten minutes whose answer was not received.

The header `yozora-notes` says what the model does not understand of a prompt: unknown words, a negation, an unknown
place. It also says where a video differs from the request: a span ends after its clip, or a clip is scaled to the size
of another. Notes are separated by `; `, in percent-encoded UTF-8.

Polling does not count for the rate of requests. `openai-poll-after-ms` recommends an interval.
`GET /v1/videos/{video_id}?wait=30` answers as soon as the video has ended, or after that many seconds (at most 60).

A browser signs in with `POST /v1/sessions` and sends its cookie from then on, wherever a key is taken. A call that
writes then needs the header `yozora-csrf` with the `csrf_token` of the session.

JSON is read only from `application/json` and `application/...+json`. HEAD works wherever GET does.

Every answer has `x-request-id` and `openai-poll-after-ms`. Do not repeat a call whose answer has
`x-should-retry: false`.
"""
TAGS: Final = {
    "videos": "The calls of the closed service.",
    "more videos": "Calls that the closed service does not have.",
    "characters": "People and things that prompts may name.",
    "files": "Uploaded pictures and films, for other calls.",
    "provenance": "Where a film comes from.",
    "models": "Values for `model`.",
    "webhooks": "Addresses that get an event when a video has ended.",
    "azure": "The jobs of Azure's Sora.",
    "batches": "Many videos at once.",
    "moderations": "Checks of texts and pictures by this server's rules.",
    "usage": "The usage of videos, for example for billing.",
    "feed": "What keys of this server publish to each other, where the operator has switched it on.",
    "words": "Before a film is ordered: words that a model knows and does not know.",
    "boards": "Before a board is filmed: a script as cards, and boards from and to YAML.",
    "server": "What this server is and allows.",
    "library": "Titles, folders, a trash, and what was made from what.",
    "sessions": "Signing in from a browser: a key, or a link that works once, becomes a cookie.",
    "admin": "For the server's operator, with a key of the scope `admin`; not on a server without keys. `GET "
    "/v1/admin/audit` lists every change.",
    "health": "For the server's operator; only metrics need a key.",
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
