"""`/v1/boards`: a script as cards, and boards from and to YAML, before anything is filmed. Nothing is stored."""

import json
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from yozora.errors import UserError
from yozora.server.errors import ApiError, invalid
from yozora.server.http import reading
from yozora.server.http.board_bodies import REFERENCE, FormatBoard, ParseBoard, SplitScript
from yozora.server.http.board_requests import read_board
from yozora.server.http.openapi import ERROR, REFUSALS, body
from yozora.server.http.service import BodyOf, Owner, ServiceOf, check_scope
from yozora.server.settings import Settings

if TYPE_CHECKING:
    from yozora.story.board import Board

router = APIRouter(prefix="/v1/boards", tags=["boards"], responses=REFUSALS)
log = logging.getLogger(__name__)

DIRECTOR: Final = "The director"
FAILED: Final[dict[int | str, dict[str, Any]]] = {502: {"description": "The director failed.", "content": ERROR}}


class BoardCard(BaseModel):
    """A card of a board. What is null is not said."""

    start: float = Field(alias="from")
    stop: float = Field(alias="to")
    prompt: str
    image: str | None = Field(description=REFERENCE)
    clip: str | None = Field(description=REFERENCE)
    camera: str | None
    style: str | None = Field(description="Null where it is the board's.")
    transition: Literal["cut", "flow"]


class BoardContent(BaseModel):
    """A board, as `POST /v1/videos/storyboards` takes it. What is null is not said."""

    object: Literal["board"] = "board"
    title: str | None
    style: str | None
    negative_prompt: str | None
    size: str | None
    fps: float | None
    seed: int | None
    seconds: float = Field(description="Where the last card ends.")
    cards: list[BoardCard]


class BoardYaml(BaseModel):
    """A board as a file has it."""

    object: Literal["board.yaml"] = "board.yaml"
    yaml: str


@router.post(
    "/split", summary="Split a script", openapi_extra=body(SplitScript, files=False), responses=FAILED, name="split"
)
async def split_script(request: Request, service: ServiceOf, owner: Owner, said: BodyOf) -> BoardContent:
    """Make cards of a script. By `rules` there is one for each take, by the rules of its language: sentences, numbers
    of a list, and words such as "then" and "cut to"; longer texts get more of the seconds. By `director`, the language
    model writes them that the operator has configured (see `GET /v1/server`); this needs the scope `create`.
    """
    asked = reading.read(SplitScript, said)
    if asked.by == "rules":
        return await service.capacity.do(partial(_split_by_rules, asked))
    check_scope("create", request.scope["yozora.allows"])
    if not service.settings.director:
        raise invalid("by", "This server has no director. Use 'rules'.", "director_off")
    service.rates.check(owner, "create")
    return await service.capacity.calls.run(owner, partial(_split_by_director, service.settings, asked))


@router.post("/parse", summary="Read a board", openapi_extra=body(ParseBoard), name="parse")
async def parse_board(service: ServiceOf, _owner: Owner, said: BodyOf) -> BoardContent:
    """The cards of a board in YAML. What is wrong with it is said with its line and field. Files that cards name are
    not looked for.
    """
    asked = reading.read(ParseBoard, said)
    return await service.capacity.do(lambda: _board_content(read_board(asked.yaml, "yaml")))


@router.post("/format", summary="Write a board", openapi_extra=body(FormatBoard, files=False), name="format")
async def format_board(service: ServiceOf, _owner: Owner, said: BodyOf) -> BoardYaml:
    """A board as YAML, which `POST /v1/boards/parse` and `yozora storyboard` read."""
    asked = reading.read(FormatBoard, said)
    return await service.capacity.do(partial(_formatted, asked))


def _formatted(asked: FormatBoard) -> BoardYaml:
    from yozora.story import board as boards  # knows every style and camera move in every language: slow to load

    stated = asked.model_dump(by_alias=True, exclude_none=True, mode="json")
    return BoardYaml(yaml=boards.dump(read_board(json.dumps(stated, ensure_ascii=False), "cards")))


def _split_by_rules(asked: SplitScript) -> BoardContent:
    from yozora.story import board as boards  # as above

    try:
        return _board_content(boards.split(asked.prompt, asked.seconds))
    except UserError as error:
        raise invalid("prompt", str(error), reason=error.code) from error


def _split_by_director(settings: Settings, asked: SplitScript) -> BoardContent:
    """Raises `ApiError` 502 in one line, which does not say where the director is: that is the operator's business."""
    from dataclasses import replace

    from yozora.story import board as boards  # as above
    from yozora.story import director

    try:
        boards.check_prompt(asked.prompt, asked.seconds)
    except UserError as error:
        raise invalid("prompt", str(error), reason=error.code) from error
    try:
        found = director.endpoint_of(settings.director, None, settings.times.director)
        found = replace(found, total=settings.times.director, label=DIRECTOR)
        return _board_content(
            director.ask_director(found, asked.prompt, asked.seconds, settings.director_model or None)
        )
    except UserError as error:
        log.warning("the director failed: %s", error)
        raise ApiError(
            502, str(error), kind="server_error", param="by", code="director_failed", reason=error.code
        ) from error


def _board_content(board: "Board") -> BoardContent:
    cards = [
        BoardCard(
            **{"from": card.start, "to": card.stop},
            prompt=card.prompt,
            image=_reference_text(card.image),
            clip=_reference_text(card.clip),
            camera=card.camera or None,
            style=None if card.style == board.style else card.style or None,
            transition=card.transition,
        )
        for card in board.cards
    ]
    return BoardContent(
        title=board.title or None,
        style=board.style or None,
        negative_prompt=board.negative_prompt or None,
        size=f"{board.size[0]}x{board.size[1]}" if board.size else None,
        fps=board.fps,
        seed=board.seed,
        seconds=board.seconds,
        cards=cards,
    )


def _reference_text(reference: object) -> str | None:
    return None if reference is None else str(reference)
