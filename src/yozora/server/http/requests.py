"""What clients may ask for, field by field; `reading` makes one of these of a body.

Knows what a field may hold at all; what a model can do, and whose a file is, is found out in `order_requests`.
"""

import json
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    WithJsonSchema,
    model_validator,
)

from yozora.core.request import MAX_PROMPT
from yozora.server.http import body_parser
from yozora.server.http.long_texts import LongText

MAX_DATA_URL: Final = 20_971_520  # characters
MAX_ID: Final = 80  # characters; the smallest picture has more of them in base64
MAX_INPUTS: Final = 32  # of a call of moderation
WINDOW: Final = "24h"  # of a batch
MAX_CHARACTERS: Final = 8  # how many a model can show is found out in `ordering`


def structured(value: object) -> object:
    """JSON that came as the text of a form field."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError("is not valid JSON") from None
    return value


def _one(value: object) -> object:
    """How many videos: clients of the closed service know it from pictures."""
    if isinstance(value, bool) or str(value).strip() not in ("1", "1.0"):
        raise ValueError("can only be 1, because a call makes one video. Call once for each video")
    return 1


def _image(value: object) -> object:
    """A reference that came without braces: an address, the id of a file, or the picture itself in base64."""
    value = structured(value)
    if isinstance(value, LongText):
        return {"image_url": value}
    if not isinstance(value, str):
        return value
    if ":" in value:
        return {"image_url": value}
    return {"image_url": f"data:;base64,{value}"} if len(value) > MAX_ID else {"file_id": value}


def _video(value: object) -> object:
    value = structured(value)
    return {"id": value} if isinstance(value, str) else value


def videos(value: object) -> object:
    value = structured(value)
    return [_video(one) for one in value] if isinstance(value, list) else value


def listed(value: object) -> object:
    """A list, also where one item came alone."""
    return value if isinstance(value, list) else [value]


def _parse_references(value: object) -> object:
    """A list, also where one item came alone; items that are texts are ids."""
    value = structured(value)
    return [_video(one) for one in (value if isinstance(value, list) else [value])]


FILE: Final = {"type": "string", "format": "binary"}
File = Annotated[InstanceOf[body_parser.Upload], WithJsonSchema(FILE)]
Prompt = Annotated[str, Field(min_length=1, max_length=MAX_PROMPT, description="What the film shows, in words.")]


class BodyModel(BaseModel):
    """Anything in a body. What is left empty is not said."""

    model_config = ConfigDict(extra="ignore", str_max_length=32 << 20, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, field_value: Any) -> Any:
        if not isinstance(field_value, dict):
            return field_value
        return {name: value for name, value in field_value.items() if value is not None and value != ""}


class VideoReference(BodyModel):
    """A video of yours, by its id."""

    id: Annotated[str, Field(min_length=1, max_length=MAX_ID)]


class CharacterReference(BodyModel):
    """A character of yours, by its id."""

    id: Annotated[str, Field(min_length=1, max_length=MAX_ID)]


Address = Annotated[
    Annotated[str, Field(max_length=MAX_DATA_URL)] | InstanceOf[LongText],
    WithJsonSchema({"type": "string", "maxLength": MAX_DATA_URL}),
]


class ImageReference(BodyModel):
    """A picture: an address or data URL, a file that was uploaded before, or the first frame of a video of yours."""

    image_url: Address | None = None
    file_id: Annotated[str, Field(max_length=MAX_ID)] | None = None
    video_id: Annotated[str, Field(max_length=MAX_ID)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if [self.image_url, self.file_id, self.video_id].count(None) != 2:
            raise ValueError("needs either image_url, file_id or video_id")
        return self


Picture = Annotated[File | ImageReference, BeforeValidator(_image)]
Film = Annotated[File | VideoReference, BeforeValidator(_video), Field(description="A film, or a completed video.")]
Characters = Annotated[
    tuple[CharacterReference, ...],
    BeforeValidator(_parse_references),
    Field(
        max_length=MAX_CHARACTERS,
        description="The characters that the prompt names, at most as many as the model accepts.",
    ),
]


class VideoBody(BodyModel):
    """What may be said of any video beside options, see `kinds`."""

    place: ClassVar[str] = ""  # where such a video is asked for

    model: Annotated[str | None, Field(min_length=1, max_length=100, description="Default `sora-2`.")] = None
    characters: Characters = ()
    n: Annotated[
        int,
        BeforeValidator(_one),
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 1}),
        Field(description="Number of videos: each call makes one."),
    ] = 1


class CreateCharacter(BodyModel):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    video: Annotated[Film, Field(description="A film whose first frame shows the person or thing, or a picture.")]


class CreateFile(BodyModel):
    file: File
    purpose: Annotated[str, Field(min_length=1, max_length=60)] = "user_data"


class VerifyFile(BodyModel):
    file: Annotated[File, Field(description="A film or a picture from any program.")]


class CreateBatch(BodyModel):
    """Which file, and which call its lines are."""

    input_file_id: Annotated[str, Field(min_length=1, max_length=MAX_ID, description="A file of purpose `batch`.")]
    endpoint: Literal["/v1/videos"]
    completion_window: Literal["24h"] = WINDOW
    metadata: Annotated[
        dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]] | None,
        Field(max_length=16),
    ] = None


class CheckPrompt(BodyModel):
    """A prompt, and the model that is to understand it."""

    prompt: Prompt
    model: Annotated[str | None, Field(min_length=1, max_length=100)] = None


class CreateSession(BodyModel):
    """One of both; neither where the key is sent as a bearer token."""

    key: Annotated[str | None, Field(max_length=200, description="A key that `yozora keys create NAME` printed.")] = (
        None
    )
    code: Annotated[str | None, Field(max_length=100, description="The code of a link that works once.")] = None


class ModerationAddress(BodyModel):
    url: Address


class ModerationItem(BodyModel):
    """A text or a picture."""

    type: Literal["text", "image_url"]
    text: Annotated[str | None, Field(max_length=MAX_PROMPT)] = None
    image_url: Annotated[
        ModerationAddress | None, WithJsonSchema({"type": "object", "properties": {"url": {"type": "string"}}})
    ] = None


def _moderated(value: object) -> object:
    """A text, several texts, or items of moderation."""
    said = value if isinstance(value, list) else [value]
    return [{"type": "text", "text": one or " "} if isinstance(one, str) else one for one in said]


MODERATED: Final = {
    "anyOf": [
        {"type": "string", "maxLength": MAX_PROMPT},
        {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MAX_INPUTS},
        {"type": "array", "items": ModerationItem.model_json_schema(), "minItems": 1, "maxItems": MAX_INPUTS},
    ]
}


class CreateModeration(BodyModel):
    """What to look at."""

    input: Annotated[
        tuple[ModerationItem, ...],
        BeforeValidator(_moderated),
        Field(min_length=1, max_length=MAX_INPUTS),
        WithJsonSchema(MODERATED),
    ]
    model: Annotated[str | None, Field(max_length=100)] = None
