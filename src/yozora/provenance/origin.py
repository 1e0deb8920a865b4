"""How a film came to be, as it is told to those who check it: the facts of an order. Knows no codec and no
signature."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from yozora.core.quality import saving_of
from yozora.core.request import Request
from yozora.families.presets import Preset
from yozora.films.film import IDENTIFIER_BITS, Film, Origin, Parent, Relation, Unsaved
from yozora.weights.header import MAX_BYTES

PLACES = (
    "folder",
    "summary",
    "autoencoder",
    "text_encoder",
    "loras",
    "budget",
)  # of a preset: what differs between machines
BEGIN = 1 << 20  # bytes at the beginning of a file in another format that are hashed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Taken:
    """A still out of a film or another picture, as it is seen there: nothing in it was invented. `second` is when in
    the film, `made` is in UTC.
    """

    parent: Parent
    second: float
    made: datetime

    @property
    def parents(self) -> tuple[Parent]:
        """What it was taken from."""
        return (self.parent,)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Converted:
    """A film once more: in another container, size, rate or grade; nothing in it was invented. `actions` are C2PA's
    names of what was done, each with a description; `identifier` is what the film's watermark says, None where that is
    not known; `made` is in UTC.
    """

    parent: Parent
    made: datetime
    actions: tuple[tuple[str, str], ...]
    identifier: int | None = None

    @property
    def parents(self) -> tuple[Parent]:
        """What it was converted from."""
        return (self.parent,)


class OrderLike(Protocol):
    """What is read of an order: see `yozora.core.order.Order`."""

    @property
    def mode(self) -> str:
        """Its name."""

    @property
    def request(self) -> Request:
        """The prompt and the seed are in it."""


class Ordered(Protocol):
    """An order and what it is made of: see `yozora.films.orders.Asked`."""

    @property
    def order(self) -> OrderLike:
        """What was asked for."""

    @property
    def parents(self) -> Sequence[tuple[Path | Film, str, Relation]]:
        """The clips and pictures that were given, what they are called, and how they are related to the film: C2PA
        knows at most one parent, and components."""


def of(asked: Ordered, preset: Preset) -> Origin:
    """The origin of the film that is made of an order."""
    request = asked.order.request
    return Origin(
        mode=asked.order.mode,
        model=preset.name,
        preset=fingerprint(preset),
        seed=request.seed,
        prompt=request.prompt,
        identifier=drawn_identifier(),
        made=datetime.now(UTC).replace(microsecond=0),
        parents=tuple(
            Parent(source=_drop_frames(source), title=title, relation=relation)
            for source, title, relation in asked.parents
        ),
        quality="exact" if saving_of(request.quality, request.steps, preset.solver) is None else request.quality,
    )


def drawn_identifier() -> int:
    """A number that no other film has, as good as certainly: by the birthday bound, one pair in 10 million films
    collides with a chance of 0.16."""
    return secrets.randbits(IDENTIFIER_BITS)


def fingerprint(preset: Preset) -> str:
    """SHA-256, in hexadecimal, over a preset's weights and settings: the same on every machine that has the same."""
    known = {key: value for key, value in asdict(preset).items() if key not in PLACES}
    known["weights"] = {part: _weights(path) for part, path in sorted(preset.files.items())}
    if preset.budget.weights not in ("", "full"):
        known["precision"] = preset.budget.weights
    if preset.loras:
        known["loras"] = [(_weights(Path(lora.at)), lora.strength, lora.expert) for lora in preset.loras]
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


def _weights(path: Path) -> str:
    """The hash of the tensors that a safetensors file says of itself, else one of its header and size: the file of
    another project may have gigabytes."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little") if path.suffix == ".safetensors" else BEGIN
        head = file.read(min(length, MAX_BYTES))
        size = file.seek(0, 2)
    said = None
    if path.suffix == ".safetensors":
        said = json.loads(head).get("__metadata__", {}).get("sha256")
    return json.loads(said) if said else hashlib.sha256(head + size.to_bytes(8, "big")).hexdigest()


def _drop_frames(source: Path | Film) -> Path | Unsaved:
    if isinstance(source, Film):
        return Unsaved(still=source.frames[0].copy(), origin=source.origin)
    return source
