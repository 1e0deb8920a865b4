"""What clients are answered, as objects of the wire. Made from rows; knows neither HTTP nor how they came to be."""

from typing import Any, Final, Generic, Literal, TypeVar

import sqlalchemy as sa
from pydantic import BaseModel, Field

REASON: Final = (
    "The fault in finer steps: a code of docs/errors.md, or the code of `error` again. Null without `error`."
)


class Failure(BaseModel):
    """The reason of a failed video."""

    code: str
    message: str


class Video(BaseModel):
    """A video. All fields are always present."""

    id: str
    object: Literal["video"] = "video"
    model: str
    status: Literal["queued", "in_progress", "completed", "failed"]
    progress: int = Field(ge=0, le=100)
    created_at: int
    completed_at: int | None
    expires_at: int | None
    prompt: str | None
    size: str
    seconds: str
    remixed_from_video_id: str | None
    error: Failure | None


class Deleted(BaseModel):
    """The object was deleted."""

    id: str
    object: str
    deleted: Literal[True] = True


class Character(BaseModel):
    """A character that prompts may name."""

    id: str
    name: str
    created_at: int


class File(BaseModel):
    """An uploaded picture or film."""

    id: str
    object: Literal["file"] = "file"
    bytes: int
    created_at: int
    filename: str
    purpose: str
    status: Literal["processed"] = "processed"
    expires_at: int | None = None


class Signer(BaseModel):
    """The signer. `ours`: this server trusts the certificate."""

    name: str
    organization: str
    ours: bool


class Credentials(BaseModel):
    """The content credentials; `problems` are C2PA's names of failed checks, `film` is our assertion."""

    signer: Signer
    signed_at: str | None = Field(description="The time, if a timestamp service confirmed it.")
    tool: str
    problems: list[str]
    film: dict[str, str | int | float | bool]
    ancestors: list["Ancestor"]


class Ancestor(BaseModel):
    """A source of a film: its name, and its credentials if it had some."""

    title: str
    relation: str
    credentials: Credentials | None


class Watermark(BaseModel):
    """The watermark in the frames."""

    present: bool
    score: float
    identifier: str | None


class Verdict(BaseModel):
    """Where a file comes from."""

    state: Literal["intact", "nothing", "changed", "stripped", "foreign"]
    meaning: str
    identifier: str | None = Field(description="The film's number: twelve hexadecimal digits.")
    credentials: Credentials | None
    watermark: Watermark | None = Field(description="Null if the frames could not be read.")
    video_id: str | None = Field(description="The id of your video, if it is one.")


class Model(BaseModel):
    """A value for `model`."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str


class ModelMode(BaseModel):
    """A way to make films, and whether a model can."""

    mode: str
    possible: bool
    reason: str = Field(description="Why not; empty where it can.")


class ModelModeSources(ModelMode):
    """A way to make films with sources that it may do without."""

    sources: list[str] = Field(description="Names of fields, such as `input_reference` and `last`.")


class ModelFacts(Model):
    """A model, and what it can do."""

    preset: str = Field(description="Its own name, where `id` stands for it.")
    summary: str
    licence: str
    modes: list[ModelMode]
    mode_sources: list[ModelModeSources] = Field(description="The modes with sources that they may do without.")
    loras: list[str] = Field(description="LoRAs of this server, if the model takes any.")
    takes_loras: bool
    sizes: list[str] = Field(description="That it was made for; the first is the default. Films may have any size.")
    fps: float
    seconds: float
    max_seconds: float
    steps: int
    guidance: float
    max_characters: int
    memory_bytes: int = Field(description="Of the device's memory that it takes, about.")
    download_bytes: int = Field(description="Of its weights; 0 where they come with Yozora.")


class Delivery(BaseModel):
    """An event on its way to a webhook."""

    id: str
    object: Literal["webhook_endpoint.delivery"] = "webhook_endpoint.delivery"
    webhook_endpoint_id: str
    event_id: str
    event_type: str
    video_id: str | None
    status: Literal["pending", "delivered", "failed"]
    attempts: int
    next_attempt_at: int | None = Field(description="The time of the next attempt, while pending.")
    status_code: int | None = Field(description="The last answer of the address.")
    reason: str | None = Field(description="The reason of the failure.")
    created_at: int
    ended_at: int | None


Item = TypeVar("Item", bound=BaseModel)


class Page(BaseModel, Generic[Item]):
    """A page of a list. The next page is `after=<last_id>`, where `has_more`."""

    object: Literal["list"] = "list"
    data: list[Item]
    first_id: str | None
    last_id: str | None
    has_more: bool


class Session(BaseModel):
    """A browser that is signed in. On a server without keys no one needs to, and `key_id` is `anyone`."""

    id: str
    object: Literal["session"] = "session"
    key_id: str
    key_name: str
    scopes: list[str] = Field(description="What the key may do.")
    created_at: int
    expires_at: int | None
    csrf_token: str = Field(description="For the header `yozora-csrf` of every call that writes.")


class SessionState(BaseModel):
    """Who is signed in from this browser."""

    object: Literal["session.state"] = "session.state"
    session: Session | None


class ErrorFields(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None
    reason: str = Field(description="The same fault in finer steps: a code of docs/errors.md, or `code` again.")


class Error(BaseModel):
    """The body of every error."""

    error: ErrorFields


def video(row: sa.Row[Any]) -> Video:
    """A row of `videos`."""
    failure = Failure(code=row.error_code or "internal_error", message=row.error_message or "The video has failed.")
    return Video(
        id=row.id,
        model=row.model,
        status=row.status,
        progress=row.progress,
        created_at=row.created_at,
        completed_at=row.completed_at if row.status == "completed" else None,
        expires_at=row.expires_at,
        prompt=row.prompt,
        size=row.size,
        seconds=row.seconds,
        remixed_from_video_id=row.remixed_from,
        error=failure if row.status == "failed" else None,
    )


def reason_of(row: sa.Row[Any]) -> str | None:
    """Why a video or an export has failed, as finely as that is known."""
    return row.error_reason or row.error_code if row.status == "failed" else None


def file(row: sa.Row[Any]) -> File:
    """A row of `files`."""
    return File(id=row.id, bytes=row.bytes, created_at=row.created_at, filename=row.filename, purpose=row.purpose)


def character(row: sa.Row[Any]) -> Character:
    """A row of `characters`."""
    return Character(id=row.id, name=row.name, created_at=row.created_at)


def delivery(row: sa.Row[Any]) -> Delivery:
    """A row of `deliveries`."""
    pending = row.status == "pending"
    return Delivery(
        id=row.id,
        webhook_endpoint_id=row.webhook,
        event_id=row.event,
        event_type=row.type,
        video_id=row.payload.get("data", {}).get("id"),
        status=row.status,
        attempts=row.attempts,
        next_attempt_at=max(row.created_at, int(row.next_at)) if pending else None,
        status_code=row.http_status,
        reason=row.reason or None,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )


def page(items: list[Item], more: bool, ids: list[str]) -> Page[Item]:
    """Items as a page of a list, and their ids."""
    first, last = (ids[0], ids[-1]) if ids else (None, None)
    return Page(data=items, first_id=first, last_id=last, has_more=more)
