"""Form fields with brackets in their names as what they stand for: `video[id]`, `characters[][id]`, `keep[0][1]`.

Knows neither where the fields come from nor what they mean.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from yozora.server.errors import ApiError, invalid

NAME: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\]){0,4})")


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """One structure of all the fields. A name without brackets that comes twice is a list. Raises `ApiError` 400."""
    fields: dict[str, Any] = {}
    for name, value in pairs:
        match = NAME.fullmatch(name)
        if match is None:
            raise invalid(name[:60], f"The field name {name[:60]!r} is invalid.", "invalid_form")
        steps = re.findall(r"\[([^\[\]]*)\]", match[2])
        if steps:
            fields[match[1]] = _insert_value(fields.get(match[1]), steps, value, match[1])
        elif match[1] in fields:
            fields[match[1]] = _again(fields[match[1]], value, match[1])
        else:
            fields[match[1]] = value
    return fields


def _insert_value(there: Any, steps: list[str], value: Any, name: str) -> Any:
    """What is `there`, and in it the value at the end of the steps."""
    if not steps:
        if there is not None:
            raise _twice(name)
        return value
    step, rest = steps[0], steps[1:]
    if step == "" or step.isdecimal():
        return _put_item(there, step, rest, value, name)
    if there is None:
        there = {}
    if not isinstance(there, dict):
        raise _twice(name)
    there[step] = _insert_value(there.get(step), rest, value, name)
    return there


def _put_item(there: Any, step: str, rest: list[str], value: Any, name: str) -> list[Any]:
    """The list with one more item, or with more in one of its items; `[]` begins a new one where the last is full."""
    items = [] if there is None else there
    if not isinstance(items, list):
        raise _twice(name)
    if step:
        at = int(step[:6])
    else:
        open_ended = bool(rest and items and isinstance(items[-1], dict) and rest[0] and rest[0] not in items[-1])
        at = len(items) - open_ended
    if at > len(items):
        raise invalid(name[:60], f"The items of {name[:60]!r} have to be numbered from 0.", "invalid_form")
    if at == len(items):
        items.append(None)
    items[at] = _insert_value(items[at], rest, value, name)
    return items


def _again(there: Any, value: Any, name: str) -> list[Any]:
    if isinstance(there, dict):
        raise _twice(name)
    return [*there, value] if isinstance(there, list) else [there, value]


def _twice(name: str) -> ApiError:
    return invalid(name[:60], f"The field {name[:60]!r} is given in two ways. Use one of them.", "invalid_form")
