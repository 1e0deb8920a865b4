"""How a film came to be, as it is told to whoever checks it: the facts of an order. Knows no codec and no signature."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from yozora.core.request import Request
from yozora.film import Film
from yozora.presets import Preset

Relation = Literal["parentOf", "componentOf", "inputTo"]

IDENTIFIER_BITS = 48


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unsaved:
    """A film that is in memory only: its first picture, uint8 `[H, W, 3]`, stands for it, signed as the film would be.

    `origin` is None for frames that Yozora did not make.
    """

    still: NDArray[np.uint8]
    origin: "Origin | None"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parent:
    """What a film was made from. A file that is gone when the film is signed is named, without its own credentials."""

    source: Path | Unsaved
    title: str
    relation: Relation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Origin:
    """One film's facts. `preset` is the `fingerprint` of the weights and their settings, `made` is in UTC,
    `identifier` is what the watermark says.
    """

    mode: str
    model: str
    preset: str
    seed: int
    prompt: str
    identifier: int
    made: datetime
    parents: tuple[Parent, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.identifier < 1 << IDENTIFIER_BITS:
            raise ValueError(f"an identifier has {IDENTIFIER_BITS} bits, not {self.identifier:#x}")
        if self.made.tzinfo is None:
            raise ValueError("a film's time is in UTC")


class Ordered(Protocol):
    """What is read of an order: see `yozora.engine.Order`."""

    @property
    def name(self) -> str:
        """Of the mode."""

    @property
    def request(self) -> Request:
        """The prompt and the seed are in it."""

    @property
    def made_of(self) -> tuple[Path | Film, ...]:
        """The clips and pictures that were given."""

    @property
    def cast(self) -> Mapping[str, Path]:
        """Pictures of the characters, by name."""


def of(order: Ordered, preset: Preset, *, titles: Mapping[Path, str] | None = None) -> Origin:
    """The origin of the film that is made of an order. `titles` are names of files that tell more than their own."""
    told = titles or {}
    parents = [
        Parent(source=_kept(source), title=_title(source, told), relation=relation(order.name, k))
        for k, source in enumerate(order.made_of)
    ]
    parents += [
        Parent(source=path, title=told.get(path, f"@{name}"), relation="componentOf")
        for name, path in order.cast.items()
    ]
    return Origin(
        mode=order.name,
        model=preset.name,
        preset=fingerprint(preset),
        seed=order.request.seed,
        prompt=order.request.prompt,
        identifier=drawn_identifier(),
        made=datetime.now(UTC).replace(microsecond=0),
        parents=tuple(parents),
    )


def relation(mode: str, index: int) -> Relation:
    """How the source at `index` is related to a film of that mode: C2PA knows at most one parent, and components."""
    return "parentOf" if index == 0 and mode != "storyboard" else "componentOf"


def drawn_identifier() -> int:
    """A number that no other film has, as good as certainly: by the birthday bound, one pair in 10 million films
    collides with a chance of 0.16."""
    return secrets.randbits(IDENTIFIER_BITS)


def fingerprint(preset: Preset) -> str:
    """SHA-256, in hexadecimal, over a preset's weights and settings: the same on every machine that has the same."""
    known = {key: value for key, value in asdict(preset).items() if key not in ("folder", "summary")}
    known["weights"] = {part: _weights(path) for part, path in sorted(preset.files.items())}
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


def _weights(path: Path) -> str:
    """The hash of the tensors that a safetensors file says of itself, else one of its header and size: the file of
    another project may have gigabytes."""
    with path.open("rb") as file:
        head = file.read(int.from_bytes(file.read(8), "little"))
        size = file.seek(0, 2)
    said = json.loads(head).get("__metadata__", {}).get("sha256")
    return json.loads(said) if said else hashlib.sha256(head + size.to_bytes(8, "big")).hexdigest()


def _kept(source: Path | Film) -> Path | Unsaved:
    if isinstance(source, Film):
        return Unsaved(still=source.frames[0].copy(), origin=source.origin)
    return source


def _title(source: Path | Film, titles: Mapping[Path, str]) -> str:
    return "a film that was not saved" if isinstance(source, Film) else titles.get(source, source.name)
