"""A sign of life for what takes more than a moment and cannot say how long."""

from contextlib import AbstractContextManager


def working(what: str) -> AbstractContextManager[object]:
    """Something that turns on stderr, where that is a terminal, until the work is done."""
    from rich.console import Console
    from rich.markup import escape

    return Console(stderr=True).status(escape(what))
