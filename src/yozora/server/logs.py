"""Log lines that say what they are about: which request, whose, which video, which stage, how long.

Any module logs with `logging` and says facts as `extra={...}`; those of `about` are added. Knows no HTTP and no jobs.

Kept by hand: structlog takes 70 ms to import, and its renderers let control characters of a message through.
"""

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

_facts: ContextVar[Mapping[str, object]] = ContextVar("yozora_facts")
NO_FACTS: Final[Mapping[str, object]] = {}

# What every record has, and `taskName` from Python 3.12 on; everything beyond was said with `extra`.
STANDARD: Final = {*logging.makeLogRecord({}).__dict__, "message", "asctime", "taskName"}

QUIET: Final = ("httpx", "httpcore", "httpx2", "httpcore2", "uvicorn.access", "alembic", "multipart", "asyncio")
"""Libraries of which only warnings are shown. Of requests there is a line of ours."""


def configure(json: bool = False) -> None:
    """Send the log of this process to its standard error, a line a record: for people, or one JSON object each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if json else HumanLines())
    root = logging.getLogger()
    for old in [*root.handlers]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def about(**facts: object) -> Iterator[None]:
    """Everything that is logged in here, by this thread or task, is about these: `request_id`, `owner`, `video`, ...

    A fact that is None is not said.
    """
    said = {name: value for name, value in facts.items() if value is not None}
    token = _facts.set({**_facts.get(NO_FACTS), **said})
    try:
        yield
    finally:
        _facts.reset(token)


def facts() -> Mapping[str, object]:
    """The context of the log lines written now."""
    return _facts.get(NO_FACTS)


class JsonLines(logging.Formatter):
    """One JSON object a record: time, level, logger, message, the facts, and the traceback of an error."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": _time(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_extra_fields(record),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class HumanLines(logging.Formatter):
    """`19:45:01 info  message  name=value ...`, and a traceback under it."""

    def format(self, record: logging.LogRecord) -> str:
        said = "".join(f" {name}={_quote_value(value)}" for name, value in _extra_fields(record).items())
        level = record.levelname.lower()
        line = f"{_time(record).astimezone():%H:%M:%S} {level:<7} {_one_line(record.getMessage())} {said}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _extra_fields(record: logging.LogRecord) -> dict[str, object]:
    extra = {name: value for name, value in record.__dict__.items() if name not in STANDARD}
    extra.pop("color_message", None)  # uvicorn's
    return {**facts(), **{name: _short(value) for name, value in extra.items()}}


def _short(value: Any) -> object:
    return round(value, 4) if isinstance(value, float) else value


def _quote_value(value: object) -> str:
    """Words as they are; whatever could be mistaken for something else in quotes."""
    text = str(value)
    return text if text.isprintable() and text and not set(text) & set(" =\"'") else json.dumps(text)


def _one_line(text: str) -> str:
    """So that nothing that a client has sent can look like a line of its own."""
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)
