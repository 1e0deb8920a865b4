"""What an operator decides, read once when a process starts: from flags, then from one file, then from defaults.

Every field of `Process` and of `Settings` is a key of the file (TOML) and, by its `Flag`, an option of `yozora serve`;
`[aliases]`, `[limits]` and `[provenance]` are tables of it. The environment holds the path of the file and secrets that
other libraries read, and nothing else. Knows no HTTP, no database and no model; the command line makes a
`Configuration`, and its settings are handed on to the workers.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from yozora import paths, presets
from yozora.errors import UserError

if TYPE_CHECKING:
    from yozora.provenance.settings import Provenance

HOSTED = ("sora-2", "sora-2-pro", "sora-2-2025-10-06", "sora-2-2025-12-08", "sora-2-pro-2025-10-06")
"""Names that clients of the closed service ask for."""

MEGABYTE = 1 << 20
UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}
ALIKE: Final = 0.6  # how like a known key an unknown one is to be for a hint
Kind = Literal["text", "switch", "whole", "time", "path", "pairs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """How a setting is said on the command line, and what it may hold. In the file it is said by its field's name."""

    names: str  # such as "--fetch-urls/--no-fetch-urls"
    help: str
    kind: Kind = "text"
    metavar: str = ""
    least: int = 0  # of a whole number
    most: int = 1 << 31
    worker: bool = True  # whether workers are told, too


