"""What can be asked for, as data: an option has a name, a kind, a unit, bounds, a default and one line of help.

Python, the command line and the API all read options with `read`, so a value means the same on every way in: a number
may be text, as forms and shells have it. Knows no mode and no model.
"""

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from numbers import Real
from typing import Any, Literal, get_args

from yozora.core.request import MAX_LORA_STRENGTH, MAX_LORAS, MAX_PROMPT, Expert, Lora, is_prompt
from yozora.errors import UserError

Kind = Literal[
    "number",
    "pair",
    "whole",
    "flag",
    "text",
    "choice",
    "size",
    "strength",
    "region",
    "spans",
    "cards",
    "loras",
    "bytes",
]

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
SIZE = re.compile(r"\s*(\d{1,6})\s*[xX×*]\s*(\d{1,6})\s*", re.ASCII)
SPAN = re.compile(r"\s*([\d.]{1,12})\s*-\s*([\d.]{1,12})\s*", re.ASCII)
EXPERT = re.compile(r"(high|low)=(.+)", re.DOTALL)
BYTES = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*([kmgt]?)(i?)b?\s*", re.ASCII | re.IGNORECASE)
THOUSANDS = ("", "k", "m", "g", "t")
MAX_SPANS = 64
MAX_WHOLE = 10**19  # whole numbers are smaller
TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


class ArgumentError(UserError):
    """Something wrong with one argument, which is named: `argument` is the option's name."""

    def __init__(self, argument: str, message: str, hint: str = "", *, code: str) -> None:
        super().__init__(message, hint, code=code)
        self.argument = argument


@contextmanager
def about(argument: str) -> Iterator[None]:
    """What is wrong in here is wrong with that argument, where nothing says that it is with another."""
    try:
        yield
    except ArgumentError:
        raise
    except UserError as error:
        raise ArgumentError(argument, error.message, error.hint, code=error.code) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that can be asked for.

    `default` None: the model's, or that of the sources, as `help` says. `above`: `low` itself is too low. `aliases` are
    what it is called elsewhere, which is understood too. `flag` is its name on the command line, `wire` its name in the
    API, where these are not made of `name`. `local`: it names a place on this machine, and is no option of the API.
    """

    name: str
    kind: Kind
    help: str
    default: Any = None
    needed: bool = False
    unit: str = ""
    low: float | None = None
    high: float | None = None
    above: bool = False
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    flag: str = ""
    wire: str = ""
    local: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is called."""
        return (self.name, self.wired, *self.aliases)

    @property
    def flagged(self) -> str:
        """As the command line has it, such as --negative-prompt."""
        return self.flag or f"--{self.name.replace('_', '-')}"

    @property
    def wired(self) -> str:
        """As the API has it."""
        return self.wire or self.name


def option(kind: Kind, help: str, default: Any = None, **more: Any) -> Any:  # noqa: A002
    """A field of an options dataclass, with all that `Option` says of it beside its name."""
    metadata = {"option": {"kind": kind, "help": help, "default": default, **more}}
    return field(metadata=metadata) if more.get("needed") else field(default=default, metadata=metadata)


def options_of(kind: type[Any]) -> tuple[Option, ...]:
    """The options that the fields of a dataclass declare, in their order."""
    return tuple(
        Option(name=each.name, **each.metadata["option"]) for each in fields(kind) if "option" in each.metadata
    )


def read(option: Option, value: object) -> Any:
    """A value as the option has it. Raises `ArgumentError` for one of another kind, or out of bounds."""
    found = READERS[option.kind](option, value)
    if option.kind in ("number", "whole"):
        check_bounds(option, found)
    return found


def check_bounds(option: Option, value: float) -> None:
    """Raises `ArgumentError` where a number is too low or too high."""
    low, high = option.low, option.high
    if (low is None or value > low or (value == low and not option.above)) and (high is None or value <= high):
        return
    unit = f" {option.unit}" if option.unit else ""
    least = "" if low is None else f"more than {low:g}" if option.above else f"{low:g}"
    most = "" if high is None else f"{_format_number(high)}{unit}"
    hint = (
        f"Use {least} to {most}."
        if least and most
        else f"Use {least or 'up to'} {most or 'or more'}.".replace("  ", " ")
    )
    raise ArgumentError(
        option.name, f"{option.name} {_format_number(value)} is out of range.", hint, code="value_out_of_range"
    )


