"""Yozora: words, pictures and clips to film, on hardware that its user owns.

    import yozora
    film = yozora.generate("a red car driving left on a city street at night in the snow")
    film = yozora.extend(film, seconds=2)
    film.save("film.mp4")

Importing the package loads nothing heavy; calling one of its functions does.
"""

from collections.abc import Collection
from importlib import import_module
from typing import TYPE_CHECKING

from yozora.errors import UserError

if TYPE_CHECKING:
    from yozora.api import again, blend, edit, extend, generate, loop, recut, remix, show, storyboard, timeline
    from yozora.films.film import Film, Sound
    from yozora.story.board import Board, Card

__version__ = "0.1.0"
__all__ = [
    "Board",
    "Card",
    "Film",
    "Sound",
    "UserError",
    "__version__",
    "again",
    "blend",
    "edit",
    "extend",
    "finish",
    "generate",
    "loop",
    "recut",
    "remix",
    "show",
    "storyboard",
    "timeline",
]

HOMES = {
    "Board": "story.board",
    "Card": "story.board",
    "Film": "films.film",
    "Sound": "films.film",
    "finish": "films.finishing",
}


def __getattr__(name: str) -> object:
    """Functions and types when they are first asked for (PEP 562). Every mode is a function."""
    if name not in __all__ and (name.startswith("_") or name not in _modes()):
        raise AttributeError(f"module 'yozora' has no attribute {name!r}")
    return getattr(import_module(f"yozora.{HOMES.get(name, 'api')}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_modes()})


def _modes() -> Collection[str]:
    """Names of the modes; none while their module is being imported."""
    found: Collection[str] = getattr(import_module("yozora.core.modes"), "MODES", ())
    return found
