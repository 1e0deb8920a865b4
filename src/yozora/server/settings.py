"""What an operator decides, as declarations; `configuration` reads it when a process starts.

Every field of `Process` and of `Settings` is a key of the file (TOML) and, by its `Flag`, an option of `yozora serve`;
`[aliases]`, `[limits]`, `[times]` and `[provenance]` are tables of it. The environment holds the path of the file and
secrets that other libraries read, and nothing else. Knows no HTTP, no database and no model.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from math import inf
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from yozora import paths, presets
from yozora.errors import UserError

if TYPE_CHECKING:
    from yozora.provenance.settings import Provenance

HOSTED = ("sora-2", "sora-2-pro", "sora-2-2025-10-06", "sora-2-2025-12-08", "sora-2-pro-2025-10-06", "sora")
"""Names that clients of the closed service ask for."""

MEGABYTE = 1 << 20
Kind = Literal["text", "texts", "switch", "whole", "time", "path", "pairs"]


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
    polls_a_minute: int = 60_000  # requests that only read
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
    concurrent: int = 1_000  # videos that are made at once
    batches: int = 20  # that are not done
    batch_lines: int = 5_000  # of one batch
    stored_bytes: float = inf  # of films and uploaded files
    megapixel_seconds_a_day: float = inf  # of films: width x height / 1,000,000 x seconds, in any 24 hours
    connections: int = 4_096  # of all clients together, at one process
    connections_per_address: int = 256  # not from this machine, where a proxy speaks for all
    holds: int = 500  # answers that `?wait=` holds back, of a key and a process
    body_bytes_a_second: int = 1_024  # that a body brings at least
    requests_at_once: int = 1_000  # of a key, that are being answered by one process
    downloads_at_once: int = 64  # likewise: films and files that are being sent,
    streams_at_once: int = 50  # and streams of events that are open
    incoming_bytes: int = (
        1024 * MEGABYTE
    )  # of bodies above 64 KiB that are here; of this and what follows, a key has half
    bodies_at_once: int = 64  # that are used
    decodings_at_once: int = 4  # each may take `decode_bytes`
    guards_at_once: int = 64  # prompts that a guard model is asked about
    calls_at_once: int = 32  # to addresses that clients name
    turn_seconds: float = 15.0  # that a call waits for its turn before it is told to come again
    reserve_bytes: int = 16 * MEGABYTE  # of disk that is kept for ending and deleting videos when it is full


PER_KEY: Final = (
    "requests_a_minute", "polls_a_minute", "creates_a_minute", "queued", "concurrent", "stored_bytes",
    "megapixel_seconds_a_day", "files", "characters", "webhooks",
)  # fmt: skip
"""Those of `Limits` that a key may have of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How long anything is waited for, in seconds. Every process of an installation has the same."""

    poll: float = 0.1  # between two looks at the queue, by a worker that has nothing to do
    deliver: float = 1.0  # between two looks at events that are to be delivered
    deliver_again: float = 5.0  # before an event that was not taken is sent again; later ever longer, for a day
    beat: float = 2.0  # between two signs of life of a worker
    silence: float = 15.0  # after which a worker that gives no sign is dead
    reap: float = 5.0  # between two looks for films and events that nobody works on
    batch: float = 1.0  # between two looks at batches that are not done
    batch_most: float = 86_400.0  # after which what is left of a batch is given up
    sweep: float = 60.0  # between two looks for what is expired or nobody's
    retry: float = 0.1  # before something that failed is tried again; then twice as long each time,
    retry_most: float = 10.0  # up to this
    locked: float = 5.0  # that SQLite is waited for while others write to it or have it locked
    away: float = 1_800.0  # that a film waits for a database or a store that is away
    full: float = 120.0  # that a film waits for room on a full disk
    stuck: float = 900.0  # without a step, after which a worker hangs and is replaced
    film: float = 600.0  # that making a film may take, and as much more for
    film_unit: float = 120.0  # each megapixel, second of film and sampler step that it has
    head: float = 15.0  # until the head of a request is there
    body: float = 30.0  # without a byte of a body; and until it has to come as fast as `body_bytes_a_second`
    answer: float = 60.0  # while nothing of an answer is taken
    idle: float = 75.0  # between two requests on a connection
    live_start: float = 10.0  # until a live session says what film it wants
    live_stall: float = 60.0  # that a live session is held without progress of its film or a ping
    live_look: float = 0.1  # between two looks of a live session at its film
    hold: float = 60.0  # that `?wait=` may hold an answer back
    grace: float = 60.0  # that a film which is being stored may take when its worker stops

    def scaled(self, factor: float) -> "Times":
        """All of them that much longer."""
        return Times(**{each.name: getattr(self, each.name) * factor for each in fields(self)})


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


@cache
def _model(said: str) -> presets.Preset:
    """The preset of a name or of a path; a path is looked at once. Raises `UserError`."""
    return presets.find(said)


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
    aliases: Mapping[str, str] = field(  # those of the closed service too, which mean the first of `models`
        default_factory=dict,
        metadata=_flag(
            "--alias",
            "A name that clients may ask for, and the model it means, by default the first one; may be repeated.",
            kind="pairs",
            metavar="NAME[=MODEL]",
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
    times: Times = field(
        default=Times(),
        metadata=_flag(
            "--time",
            "A time of docs/operations.md in seconds, such as stuck=3600; may be repeated.",
            kind="pairs",
            metavar="NAME=SECONDS",
        ),
    )
    models: tuple[str, ...] = field(  # names, or paths of weights; the first one makes what names none
        default=(),
        metadata=_flag(
            "--model",
            "A model that films are made with, or its path; may be repeated. [default: all that are here and fit]",
            kind="texts",
            metavar="NAME",
        ),
    )
    loras: Path | None = field(
        default=None,
        metadata=_flag(
            "--loras", "A folder of LoRAs, which clients may use by their names.", kind="path", metavar="DIR"
        ),
    )
    memory_mib: int = field(  # 0: as the machine has
        default=0,
        metadata=_flag(
            "--memory-mib",
            "Memory that a model may take here, on the device. [default: what there is]",
            kind="whole",
            metavar="MIB",
        ),
    )
    watts: int = field(
        default=0,
        metadata=_flag(
            "--watts",
            "What a worker here draws while it makes a film; `usage` counts energy by it.",
            kind="whole",
            metavar="W",
            most=100_000,
        ),
    )
    expires: float = field(  # seconds; 0: never
        default=0.0,
        metadata=_flag(
            "--expires", "Remove videos so long after they are made, such as 7d.", kind="time", metavar="TIME"
        ),
    )
    traces: str = field(
        default="",
        metadata=_flag("--traces", "Send traces to a collector that speaks OTLP over HTTP.", metavar="URL"),
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
    hosts: str = field(  # names, apart by commas; "": those of this machine where there are no keys, else any
        default="",
        metadata=_flag(
            "--hosts",
            "Names by which clients may call this server. [default: any; without keys localhost alone]",
            metavar="NAME,NAME",
            worker=False,
        ),
    )
    cors: str = field(  # origins, apart by commas
        default="",
        metadata=_flag(
            "--cors",
            "Origins whose web pages may use this server, such as https://films.example.com; * is any.",
            metavar="ORIGIN,ORIGIN",
            worker=False,
        ),
    )
    root_path: str = field(
        default="",
        metadata=_flag(
            "--root-path", "Where a proxy has put this server, such as /films.", metavar="PATH", worker=False
        ),
    )
    open_metrics: bool = field(
        default=False,
        metadata=_flag(
            "--open-metrics/--no-open-metrics",
            "Show /metrics to whoever asks, without a key.",
            kind="switch",
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
        root = self.root_path.strip("/")
        object.__setattr__(self, "root_path", f"/{root}" if root else "")
        first = self.models[0] if self.models else presets.DEFAULT
        said = {name: model or first for name, model in self.aliases.items()}
        object.__setattr__(self, "aliases", MappingProxyType({**dict.fromkeys(HOSTED, first), **said}))

    @property
    def usual(self) -> str:
        """The name of the model that makes what names none."""
        return HOSTED[0]

    @property
    def named(self) -> dict[str, presets.Preset]:
        """The models that the operator names, by their own names. Raises `UserError` for an unknown one."""
        found = [_model(said) if said not in presets.PRESETS else presets.PRESETS[said] for said in self.models]
        return {preset.name: preset for preset in found}

    def preset(self, model: str) -> presets.Preset:
        """The local model that goes by a name. Raises `UserError` for an unknown one."""
        name = self.aliases.get(model, model)
        if name in presets.PRESETS:
            return presets.PRESETS[name]
        own = self.named
        if name in self.models:
            return _model(name)
        if name not in own:
            known = ", ".join({**presets.PRESETS, **own, **self.aliases})
            raise UserError(f"There is no model {name[:60]!r}.", f"Known models: {known}.")
        return own[name]


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
