"""Yozora: words to film, on hardware that its user owns.

    import yozora
    film = yozora.generate("a red car driving left on a city street at night in the snow")
    film.save("film.mp4")

Importing the package loads nothing heavy; `generate` does.
"""

from typing import TYPE_CHECKING

from yozora.errors import UserError

if TYPE_CHECKING:
    from yozora.engine import generate
    from yozora.film import Film

__version__ = "0.1.0"
__all__ = ["Film", "UserError", "__version__", "generate"]


def __getattr__(name: str) -> object:
    """`generate` and `Film` when they are first asked for (PEP 562)."""
    if name == "generate":
        from yozora.engine import generate

        return generate
    if name == "Film":
        from yozora.film import Film

        return Film
    raise AttributeError(f"module 'yozora' has no attribute {name!r}")
