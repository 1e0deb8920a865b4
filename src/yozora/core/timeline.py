"""What a shot shows, piece by piece: frames of a source as they are, invented frames, changed frames.

A painter says it in seconds; `films.assembly` turns seconds into frames, at the film's rate. Knows no
canvas, no pixels and no files.

Times of a shot count from its own first frame, in seconds. Frames of the model are counted from the first frame that
the shot's canvas decodes to. An *anchor* `(t, frame)` ties both: what is shown at second t of the shot is frame `frame`
(a real number) of the model; from there on the model's clock runs, at its own rate. Two anchors are two frames that are
both met, whatever the rates: the model's clock is stretched a little between them.
"""

from dataclasses import dataclass

Anchor = tuple[float, float]
Box = tuple[float, float, float, float]
"""x, y, width and height of a region, in fractions of the picture."""

START: tuple[Anchor, ...] = ((0.0, 0.0),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`seconds` of source number `source` as they are, picture and sound, from its second `start` on."""

    source: int
    seconds: float
    start: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    """`seconds` of the model's frames alone."""

    seconds: float
    anchors: tuple[Anchor, ...] = START


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """`seconds` of a source whose pictures the model painted over, in `region` or all over; its sound stays where
    `sounds` says so."""

    source: int
    seconds: float
    start: float = 0.0
    region: Box | None = None
    sounds: bool = True
    anchors: tuple[Anchor, ...] = START


Piece = Kept | Invented | Changed
