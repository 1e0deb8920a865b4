"""`/v1/server`: what a page has to know of this server before it offers anything."""

from dataclasses import asdict
from math import isfinite
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

import yozora
from yozora.core.request import MAX_PROMPT
from yozora.server.accounts import keys
from yozora.server.http.mode_requests import MAX_FILES
from yozora.server.http.openapi import REFUSALS
from yozora.server.http.service import Owner, Service, ServiceOf

router = APIRouter(prefix="/v1/server", tags=["server"], responses=REFUSALS)


class ServerLimits(BaseModel):
    """Limits as docs/operations.md has them, for your key, and those of prompts and boards. Null: there is none."""

    prompt_characters: int = MAX_PROMPT
    cards: int = MAX_FILES
    requests_a_minute: int
    creates_a_minute: int
    queued: int
    concurrent: int
    seconds: float
    added_seconds: float
    upload_bytes: int
    upload_seconds: float
    body_bytes: int
    stored_bytes: float | None
    megapixel_seconds_a_day: float | None
    files: int
    characters: int
    webhooks: int
    batches: int
    batch_lines: int
    streams_at_once: int


class ServerFacts(BaseModel):
    """What this server is and allows."""

    object: Literal["server"] = "server"
    version: str
    feed: bool = Field(description="Whether keys publish videos to each other.")
    director: bool = Field(description="Whether `POST /v1/boards/split` has a language model.")
    fetch_urls: bool = Field(description="Whether pictures may be addresses.")
    model: str = Field(description="The model that is used where none is named.")
    expires: float | None = Field(description="Seconds after which videos are removed; null: never.")
    limits: ServerLimits


@router.get("", summary="Retrieve the server", name="retrieve")
def retrieve(service: ServiceOf, owner: Owner) -> ServerFacts:
    """The version, what is switched on, and the limits of your key."""
    settings = service.settings
    return ServerFacts(
        version=yozora.__version__,
        feed=settings.feed,
        director=bool(settings.director),
        fetch_urls=settings.fetch_urls,
        model=settings.usual,
        expires=settings.expires or None,
        limits=_limits(service, owner),
    )


def _limits(service: Service, owner: str) -> ServerLimits:
    said: dict[str, Any] = {**asdict(service.settings.limits), **keys.limits_of(service.database, owner)}
    shown = {name: said[name] for name in ServerLimits.model_fields if name in said}
    return ServerLimits.model_validate({name: limit if isfinite(limit) else None for name, limit in shown.items()})
