"""One thing that a parser sees in one frame."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A thing in a frame: what it is, where its box is and how sure the parser is.

    `x`, `y` (centre), `width` and `height` are in widths and heights of the picture, 0..1 from the top left.
    """

    noun: str
    color: str
    x: float
    y: float
    width: float
    height: float
    score: float  # 0..1
    melted: float  # 0..1, how much its shape has dissolved
