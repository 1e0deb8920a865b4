"""A body becomes a request of a kind, or an `ApiError` that names the field: nothing is dropped in silence.

A field that is not known here is refused where it means a known one, belongs to another kind of video, or holds a file;
else it is passed over, and named in a header of the answer: clients of the closed service send fields that mean nothing
to a video. Knows no model, and nothing of what the fields mean.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final, TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from yozora.server.errors import ApiError, invalid
from yozora.server.http import body_parser, dialects, mode_requests, requests
from yozora.server.http.long_texts import LongText
from yozora.server.http.requests import BodyModel

IGNORED: Final = "yozora-ignored"
"""Header of an answer: names of the fields that were passed over, apart by commas, percent-encoded."""

MAX_IGNORED: Final = 2000  # characters of it
MAX_NAME: Final = 60  # characters of a name
ALIKE: Final = 0.8  # how like a known field an unknown one is to be a slip of the keyboard
UNKNOWN: Final = "unknown_parameter"
OTHER_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("num_frames", "frames"), "seconds"),
        "aspect_ratio": "size",
        "video_reference": "video",
        **mode_requests.other_names(),
    }
)

REFUSED_FIELDS: Final = frozenset({"audio_reference"})
"""Fields of other servers that hold a file which no call here takes."""

Asked = TypeVar("Asked", bound=BodyModel)


def read(kind: type[Asked], body: body_parser.Body) -> Asked:
    """The body as a request of that kind; names of fields that are passed over go to its `ignored`.

    Raises `ApiError` 400 that names the field.
    """
    known = names_of(kind)
    fields = dialects.translated(body.fields, known) if issubclass(kind, requests.VideoBody) else body.fields
    for name, value in fields.items():
        if name not in known and value not in (None, ""):
            _check_unknown(kind, known, name, value)
            body.ignored.append(name)
        elif dialects.is_foreign(name, value):
            body.ignored.append(name)
    fields = {name: value for name, value in fields.items() if not dialects.is_foreign(name, value)}
    try:
        asked = kind.model_validate(fields)
    except ValidationError as error:
        raise _validation_error(error) from None
    _check_files(asked, known, fields)
    return asked


def names_of(kind: type[BodyModel]) -> frozenset[str]:
    """The fields of a kind, as clients write them."""
    return frozenset(field.alias or name for name, field in kind.model_fields.items())


def header(names: list[str]) -> str:
    """The value of `IGNORED`."""
    said = ""
    for name in dict.fromkeys(names):
        longer = f"{said}, {quote(name[:MAX_NAME])}" if said else quote(name[:MAX_NAME])
        if len(longer) > MAX_IGNORED:
            break
        said = longer
    return said


def _check_unknown(kind: type[BodyModel], known: frozenset[str], name: str, value: Any) -> None:
    """Unknown fields are passed over, but neither options that another field or call has, nor files."""
    shown = name[:MAX_NAME]
    meant = OTHER_NAMES.get(name)
    slip = meant if meant in known else next(iter(get_close_matches(shown, known, 1, ALIKE)), None)
    places = [one.place for one in mode_requests.VIDEOS if (meant or name) in names_of(one)]
    if slip is not None:
        raise invalid(shown, f"Unknown parameter: '{shown}'. Did you mean '{slip}'?", UNKNOWN)
    if places and issubclass(kind, requests.VideoBody):
        means = f", which means '{meant}'," if meant else ""
        message = f"Unknown parameter: '{shown}'{means} is not for {kind.place}. Use it with {', '.join(places)}."
        raise invalid(shown, message, UNKNOWN)
    if name in REFUSED_FIELDS or next(_uploads(value, name), None) is not None:
        raise _no_place(shown, known)


def _check_files(body: BodyModel, known: frozenset[str], fields: Mapping[str, Any]) -> None:
    """Every file that came is one that the request holds."""
    taken = {id(file) for name in type(body).model_fields for _, file in _uploads(getattr(body, name), name)}
    for name, value in fields.items():
        for path, file in _uploads(value, name):
            if id(file) not in taken:
                raise _no_place(path, known)


def _uploads(value: Any, name: str) -> Iterator[tuple[str, body_parser.Upload]]:
    """The files in a field, each with its name in brackets, such as `videos[0]`."""
    if isinstance(value, body_parser.Upload):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _uploads(inner, f"{name}[{key}]")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _uploads(inner, f"{name}[{index}]")


def _no_place(name: str, known: frozenset[str]) -> ApiError:
    places = " or ".join(f"'{one}'" for one in mode_requests.FILES if one in known)
    where = f"Send files as {places}" if places else "This call takes no files"
    return invalid(
        name.partition("[")[0][:MAX_NAME], f"Unknown parameter: '{name[:MAX_NAME]}' is a file. {where}.", UNKNOWN
    )


def _validation_error(error: ValidationError) -> ApiError:
    first = error.errors(include_url=False)[0]
    param = str(first["loc"][0]) if first["loc"] else None
    if isinstance(first["input"], LongText):
        return invalid(param, f"Invalid '{param}': the text is too long ({first['input'].bytes:,} bytes).")
    if first["type"] == "missing" and len(first["loc"]) == 1:
        return invalid(param, f"Missing required parameter: '{param}'.", "missing_required_parameter")
    reason = first["msg"].removeprefix("Value error, ")
    joined = f"'{param}' {reason}." if first["type"] == "value_error" else f"Invalid '{param}': {reason}."
    return invalid(param, joined, reason=first.get("ctx", {}).get("reason", ""))
