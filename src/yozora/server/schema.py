"""What clients may ask for, field by field; `reading` makes one of these of a body.

Knows what a field may hold at all; what a model can do, and whose a file is, is found out in `drafts`.
"""

import json
import re
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    WithJsonSchema,
    model_validator,
)

from yozora.core.request import (
    MAX_FPS,
    MAX_GUIDANCE,
    MAX_PROMPT,
    MAX_SEED,
    MAX_SIDE,
    MAX_STEPS,
    MIN_FPS,
    MIN_SIDE,
    STRENGTHS,
)
from yozora.server import wire

MAX_FILM_PIXELS: Final = 4096 * 2304  # of a finished frame
"""As `yozora.core.modes` has them, which needs torch."""
MAX_DATA_URL: Final = 20_971_520  # characters
SECONDS: Final = re.compile(r"\d{1,5}(?:\.\d{1,6})?", re.ASCII)
SIZE: Final = re.compile(r"(\d{1,5})x(\d{1,5})", re.ASCII)
SPAN: Final = re.compile(r"\s*([\d.]{1,12})\s*-\s*([\d.]{1,12})\s*", re.ASCII)


def _structure(value: object) -> object:
    """JSON that came as the text of a form field."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError("is no JSON that can be read") from None
    return value


def _seconds(value: object) -> object:
    """A duration as a client writes it: 4, 4.0 and "4" are all "4"."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e6:
        value = f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    if not isinstance(value, str) or not SECONDS.fullmatch(value.strip()) or float(value) <= 0:
        raise ValueError("is no number of seconds; write it as '4' or '8.5'")
    return value.strip()


def _one(value: object) -> object:
    """How many videos: clients of the closed service know it from pictures."""
    if isinstance(value, bool) or str(value).strip() not in ("1", "1.0"):
        raise ValueError("can only be 1: a call makes one video. Call once for each")
    return 1


def _size(value: object) -> object:
    match = SIZE.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if match is None:
        raise ValueError("is no size; write WIDTHxHEIGHT, such as 720x1280")
    width, height = int(match[1]), int(match[2])
    if width % 2 or height % 2:
        raise ValueError("cannot be made: width and height are even numbers")
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_SIDE or width * height > MAX_FILM_PIXELS:
        raise ValueError(
            f"cannot be made: each side has {MIN_SIDE} to {MAX_SIDE} pixels, a frame at most {MAX_FILM_PIXELS:,}"
        )
    return f"{width}x{height}"


def _strength(value: object) -> object:
    return STRENGTHS.get(value.strip().lower(), value) if isinstance(value, str) else value


def _text_of_board(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _image(value: object) -> object:
    value = _structure(value)
    if isinstance(value, str):
        return {"image_url": value} if ":" in value else {"file_id": value}
    return value


def _video(value: object) -> object:
    value = _structure(value)
    return {"id": value} if isinstance(value, str) else value


def _videos(value: object) -> object:
    value = _structure(value)
    return [_video(one) for one in value] if isinstance(value, list) else value


def _listed(value: object) -> object:
    """A list, also where one item came alone; items that are texts are ids."""
    value = _structure(value)
    return [_video(one) for one in (value if isinstance(value, list) else [value])]


def _region(value: object) -> object:
    value = _structure(value)
    if isinstance(value, str):
        value = value.split(",")
    if isinstance(value, list):
        if len(value) != 4:
            raise ValueError("has four numbers: x, y, w and h")
        value = dict(zip("xywh", value, strict=True))
    return value


def _keep(value: object) -> object:
    """Spans: [[0, 1.5]], ["0-1.5"] or "0-1.5, 2-3"."""
    value = _structure(value)
    if isinstance(value, str):
        value = value.split(",")
    return [_span(one) for one in value] if isinstance(value, list) else value


def _span(value: object) -> object:
    if isinstance(value, str):
        match = SPAN.fullmatch(value)
        if match is None:
            raise ValueError("has spans of seconds, such as 0-1.5")
        return [match[1], match[2]]
    return value


FILE: Final = {"type": "string", "format": "binary"}
File = Annotated[InstanceOf[wire.Upload], WithJsonSchema(FILE)]
Prompt = Annotated[str, Field(min_length=1, max_length=MAX_PROMPT, description="What is to be seen, in words.")]
Seconds = Annotated[
    str,
    BeforeValidator(_seconds),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^\d{1,5}(\.\d{1,6})?$"}, {"type": "number"}]}),
]
Size = Annotated[
    str, BeforeValidator(_size), WithJsonSchema({"type": "string", "pattern": r"^\d+x\d+$", "examples": ["1280x720"]})
]
Number = Annotated[float, Field(allow_inf_nan=False)]
Strength = Annotated[
    float,
    BeforeValidator(_strength),
    Field(ge=0, le=1),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"enum": list(STRENGTHS)}]}),
]


