"""What an operator decides, as declarations; `configuration` reads it when a process starts.

Every field of `Process` and of `Settings` is a key of the file (TOML) and, by its `Flag`, an option of `yozora serve`;
`[aliases]`, `[limits]`, `[times]` and `[provenance]` are tables of it. The environment holds the path of the file and
secrets that other libraries read, and nothing else. Knows no HTTP, no database and no model.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from yozora import paths
from yozora.core.modes import COMMON
from yozora.core.options import read
from yozora.errors import UserError
from yozora.families import presets
from yozora.families.preset import Budget
from yozora.server.bounds import Limits, Times

if TYPE_CHECKING:
    from yozora.provenance.settings import Provenance

HOSTED = ("sora-2", "sora-2-pro", "sora-2-2025-10-06", "sora-2-2025-12-08", "sora-2-pro-2025-10-06", "sora")
"""Names that clients of the closed service ask for."""

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
class Process:
    """How the processes of one machine run."""

    host: str = field(
        default="127.0.0.1",
        metadata=_flag("--host", "Address to listen on; 0.0.0.0 is all addresses.", metavar="ADDRESS", worker=False),
    )
    port: int = field(
        default=8000,
        metadata=_flag("--port", "0 chooses a free port.", kind="whole", metavar="N", most=65535, worker=False),
    )
    workers: int = field(
        default=1,
        metadata=_flag(
            "--workers",
            "Processes that make films on this machine; each loads the model.",
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
def _find_preset(name: str) -> presets.Preset:
    """The preset of a name or of a path; a path is looked at once. Raises `UserError`."""
    return presets.find(name)


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
            "Another name of a model, by default of the first one; may be repeated.",
            kind="pairs",
            metavar="NAME[=MODEL]",
        ),
    )
    insecure_no_auth: bool = field(  # only ever on loopback
        default=False,
        metadata=_flag("--insecure-no-auth/--auth", "Require no key; on loopback only.", kind="switch", worker=False),
    )
    fetch_urls: bool = field(
        default=False,
        metadata=_flag(
            "--fetch-urls/--no-fetch-urls",
            "Download pictures from public addresses that clients name.",
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
        metadata=_flag("--policy", "Moderation rules (YAML) instead of the default ones.", kind="path", metavar="FILE"),
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
            "A model to offer, or its path; may be repeated. [default: all downloaded ones that fit]",
            kind="texts",
            metavar="NAME",
        ),
    )
    loras: Path | None = field(
        default=None,
        metadata=_flag("--loras", "A folder of LoRAs that clients may name.", kind="path", metavar="DIR"),
    )
    memory_mib: int = field(  # 0: as the machine has
        default=0,
        metadata=_flag(
            "--memory-mib",
            "Device memory for models; models that do not fit are not offered. [default: all of it]",
            kind="whole",
            metavar="MIB",
        ),
    )
    memory: str = field(  # bytes, such as 8GB
        default="",
        metadata=_flag(
            "--memory",
            "Limit of device memory; models are arranged so that they fit. [default: all of it]",
            metavar="SIZE",
        ),
    )
    ram: str = field(default="", metadata=_flag("--ram", "Limit of main memory. [default: all of it]", metavar="SIZE"))
    weights: str = field(
        default="",
        metadata=_flag(
            "--weights",
            "Precision of the weights: full, fp8 or int8. [default: full where it fits]",
            metavar="PRECISION",
        ),
    )
    gpus: int = field(
        default=1,
        metadata=_flag(
            "--gpus",
            "GPUs that make one film together, for each worker here.",
            kind="whole",
            metavar="N",
            least=1,
            most=64,
        ),
    )
    watts: int = field(
        default=0,
        metadata=_flag(
            "--watts",
            "Power of a worker while it makes a film; `usage` computes energy from it.",
            kind="whole",
            metavar="W",
            most=100_000,
        ),
    )
    expires: float = field(  # seconds; 0: never
        default=0.0,
        metadata=_flag(
            "--expires", "Remove videos this long after they were made, such as 7d.", kind="time", metavar="TIME"
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
            "Serve downloads directly from the store, with addresses valid for this time, such as 10m.",
            kind="time",
            metavar="TIME",
            worker=False,
        ),
    )
    hosts: str = field(  # names, apart by commas; "": those of this machine where there are no keys, else any
        default="",
        metadata=_flag(
            "--hosts",
            "Host names of this server that clients may use. [default: any; without keys only localhost]",
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
            "--root-path", "Path of this server behind a proxy, such as /films.", metavar="PATH", worker=False
        ),
    )
    open_metrics: bool = field(
        default=False,
        metadata=_flag(
            "--open-metrics/--no-open-metrics",
            "Serve /metrics to all clients, without a key.",
            kind="switch",
            worker=False,
        ),
    )
    feed: bool = field(
        default=False,
        metadata=_flag(
            "--feed/--no-feed",
            "Let keys publish films to a feed that every key of this server sees.",
            kind="switch",
            worker=False,
        ),
    )
    director: str = field(  # its key is in the environment: YOZORA_DIRECTOR_KEY
        default="",
        metadata=_flag(
            "--director",
            "An OpenAI-compatible endpoint that makes cards of scripts.",
            metavar="URL",
            worker=False,
        ),
    )
    director_model: str = field(
        default="",
        metadata=_flag(
            "--director-model",
            "The model that the director uses. [default: the only one that it serves]",
            metavar="NAME",
            worker=False,
        ),
    )
    poll_ms: int = field(
        default=1_000,
        metadata=_flag(
            "--poll-ms",
            "Least interval of polling that clients are told, in milliseconds.",
            kind="whole",
            metavar="N",
            least=10,
            most=600_000,
            worker=False,
        ),
    )
    provenance: "Provenance" = field(default_factory=_provenance)  # how films are signed and marked

    def __post_init__(self) -> None:
        """Where nothing is said, the database and the storage are in the user's data folder."""
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
        found = [_find_preset(said) if said not in presets.PRESETS else presets.PRESETS[said] for said in self.models]
        return {preset.name: preset for preset in found}

    @property
    def budget(self) -> Budget:
        """What a model may take here. Raises `UserError` for what is no size, or no precision."""
        options = {each.name: each for each in COMMON}
        said = {name: getattr(self, name) for name in ("weights", "memory", "ram")}
        return Budget(**{name: read(options[name], value) for name, value in said.items() if value})

    def preset(self, model: str) -> presets.Preset:
        """The local model that goes by a name, and what it may take. Raises `UserError` for an unknown one."""
        return self.bounded(self._unbounded_preset(model))

    def bounded(self, preset: presets.Preset) -> presets.Preset:
        """A preset with what it may take here."""
        return replace(preset, budget=budget) if (budget := self.budget) != Budget() else preset

    def _unbounded_preset(self, model: str) -> presets.Preset:
        name = self.aliases.get(model, model)
        if name in presets.PRESETS:
            return presets.PRESETS[name]
        own = self.named
        if name in self.models:
            return _find_preset(name)
        if name not in own:
            known = ", ".join({**presets.PRESETS, **own, **self.aliases})
            raise UserError(f"The model {name[:60]!r} is not known.", f"Use one of: {known}.", code="unknown_model")
        return own[name]


