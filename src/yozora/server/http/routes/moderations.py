"""`/v1/moderations`: what the rules of this server say of texts and pictures, before a video is asked for."""

import io
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Final, Literal

from fastapi import APIRouter
from pydantic import BaseModel

from yozora.server.errors import invalid
from yozora.server.http import reading
from yozora.server.http.moderation import blocked
from yozora.server.http.openapi import REFUSALS, body
from yozora.server.http.requests import CreateModeration, ImageReference, ModerationItem
from yozora.server.http.service import BodyOf, Owner, Service, ServiceOf
from yozora.server.http.sources import Finder
from yozora.server.safety import uploads
from yozora.server.store.database import new_id

router = APIRouter(prefix="/v1/moderations", tags=["moderations"], responses=REFUSALS)

MAX_PICTURES: Final = 4  # of one call: each is decoded
CATEGORIES: Final = (
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent"),
    *("self-harm", "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors"),
    *("violence", "violence/graphic"),
)
"""Those that clients know. A rule of another name is a category of its own."""

OF_RULES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "minors": ("sexual/minors",),
        "minors-in-sexual-scenes": ("sexual", "sexual/minors"),
        "nakedness": ("sexual",),
        "gore": ("violence", "violence/graphic"),
        "hate-by-calls-to-kill": ("hate", "hate/threatening"),
    }
)
"""Rules that ship under other names than their categories have."""

GUARD, FRAMES = "guard", "frames"  # categories of the operator's model and function


class Result(BaseModel):
    """The result of the rules for an input; scores are 0 or 1."""

    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]
    category_applied_input_types: dict[str, list[Literal["text", "image"]]]


class Moderation(BaseModel):
    id: str
    model: str
    results: list[Result]


@router.post("", summary="Check texts and pictures", openapi_extra=body(CreateModeration, files=False))
async def create(service: ServiceOf, owner: Owner, parsed: BodyOf) -> Moderation:
    """A text is flagged if a rule would block it as a prompt. Pictures are flagged only by the operator's `frames`
    function, if there is one. A list of texts has a result for each; a list of items has one for all.
    """
    asked = await service.capacity.do(partial(reading.read, CreateModeration, parsed))
    _check_items(asked)
    finder = Finder(service=service, owner=owner, folder=parsed.folder)
    given = parsed.fields.get("input")
    several = isinstance(given, list) and all(isinstance(one, str) for one in given)
    groups = [(item,) for item in asked.input] if several else [asked.input]
    results = [await _result(finder, items) for items in groups]
    return Moderation(id=new_id("modr"), model=asked.model or "yozora", results=results)


def _check_items(body: CreateModeration) -> None:
    for item in body.input:
        if (item.text if item.type == "text" else item.image_url) is None:
            raise invalid("input", f"An item of the type '{item.type}' needs a field '{item.type}'.")
    if sum(item.type == "image_url" for item in body.input) > MAX_PICTURES:
        raise invalid("input", f"A call takes up to {MAX_PICTURES} pictures.")


async def _result(finder: Finder, items: tuple[ModerationItem, ...]) -> Result:
    found: dict[str, set[Literal["text", "image"]]] = {}
    looked: set[Literal["text", "image"]] = set()
    for item in items:
        kind: Literal["text", "image"] = "text" if item.type == "text" else "image"
        looked.add(kind)
        for name in await (_of_text(finder, item.text or "") if kind == "text" else _of_picture(finder, item)):
            found.setdefault(name, set()).add(kind)
    names = dict.fromkeys((*CATEGORIES, *found))
    return Result(
        flagged=bool(found),
        categories={name: name in found for name in names},
        category_scores={name: float(name in found) for name in names},
        category_applied_input_types={name: sorted(found.get(name, looked - {"image"})) for name in names},
    )


async def _of_text(finder: Finder, text: str) -> list[str]:
    """The categories of a text. Raises `ApiError` 503 where a guard model is silent."""
    service = finder.service
    broken = await service.capacity.do(partial(service.policy.broken, text))
    if broken:
        return [name for rule in broken for name in OF_RULES.get(rule, (rule,))]
    return [GUARD] if await blocked(service, finder.owner, [text]) is not None else []


async def _of_picture(finder: Finder, item: ModerationItem) -> list[str]:
    """The categories of a picture, which has to be one in any case."""
    service = finder.service
    address = item.image_url.url if item.image_url else ""
    source = await finder.picture(ImageReference(image_url=address), "input")
    if not service.policy.frames or source.path is None:
        return []
    still = partial(uploads.still, source.path, service.settings.limits)
    png = await service.capacity.decodings.run(finder.owner, still)
    return await service.capacity.decodings.run(finder.owner, partial(_of_frame, service, png))


def _of_frame(service: Service, png: bytes) -> list[str]:
    """What the operator's function says of a picture that our own process has just decoded."""
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
        frame_HWC = np.asarray(picture.convert("RGB"))
    return [FRAMES] if service.policy.check_frames([frame_HWC]) is not None else []