class Part(BaseModel):
    """Anything in a body. What is left empty is not said."""

    model_config = ConfigDict(extra="ignore", str_max_length=32 << 20, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, said: Any) -> Any:
        if not isinstance(said, dict):
            return said
        return {name: value for name, value in said.items() if value is not None and value != ""}


class VideoReference(Part):
    """A video of yours, by its id."""

    id: Annotated[str, Field(min_length=1, max_length=80)]


class CharacterReference(Part):
    """A character of yours, by its id."""

    id: Annotated[str, Field(min_length=1, max_length=80)]


class ImageReference(Part):
    """A picture: an address or data URL, or a file that was uploaded before."""

    image_url: Annotated[str, Field(max_length=MAX_DATA_URL)] | None = None
    file_id: Annotated[str, Field(max_length=80)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.image_url is None) == (self.file_id is None):
            raise ValueError("needs either image_url or file_id")
        return self


class Region(Part):
    """A box in fractions of the picture, from its upper left corner."""

    x: Annotated[Number, Field(ge=0, lt=1)]
    y: Annotated[Number, Field(ge=0, lt=1)]
    w: Annotated[Number, Field(gt=0, le=1)]
    h: Annotated[Number, Field(gt=0, le=1)]

    @model_validator(mode="after")
    def _inside(self) -> Self:
        if self.x + self.w > 1.001 or self.y + self.h > 1.001:
            raise ValueError("lies outside the picture")
        return self


Picture = Annotated[File | ImageReference, BeforeValidator(_image)]
Film = Annotated[File | VideoReference, BeforeValidator(_video), Field(description="A film, or a completed video.")]
Characters = Annotated[
    tuple[CharacterReference, ...],
    BeforeValidator(_listed),
    Field(max_length=2, description="Whom the prompt calls by name."),
]
Span = tuple[Annotated[Number, Field(ge=0)], Annotated[Number, Field(gt=0)]]


class Wishes(Part):
    """What may be said of any video. All but `model` and `characters` go beyond the contract of the closed service."""

    place: ClassVar[str] = ""  # where such a video is asked for

    model: Annotated[str | None, Field(min_length=1, max_length=100, description="Default `sora-2`.")] = None
    characters: Characters = ()
    negative_prompt: Annotated[str, Field(max_length=MAX_PROMPT, description="What is not to be seen.")] = ""
    style: Annotated[str, Field(max_length=1000, description="A look, in words.")] = ""
    seed: Annotated[int | None, Field(ge=0, le=MAX_SEED, description="The same seed makes the same film.")] = None
    steps: Annotated[int | None, Field(ge=1, le=MAX_STEPS, description="More are slower and better.")] = None
    guidance: Annotated[Number | None, Field(ge=0, le=MAX_GUIDANCE, description="How closely words are kept to.")] = (
        None
    )
    fps: Annotated[Number | None, Field(ge=MIN_FPS, le=MAX_FPS, description="Frames a second.")] = None
    n: Annotated[
        int,
        BeforeValidator(_one),
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 1}),
        Field(description="How many videos: a call makes one."),
    ] = 1


