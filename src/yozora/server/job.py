"""What a worker is told to make: everything about a film that the HTTP edge has already checked, as plain JSON.

Knows no tables, no models and no codecs. The edge writes it, `making` turns it into an order for the engine.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

Mode = Literal["text", "image", "extend", "loop", "blend", "remix", "edit", "recut", "storyboard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Starring:
    """A character that the prompt calls by name: its picture (PNG) in the storage."""

    name: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One film. `settings` are those of `yozora.presets.Settings` without a size; `options` are what the mode alone
    asks (`yozora.orders`): strength, region, start, stop, keep, backward, and for a storyboard its `board`.
    """

    mode: Mode
    preset: str
    prompt: str
    width: int  # of the finished film; the model makes its own size nearest to that shape
    height: int
    seconds: float  # of the mode: of an extension what is added, of a loop or a blend the transition
    settings: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[str, ...] = ()  # storage keys of pictures and films, in the order of the mode
    titles: tuple[str, ...] = ()  # of the sources, in the credentials of the film
    starring: tuple[Starring, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        starring = tuple(Starring(**one) for one in said["starring"])
        lists = {"sources": tuple(said["sources"]), "titles": tuple(said.get("titles", ())), "starring": starring}
        return cls(**{**said, **lists})
