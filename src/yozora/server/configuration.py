"""What an operator decides, read once when a process starts: from flags, then from one file, then from defaults.

The command line makes a `Configuration`, and its settings are handed on to the workers.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, TypeVar

from yozora import paths
from yozora.errors import UserError
from yozora.server.bounds import Limits, Times
from yozora.server.settings import FLAGS, OWN, Flag, Process, Settings

UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}
ALIKE: Final = 0.6  # how like a known key an unknown one is to be for a hint
PATHS: Final = (".", "/")  # what paths of models begin with
NUMBERS: Final = ("limits", "times")
TABLES: Final = ("aliases", *NUMBERS, "provenance")

Numbers = TypeVar("Numbers", Limits, Times)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """All that a process of the server is told when it starts."""

    process: Process
    settings: Settings


def configured(given: Mapping[str, Any], file: Path | None = None) -> Configuration:
    """What flags say goes before what the file says. `given`: by the names of `FLAGS`, as the command line has them.

    Without a file, the one that the environment names (`paths.config`) is read. Raises `UserError` for a key that is
    not known and for a value that cannot be, before anything is started.
    """
    from yozora.provenance.settings import changed, load

    file = file or paths.config()
    configuration = dict(_told_by(file)) if file is not None else {}
    tables: dict[str, dict[str, Any]] = {name: configuration.pop(name, {}) for name in TABLES}
    for name, said in given.items():
        table, _, key = name.rpartition(".")
        if table:
            tables[table][key] = str(said) if isinstance(said, Path) else said
        elif FLAGS[name].kind == "pairs":
            tables[name] |= dict(_split_pair(one, FLAGS[name]) for one in said)
        else:
            configuration[name] = value_of(name, said)
    settings = Settings(
        **{name: value for name, value in configuration.items() if name not in OWN},
        limits=numbers(Limits(), tables["limits"]),
        times=numbers(Times(), tables["times"]),
        provenance=changed(load(), tables["provenance"]),
    )
    settings = replace(settings, aliases=tables["aliases"])
    _ = settings.budget
    if settings.director:
        from yozora.story.director import endpoint_of  # knows every style in every language: slow to load

        endpoint_of(settings.director, None, settings.times.director)
    for name in (*settings.aliases, *settings.named):
        settings.preset(name)
    process = Process(**{name: value for name, value in configuration.items() if name in OWN})
    return Configuration(process=process, settings=settings)


def database_of(text: str | None) -> str:
    """The URL of the database: what a flag says, or the file that the environment names, or the default."""
    file = paths.config()
    configuration = dict(_told_by(file)) if file is not None and not text else {}
    return text or configuration.get("database") or Settings().database


def storage_of(text: str | None) -> str:
    """The URL or path of the storage, as `database_of`."""
    file = paths.config()
    configuration = dict(_told_by(file)) if file is not None and not text else {}
    return text or configuration.get("storage") or Settings().storage


def _told_by(file: Path) -> Iterator[tuple[str, Any]]:
    """What a file says, checked but for what its tables hold. Its paths are relative to its folder."""
    import tomllib

    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise UserError(
            f"Cannot read the settings {str(file)!r}: {reason}.",
            "See the example in docs/operations.md.",
            code="settings_unreadable",
        ) from error
    for name in _unknown_keys(said):
        raise UserError(f"{file.name}: the setting {name!r} is not known.", _meant(name), code="unknown_setting")
    for name, value in said.items():
        try:
            if name in TABLES:
                yield name, _read_table(name, value, file.parent)
            else:
                found = value_of(name, value)
                is_path = isinstance(found, Path) or (name == "storage" and "://" not in value)
                if name == "models":
                    found = tuple(str(file.parent / each) if each.startswith(PATHS) else each for each in found)
                yield name, type(found)(file.parent / found) if is_path else found
        except UserError as error:
            raise UserError(f"{file.name}: {error.message}", error.hint, code=error.code) from error


def _read_table(name: str, table: Any, folder: Path) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise UserError(f"{name} is not a table.", f"Write its settings below [{name}].", code="setting_not_table")
    if name == "limits":
        numbers(Limits(), table)
    if name == "times":
        numbers(Times(), table)
    if name == "aliases" and not all(isinstance(model, str) for model in table.values()):
        raise UserError(
            "The values of aliases are names of models.",
            'Write "NAME" = "MODEL", such as "sora-2" = "mini".',
            code="aliases_malformed",
        )
    located = ("folder", "certificate", "key", "trusted") if name == "provenance" else ()
    return {key: str(folder / value) if key in located and value else value for key, value in table.items()}


def value_of(name: str, value: Any) -> Any:
    """A field's value out of what the file or a flag says. Raises `UserError` for what it cannot be."""
    flag = FLAGS[name]
    if flag.kind == "time":
        return parse_time(str(value))
    if flag.kind == "texts":
        return _texts(name, value)
    wanted: dict[str, Any] = {"text": str, "path": str | Path, "switch": bool, "whole": int}
    if not isinstance(value, wanted[flag.kind]) or (flag.kind == "whole" and isinstance(value, bool)):
        hints = {"switch": "Write true or false.", "whole": "Write a whole number."}
        raise UserError(
            f"{name} cannot be {value!r}.", hints.get(flag.kind, "Write text, in quotes."), code="setting_invalid"
        )
    if isinstance(value, int) and flag.kind == "whole" and not flag.least <= value <= flag.most:
        raise UserError(
            f"{name} {value} is out of range.",
            f"Write a number from {flag.least} to {flag.most}.",
            code="value_out_of_range",
        )
    return Path(value).expanduser() if flag.kind == "path" else value


