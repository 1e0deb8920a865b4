"""Loading what a process serves with, in less time: a second of imports makes many objects and hardly any garbage."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

UNUSED: Final = "pydantic.v1"
"""FastAPI imports it for the first field that it sees, only to refuse models of it; we have none."""


@contextmanager
def quickly() -> Iterator[None]:
    """Imports in here are not interrupted to look for garbage, what they make is not looked through later, and `UNUSED`
    seems not to be installed.
    """
    was_on, hides = gc.isenabled(), UNUSED not in sys.modules
    gc.disable()
    if hides:
        sys.modules[UNUSED] = None  # type: ignore[assignment] # so an import of it fails
    try:
        yield
    finally:
        if hides:
            sys.modules.pop(UNUSED, None)
        gc.freeze()
        if was_on:
            gc.enable()
