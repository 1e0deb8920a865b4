"""What a worker process is told by the one that starts it: a line of JSON on its stdin.

Its arguments could be read by every user of the machine, and there may be a password in the database's URL.
"""

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

from yozora.provenance.settings import Provenance
from yozora.server.bounds import Limits, Times
from yozora.server.settings import Settings

STDIN = 0
USER_ERROR = 2
"""Exit code of a worker that has said what its operator can put right."""
STUCK = 3
"""Exit code of a worker whose film hung."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerConfiguration:
    """To work as `name` in an installation; `nice` is how far to make way for others. A byte is written to `alive`, a
    descriptor of a pipe, as often as the worker gives a sign of life; None: no one reads it.
    """

    settings: Settings
    name: str
    json_logs: bool
    nice: int
    alive: int | None = None

    def to_line(self) -> bytes:
        settings = {one.name: getattr(self.settings, one.name) for one in fields(self.settings)}
        settings |= {"aliases": dict(self.settings.aliases), "limits": asdict(self.settings.limits)}
        settings["times"] = asdict(self.settings.times)
        settings["provenance"] = asdict(self.settings.provenance)
        message = {
            "settings": settings,
            "name": self.name,
            "json_logs": self.json_logs,
            "nice": self.nice,
            "alive": self.alive,
        }
        return json.dumps(message, default=os.fspath).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        message: dict[str, Any] = json.loads(line)
        settings = message["settings"]
        settings["policy"], settings["loras"] = _path_or_none(settings["policy"]), _path_or_none(settings["loras"])
        settings["models"] = tuple(settings["models"])
        settings["limits"], settings["times"] = Limits(**settings["limits"]), Times(**settings["times"])
        provenance = settings["provenance"]
        provenance |= {name: _path_or_none(provenance[name]) for name in ("folder", "certificate", "key", "trusted")}
        settings["provenance"] = Provenance(**{**provenance, "signer": tuple(provenance["signer"])})
        return cls(**{**message, "settings": Settings(**settings)})

    @classmethod
    def read(cls) -> Self:
        """The configuration of this process."""
        line = bytearray()
        while not line.endswith(b"\n"):
            piece = os.read(STDIN, 1 << 16)
            if not piece:
                raise EOFError("the configuration never came")
            line += piece
        return cls.from_line(bytes(line))


def _path_or_none(path: str | None) -> Path | None:
    return None if path is None else Path(path)


def orphaned() -> None:
    """Returns when the process that started this one is gone. Reads past Python's buffers, whose locks outlive
    threads."""
    while os.read(STDIN, 1 << 16):
        pass
