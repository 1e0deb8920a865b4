"""What a film was ordered with, as fields that its API call takes: for pages that make it again, or another like it.

Only what the order itself says; never a key of the storage, and nothing of another key. Knows no route.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from yozora.core.modes import COMMON, MODES, Mode
from yozora.core.options import Option
from yozora.server.accounts import consent
from yozora.server.store import lineage, tables

_parents = tables.parents.c


def ordered_with(job: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a job's order; none for a job of an old release, or of a mode that is not known here."""
    mode = MODES.get(job.get("mode", ""))
    request, options = job.get("request"), job.get("options")
    if mode is None or not isinstance(request, dict) or not isinstance(options, dict):
        return {}
    prompt = request.get("prompt") if mode.prompt == "needed" or mode.slots else None  # else cards have prompts
    said = {"prompt": prompt} | dict(_of_request(request)) | dict(_of_mode(mode, options))
    return {name: value for name, value in said.items() if not _says_nothing(value)}


def video_details(connection: sa.Connection, row: sa.Row[Any]) -> dict[str, Any]:
    """What is needed to make a key's video again, beside the fields of every video of the library."""
    mine = sa.select(tables.videos.c.id).where(tables.videos.c.owner == row.owner)
    made_from = sa.select(tables.parents).where(_parents.video == row.id).order_by(_parents.slot, _parents.source)
    videos = made_from.where(_parents.kind == lineage.VIDEO, _parents.source.in_(mine))
    sources = [{"id": each.source, "slot": each.slot} for each in connection.execute(videos)]
    inside = sa.select(tables.characters).join(tables.parents, _parents.source == tables.characters.c.id)
    cast = inside.where(_parents.video == row.id, _parents.kind == lineage.CHARACTER, _parents.slot == lineage.CAST)
    people = connection.execute(cast).all()
    given = row.job.get("sources") or ()
    published = sa.select(tables.posts.c.video).where(tables.posts.c.video == row.id)
    return {
        "options": ordered_with(row.job),
        "sources": sources,
        "other_sources": max(0, len(given) - len(sources)),
        "characters": [each.id for each in people if consent.may_use(each, row.owner)],
        "published": connection.execute(published).first() is not None,
    }


def _says_nothing(value: object) -> bool:
    return value is None or value is False or (isinstance(value, str | list | tuple) and not value)


def _of_request(request: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What any mode takes. Sides are said once, as the size."""
    yield "model", request.get("model")
    yield "size", f"{request['width']}x{request['height']}" if request.get("width") else None
    low = request.get("low_guidance")
    yield "guidance", request.get("guidance") if low is None else [request.get("guidance"), low]
    yield "loras", [_lora(each) for each in request.get("loras") or ()]
    for option in COMMON:
        if option.name not in ("model", "size", "width", "height", "native", "guidance", "loras") and not option.local:
            yield option.wired, request.get(option.name)


def _of_mode(mode: Mode, options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for option in mode.own:
        value = options.get(option.name)
        yield option.wired, None if value is None else _as_sent(option, value)


def _as_sent(option: Option, value: Any) -> Any:
    if option.kind == "region":
        return dict(zip("xywh", value, strict=False))
    if option.kind == "cards":
        return {"cards": [_card_to_send(each) for each in value]}
    return value


def _card_to_send(card: Mapping[str, Any]) -> dict[str, Any]:
    """A card of a board. What it begins with is not said: its file is none of the library."""
    transition = {"transition": "flow"} if card.get("flows") else {}
    return {"from": card["start"], "to": card["stop"], "prompt": card["text"], **transition}


def _lora(said: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": said.get("at"), "strength": said.get("strength"), "expert": said.get("expert")}
