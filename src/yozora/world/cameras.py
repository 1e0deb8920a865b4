"""Camera moves: `CAMERAS` has one entry for each, which says how it moves and how often it is drawn.

Data alone: `view.camera` turns an entry into a path. Its phrases stand in the packs of `yozora.language`, by its name.
Speeds are in world units (see paint.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

PAN = 0.16  # world units a second
TILT = 0.07
ZOOM = 0.16  # natural logarithm of the magnification a second
MIDDLE = 1.0  # the second at which pans and tilts pass their middle
WIDEST = 2.0  # the second at which a camera that zooms out shows the picture as it is laid out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Camera:
    """One camera move. Zero everywhere: the camera is at rest."""

    pan: float = 0.0  # world units a second to the right
    tilt: float = 0.0  # world units a second downwards
    zoom: float = 0.0  # natural logarithm of the magnification a second; below zero it starts near and zooms out
    drawn: Mapping[str, float] = field(default_factory=dict)  # weights by scene distribution: see `tables.weights_of`

    @property
    def room(self) -> float:
        """Half the share of the picture's width in which an actor stays in sight all through the move."""
        return 0.5 / 1.32 if self.zoom else 0.42 if self.pan else 0.5


_STATIC = {"general": 5.0, "core": 0.92, "roving": 0.7, "lone": 0.75, "lively": 0.75, "parser": 0.6}
_MOVING = {
    "general": 1.0,
    "core": 0.08 / 6,
    "roving": 0.05,
    "lone": (1 - 0.75) / 6,
    "lively": (1 - 0.75) / 6,
    "parser": (1 - 0.6) / 6,
}

CAMERAS: dict[str, Camera] = {
    "static": Camera(drawn=_STATIC),
    "pan left": Camera(pan=-PAN, drawn=_MOVING),
    "pan right": Camera(pan=PAN, drawn=_MOVING),
    "tilt up": Camera(tilt=-TILT, drawn=_MOVING),
    "tilt down": Camera(tilt=TILT, drawn=_MOVING),
    "zoom in": Camera(zoom=ZOOM, drawn=_MOVING),
    "zoom out": Camera(zoom=-ZOOM, drawn=_MOVING),
}