def _flag(names: str, text: str, **about: Any) -> dict[str, Flag]:
    """Metadata of a field that has a flag."""
    return {"flag": Flag(names=names, help=text, **about)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of anything is taken. Rates and queues are per key."""

    requests_a_minute: int = 600
    creates_a_minute: int = 120
    queued: int = 1_000  # videos that may wait or be made at once
    body_bytes: int = 256 * MEGABYTE  # of a request with files
    text_bytes: int = 32 * MEGABYTE  # of a request without: a data URL has up to 20,971,520 characters
    upload_bytes: int = 200 * MEGABYTE  # of one file
    upload_seconds: float = 120.0  # of film in it
    decode_seconds: float = 60.0  # of time that looking at it may take
    decode_bytes: int = 2048 * MEGABYTE  # of memory
    seconds: float = 120.0  # of a film in all
    added_seconds: float = 20.0  # by one extension
    files: int = 1_000
    characters: int = 200
    webhooks: int = 20
    attempts: int = 3  # a job that has killed so many workers has failed
    requests_at_once: int = 256  # of a key, that are being answered
    incoming_bytes: int = 1024 * MEGABYTE  # of bodies above 64 KiB that are here; of these and those below, a key half
    bodies_at_once: int = 64  # that are used
    decodings_at_once: int = 4  # each may take `decode_bytes`
    guards_at_once: int = 64  # prompts that a guard model is asked about
    calls_at_once: int = 32  # to addresses that clients name
    turn_seconds: float = 15.0  # that a call waits for its turn before it is told to come again
    reserve_bytes: int = 16 * MEGABYTE  # of disk that is kept for ending and deleting videos when it is full


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """How the processes of one machine run."""

    host: str = field(
        default="127.0.0.1",
        metadata=_flag("--host", "Where to listen; 0.0.0.0 is everywhere.", metavar="ADDRESS", worker=False),
    )
    port: int = field(
        default=8000,
        metadata=_flag("--port", "0 is any free one.", kind="whole", metavar="N", most=65535, worker=False),
    )
    workers: int = field(
        default=1,
        metadata=_flag(
            "--workers",
            "Processes that make films here; each loads the model.",
            kind="whole",
            metavar="N",
            most=64,
            worker=False,
        ),
    )
    json_logs: bool = field(
        default=False,
        metadata=_flag("--json-logs/--no-json-logs", "One line of JSON for each event on stderr.", kind="switch"),
    )


def _hosted() -> Mapping[str, str]:
    return MappingProxyType(dict.fromkeys(HOSTED, presets.DEFAULT))


def _provenance() -> "Provenance":
    from yozora.provenance.settings import Provenance

    return Provenance()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One installation: where things are, what is allowed, what models go by which names."""

    database: str = field(  # SQLAlchemy URL
        default="",
        metadata=_flag(
            "--database", "sqlite:///PATH or postgresql://... [default: a file in the data folder]", metavar="URL"
        ),
    )
    storage: str = field(  # an obstore URL (file:///..., s3://bucket/prefix, memory:///) or a path
        default="",
        metadata=_flag(
            "--storage", "A folder, s3://BUCKET/PREFIX and others. [default: in the data folder]", metavar="URL"
        ),
    )
    aliases: Mapping[str, str] = field(
        default_factory=_hosted,
        metadata=_flag(
            "--model-alias", "A name that clients may ask for; may be repeated.", kind="pairs", metavar="NAME=MODEL"
        ),
    )
    insecure_no_auth: bool = field(  # only ever on loopback
        default=False,
        metadata=_flag(
            "--insecure-no-auth/--auth", "Ask nobody for a key; on loopback only.", kind="switch", worker=False
        ),
    )
    fetch_urls: bool = field(
        default=False,
        metadata=_flag(
            "--fetch-urls/--no-fetch-urls",
            "Fetch pictures from public addresses that clients name.",
            kind="switch",
            worker=False,
        ),
    )
    private_webhooks: bool = field(  # a receiver in the same network
        default=False,
        metadata=_flag(
            "--private-webhooks/--no-private-webhooks",
            "Webhooks may go to addresses in private networks.",
            kind="switch",
        ),
    )
    policy: Path | None = field(
        default=None,
        metadata=_flag("--policy", "Moderation rules (YAML) in place of ours.", kind="path", metavar="FILE"),
    )
    limits: Limits = field(
        default=Limits(),
        metadata=_flag(
            "--limit",
            "A limit of docs/operations.md, such as queued=50; may be repeated.",
            kind="pairs",
            metavar="NAME=N",
        ),
    )
    expires: float = field(  # seconds; 0: never
        default=0.0,
        metadata=_flag(
            "--expires", "Remove videos so long after they are made, such as 7d.", kind="time", metavar="TIME"
        ),
    )
    presign: float = field(  # seconds; 0: downloads go through us
        default=0.0,
        metadata=_flag(
            "--presign",
            "Send downloads to the store itself, by addresses good for so long, such as 10m.",
            kind="time",
            metavar="TIME",
            worker=False,
        ),
    )
    poll_ms: int = field(
        default=1_000,
        metadata=_flag(
            "--poll-ms",
            "Milliseconds after which clients are told to ask again.",
            kind="whole",
            metavar="N",
            least=10,
            most=600_000,
            worker=False,
        ),
    )
    provenance: "Provenance" = field(default_factory=_provenance)  # how films are signed and marked

    def __post_init__(self) -> None:
        """Where nothing is said, the database and the storage lie in the user's data folder."""
        folder = paths.server()
        object.__setattr__(self, "database", self.database or f"sqlite:///{folder / 'yozora.db'}")
        object.__setattr__(self, "storage", self.storage or str(folder / "objects"))

    @property
    def usual(self) -> str:
        """The name of the model that makes what names none."""
        return HOSTED[0] if HOSTED[0] in self.aliases else presets.DEFAULT

    def preset(self, model: str) -> presets.Preset:
        """The local model that goes by a name. Raises `UserError` for an unknown one."""
        try:
            return presets.named(self.aliases.get(model, model))
        except UserError as error:
            known = ", ".join([*presets.PRESETS, *self.aliases])
            raise UserError(f"There is no model {model[:60]!r}.", f"Known models: {known}.") from error


PROVENANCE: Final[Mapping[str, Flag]] = {
    "credentials": Flag(names="--credentials/--no-credentials", kind="switch", help="Sign what is made. [default: on]"),
    "watermark": Flag(
        names="--watermark/--no-watermark", kind="switch", help="Put an invisible mark into films. [default: on]"
    ),
    "visible": Flag(names="--visible-mark", metavar="TEXT", help="A small text that moves over each film."),
    "certificate": Flag(
        names="--certificate", kind="path", metavar="FILE", help="Sign with this (PEM) and not with a local authority."
    ),
    "key": Flag(
        names="--certificate-key", kind="path", metavar="FILE", help="The private key of the certificate (PEM)."
    ),
    "trusted": Flag(
        names="--trusted",
        kind="path",
        metavar="FILE",
        help="More roots whose films are ours (PEM), such as the certificate's.",
    ),
    "timestamp_url": Flag(
        names="--timestamp-url", metavar="URL", help="A service that says when films were signed (RFC 3161)."
    ),
}
"""Those settings of `yozora.provenance` that have flags; the table `[provenance]` takes all of them."""


def _flags() -> Iterator[tuple[str, Flag]]:
    for kind in (Process, Settings):
        yield from ((each.name, each.metadata["flag"]) for each in fields(kind) if "flag" in each.metadata)
    yield from ((f"provenance.{name}", flag) for name, flag in PROVENANCE.items())


FLAGS: Final[Mapping[str, Flag]] = dict(_flags())
"""By the name of the setting; one in a table has the table's name and a dot before it."""

OWN: Final = frozenset(each.name for each in fields(Process))


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
    told = dict(_told_by(file)) if file is not None else {}
    tables: dict[str, dict[str, Any]] = {name: told.pop(name, {}) for name in ("aliases", "limits", "provenance")}
    for name, said in given.items():
        table, _, key = name.rpartition(".")
        if table:
            tables[table][key] = str(said) if isinstance(said, Path) else said
        elif FLAGS[name].kind == "pairs":
            tables[name] |= dict(_pair(one, FLAGS[name]) for one in said)
        else:
            told[name] = value_of(name, said)
    settings = Settings(
        **{name: value for name, value in told.items() if name not in OWN},
        limits=_limits(tables["limits"]),
        provenance=changed(load(), tables["provenance"]),
    )
    for model in tables["aliases"].values():
        settings.preset(str(model))
    settings = replace(settings, aliases=MappingProxyType({**settings.aliases, **tables["aliases"]}))
    process = Process(**{name: value for name, value in told.items() if name in OWN})
    return Configuration(process=process, settings=settings)


def database_of(said: str | None) -> str:
    """The URL of the database: what a flag says, or the file that the environment names, or the default."""
    file = paths.config()
    told = dict(_told_by(file)) if file is not None and not said else {}
    return said or told.get("database") or Settings().database


def _told_by(file: Path) -> Iterator[tuple[str, Any]]:
    """What a file says, checked but for what its tables hold. Its paths are relative to its folder."""
    import tomllib

    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise UserError(
            f"Cannot read the settings {str(file)!r}: {reason}.", "docs/operations.md has an example."
        ) from error
    for name in _unknown(said):
        raise UserError(f"{file.name}: there is no setting {name!r}.", _meant(name))
    for name, value in said.items():
        try:
            if name in ("aliases", "limits", "provenance"):
                yield name, _table(name, value, file.parent)
            else:
                found = value_of(name, value)
                is_path = isinstance(found, Path) or (name == "storage" and "://" not in value)
                yield name, type(found)(file.parent / found) if is_path else found
        except UserError as error:
            raise UserError(f"{file.name}: {error.message}", error.hint) from error


def _table(name: str, said: Any, folder: Path) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise UserError(f"{name} is a table.", f"Write its settings below [{name}].")
    if name == "limits":
        _limits(said)
    if name == "aliases" and not all(isinstance(model, str) for model in said.values()):
        raise UserError("aliases holds names of models.", 'Write "NAME" = "MODEL", such as "sora-2" = "mini".')
    located = ("folder", "certificate", "key", "trusted") if name == "provenance" else ()
    return {key: str(folder / value) if key in located and value else value for key, value in said.items()}


def value_of(name: str, said: Any) -> Any:
    """A field's value out of what the file or a flag says. Raises `UserError` for what it cannot be."""
    flag = FLAGS[name]
    if flag.kind == "time":
        return parse_time(str(said))
    wanted: dict[str, Any] = {"text": str, "path": str | Path, "switch": bool, "whole": int}
    if not isinstance(said, wanted[flag.kind]) or (flag.kind == "whole" and isinstance(said, bool)):
        hints = {"switch": "Say true or false.", "whole": "Write a whole number."}
        raise UserError(f"{name} cannot be {said!r}.", hints.get(flag.kind, "Write text, in quotes."))
    if isinstance(said, int) and flag.kind == "whole" and not flag.least <= said <= flag.most:
        raise UserError(f"{name} cannot be {said}.", f"Write a number from {flag.least} to {flag.most}.")
    return Path(said).expanduser() if flag.kind == "path" else said


def _limits(said: Mapping[str, Any]) -> Limits:
    """The limits, with those changed that are said, as numbers or text."""
    known: dict[str, Any] = {each.name: type(getattr(Limits(), each.name)) for each in fields(Limits)}
    changed = {}
    for name, number in said.items():
        if name not in known:
            raise UserError(f"There is no limit {name!r}.", f"Known limits: {', '.join(known)}.")
        try:
            value = 0 if isinstance(number, bool) else known[name](number)
        except (ValueError, TypeError):
            value = 0
        if not 0 < value < float("inf") or (isinstance(number, float) and value != number):
            raise UserError(f"{name}={number} is no limit.", f"Write a number above 0, such as {name}=50.")
        changed[name] = value
    return replace(Limits(), **changed)


def _pair(text: str, flag: Flag) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name.strip() and equals):
        example = "sora-2=mini" if flag.metavar == "NAME=MODEL" else "queued=50"
        raise UserError(f"{text!r} is not {flag.metavar}.", f"Write it such as {flag.names} {example}.")
    return name.strip(), value.strip()


