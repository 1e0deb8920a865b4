"""Azure's form of the API: its addresses and header, its jobs of the first Sora, and its errors.

A job is one or more videos of ours, which are known to be one by `videos.batch`; nothing else is stored of it. What a
job asks for is said again as a request of a creation mode, so that it is made as every other video is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

import sqlalchemy as sa
from pydantic import BaseModel, BeforeValidator, Field, InstanceOf, WithJsonSchema, model_validator
from starlette.types import ASGIApp, Receive, Scope, Send

from yozora.core.modes import MODES, Mode
from yozora.server.errors import ApiError, invalid
from yozora.server.http import body_parser, mode_requests, order_requests, reading
from yozora.server.http.requests import FILE, BodyModel, Prompt, structured
from yozora.server.http.sources import Finder

JOBS: Final = "/v1/video/generations"
PREFIX: Final = "vidjob"
MAX_VARIANTS: Final = 5
MAX_SECONDS: Final = 20
OURS: Final[Mapping[str, str]] = MappingProxyType(
    {"seconds": "n_seconds", "input_reference": "files", "video": "files"}
)
CODES: Final[Mapping[int, str]] = MappingProxyType(
    {400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 429: "TooManyRequests"}
)


class Addresses:
    """Azure's addresses are ours: `/openai/v1/...` is `/v1/...`, and the header `api-key` holds the key.

    Changes the scope that it is given, so that middleware outside of it sees the address that was served.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            _rename(scope)
        await self.app(scope, receive, send)


def _rename(scope: Scope) -> None:
    path, root = scope["path"], scope.get("root_path", "")
    rest = path[len(root) :] if path.startswith(f"{root}/") else path
    for prefix in ("/openai/v1/", "/openai/"):
        if rest.startswith(prefix):
            scope["path"] = f"{path[: len(path) - len(rest)]}/v1/{rest[len(prefix) :]}"
            scope["raw_path"] = scope["path"].encode()
            break
    names = dict(scope["headers"])
    if b"api-key" in names and b"authorization" not in names:
        scope["headers"] = [*scope["headers"], (b"authorization", b"Bearer " + names[b"api-key"])]


def envelope(path: str, error: ApiError) -> dict[str, Any]:
    """The body of a refusal: where Azure's jobs are, its fields stand at the top too, and a code is always there."""
    if not path.startswith(JOBS):
        return dict(error.envelope)
    said = error.envelope["error"]
    said["code"] = said["code"] or CODES.get(error.status, "InternalServerError")
    return {**said, "error": said}


# --- what a job asks for


class Bounds(BodyModel):
    """A region, in fractions of the picture."""

    left_fraction: float = 0.0
    top_fraction: float = 0.0
    right_fraction: float = 1.0
    bottom_fraction: float = 1.0


class InpaintItem(BodyModel):
    """The purpose of one of the files."""

    type: Literal["image", "video"] = "image"
    file_name: Annotated[str, Field(max_length=255)]
    frame_index: Annotated[int, Field(ge=0)] = 0
    crop_bounds: Bounds = Bounds()


def _parse_list(value: object) -> object:
    value = structured(value)
    return value if isinstance(value, list) else [value]


FILES: Final = {"type": "array", "items": FILE}
Files = Annotated[tuple[InstanceOf[body_parser.Upload], ...], BeforeValidator(_parse_list), WithJsonSchema(FILES)]


class CreateJob(BodyModel):
    """One film or several of the same words."""

    prompt: Prompt
    model: Annotated[
        str | None, Field(max_length=100, description="The deployment in Azure: a name in `/v1/models`.")
    ] = None
    width: Annotated[int | None, Field(ge=1)] = None
    height: Annotated[int | None, Field(ge=1)] = None
    n_seconds: Annotated[int | None, Field(ge=1, le=MAX_SECONDS, description="Default: 5.")] = None
    n_variants: Annotated[int, Field(ge=1, le=MAX_VARIANTS, description="Number of films.")] = 1
    size: Annotated[str | None, Field(pattern=r"^\d+x\d+$", description="Instead of width and height.")] = None
    seconds: Annotated[int | None, Field(ge=1, le=MAX_SECONDS, description="The newer name of `n_seconds`.")] = None
    files: Annotated[Files, Field(max_length=2, description="The files of `inpaint_items`.")] = ()
    inpaint_items: Annotated[
        tuple[InpaintItem, ...],
        BeforeValidator(_parse_list),
        Field(max_length=2, description="A first picture, a last picture, or a film."),
    ] = ()

    @model_validator(mode="after")
    def _both_sides(self) -> "CreateJob":
        if (self.width is None) != (self.height is None):
            raise ValueError("width and height have to be given together")
        return self

    @property
    def length(self) -> int:
        return self.n_seconds or self.seconds or 5


