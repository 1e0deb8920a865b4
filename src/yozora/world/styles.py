"""Styles: `STYLES` has one entry for each, which says how cut-outs are edged, what happens to finished frames and how
often it is drawn.

Data alone: `finishes` has what happens to frames. Its phrases stand in the packs of `yozora.language`, by its name.
Lengths are in heights of the picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The rim of a cut-out: a band around it, and how strongly it shadows what is behind."""

    width: float
    color: tuple[float, float, float]  # in 0..1
    alpha: float
    shadow: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Style:
    """One style. `finish` names the function that changes each finished frame, as "module:function"; "": none does. It
    takes planes [3, H, W] float32 in 0..1, a seed, and the number of the frame at 16 Hz, and may work in place.
    """

    edge: Edge
    ink: float = 0.0  # width of the line around all that the stage shows
    finish: str = ""
    torch_finish: str = ""  # the same for many frames at once (`torch_finishes`); "": `finish` is used
    rows: int | None = None  # of the picture that is drawn, whose pixels are then repeated; None: as many as are asked
    grey: bool = False  # whether colours are not seen
    drawn: Mapping[str, float] = field(default_factory=dict)  # weights by scene distribution: see `tables.weights_of`


_PAPER = {"general": 6.0, "core": 0.90, "roving": 0.90, "lone": 0.80, "lively": 0.80, "parser": 0.65}
_OTHERS = {
    "general": 1.0,
    "core": 0.02,
    "roving": 0.02,
    "lone": (1 - 0.80) / 5,
    "lively": (1 - 0.80) / 5,
    "parser": (1 - 0.65) / 5,
}

STYLES: dict[str, Style] = {
    "paper": Style(edge=Edge(width=0.0085, color=(0.98, 0.97, 0.94), alpha=0.95, shadow=0.34), drawn=_PAPER),
    "cartoon": Style(
        edge=Edge(width=0.0125, color=(0.10, 0.09, 0.13), alpha=1.0, shadow=0.0), ink=0.0085, drawn=_OTHERS
    ),
    "noir": Style(
        edge=Edge(width=0.007, color=(0.92, 0.92, 0.92), alpha=0.6, shadow=0.45),
        finish="yozora.world.finishes:noir",
        torch_finish="yozora.world.torch_finishes:noir",
        grey=True,
        drawn=_OTHERS,
    ),
    "vintage": Style(
        edge=Edge(width=0.007, color=(0.97, 0.94, 0.86), alpha=0.7, shadow=0.28),
        finish="yozora.world.finishes:vintage",
        torch_finish="yozora.world.torch_finishes:vintage",
        drawn=_OTHERS,
    ),
    "watercolor": Style(
        edge=Edge(width=0.008, color=(0.98, 0.97, 0.94), alpha=0.75, shadow=0.0),
        finish="yozora.world.finishes:watercolor",
        torch_finish="yozora.world.torch_finishes:watercolor",
        drawn=_OTHERS,
    ),
    "pixel": Style(
        edge=Edge(width=0.010, color=(0.98, 0.97, 0.94), alpha=0.85, shadow=0.25),
        finish="yozora.world.finishes:pixel",
        torch_finish="yozora.world.torch_finishes:pixel",
        rows=48,
        drawn=_OTHERS,
    ),
}
