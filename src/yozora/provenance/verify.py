"""Whether a file is ours, and whole: its credentials and its mark, read by a process of its own, and what follows.

Loads neither codecs nor cryptography, and believes nothing that a file says beyond what was checked.
"""

import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from yozora.errors import UserError
from yozora.provenance import authority, confined, trust
from yozora.provenance.confined import ResourceLimits
from yozora.provenance.settings import Provenance

State = Literal["intact", "nothing", "changed", "stripped", "foreign"]

EXIT_CODES: Mapping[State, int] = MappingProxyType(
    {"intact": 0, "nothing": 1, "changed": 3, "stripped": 4, "foreign": 5}
)
"""Of `yozora verify`; 2 is for what cannot be read."""

MEANINGS: Mapping[State, str] = MappingProxyType(
    {
        "intact": "ours, and as it was signed",
        "nothing": "no credentials and no mark of ours",
        "changed": "signed by us, and changed since",
        "stripped": "our mark is in it, its credentials are gone",
        "foreign": "signed by another signer",
    }
)

BOUNDS = ResourceLimits(memory=2 << 30, seconds=60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What credentials say: who signed, whether that is one of us (`ours`), what does not hold (`problems`, C2PA's own
    codes), our facts of the film, and what it was made from.
    """

    signer: str = ""
    issuer: str = ""
    signed_at: str = ""  # by a timestamp service; empty: not said
    ours: bool = False
    problems: tuple[str, ...] = ()
    tool: str = ""
    facts: Mapping[str, str | int | float | bool]
    ancestors: "tuple[Ingredient, ...]" = ()

    @property
    def identifier(self) -> int | None:
        """The number that the film's mark should say."""
        said = self.facts.get("identifier")
        try:
            return int(said, 16) if isinstance(said, str) else None
        except ValueError:
            return None

    def to_json(self) -> dict[str, object]:
        """As JSON has it."""
        return {
            "signer": {"name": self.signer, "organization": self.issuer, "ours": self.ours},
            "signed_at": self.signed_at or None,
            "tool": self.tool,
            "problems": list(self.problems),
            "film": dict(self.facts),
            "ancestors": [ancestor.to_json() for ancestor in self.ancestors],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    """What a film was made from, as its credentials name it. `claim` is None where that had no credentials."""

    title: str
    relation: str
    claim: Claim | None

    def to_json(self) -> dict[str, object]:
        """As JSON has it."""
        claim = None if self.claim is None else self.claim.to_json()
        return {"title": self.title, "relation": self.relation, "credentials": claim}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the watermark says: see `yozora.provenance.watermark.Found`."""

    score: float
    present: bool
    identifier: int | None

    def to_json(self) -> dict[str, object]:
        """As JSON has it."""
        return {"present": self.present, "score": self.score, "identifier": hexadecimal(self.identifier)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What is known of a file. `mark` is None where none could be looked for: there is no key, or no picture."""

    state: State
    claim: Claim | None
    mark: Mark | None

    @property
    def identifier(self) -> int | None:
        """The film's number: what our own credentials say of a file that is intact, else the mark's where it is read.
        Frames that a film keeps of another may carry the mark of that other.
        """
        signed = self.claim.identifier if self.claim is not None and self.claim.ours else None
        marked = self.mark.identifier if self.mark is not None else None
        first, second = (signed, marked) if self.state == "intact" else (marked, signed)
        return second if first is None else first

    @property
    def exit_code(self) -> int:
        """Of `yozora verify`."""
        return EXIT_CODES[self.state]

    def to_json(self) -> dict[str, object]:
        """As `yozora verify --json` and the server tell it."""
        return {
            "state": self.state,
            "meaning": MEANINGS[self.state],
            "identifier": hexadecimal(self.identifier),
            "credentials": None if self.claim is None else self.claim.to_json(),
            "watermark": None if self.mark is None else self.mark.to_json(),
        }


def verify(path: Path, settings: Provenance, bounds: ResourceLimits = BOUNDS) -> Verification:
    """What a film or picture says of itself, and whether it holds. Takes at most twice the `bounds`, one after the
    other, and makes no keys. Raises `UserError` for what is no whole film or picture.
    """
    _check_file(path)
    claim = _claim(path, settings, bounds)
    mark, failure = _read_mark(path, settings, bounds)
    if failure and (claim is None or not (claim.signer or claim.ours)):
        raise UserError(f"{path.name}: {failure}", "Pass a film or a picture.", code="verification_impossible")
    if claim is not None and not claim.signer and mark is not None and mark.present:
        claim = replace(claim, ours=True)  # who signed cannot be read, but the film is ours
    return Verification(state=state_of(claim, mark), claim=claim, mark=mark)


def state_of(claim: Claim | None, mark: Mark | None) -> State:
    """What follows from what was found."""
    if claim is None:
        return "stripped" if mark is not None and mark.present else "nothing"
    if not claim.ours:
        return "foreign"
    return "changed" if claim.problems else "intact"


def hexadecimal(identifier: int | None) -> str | None:
    """An identifier as people see it: twelve digits."""
    return None if identifier is None else f"{identifier:012x}"


def tells(path: Path, settings: Provenance, bounds: ResourceLimits = BOUNDS) -> bool:
    """Whether a file has credentials that can be read, no matter who signed them. Looks for no mark. Takes at most
    `bounds`, and makes no keys. Raises `UserError` for what is no file, and for what cannot be read in them.
    """
    _check_file(path)
    claim = _claim(path, settings, bounds)
    return claim is not None and bool(claim.signer)


def _check_file(path: Path) -> None:
    """Only a regular file that has something in it is opened: anything else might never end."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no path"
        raise UserError(
            f"Cannot read {str(path)!r}: {reason}.", "Pass a film or a picture.", code="file_unreadable"
        ) from error
    if not stat.S_ISREG(found.st_mode):
        kind = "a folder" if stat.S_ISDIR(found.st_mode) else "not a regular file"
        raise UserError(
            f"Cannot verify {str(path)!r}: it is {kind}.", "Pass a film or a picture.", code="path_not_regular_file"
        )
    if not found.st_size:
        raise UserError(f"{path.name}: The file is empty.", "Pass a film or a picture.", code="file_empty")


def _claim(path: Path, settings: Provenance, bounds: ResourceLimits) -> Claim | None:
    asked = {"path": str(path.absolute()), "trusted": trust.roots(settings)}
    code, said = confined.ask("yozora.provenance.examine", ("credentials",), bounds, json.dumps(asked))
    if confined.out_of_time(code):
        raise UserError(
            f"{path.name}: Reading its credentials takes more than {bounds.seconds:g} seconds.",
            code="credentials_timeout",
        )
    if code != 0:
        raise UserError(
            f"{path.name}: Its credentials are damaged, or need too much memory.", code="credentials_damaged"
        )
    if "error" in said:
        raise UserError(f"{path.name}: {said['error']}", code="credentials_unreadable")
    if "damaged" in said:
        return Claim(ours=bool(said["ours"]), problems=(f"damaged: {said['damaged']}",), facts={})
    return claim_of(said) if said else None


def claim_of(facts: Mapping[str, Any]) -> Claim:
    """A claim as `examine` tells it."""
    ancestors = tuple(
        Ingredient(
            title=each["title"], relation=each["relation"], claim=claim_of(each["claim"]) if each["claim"] else None
        )
        for each in facts["ancestors"]
    )
    return Claim(
        signer=facts["signer"],
        issuer=facts["issuer"],
        signed_at=facts["signed_at"],
        ours=facts["trusted"],
        problems=tuple(facts["problems"]),
        tool=facts["tool"],
        facts=facts["facts"],
        ancestors=ancestors,
    )


def _read_mark(path: Path, settings: Provenance, bounds: ResourceLimits) -> tuple[Mark | None, str]:
    """The mark, or why none could be looked for."""
    key = authority.known_key(settings.folder)
    asked = {"path": str(path.absolute()), "key": key.hex(), "backend": settings.backend}
    code, said = confined.ask("yozora.provenance.examine", ("mark",), bounds, json.dumps(asked))
    if confined.out_of_time(code):
        return None, f"It cannot be decoded within {bounds.seconds:g} seconds."
    if code != 0 or not said:
        return None, "It cannot be decoded: it is damaged, or needs too much memory."
    if "error" in said:
        return None, str(said["error"])
    return (Mark(**said), "") if key else (None, "")
