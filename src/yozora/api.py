"""The functions of the package: words, pictures and films go in, a film comes out.

Each raises `UserError`, in a line that says what to do, for what cannot be made. What is not said is the model's
default, and without a seed every call makes another film.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Unpack

from yozora import board as boards
from yozora import orders
from yozora.core.modes import Box
from yozora.engine import Engine, Order
from yozora.film import Film
from yozora.orders import Choices, Source
from yozora.presets import Preset
from yozora.provenance import origin

log = logging.getLogger("yozora")


def generate(
    prompt: str,
    *,
    image: Source | None = None,
    last: Source | None = None,
    device: str | None = None,
    **choices: Unpack[Choices],
) -> Film:
    """Words to film, perhaps from a picture on, and to a last one."""
    order = orders.text(prompt, **choices) if image is None else orders.image(prompt, image, last, **choices)
    return made(order, device)


def extend(
    source: Source, prompt: str = "", *, backward: bool = False, device: str | None = None, **choices: Unpack[Choices]
) -> Film:
    """A clip goes on for `seconds`, or begins so much earlier."""
    return made(orders.extend(source, prompt, backward=backward, **choices), device)


def loop(source: Source, prompt: str = "", *, device: str | None = None, **choices: Unpack[Choices]) -> Film:
    """A clip that plays on and on: `seconds` lead from its end back to its beginning."""
    return made(orders.loop(source, prompt, **choices), device)


def blend(a: Source, b: Source, prompt: str = "", *, device: str | None = None, **choices: Unpack[Choices]) -> Film:
    """One clip turns into another in the course of `seconds`."""
    return made(orders.blend(a, b, prompt, **choices), device)


def remix(
    source: Source,
    prompt: str,
    *,
    strength: float | str = "mild",
    device: str | None = None,
    **choices: Unpack[Choices],
) -> Film:
    """The clip again, as the prompt says; `strength` 0..1 or subtle, mild, strong."""
    return made(orders.remix(source, prompt, strength=strength, **choices), device)


def edit(
    source: Source,
    prompt: str,
    *,
    region: Box,
    start: float = 0.0,
    stop: float | None = None,
    strength: float | str = 1.0,
    device: str | None = None,
    **choices: Unpack[Choices],
) -> Film:
    """A region of the picture, `(x, y, width, height)` in fractions of it, becomes what the prompt says."""
    return made(
        orders.edit(source, prompt, region=region, start=start, stop=stop, strength=strength, **choices), device
    )


def recut(
    source: Source,
    keep: Sequence[tuple[float, float]],
    prompt: str = "",
    *,
    device: str | None = None,
    **choices: Unpack[Choices],
) -> Film:
    """Spans of a clip, in seconds, stay where they are; what lies between is made anew."""
    return made(orders.recut(source, keep, prompt, **choices), device)


def storyboard(
    board: boards.Board | str | PathLike[str], *, device: str | None = None, **choices: Unpack[Choices]
) -> Film:
    """A film of several cards, from a `Board` or a YAML file (docs/storyboard.md)."""
    found = board if isinstance(board, boards.Board) else boards.load(Path(board))
    return made(orders.storyboard(found, **choices), device)


def made(order: Order, device: str | None = None) -> Film:
    """The film of an order. The model that was used last stays loaded. What of the prompt was not understood is told by
    the logger `yozora`, which writes to stderr where nothing is set up, and by the film's `notes`.
    """
    *_, last = _engine(order.preset, device).films(order)
    assert last.film is not None
    for note in last.film.notes:
        log.warning(note)
    return replace(last.film, origin=origin.of(order, order.preset))


@lru_cache(maxsize=1)
def _engine(preset: Preset, device: str | None) -> Engine:
    return Engine(preset, device)
