"""JSON schemas of what an assistant may say: a tool's arguments for each creation mode, made of its declaration.

Arguments have the names that the API gives them. Knows nothing of servers, and nothing of what the modes do.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, get_args

from yozora.core.modes import Mode, Slot
from yozora.core.options import Kind, Option
from yozora.core.request import MAX_PROMPT, MAX_SEED, Expert
from yozora.language.languages import CAMERA_NAMES, STYLE_NAMES

Schema = dict[str, Any]

NAMED: Final = "{video_id}"
"""In a mode's route: the film that it is made from."""

FILM: Final = "The id of a completed film (video_...), or the path of a film file."
PICTURE: Final = "The path of a picture or film file, an https address, a data URL, or a file's id (file_...)."
NUMBER: Final[Schema] = {"type": "number"}
TEXT: Final[Schema] = {"type": "string", "maxLength": MAX_PROMPT}
SPAN: Final[Schema] = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}
CARD: Final[Schema] = {
    "type": "object",
    "properties": {
        "from": {
            "type": "number",
            "minimum": 0,
            "description": "Second at which the card starts: where the one before ends.",
        },
        "to": {"type": "number", "description": "Second at which the card ends."},
        "prompt": {**TEXT, "description": "What the card shows, in a sentence or two."},
        "camera": {"enum": list(CAMERA_NAMES)},
        "style": {**TEXT, "description": f"{', '.join(STYLE_NAMES)}, or your own words."},
        "transition": {"enum": ["cut", "flow"], "description": "How it follows the card before [default: cut]."},
    },
    "required": ["from", "to", "prompt"],
    "additionalProperties": False,
}
BOARD: Final[Schema] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 200},
        "style": {**TEXT, "description": "The style of every card without its own."},
        "negative_prompt": {**TEXT, "description": "What the film should not show."},
        "size": {"type": "string", "pattern": r"^\d+x\d+$"},
        "fps": NUMBER,
        "seed": {"type": "integer"},
        "cards": {"type": "array", "items": CARD, "minItems": 1, "maxItems": 64},
    },
    "required": ["cards"],
    "additionalProperties": False,
}
KINDS: Final[Mapping[Kind, Schema]] = {
    "flag": {"type": "boolean"},
    "text": TEXT,
    "size": {"type": "string", "pattern": r"^\d+x\d+$", "examples": ["1280x720"]},
    "region": {
        "type": "object",
        "properties": dict.fromkeys("xywh", NUMBER),
        "required": ["x", "y", "w", "h"],
        "additionalProperties": False,
    },
    "spans": {"type": "array", "items": SPAN, "minItems": 1},
    "cards": BOARD,
    "loras": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "strength": NUMBER, "expert": {"enum": [*get_args(Expert)]}},
            "required": ["name"],
            "additionalProperties": False,
        },
        "minItems": 1,
    },
}
"""Of the values of options, by their kind; those of numbers and choices are made of the option."""

OUTPUT: Final[Schema] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "status": {"enum": ["queued", "in_progress", "completed", "failed"]},
        "progress": {"type": "integer", "minimum": 0, "maximum": 100},
    },
    "required": ["id", "status", "progress"],
}
"""Of a film, as tools answer it: a Video of the API, see docs/api.md."""


def arguments(mode: Mode) -> Schema:
    """What the tool of a mode takes: its sources, its prompt, its options, and those that every mode takes."""
    found: dict[str, Schema] = {}
    needed: list[str] = []
    for name, slots in sources(mode).items():
        found[name] = _source_schema(slots)
        needed += [name] if slots[0].needed else []
    if mode.prompt == "needed" or mode.slots:
        found["prompt"] = {**TEXT, "minLength": 1, "description": mode.prompt_help or "What the film shows, in words."}
        needed += ["prompt"] if mode.prompt == "needed" else []
    for option in (each for each in mode.takes if not each.local):
        found[option.wired] = value(option, mode.wire_defaults.get(option.name, option.default))
        needed += [option.wired] if option.needed else []
    found["model"] = {"type": "string", "description": "One of list_models [default: the server's]."}
    found["characters"] = {
        "type": "array",
        "items": {"type": "string"},
        "description": "Ids (char_...) from list_characters; the prompt uses their names.",
    }
    return {"type": "object", "properties": found, "required": needed, "additionalProperties": False}


def sources(mode: Mode) -> dict[str, list[Slot]]:
    """The places for sources by what the API calls them; two that share a name are a list there."""
    found: dict[str, list[Slot]] = {}
    for slot in mode.slots:
        found.setdefault(slot.wire or slot.name, []).append(slot)
    return found


def _source_schema(slots: list[Slot]) -> Schema:
    if len(slots) > 1:
        about = f"The first turns into the second. Each is: {FILM}"
        return {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2, "description": about}
    (slot,) = slots
    about = FILM if slot.takes == "clip" else f"{slot.help.partition(':')[0].rstrip('.')}. {PICTURE}"
    return {"type": "string", "description": about}


def value(option: Option, default: Any) -> Schema:
    """The values of an option, with its help, and its default where nothing is said."""
    found = dict(KINDS.get(option.kind, {}))
    if option.kind == "choice":
        found = {"enum": list(option.choices)}
    elif option.kind == "strength":
        found = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"enum": list(option.choices)}]}
    elif option.kind in ("number", "whole"):
        found = _bounds_schema(option)
    elif option.kind == "pair":
        found = {
            "anyOf": [
                _bounds_schema(option),
                {"type": "array", "items": _bounds_schema(option), "minItems": 1, "maxItems": 2},
            ]
        }
    unit = f", in {option.unit}" if option.unit and option.unit not in option.help else ""
    said = option.help if default == option.default else re.sub(r" \[default: .*?\]", "", option.help)
    found["description"] = said.replace("`yozora styles`", ", ".join(STYLE_NAMES)).rstrip(".") + f"{unit}."
    if default not in (None, ""):
        found["default"] = "x".join(map(str, default)) if option.kind == "size" else default
    return found


def _bounds_schema(option: Option) -> Schema:
    found: Schema = {"type": "integer" if option.kind == "whole" else "number"}
    if option.low is not None:
        found["exclusiveMinimum" if option.above else "minimum"] = option.low
    if option.high is not None and option.high != MAX_SEED:
        found["maximum"] = option.high
    return found
