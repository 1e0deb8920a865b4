"""Frozen dataclasses out of plain JSON: strict, so that what was written by another version is seen to be."""

from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

HUGE = 1e300  # numbers are smaller; infinity and what is no number are none


def no_number(text: str) -> float:
    """`parse_constant` of `json.loads` where NaN and infinity are not taken. Raises ValueError."""
    raise ValueError(f"{text} is no number")


def from_json(kind: Any, value: object) -> Any:
    """A value out of JSON as a thing of that type: a dataclass, a tuple, a union, a literal or a plain value. Numbers
    become float where one is expected. Raises TypeError for one of another type, and for fields that are not known;
    fields that are left out have their defaults.
    """
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind, value)
    inner, origin = get_args(kind), get_origin(kind)
    if origin is Literal and value in inner:
        return value
    if origin in (Union, UnionType):
        return _parse_union(inner, value)
    if origin is tuple and isinstance(value, list | tuple):
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else list(inner)
        if len(kinds) == len(value):
            return tuple(from_json(one, item) for one, item in zip(kinds, value, strict=True))
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < HUGE:
        return float(value)
    if type(value) is kind and kind is not float:
        return value
    raise TypeError(f"{str(value)[:60]!r} is not {getattr(kind, '__name__', kind)}")


def _dataclass(kind: type[Any], value: object) -> Any:
    if not isinstance(value, dict):
        raise TypeError(f"{str(value)[:60]!r} is no {kind.__name__}")
    types, known = get_type_hints(kind), {each.name for each in fields(kind)}
    unknown = sorted(value.keys() - known)
    if unknown:
        raise TypeError(f"a {kind.__name__} has no {', '.join(unknown)}")
    return kind(**{name: from_json(types[name], item) for name, item in value.items()})


def _parse_union(kinds: tuple[Any, ...], value: object) -> Any:
    if value is None and type(None) in kinds:
        return None
    for kind in kinds:
        if kind is not type(None):
            try:
                return from_json(kind, value)
            except TypeError:
                continue
    raise TypeError(f"{str(value)[:60]!r} is none of {', '.join(str(kind) for kind in kinds)}")