PROVENANCE: Final[Mapping[str, Flag]] = {
    "credentials": Flag(names="--credentials/--no-credentials", kind="switch", help="Sign films. [default: on]"),
    "watermark": Flag(
        names="--watermark/--no-watermark", kind="switch", help="Write an invisible watermark into films. [default: on]"
    ),
    "visible": Flag(names="--visible-mark", metavar="TEXT", help="A small text that moves over each film."),
    "certificate": Flag(
        names="--certificate",
        kind="path",
        metavar="FILE",
        help="Sign with this certificate (PEM) instead of the local authority.",
    ),
    "key": Flag(
        names="--certificate-key", kind="path", metavar="FILE", help="The private key of the certificate (PEM)."
    ),
    "trusted": Flag(
        names="--trusted",
        kind="path",
        metavar="FILE",
        help="Further roots whose films count as ours (PEM), such as the certificate's.",
    ),
    "timestamp_url": Flag(names="--timestamp-url", metavar="URL", help="A timestamp service (RFC 3161)."),
}
"""Those settings of `yozora.provenance` that have flags; the table `[provenance]` takes all of them."""


def _flags() -> Iterator[tuple[str, Flag]]:
    for kind in (Process, Settings):
        yield from ((each.name, each.metadata["flag"]) for each in fields(kind) if "flag" in each.metadata)
    yield from ((f"provenance.{name}", flag) for name, flag in PROVENANCE.items())


FLAGS: Final[Mapping[str, Flag]] = dict(_flags())
"""By the name of the setting; one in a table has the table's name and a dot before it."""

OWN: Final = frozenset(each.name for each in fields(Process))
