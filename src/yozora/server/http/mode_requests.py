"""A kind of request body for each creation mode, made of its declaration: its sources, its prompt, its options.

A value is read as Python and the command line read it (`core.options.read`); what clients of the closed service know by
another name has that name here. Knows nothing of what the modes do.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Final, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from yozora.core.modes import COMMON, MODES, Mode, Slot
from yozora.core.options import ArgumentError, Kind, Option, read
from yozora.core.request import MAX_PROMPT, Expert, is_prompt
from yozora.server.http.board_bodies import board_text
from yozora.server.http.requests import FILE, File, Film, Picture, Prompt, VideoBody, listed, structured, videos

NAMED: Final = {"model"}
"""Options that `VideoBody` has itself: a model has names here that are not its own."""

MAX_FILES: Final = 64  # as many as a board has cards


BoardFiles = Annotated[
    tuple[File, ...],
    BeforeValidator(listed),
    Field(max_length=MAX_FILES, description="Pictures and films that cards of the board name, by their file names."),
]


def kind_of(mode: Mode) -> type[VideoBody]:
    """The bodies of a mode's route."""
    fields = dict(_request_fields(mode))
    made = create_model(f"{api_name(mode).capitalize()}Video", __base__=AnyVideo, __doc__=mode.summary, **fields)
    made.place = f"/v1/videos/{mode.route}".rstrip("/")
    return made


def api_name(mode: Mode) -> str:
    """What the API calls a mode: videos are created, as the contract of the closed service has it."""
    return mode.name if mode.route else "create"


def _request_fields(mode: Mode) -> Iterator[tuple[str, Any]]:
    if mode.prompt == "needed":
        yield "prompt", (Prompt, ...)
    elif mode.slots:
        yield "prompt", (Annotated[Prompt | None, Field(description=mode.prompt_help)], None)
    yield from _sources(mode)
    for option in mode.own:
        yield option.name, _field(option, mode.wire_defaults.get(option.name, option.default))
        if option.kind == "cards":
            yield "files", (BoardFiles, ())
    for option in COMMON:
        if option.name in mode.wire_defaults:
            yield option.name, _field(option, mode.wire_defaults[option.name])


def _sources(mode: Mode) -> Iterator[tuple[str, Any]]:
    """Fields for the sources that the route itself does not name; two that have one name are a list."""
    if "{video_id}" in mode.route:
        return
    names = [slot.wire or slot.name for slot in mode.slots]
    if len(names) == 2 and len(set(names)) == 1:
        about = Field(description="The first turns into the second.")
        yield names[0], (Annotated[tuple[Film, Film], BeforeValidator(videos), about], ...)
        return
    for slot, name in zip(mode.slots, names, strict=True):
        yield name, _source_field(slot)


def _source_field(slot: Slot) -> tuple[Any, Any]:
    if slot.takes == "picture":
        kind, about = Picture, slot.help
    else:
        kind, about = Film, f"{slot.help.rstrip('.')}; or a completed video."
    if slot.needed:
        return Annotated[kind, Field(description=about)], ...
    return Annotated[kind | None, Field(description=about)], None


def _field(option: Option, default: object) -> tuple[Any, Any]:
    """None where nothing is said: what the default is then, is told here and settled in `order_requests`."""
    alias = option.wired if option.wired != option.name else None
    said = option.help if default == option.default else re.sub(r" \[default: .*?\]", "", option.help)
    told: Any = {} if option.needed else {"default": json_default(option, default)}
    about = Field(description=said, alias=alias, json_schema_extra=told)
    kind = Annotated[Any, BeforeValidator(partial(_read_option, option)), WithJsonSchema(json_schema(option)), about]
    return kind, ... if option.needed else None


