"""Boards as bodies have them: an object of cards, a text, or a file. What they begin with is found elsewhere."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from yozora.core.request import MAX_PROMPT
from yozora.server.http.body_parser import Upload
from yozora.server.http.long_texts import LongText
from yozora.server.http.requests import BodyModel, File, Prompt, structured

REFERENCES: Final = ("image", "clip")
"""Fields of a card that name what it begins with."""

REFERENCE: Final = "The id of a file or a video of yours, or the name of a file; of an image also an address."
NAMES: Final = ("file_id", "id", "image_url")
"""Fields of a reference that is an object, as other calls take it."""


Reference = Annotated[str, Field(max_length=MAX_PROMPT, description=REFERENCE)]


class SplitScript(BodyModel):
    """A script of several sentences."""

    prompt: Prompt
    seconds: Annotated[float, Field(gt=0, le=600, description="Of the whole film.")]
    by: Annotated[
        Literal["rules", "director"],
        Field(description="By the rules of the script's language, or by the language model of this server."),
    ] = "rules"


class ParseBoard(BodyModel):
    """A board as YAML: a text, or a file."""

    yaml: Annotated[File | str, Field(description="YAML or JSON of up to 256 KiB.")]


class FormatCard(BodyModel):
    """A card of a board."""

    start: Annotated[float, Field(alias="from")]
    stop: Annotated[float, Field(alias="to")]
    prompt: Prompt
    image: Reference | None = None
    clip: Reference | None = None
    camera: str | None = None
    style: str | None = None
    transition: Literal["cut", "flow"] = "cut"


class FormatBoard(BodyModel):
    """A board, as `POST /v1/boards/parse` answers with it."""

    cards: Annotated[tuple[FormatCard, ...], BeforeValidator(structured), Field(min_length=1, max_length=64)]
    title: str | None = None
    style: str | None = None
    negative_prompt: str | None = None
    size: Annotated[str | None, Field(description="Width and height, such as `1280x720`.")] = None
    fps: float | None = None
    seed: int | None = None


def board_text(value: object) -> Upload | str:
    """A storyboard as a text, out of an object, or as the file that was sent. Raises `ValueError`."""
    if isinstance(value, Upload | str):
        return value
    if not isinstance(value, dict | list):
        raise ValueError("has to be an object, a text or a file")
    cards = value.get("cards") if isinstance(value, dict) else None
    if isinstance(value, dict) and isinstance(cards, list):
        value = {**_stated(value), "cards": [_plain_card(card) for card in cards]}
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError:
        raise ValueError("has a text that is too long. Upload pictures as files") from None


def _plain_card(card: Any) -> Any:
    """A card with references as texts, such as the id out of `{"file_id": ...}`."""
    if not isinstance(card, dict):
        return card
    return _stated({name: _plain_reference(value) if name in REFERENCES else value for name, value in card.items()})


def _plain_reference(value: Any) -> Any:
    if isinstance(value, LongText):
        raise ValueError("has a text that is too long. Upload pictures as files")
    said = _stated(value) if isinstance(value, dict) else {}
    return said[next(iter(said))] if len(said) == 1 and next(iter(said)) in NAMES else value


def _stated(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields without those that are empty, as in every other object of a body."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}