async def order_request(finder: Finder, create_job: CreateJob, job_id: str) -> order_requests.OrderRequest:
    """One film of a job. Raises `ApiError`."""
    said: dict[str, Any] = {"prompt": create_job.prompt, "model": create_job.model}
    try:
        mode, more = await _of_files(finder, create_job)
        if not any(slot.takes == "clip" for slot in mode.slots):
            said["size"] = f"{create_job.width}x{create_job.height}" if create_job.width else create_job.size
        body = body_parser.Body(fields={**said, **more}, folder=finder.folder)
        requested = await finder.service.capacity.do(partial(reading.read, mode_requests.KINDS[mode.name], body))
        return replace(await order_requests.order_request(finder, mode, requested), batch=job_id)
    except ApiError as error:
        error.param = OURS.get(error.param or "", error.param)
        raise


def _mode(route: str) -> Mode:
    return next(mode for mode in MODES.values() if mode.route == route)


async def _of_files(finder: Finder, body: CreateJob) -> tuple[Mode, dict[str, Any]]:
    """The mode in which a job is made, and what that needs to know.

    A picture at frame 0 is the first, one at a later frame the last; a film goes on until `n_seconds`, and one that is
    as long already is changed as the prompt says.
    """
    films = {item.type: file for item, file in _items(body)}
    if "video" not in films:
        pictures = {"last" if item.frame_index else "input_reference": file for item, file in _items(body)}
        if len(pictures) < len(body.inpaint_items):
            raise invalid(
                "inpaint_items", "Two pictures have the same frame_index. Give one of them a later frame_index."
            )
        return _mode(""), {"seconds": body.length, **pictures}
    if len(body.inpaint_items) > 1:
        raise invalid("inpaint_items", "A film has to be the only item of a job. Remove the other items.")
    left = body.length - (await finder.film(films["video"], "files")).seconds
    if left > 0:
        return _mode("extensions"), {"video": films["video"], "seconds": left}
    return _mode("edits"), {"video": films["video"]}


def _items(body: CreateJob) -> list[tuple[InpaintItem, body_parser.Upload]]:
    files = {file.filename: file for file in body.files}
    listed_names = {item.file_name.replace("\\", "/").rpartition("/")[2] for item in body.inpaint_items}
    if listed_names != files.keys():
        raise invalid("inpaint_items", "Each file needs an item with its file_name, and each item needs a file.")
    for item in body.inpaint_items:
        if item.crop_bounds != Bounds():
            raise invalid("inpaint_items", "crop_bounds is not supported. Crop the picture yourself.")
    return [(item, files[item.file_name.replace("\\", "/").rpartition("/")[2]]) for item in body.inpaint_items]


# --- what is answered


class Generation(BaseModel):
    """A film of a job."""

    object: Literal["video.generation"] = "video.generation"
    id: str
    job_id: str
    created_at: int
    width: int
    height: int
    n_seconds: int
    prompt: str


Status = Literal["preprocessing", "queued", "running", "processing", "cancelled", "succeeded", "failed"]


class AzureJob(BaseModel):
    """The current state of a job."""

    object: Literal["video.generation.job"] = "video.generation.job"
    id: str
    status: Status
    created_at: int
    finished_at: int | None
    expires_at: int | None
    generations: list[Generation]
    prompt: str
    model: str
    n_variants: int
    n_seconds: int
    height: int
    width: int
    failure_reason: str | None = Field(description="After a failure: input_moderation or internal_error.")


MAKING: Final = 90  # percent of progress from which on a film is only finished


def status_of(rows: Sequence[sa.Row[Any]]) -> Status:
    """How far a job is, by its videos: done when all have ended, and well when one of them is there."""
    states = {row.status for row in rows}
    if states == {"queued"}:
        return "queued"
    if states & {"queued", "in_progress"}:
        least = min(row.progress for row in rows if row.status != "failed")
        if "queued" in states or states & {"completed", "failed"}:
            return "running"
        return "preprocessing" if least == 0 else "processing" if least >= MAKING else "running"
    if "completed" in states:
        return "succeeded"
    return "cancelled" if all(row.error_code == "cancelled" for row in rows) else "failed"


def generation(row: sa.Row[Any]) -> Generation:
    """A row of `videos` that is completed."""
    width, height = (int(side) for side in row.size.split("x"))
    return Generation(
        id=row.id,
        job_id=row.batch or row.id,
        created_at=row.created_at,
        width=width,
        height=height,
        n_seconds=round(float(row.seconds)),
        prompt=row.prompt or "",
    )


def job(rows: Sequence[sa.Row[Any]]) -> AzureJob:
    """The rows of `videos` of a job, one at least, in the order in which they were made."""
    like, status = generation(rows[0]), status_of(rows)
    ended = status in ("succeeded", "failed", "cancelled")
    codes = {row.error_code for row in rows}
    reason = "input_moderation" if codes == {"moderation_blocked"} else "internal_error"
    return AzureJob(
        id=str(like.job_id),
        status=status,
        created_at=like.created_at,
        finished_at=max((row.completed_at or row.created_at for row in rows), default=None) if ended else None,
        expires_at=min((row.expires_at for row in rows if row.expires_at), default=None),
        generations=[generation(row) for row in rows if row.status == "completed"],
        prompt=like.prompt,
        model=rows[0].model,
        n_variants=len(rows),
        n_seconds=like.n_seconds,
        height=like.height,
        width=like.width,
        failure_reason=reason if status == "failed" else None,
    )