class CreateVideo(Wishes):
    place: ClassVar[str] = "/v1/videos"

    prompt: Prompt
    input_reference: Annotated[
        Picture | None,
        Field(description="The first frame: JPEG, PNG, WebP, HEIC, AVIF, BMP, TIFF or GIF, or a film's first frame."),
    ] = None
    seconds: Seconds = "4"
    size: Size = "720x1280"


class RemixVideo(Wishes):
    place: ClassVar[str] = "/v1/videos/{video_id}/remix"

    prompt: Prompt
    strength: Annotated[Strength, Field(description="How far it may go from the video.")] = STRENGTHS["mild"]


class EditVideo(Wishes):
    """Without a region and a time, the whole picture is repainted, strongly, as the prompt says."""

    place: ClassVar[str] = "/v1/videos/edits"

    prompt: Prompt
    video: Film
    region: Annotated[Region | None, BeforeValidator(_region), Field(description="Where; all around it stays.")] = None
    start: Annotated[Number | None, Field(ge=0, alias="from", description="First second that changes.")] = None
    stop: Annotated[Number | None, Field(gt=0, alias="to", description="Last second that changes.")] = None
    strength: Annotated[Strength | None, Field(description="Default 1 in a region, 0.92 (strong) without.")] = None


class ExtendVideo(Wishes):
    place: ClassVar[str] = "/v1/videos/extensions"

    prompt: Prompt
    video: Film
    seconds: Annotated[Seconds, Field(description="How much is added.")] = "4"
    backward: Annotated[bool, Field(description="Begin earlier instead of going on.")] = False


class LoopVideo(Wishes):
    place: ClassVar[str] = "/v1/videos/loops"

    prompt: Annotated[Prompt | None, Field(description="What is to be seen; default what the film shows.")] = None
    video: Film
    seconds: Annotated[Seconds, Field(description="How long the way back to the beginning is.")] = "1"


class BlendVideos(Wishes):
    place: ClassVar[str] = "/v1/videos/blends"

    prompt: Annotated[Prompt | None, Field(description="What is to be seen; default what the film shows.")] = None
    videos: Annotated[
        tuple[Film, Film], BeforeValidator(_videos), Field(description="The first turns into the second.")
    ]
    seconds: Annotated[Seconds, Field(description="How long both are seen.")] = "1"


class CreateStoryboard(Wishes):
    place: ClassVar[str] = "/v1/videos/storyboards"

    board: Annotated[
        File | str,
        BeforeValidator(_text_of_board),
        Field(description="The cards, as an object or as a YAML text; docs/storyboard.md has the fields."),
        WithJsonSchema({"anyOf": [{"type": "object", "additionalProperties": True}, {"type": "string"}, FILE]}),
    ]
    size: Size | None = None


class RecutVideo(Wishes):
    place: ClassVar[str] = "/v1/videos/recuts"

    prompt: Annotated[Prompt | None, Field(description="What is to be seen; default what the film shows.")] = None
    video: Film
    keep: Annotated[
        tuple[Span, ...],
        BeforeValidator(_keep),
        Field(min_length=1, max_length=64, description="Spans in seconds that stay, as [[0, 1.5]] or 0-1.5."),
        WithJsonSchema({"anyOf": [{"type": "array", "items": {"type": "array"}}, {"type": "string"}]}),
    ]


class CreateCharacter(Part):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    video: Annotated[Film, Field(description="Somebody or something is seen in its first frame; a picture will do.")]


class CreateFile(Part):
    file: File
    purpose: Annotated[str, Field(min_length=1, max_length=60)] = "user_data"


class VerifyFile(Part):
    file: Annotated[File, Field(description="A film or a picture, whoever made it.")]


VIDEOS: Final[tuple[type[Wishes], ...]] = (
    CreateVideo,
    RemixVideo,
    EditVideo,
    ExtendVideo,
    LoopVideo,
    BlendVideos,
    CreateStoryboard,
    RecutVideo,
)
FILES: Final = ("input_reference", "video", "videos", "board", "file")
"""Fields that take files, wherever they are."""
