"""What an operator decides, read once when a process starts.

Knows no HTTP, no database and no model; the command line makes one of these, and it is handed on to the workers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from yozora import paths, presets
from yozora.errors import UserError
from yozora.provenance.settings import Provenance

HOSTED = ("sora-2", "sora-2-pro", "sora-2-2025-10-06", "sora-2-2025-12-08", "sora-2-pro-2025-10-06")
"""Names that clients of the closed service ask for."""

MEGABYTE = 1 << 20


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One installation: where things are, what is allowed, what models go by which names."""

    database: str  # SQLAlchemy URL: sqlite:///... or postgresql://...
    storage: str  # an obstore URL (file:///..., s3://bucket/prefix, memory:///) or a path
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType(dict.fromkeys(HOSTED, presets.DEFAULT)))
    expires: float = 0.0  # seconds after which a finished video is removed; 0: never
    fetch: bool = False  # whether pictures are fetched from addresses that clients name
    webhooks_private: bool = False  # whether webhooks may go to private addresses: a receiver in the same network
    policy: Path | None = None  # moderation rules; None: those that ship
    insecure: bool = False  # no keys: only ever on loopback
    presign: float = 0.0  # seconds that a download's address is good for, where the store has such; 0: through us
    poll_ms: int = 1_000  # how soon clients are told to ask again
    limits: Limits = Limits()
    provenance: Provenance = field(default_factory=Provenance)  # how films are signed and marked

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


def at_home(**choices: object) -> Settings:
    """The embedded default: a SQLite file and a folder in the user's data folder. `choices` are of `Settings`."""
    folder = paths.server()
    said = {"database": f"sqlite:///{folder / 'yozora.db'}", "storage": str(folder / "objects"), **choices}
    return Settings(**said)  # type: ignore[arg-type]
