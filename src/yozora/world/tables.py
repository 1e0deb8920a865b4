"""Tables of the world: dicts from names to frozen entries (`cameras`, `styles`, `actions`, `weathers`).

An entry holds all that the world knows of a name: what it does, its parameters, and how often it is drawn. Phrases for
its name stand in the packs of `yozora.language`. Tables are plain data and are read without numpy and torch: functions
are named as "module:function". Knows no table in particular.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from yozora.errors import UserError


class Entry(Protocol):
    """An entry that is drawn at random."""

    @property
    def drawn(self) -> Mapping[str, float]:
        """How often: its weight in each scene distribution that draws it."""


def check_name(kind: str, name: str, known: Iterable[str]) -> None:
    """Raise `UserError`, which lists the known names, where `name` is none of them; `kind` is what it names."""
    names = tuple(known)
    if name not in names:
        raise UserError(
            f"The {kind} {name[:40]!r} is not known.", f"Use one of: {', '.join(names)}.", code="unknown_world_entry"
        )


def weights_of(table: Mapping[str, Entry], distribution: str) -> tuple[tuple[str, float], ...]:
    """Names and weights of the entries that a scene distribution draws, in the table's order."""
    return tuple((name, entry.drawn[distribution]) for name, entry in table.items() if distribution in entry.drawn)


@cache
def function_of(path: str) -> Any:
    """The function that an entry names as "module:function"."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