def _read_number(option: Option, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        if not isinstance(value, str) or not NUMBER.fullmatch(value.strip()):
            raise _wrong(option, value, "a number")
        value = float(value)
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise _wrong(option, value, "a finite number")
    return found


def _read_pair(option: Option, value: object) -> tuple[float, ...]:
    """One number, or two, as text with a comma or as a list."""
    parts: Any = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else (value,)
    if not 1 <= len(parts) <= 2:
        raise ArgumentError(
            option.name, f"{option.name} has {len(parts)} numbers.", "Use one or two.", code="pair_malformed"
        )
    found = tuple(_read_number(option, part) for part in parts)
    for number in found:
        check_bounds(option, number)
    return found


def _whole(option: Option, value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d{1,20}\s*", value, re.ASCII):
        return int(value)
    if not isinstance(value, bool) and isinstance(value, Real):
        try:
            found = operator.index(value)  # type: ignore[arg-type] # any object: what is no integer raises TypeError
        except TypeError:
            number = _read_number(option, value)
            if number != int(number):
                raise _wrong(option, value, "a whole number") from None
            found = int(number)
        if abs(found) < MAX_WHOLE:
            return found
    raise _wrong(option, value, "a whole number")


def _flag(option: Option, value: object) -> bool:
    if isinstance(value, bool):
        return value
    said = value.strip().lower() if isinstance(value, str) else ""
    if isinstance(value, int) and value in (0, 1):
        return value == 1
    if said in TRUE or said in FALSE:
        return said in TRUE
    raise _wrong(option, value, "true or false")


def _read_text(option: Option, value: object) -> str:
    if not isinstance(value, str):
        raise _wrong(option, value, "text")
    if len(value) > MAX_PROMPT:
        raise ArgumentError(
            option.name,
            f"{option.name} has {len(value):,} characters.",
            f"Use at most {MAX_PROMPT:,}.",
            code="text_too_long",
        )
    if not is_prompt(value):
        raise ArgumentError(
            option.name, f"{option.name} {shown(value)} is not text.", "Use UTF-8.", code="text_invalid"
        )
    return value


def _choice(option: Option, value: object) -> str:
    if isinstance(value, str) and value.strip().lower() in option.choices:
        return value.strip().lower()
    raise ArgumentError(
        option.name,
        f"{option.name} {shown(value)} is not known.",
        f"Use {_either(option.choices)}.",
        code="unknown_choice",
    )


def _read_size(option: Option, value: object) -> tuple[int, int]:
    """Width and height out of "224x128" or a pair."""
    match = SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is not None:
        return int(match[1]), int(match[2])
    if isinstance(value, list | tuple) and len(value) == 2:
        width, height = (_whole(option, side) for side in value)
        return width, height
    raise ArgumentError(
        option.name, f"{shown(value)} is not a size.", "Write WIDTHxHEIGHT, such as 224x128.", code="size_malformed"
    )


def _strength(option: Option, value: object) -> float | str:
    """0 to 1, or one of the words of `choices`."""
    if isinstance(value, str) and value.strip().lower() in option.choices:
        return value.strip().lower()
    hint = f"Use {_either(('0 (keep) to 1 (replace)', *option.choices))}."
    try:
        found = _read_number(option, value)
    except ArgumentError:
        raise ArgumentError(
            option.name, f"{option.name} {shown(value)} is not a strength.", hint, code="strength_malformed"
        ) from None
    if not 0 <= found <= 1:
        raise ArgumentError(
            option.name, f"{option.name} {_format_number(found)} is out of range.", hint, code="value_out_of_range"
        )
    return found


def _region(option: Option, value: object) -> tuple[float, float, float, float]:
    """x, y, width and height, as text with commas, as a list or as a mapping of x, y, w and h."""
    parts: Any = value.split(",") if isinstance(value, str) else () if isinstance(value, bytes) else value
    if isinstance(parts, Mapping):
        parts = [parts.get(key) for key in "xywh"]
    try:
        x, y, width, height = (_read_number(option, part) for part in parts)
    except (TypeError, ValueError, ArgumentError):
        hint = "Write x,y,w,h as fractions of the picture, such as 0,0.5,0.5,0.5."
        raise ArgumentError(option.name, f"{shown(value)} is not a region.", hint, code="region_malformed") from None
    if not (0 <= x < 1 and 0 <= y < 1 and width > 0 and height > 0 and x + width <= 1.001 and y + height <= 1.001):
        said = ",".join(f"{number:g}" for number in (x, y, width, height))
        hint = "Write x,y,w,h as fractions from 0 to 1."
        raise ArgumentError(
            option.name, f"The region {said} is outside the picture.", hint, code="region_outside_picture"
        )
    return x, y, width, height


def _spans(option: Option, value: object) -> tuple[tuple[float, float], ...]:
    """Spans of seconds: [(0, 1.5)], ["0-1.5"] or "0-1.5, 2-3"."""
    parts: Any = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not 0 < len(parts) <= MAX_SPANS:
        raise ArgumentError(
            option.name, f"{shown(value)} has no time spans.", "Write seconds, such as 0-1.5.", code="spans_missing"
        )
    return tuple(_span(option, part) for part in parts)


def _span(option: Option, value: object) -> tuple[float, float]:
    match = SPAN.fullmatch(value) if isinstance(value, str) else None
    parts: Any = match.groups() if match else value if isinstance(value, list | tuple) else ()
    try:
        start, stop = (_read_number(option, part) for part in parts)
    except (TypeError, ValueError, ArgumentError):
        raise ArgumentError(
            option.name, f"{shown(value)} is not a time span.", "Write seconds, such as 0-1.5.", code="span_malformed"
        ) from None
    if not 0 <= start < stop:
        raise ArgumentError(
            option.name, f"The span {start:g}-{stop:g} is empty.", "Use a later end.", code="span_empty"
        )
    return start, stop


def _loras(option: Option, value: object) -> tuple[Lora, ...]:
    """One LoRA or a list of them: "style.safetensors:0.8", ("style.safetensors", 0.8), or a mapping of name, strength
    and expert."""
    parts: Any = value if isinstance(value, list | tuple) else (value,)
    if len(parts) > MAX_LORAS:
        raise ArgumentError(
            option.name, f"{len(parts)} LoRAs are too many.", f"Use at most {MAX_LORAS}.", code="too_many_loras"
        )
    return tuple(_lora(option, part) for part in parts)


def _lora(option: Option, value: Any) -> Lora:
    if isinstance(value, Lora):
        return value
    name, strength, expert = value, 1.0, "both"
    if isinstance(value, Mapping) and value.keys() <= {"name", "strength", "expert"}:
        name, strength, expert = value.get("name"), value.get("strength", 1.0), value.get("expert", "both")
    elif isinstance(value, list | tuple) and len(value) == 2:
        name, strength = value
    elif isinstance(value, str):
        if match := EXPERT.fullmatch(value):
            expert, name = match.groups()
        before, colon, after = name.rpartition(":")
        if colon and before and NUMBER.fullmatch(after.strip()):
            name, strength = before, after
    name = name.__fspath__() if hasattr(name, "__fspath__") else name
    if not isinstance(name, str) or not name or not is_prompt(name) or expert not in get_args(Expert):
        hint = (
            "Write FILE:STRENGTH, such as style.safetensors:0.8. For one of two experts, write high=FILE or low=FILE."
        )
        raise ArgumentError(option.name, f"{shown(value)} is not a LoRA.", hint, code="lora_malformed")
    told = replace(option, name="strength", low=-MAX_LORA_STRENGTH, high=MAX_LORA_STRENGTH)
    try:
        found = _read_number(told, strength)
        check_bounds(told, found)
    except ArgumentError as error:
        raise ArgumentError(option.name, f"LoRA {shown(name)}: {error.message}", error.hint, code=error.code) from None
    return Lora(at=name, strength=found, expert=expert)  # type: ignore[arg-type] # it is one of them


def _bytes(option: Option, value: object) -> int:
    """A number of bytes, or text such as "8GB" (a thousand million each) or "8GiB" (2^30)."""
    match, name = BYTES.fullmatch(value) if isinstance(value, str) else None, option.name
    if match is not None:
        found = float(match[1]) * (1024 if match[3] else 1000) ** THOUSANDS.index(match[2].lower())
    elif isinstance(value, int) and not isinstance(value, bool):
        found = float(max(0, min(value, MAX_WHOLE)))
    else:
        raise ArgumentError(name, f"{name} {shown(value)} is not a size.", "Write it as 8GB.", code="bytes_malformed")
    if not 1 <= found < MAX_WHOLE:
        raise ArgumentError(
            name, f"{name} {shown(value)} is out of range.", "Use a size such as 8GB.", code="value_out_of_range"
        )
    return int(found)


def _as_it_is(option: Option, value: object) -> object:
    return value


READERS: Mapping[Kind, Callable[[Option, Any], Any]] = {
    "number": _read_number,
    "pair": _read_pair,
    "whole": _whole,
    "flag": _flag,
    "text": _read_text,
    "choice": _choice,
    "size": _read_size,
    "strength": _strength,
    "region": _region,
    "spans": _spans,
    "cards": _as_it_is,
    "loras": _loras,
    "bytes": _bytes,
}


def shown(value: object, limit: int = 40) -> str:
    """A value in one short line, whatever it is."""
    if isinstance(value, int) and abs(value) >= MAX_WHOLE:
        return "of so many digits"
    text = repr(value[:limit]) if isinstance(value, str) else type(value).__name__
    if value is None or isinstance(value, int | float):
        text = repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _wrong(option: Option, value: object, what: str) -> ArgumentError:
    name, examples = option.name, {"number": "2.5", "whole": "7", "flag": "true", "text": '"a dog"'}
    hint = f"Write {what}, such as {examples.get(option.kind, '1')}."
    return ArgumentError(name, f"{name} {shown(value)} is not {what}.", hint, code="wrong_type")


def _either(words: tuple[str, ...]) -> str:
    return ", ".join(words[:-1]) + f" or {words[-1]}" if len(words) > 1 else words[0]


def _format_number(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:g}"