def _texts(name: str, value: Any) -> tuple[str, ...]:
    """Texts out of a list, or of one text with commas."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) and part.strip() for part in parts):
        raise UserError(
            f"{name} cannot be {value!r}.", 'Write a list of texts, such as ["mini"].', code="setting_invalid"
        )
    return tuple(dict.fromkeys(part.strip() for part in parts))


def numbers(usual: Numbers, table: Mapping[str, Any]) -> Numbers:
    """Limits or times, with those changed that are said, as numbers or text."""
    known: dict[str, Any] = {each.name: type(getattr(usual, each.name)) for each in fields(usual)}
    what, changed = type(usual).__name__.lower().removesuffix("s"), {}
    for name, number in table.items():
        if name not in known:
            raise UserError(
                f"The {what} {name!r} is not known.", f"Use one of: {', '.join(known)}.", code="unknown_limit"
            )
        try:
            value = 0 if isinstance(number, bool) else known[name](number)
        except (ValueError, TypeError):
            value = 0
        if not 0 < value < float("inf") or (isinstance(number, float) and value != number):
            raise UserError(
                f"{name}={number} is not a {what}.",
                f"Write a number above 0, such as {name}=50.",
                code="limit_not_positive",
            )
        changed[name] = value
    return replace(usual, **changed)


def _split_pair(text: str, flag: Flag) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name.strip() and (equals or flag.metavar.endswith("]"))):
        example = {"NAME[=MODEL]": "sora-2=mini", "NAME=SECONDS": "stuck=3600"}.get(flag.metavar, "queued=50")
        raise UserError(
            f"{text!r} is not {flag.metavar}.",
            f"Write, for example, {flag.names} {example}.",
            code="setting_pair_malformed",
        )
    return name.strip(), value.strip()


def _unknown_keys(table: Mapping[str, Any]) -> Iterator[str]:
    """Keys of a file that are no settings; those of a table with its name before them."""
    known = _known_keys()
    for name, value in table.items():
        if name not in known:
            yield name
        elif name in (*NUMBERS, "provenance") and isinstance(value, dict):
            yield from (f"{name}.{key}" for key in value if f"{name}.{key}" not in known)


def _known_keys() -> list[str]:
    """All keys of a file."""
    from yozora.provenance.settings import Provenance

    tables = {"limits": Limits, "times": Times, "provenance": Provenance}
    inside = [f"{name}.{each.name}" for name, kind in tables.items() for each in fields(kind)]
    return [*(each.name for kind in (Process, Settings) for each in fields(kind)), *inside]


def _meant(name: str) -> str:
    """A hint at the known key that is nearest, also to the name of its flag or of a key in a table."""
    keys = _known_keys()
    ways = {key.rpartition(".")[2]: key for key in reversed(keys)}
    for key, flag in FLAGS.items():
        ways |= {one.strip("-").replace("-", "_"): key for one in flag.names.split("/")}
    ways |= {key: key for key in keys}
    near = get_close_matches(name.replace("-", "_"), ways, 1, ALIKE)
    return (
        f"Did you mean {ways[near[0]]}?" if near else f"Use one of: {', '.join(key for key in keys if '.' not in key)}."
    )


def parse_time(text: str) -> float:
    """Seconds out of "90", "12h" or "7d". Raises `UserError` for what is no time."""
    match = re.fullmatch(r"(\d{1,9})([smhd]?)", text.strip())
    if match is None or not int(match[1]):
        raise UserError(
            f"{text!r} is not a duration.",
            "Write seconds, or a number with m, h or d, such as 7d.",
            code="duration_malformed",
        )
    return float(int(match[1]) * UNITS[match[2] or "s"])