def _unknown(said: Mapping[str, Any]) -> Iterator[str]:
    """Keys of a file that are no settings; those of a table with its name before them."""
    known = _keys()
    for name, value in said.items():
        if name not in known:
            yield name
        elif name in ("limits", "provenance") and isinstance(value, dict):
            yield from (f"{name}.{key}" for key in value if f"{name}.{key}" not in known)


def _keys() -> list[str]:
    """All keys of a file."""
    from yozora.provenance.settings import Provenance

    tables = {"limits": Limits, "provenance": Provenance}
    inside = [f"{name}.{each.name}" for name, kind in tables.items() for each in fields(kind)]
    return [*(each.name for kind in (Process, Settings) for each in fields(kind)), *inside]


def _meant(name: str) -> str:
    """A hint at the known key that is nearest, also to the name of its flag or of a key in a table."""
    keys = _keys()
    ways = {key.rpartition(".")[2]: key for key in reversed(keys)}
    for key, flag in FLAGS.items():
        ways |= {one.strip("-").replace("-", "_"): key for one in flag.names.split("/")}
    ways |= {key: key for key in keys}
    near = get_close_matches(name.replace("-", "_"), ways, 1, ALIKE)
    return f"Did you mean {ways[near[0]]}?" if near else f"Known: {', '.join(key for key in keys if '.' not in key)}."


def parse_time(text: str) -> float:
    """Seconds out of "90", "12h" or "7d". Raises `UserError` for what is no time."""
    match = re.fullmatch(r"(\d{1,9})([smhd]?)", text.strip())
    if match is None or not int(match[1]):
        raise UserError(f"{text!r} is no time.", "Write a number of seconds, or one with m, h or d, such as 7d.")
    return float(int(match[1]) * UNITS[match[2] or "s"])
