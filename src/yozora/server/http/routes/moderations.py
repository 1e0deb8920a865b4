"""`/v1/moderations`: what the rules of this server say of texts and pictures, before a video is asked for."""

import io
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from fastapi import APIRouter
from pydantic import BaseModel

from yozora.server.errors import invalid
from yozora.server.http import reading
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
    """What the rules say of an input; scores are 0 or 1, since a rule blocks or does not."""

    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]
    category_applied_input_types: dict[str, list[Literal["text", "image"]]]


class Moderation(BaseModel):
    id: str
    model: str
    results: list[Result]


@router.post("", summary="Check texts and pictures", openapi_extra=body(CreateModeration, files=False))
def create(service: ServiceOf, owner: Owner, said: BodyOf) -> Moderation:
    """What blocks a prompt here flags a text. Pictures are flagged by the operator's `frames` function where there is
    one, and by nothing else. A list of texts has a result for each; a list of items has one for all.
    """
    asked = reading.read(CreateModeration, said)
    _check(asked)
    finder = Finder(service=service, owner=owner, folder=said.folder)
    given = said.fields.get("input")
    several = isinstance(given, list) and all(isinstance(one, str) for one in given)
    groups = [(item,) for item in asked.input] if several else [asked.input]
    results = [_result(service, finder, items) for items in groups]
    return Moderation(id=new_id("modr"), model=asked.model or "yozora", results=results)


def _check(asked: CreateModeration) -> None:
    for item in asked.input:
        if (item.text if item.type == "text" else item.image_url) is None:
            raise invalid("input", f"An item of the type '{item.type}' needs a field '{item.type}'.")
    if sum(item.type == "image_url" for item in asked.input) > MAX_PICTURES:
        raise invalid("input", f"A call may hold up to {MAX_PICTURES} pictures.")


def _result(service: Service, finder: Finder, items: tuple[ModerationItem, ...]) -> Result:
    found: dict[str, set[Literal["text", "image"]]] = {}
    looked: set[Literal["text", "image"]] = set()
    for item in items:
        kind: Literal["text", "image"] = "text" if item.type == "text" else "image"
        looked.add(kind)
        for name in _of_text(service, item) if kind == "text" else _of_picture(service, finder, item):
            found.setdefault(name, set()).add(kind)
    names = dict.fromkeys((*CATEGORIES, *found))
    return Result(
        flagged=bool(found),
        categories={name: name in found for name in names},
        category_scores={name: float(name in found) for name in names},
        category_applied_input_types={name: sorted(found.get(name, looked - {"image"})) for name in names},
    )


def _of_text(service: Service, item: ModerationItem) -> list[str]:
    """The categories of a text. Raises `ApiError` 503 where a guard model is silent."""
    text = item.text or ""
    found = [name for rule in service.policy.broken(text) for name in OF_RULES.get(rule, (rule,))]
    if not found and service.policy.check_text(text) is not None:
        return [GUARD]
    return found


def _of_picture(service: Service, finder: Finder, item: ModerationItem) -> list[str]:
    """The categories of a picture, which has to be one in any case."""
    path = finder.folder / "picture"
    finder.picture(ImageReference(image_url=item.image_url.url if item.image_url else ""), "input")
    if not service.policy.frames:
        return []
    import numpy as np
    from PIL import Image  # of a PNG that our own process has just made

    with Image.open(io.BytesIO(uploads.still(path, service.settings.limits)), formats=("PNG",)) as picture:
        frame_HWC = np.asarray(picture.convert("RGB"))
    return [FRAMES] if service.policy.check_frames([frame_HWC]) is not None else []
