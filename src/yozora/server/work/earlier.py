"""Jobs that an earlier version wrote, and that are not made yet, as orders: their sources are looked at only here."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from yozora.core import modes
from yozora.films import orders
from yozora.films.orders import LocalOrder
from yozora.story import board

WORDS = dict.fromkeys(("text", "image"), modes.having(modes.Generate).name)
"""Modes that were two and are one."""


def order_of(job: Mapping[str, Any], sources: Sequence[Path], characters: Sequence[Path], seed: int) -> LocalOrder:
    """The order of a job; `seed` is that of one that says none. Raises `UserError` for what cannot be made."""
    names = [star["name"] for star in job["starring"]]
    requested = {"seed": seed, **job["settings"], **job["options"], "model": job["preset"]}
    requested |= {"size": (job["width"], job["height"]), "cast": dict(zip(names, characters, strict=True))}
    if "board" in requested:
        return orders.ask_board(board.parse(requested.pop("board"), None), requested)
    mode = WORDS.get(job["mode"], job["mode"])
    if "seconds" in (each.name for each in modes.find(mode).own):
        requested["seconds"] = job["seconds"]
    slots = [slot.name for slot in modes.find(mode).slots]
    return orders.ask(mode, job["prompt"], dict(zip(slots, sources, strict=False)), requested)