def _read_option(option: Option, value: object) -> Any:
    """A value as the option has it; JSON may come as the text of a form field. A board is read by `board_requests`."""
    if option.kind == "cards":
        return board_text(value)
    try:
        found = read(replace(option, name=option.wired), value if option.kind == "text" else structured(value))
    except ArgumentError as error:
        raise PydanticCustomError(
            "argument", "{said}", {"said": str(error).rstrip("."), "reason": error.code}
        ) from None
    if option.kind == "text" and not is_prompt(found):
        raise ValueError(f"has to be text of up to {MAX_PROMPT:,} characters")
    return found


NUMBER: Final = {"type": "number"}
TEXT: Final = {"type": "string", "maxLength": MAX_PROMPT}
LORA: Final = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "strength": NUMBER, "expert": {"enum": list(get_args(Expert))}},
    "required": ["name"],
}
SCHEMAS: Final[dict[Kind, dict[str, Any]]] = {
    "flag": {"type": "boolean"},
    "text": TEXT,
    "size": {"type": "string", "pattern": r"^\d+x\d+$", "examples": ["1280x720"]},
    "region": {
        "anyOf": [
            {
                "type": "object",
                "properties": dict.fromkeys("xywh", NUMBER),
                "required": ["x", "y", "w", "h"],
            },
            {"type": "array", "items": NUMBER, "minItems": 4, "maxItems": 4},
            {"type": "string"},
        ]
    },
    "spans": {"anyOf": [{"type": "array", "items": {"type": "array"}}, {"type": "string"}]},
    "loras": {"anyOf": [{"type": "array", "items": {"anyOf": [LORA, {"type": "string"}]}}, LORA, {"type": "string"}]},
    "cards": {"anyOf": [{"type": "object", "additionalProperties": True}, {"type": "string"}, FILE]},
}


def json_schema(option: Option) -> dict[str, Any]:
    """What the OpenAPI document says of the values of an option."""
    found = dict(SCHEMAS.get(option.kind, {}))
    if option.kind == "choice":
        found = {"enum": list(option.choices)}
    elif option.kind == "strength":
        found = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"enum": list(option.choices)}]}
    elif option.kind in ("number", "whole"):
        found = {"anyOf": [_bounds_schema(option), {"type": "string", "pattern": r"^\s*\d+(\.\d+)?\s*$"}]}
    elif option.kind == "pair":
        two = {"type": "array", "items": _bounds_schema(option), "minItems": 1, "maxItems": 2}
        found = {"anyOf": [_bounds_schema(option), two, {"type": "string"}]}
    return found


def json_default(option: Option, value: Any) -> str | int | float | bool | None:
    """A default as it could have been sent: 4 rather than 4.0, and sizes as text."""
    if option.kind == "size" and value is not None:
        return "x".join(map(str, value))
    return int(value) if isinstance(value, float) and value.is_integer() else value or None


def _bounds_schema(option: Option) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "integer" if option.kind == "whole" else "number"}
    if option.low is not None:
        found["exclusiveMinimum" if option.above else "minimum"] = option.low
    if option.high is not None:
        found["maximum"] = option.high
    return found


def other_names() -> dict[str, str]:
    """What options and sources are called elsewhere -> what the API calls them."""
    found: dict[str, str] = {}
    for mode in MODES.values():
        for option in mode.takes:
            found |= dict.fromkeys(option.names, option.wired)
        for slot in mode.slots:
            found |= dict.fromkeys((slot.name, *slot.aliases), slot.wire or slot.name)
    return {name: wired for name, wired in found.items() if name != wired}


_COMMON: Final[dict[str, Any]] = {
    each.name: _field(each, each.default) for each in COMMON if each.name not in NAMED and not each.local
}

AnyVideo: Final[type[VideoBody]] = create_model(
    "AnyVideo", __base__=VideoBody, __doc__="What may be said of any video beside its mode's own options.", **_COMMON
)

KINDS: Final[dict[str, type[VideoBody]]] = {mode.name: kind_of(mode) for mode in MODES.values()}
"""The bodies of each mode's route, by its name."""

VIDEOS: Final[tuple[type[VideoBody], ...]] = tuple(KINDS.values())

FILES: Final = ("input_reference", "last", "video", "videos", "board", "files", "file")
"""Fields that take a file."""
