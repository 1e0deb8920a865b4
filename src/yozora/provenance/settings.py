"""What the operator decides about provenance: from a file, then from the environment, then from options.

The file is `provenance.toml` in the folder of all that is kept; each of its keys is a field of `Provenance`. The
environment says the same in capitals: `YOZORA_PROVENANCE_TITLE`, `YOZORA_PROVENANCE_TIMESTAMP_URL` and so on.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from yozora import paths
from yozora.errors import UserError
from yozora.provenance.marks import BACKENDS, BUILT_IN

PREFIX = "YOZORA_PROVENANCE_"
FILE = "provenance.toml"
SWITCHES = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
ALGORITHMS = ("es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519")
MINING = ("allowed", "notAllowed", "constrained")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """`folder` holds the local authority and the watermark's key. A `certificate` (PEM, the chain without its root)
    takes the place of the local authority; it signs with `key` (PEM) or with `signer`, a command that reads bytes and
    writes their signature. `trusted` (PEM) are further roots whose films count as ours: name that of the certificate,
    for without it its films seem to be another signer's. Raises `UserError`.
    """

    credentials: bool = True
    watermark: bool = True
    backend: str = BUILT_IN  # of the watermark: one of `marks.BACKENDS`
    visible: str = ""  # text that moves over the picture; empty: none
    disclose_prompt: bool = False  # else only its hash is told
    mining: str = "notAllowed"  # whether models may be trained on the films: one of `MINING`
    title: str = "Yozora"  # who makes the films, as the local authority's certificates say
    folder: Path = field(default_factory=paths.provenance)
    certificate: Path | None = None
    key: Path | None = None
    signer: tuple[str, ...] = ()
    algorithm: str = "es256"
    trusted: Path | None = None
    timestamp_url: str = ""  # of a timestamp service (RFC 3161); empty: none is asked

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise UserError(
                f"The algorithm {self.algorithm!r} is not known.",
                f"Use one of: {', '.join(ALGORITHMS)}.",
                code="unknown_algorithm",
            )
        if self.backend not in BACKENDS:
            raise UserError(
                f"The watermark {self.backend!r} is not known.",
                f"Use one of: {', '.join(BACKENDS)}.",
                code="unknown_watermark",
            )
        if self.mining not in MINING:
            raise UserError(
                f"mining {self.mining!r} is not known.",
                f"Use one of: {', '.join(MINING)}.",
                code="unknown_mining_policy",
            )
        if self.certificate is not None and (self.key is None) == (not self.signer):
            raise UserError("A certificate needs either a key or a signer.", "Set one of them.", code="key_and_signer")
        if self.certificate is None and (self.key is not None or self.signer):
            raise UserError("The key or signer has no certificate.", "Set certificate.", code="certificate_missing")
        if not self.title.strip() or len(self.title) > 60:
            raise UserError(
                "The title is empty or longer than 60 characters.", "Write who makes the films.", code="title_invalid"
            )


OFF = Provenance(credentials=False, watermark=False)
"""Films that say nothing of themselves, for tests and measurements."""


def load(environment: Mapping[str, str] | None = None, file: Path | None = None) -> Provenance:
    """The settings of this machine. Raises `UserError` for a file or a variable that says what there is not."""
    said = {
        **_read_toml(file or paths.home() / FILE),
        **_environment(os.environ if environment is None else environment),
    }
    return changed(Provenance(), said)


def changed(settings: Provenance, changes: Mapping[str, object]) -> Provenance:
    """Settings, and over them what a file, the environment or options say. Raises `UserError` as `load` does."""
    known = {each.name for each in fields(Provenance)}
    for name in changes:
        if name not in known:
            raise UserError(
                f"The provenance setting {name!r} is not known.",
                f"Use one of: {', '.join(sorted(known))}.",
                code="unknown_setting",
            )
    values: dict[str, Any] = {name: _value(name, value) for name, value in changes.items()}
    return replace(settings, **values)


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UserError(
            f"Cannot read {str(path)!r}: {error}.", "Correct the file, or remove it.", code="settings_unreadable"
        ) from error


def _environment(environment: Mapping[str, str]) -> dict[str, object]:
    return {key[len(PREFIX) :].lower(): value for key, value in environment.items() if key.startswith(PREFIX)}


def _value(name: str, value: object) -> object:
    """A field's value out of what TOML or the environment says. Empty text is the same as nothing said of a path."""
    if name in ("credentials", "watermark", "disclose_prompt"):
        found = value if isinstance(value, bool) else SWITCHES.get(str(value).lower())
        if found is None:
            raise UserError(f"{name} cannot be {value!r}.", "Write true or false.", code="setting_invalid")
        return found
    if name == "signer":
        return tuple(str(value).split()) if isinstance(value, str) else tuple(map(str, _require_list(value)))
    if not isinstance(value, str):
        raise UserError(f"{name} cannot be {value!r}.", "Write text, in quotes.", code="setting_invalid")
    if name in ("folder", "certificate", "key", "trusted"):
        return Path(value).expanduser() if value else (paths.provenance() if name == "folder" else None)
    return value


def _require_list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise UserError(
            f"signer cannot be {value!r}.",
            'Write the command and its arguments, such as ["sign", "--fast"].',
            code="signer_malformed",
        )
    return value
