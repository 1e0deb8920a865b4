"""What a worker is told to make: an order as JSON, whose sources are keys of the storage.

Knows no tables, no models and no codecs. The edge writes it, `making` runs it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from yozora.core.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One film: its order, or what an earlier version asked for (see `earlier`). `sources` and `characters` are keys of
    the storage, in the order's sequence.
    """

    preset: str
    sources: tuple[str, ...]
    characters: tuple[str, ...]
    order: Order | None = None
    earlier: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, order: Order) -> Self:
        """The job of an order."""
        return cls(
            preset=order.request.model,
            sources=tuple(source.at for source in order.sources),
            characters=tuple(character.at for character in order.characters),
            order=order,
        )

    @classmethod
    def from_json(cls, fields_by_name: Mapping[str, Any]) -> Self:
        """What is in a row. Raises `ValueError` for what is no job."""
        if "request" in fields_by_name:
            return cls.of(Order.from_json(fields_by_name))
        return cls(
            preset=fields_by_name["preset"],
            sources=tuple(fields_by_name["sources"]),
            characters=tuple(star["key"] for star in fields_by_name["starring"]),
            earlier=fields_by_name,
        )

    def to_json(self) -> dict[str, Any]:
        """What goes into a row."""
        return dict(self.earlier or {}) if self.order is None else self.order.to_json()
