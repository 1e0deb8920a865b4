"""Weathers: `WEATHERS` has one entry for each, which says what falls, how the light changes and how often it is drawn.

Data alone: `light` and `particles` show it. Its phrases stand in the packs of `yozora.language`, by its name. Colours
are (red, green, blue) in 0..1, lengths in world units (see paint.py), times in seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrollingTile:
    """What falls or drifts: a tile that repeats over the picture and scrolls."""

    shape: Literal["flake", "streak", "puff"]
    size: float  # of the tile in units
    count: int  # flakes, streaks or puffs a tile
    grain: float  # radius of a flake or puff, length of a streak, in units
    speed: tuple[float, float]  # units / s to the right and downwards
    swing: float  # units that it swings sideways
    color: tuple[float, float, float]  # in 0..1; a puff has the colour of the haze instead
    alpha: float
    front: bool  # before the actors


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weather:
    """One weather. As it stands here: a clear sky."""

    falling: tuple[ScrollingTile, ...] = ()  # what falls or drifts
    leaves: bool = False  # whether leaves fall, of trees in autumn's colours
    overcast: float = 0.0  # 0..1: how grey the sky is
    sunny: bool = False  # whether the sun shines on leaves, water and land
    clouds: bool = True  # whether clouds are told from the sky
    haze: float = 0.6  # how much of the haze's colour far things take on
    warmth: tuple[float, float] = (0.0, 0.0)  # of the sky, 0..1: by day, and at other hours
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)  # multiplies the colours of the stage
    actor_tint: tuple[float, float, float] = (1.0, 1.0, 1.0)  # multiplies those of the actors, but indoors
    grey: float = 0.0  # 0..1: how much of its colour the stage loses
    snowy: bool = False  # whether snow covers land, roofs and firs
    wet: bool = False  # whether streets have puddles and reflect
    dim: bool = False  # whether rooms are darker by day
    drawn: Mapping[str, float] = field(default_factory=dict)  # weights by scene distribution: see `tables.weights_of`


_SNOW = (
    ScrollingTile(
        shape="flake",
        size=0.80,
        count=15,
        grain=0.0095,
        speed=(-0.02, 0.21),
        swing=0.025,
        color=(1, 1, 1),
        alpha=0.80,
        front=False,
    ),
    ScrollingTile(
        shape="flake",
        size=1.00,
        count=12,
        grain=0.0145,
        speed=(0.03, 0.33),
        swing=0.04,
        color=(1, 1, 1),
        alpha=0.95,
        front=True,
    ),
)
_RAIN = (
    ScrollingTile(
        shape="streak",
        size=0.75,
        count=15,
        grain=0.075,
        speed=(-0.16, 1.05),
        swing=0.0,
        color=(0.86, 0.91, 0.97),
        alpha=0.42,
        front=False,
    ),
    ScrollingTile(
        shape="streak",
        size=1.00,
        count=12,
        grain=0.115,
        speed=(-0.22, 1.40),
        swing=0.0,
        color=(0.90, 0.94, 1.0),
        alpha=0.55,
        front=True,
    ),
)
_FOG = (
    ScrollingTile(
        shape="puff",
        size=1.60,
        count=7,
        grain=0.26,
        speed=(0.06, 0.0),
        swing=0.0,
        color=(1, 1, 1),
        alpha=0.50,
        front=False,
    ),
    ScrollingTile(
        shape="puff",
        size=1.90,
        count=6,
        grain=0.24,
        speed=(0.11, 0.0),
        swing=0.0,
        color=(1, 1, 1),
        alpha=0.30,
        front=True,
    ),
)

WEATHERS: dict[str, Weather] = {
    "clear": Weather(sunny=True, drawn={"general": 4.0, "parser": 3.0}),
    "snow": Weather(
        falling=_SNOW, overcast=0.75, haze=0.85, snowy=True, dim=True, drawn={"general": 1.5, "parser": 1.5}
    ),
    "rain": Weather(
        falling=_RAIN,
        overcast=1.0,
        haze=0.85,
        tint=(0.80, 0.84, 0.90),
        actor_tint=(0.92, 0.94, 0.98),
        grey=0.25,
        wet=True,
        dim=True,
        drawn={"general": 1.5, "parser": 1.5},
    ),
    "leaves": Weather(
        leaves=True, overcast=0.15, sunny=True, warmth=(0.18, 0.06), drawn={"general": 1.5, "parser": 1.5}
    ),
    "fog": Weather(
        falling=_FOG,
        overcast=0.7,
        clouds=False,
        haze=1.55,
        tint=(0.92, 0.94, 0.96),
        dim=True,
        drawn={"general": 1.0, "parser": 1.5},
    ),
}
