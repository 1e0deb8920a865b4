"""What the JSON beside a film says of it: exports of several services name the same things in several ways.

Pure data: nothing is checked but its type. Knows no HTTP and no tables.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

IMPORTED: Final = "import"
"""The mode of a video that was imported, and its model where nothing is said."""

NAMES: Final = {
    "title": ("title", "name"),
    "prompt": ("prompt", "prompt_text", "text", "description", "caption"),
    "model": ("model", "model_id", "model_name", "modelId", "modelName"),
    "created_at": (
        "created_at", "createdAt", "created", "create_time", "creation_time", "created_time", "timestamp", "date",
    ),
}  # fmt: skip
"""Names of each field, the first that says something counts."""

INSIDE: Final = (
    "metadata",
    "generation",
    "generations",
    "creation_config",
    "task",
    "input",
    "inputs",
    "request",
    "post",
)
"""Objects, or lists of them, inside which the names are looked for where they are not outside."""

MAX_INSIDE: Final = 2  # levels
MILLISECONDS: Final = 100_000_000_000  # a larger number counts milliseconds: as seconds, it is the year 5138
LATEST: Final = 1 << 40


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmFacts:
    """What is known of a film; None: nothing. `created_at` is in Unix seconds."""

    title: str | None = None
    prompt: str | None = None
    model: str | None = None
    created_at: int | None = None


def facts_of(said: Mapping[str, Any]) -> FilmFacts:
    """What a JSON object says of its film."""
    texts = {name: _text(said, NAMES[name]) for name in ("title", "prompt", "model")}
    moments = (moment_of(value) for value in _values(said, NAMES["created_at"]))
    return FilmFacts(**texts, created_at=next((moment for moment in moments if moment is not None), None))


def moment_of(value: object) -> int | None:
    """Unix seconds of a number of seconds or milliseconds, as a number or a text, or of an ISO 8601 date."""
    if isinstance(value, str):
        text = value
        try:
            value = float(text)
        except ValueError:
            return _dated(text)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LATEST * 1000:
        return None
    seconds = value / 1000 if value > MILLISECONDS else value
    return int(seconds)


def _dated(text: str) -> int | None:
    try:
        found = datetime.fromisoformat(text.strip())
        moment = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return int(moment) if moment >= 0 else None


def _text(said: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((value.strip() for value in _values(said, names) if isinstance(value, str) and value.strip()), None)


def _values(said: Mapping[str, Any], names: tuple[str, ...], depth: int = 0) -> Iterator[Any]:
    yield from (said[name] for name in names if said.get(name) is not None)
    if depth == MAX_INSIDE:
        return
    for name in INSIDE:
        inner = said.get(name)
        for each in inner[:1] if isinstance(inner, list) else [inner]:
            if isinstance(each, dict):
                yield from _values(each, names, depth + 1)
