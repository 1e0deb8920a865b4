"""Strokes: what a planner tells a painter, a scene as quads, shadows and leaves in the order in which they are drawn.

Knows no devices: textures are handles that the caller gives for pictures.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from yozora.world import sprites
from yozora.world.light import Light
from yozora.world.paint import Floats
from yozora.world.scene import Color
from yozora.world.styles import Edge

Ints = NDArray[np.signedinteger[Any]]
Kind = Literal["quad", "curtain", "leaf", "shadow"]
Texture = object  # a handle: what `keep` gave for a picture, or a SpriteKey
KEEP = -2  # owner of what leaves the masks as they are
UNOWNED = -1
BACK, AIR, OUTSIDE, MIRROR, SHADOWS, ACTORS, FRONT = range(7)  # the order of drawing


@dataclass(frozen=True, slots=True, kw_only=True)
class SpriteKey:
    """A cut-out at one size, lit and edged: the arguments of sprites.sprite."""

    noun: str
    color: Color | None
    pose: str
    variant: int
    size: int  # pixels high
    picture: float  # height of the picture in sprite pixels
    edge: Edge
    light: Light
    step: int = -1  # of the cycle of its joints; -1: as drawn

    @property
    def margin(self) -> int:
        """Transparent pixels around the cut-out."""
        return int(np.ceil(self.edge.width * self.picture * 3.5)) + 2 if self.edge.alpha else 3

    def around(self, tall: int, broad: int) -> tuple[int, int]:
        """Pixels above and below, and at each side of, a cut-out of tall x broad pixels without margins."""
        across, along = sprites.pads(self.noun, self.pose, self.variant, self.step)
        columns = self.columns(broad / tall)
        return (
            self.margin + sprites.beyond(along, tall, self.size),
            self.margin + sprites.beyond(across, broad, columns),
        )

    def columns(self, wide: float) -> int:
        """Pixels across, without margins."""
        return max(2, round(self.size * wide))


@dataclass(frozen=True, slots=True, kw_only=True)
class Textures:
    """Some textures, and which of them each frame shows."""

    unique: tuple[Texture, ...]
    which_T: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """One thing that is drawn in every frame; numbers are [T, ...].

    numbers: "quad", "curtain": the map (col, row, 1) -> texel in six numbers, opacity, owner; "leaf": x, y, cos, sin,
    wide, high, k, bx, by, red, green, blue; "shadow": x, y, radius, strength. bounds: x0, x1, y0, y1 of the pixels that
    it may touch.
    """

    kind: Kind
    numbers_TF: Floats
    bounds_T4: Ints
    textures: Textures | None = None
    pane: "Stroke | None" = None  # where alone it is seen


@dataclass(frozen=True, slots=True, kw_only=True)
class StrokePlan:
    """A scene, ready to be drawn."""

    size: tuple[int, int]  # width, height at which it is drawn
    strokes: dict[tuple[int, Kind], list[Stroke]]  # by the order of drawing; a scene never mixes kinds within a step
    matrices_AT23: Floats  # cut-out (u, v, 1) -> pixels
    sprites_A: tuple[Textures, ...]  # of SpriteKeys
    depth_A: Ints
