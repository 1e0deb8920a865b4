"""Whose films count as ours: those of the local authority, old and new, and of those that the settings name."""

from pathlib import Path

from yozora.errors import UserError
from yozora.provenance import authority
from yozora.provenance.settings import Provenance


def roots(settings: Provenance) -> str:
    """Roots in PEM, one after the other; empty where there are none yet. Makes none."""
    return authority.known_roots(settings.folder) + (pem(settings.trusted) if settings.trusted else "")


def c2pa_settings(settings: Provenance | None = None) -> dict[str, object]:
    """The settings that make c2pa trust ours, and ask no server; without any, it trusts no one."""
    return c2pa_settings_of("" if settings is None else roots(settings))


def c2pa_settings_of(trusted: str) -> dict[str, object]:
    """The same, of roots in PEM."""
    checks = {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": True}
    return {"version": 1, "trust": {"trust_anchors": trusted} if trusted else {}, "verify": checks}


def pem(path: Path) -> str:
    """The text of a PEM file. Raises `UserError`."""
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no PEM file"
        raise UserError(
            f"Cannot read {str(path)!r}: {reason}.", "See docs/provenance.md.", code="file_unreadable"
        ) from error
    if "-----BEGIN " not in text:
        raise UserError(
            f"Cannot read {str(path)!r}: it is not a PEM file.", "See docs/provenance.md.", code="certificate_not_pem"
        )
    return text if text.endswith("\n") else text + "\n"
