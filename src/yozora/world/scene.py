"""The scene graph: which actors are on the stage, where, doing what, in which light.

Knows nothing of pixels, fonts, languages or models. Places are in picture units (x in widths, y in heights, origin at
the top left), times in seconds, so a scene is the same at every size and frame rate.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from yozora.world.actions import ACTIONS
from yozora.world.cameras import CAMERAS
from yozora.world.styles import STYLES
from yozora.world.tables import check_name
from yozora.world.weathers import WEATHERS

Color = Literal["red", "green", "blue", "yellow", "orange", "purple", "pink", "black", "white"]
Place = Literal["park", "beach", "city", "snow", "desert", "sea", "mountains", "room"]
Daytime = Literal["day", "sunset", "night"]
Direction = Literal["none", "left", "right", "towards", "away"]
Relation = Literal["left of", "right of", "on top of", "behind", "in front of"]
Kind = Literal["animal", "person", "bird", "fish", "vehicle", "boat", "aircraft", "ball", "balloon", "thing", "plant"]

COLORS: tuple[Color, ...] = get_args(Color)
PLACES: tuple[Place, ...] = get_args(Place)
DAYTIMES: tuple[Daytime, ...] = get_args(Daytime)
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
RELATIONS: tuple[Relation, ...] = get_args(Relation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noun:
    """One thing that can be an actor: a cut-out and what it may do."""

    key: str  # English singular: "dog", "fire hydrant"; the lexicon's key
    glyph: str  # the character or sequence that the atlas rasterises
    kind: Kind
    faces: Literal["left", "right", "front"]  # where the cut-out looks
    height: float  # of the cut-out in picture heights, in a medium shot (about 0.3 .. 0.55)
    actions: tuple[str, ...]  # what it can do, most typical first
    places: tuple[Place, ...] = PLACES
    recolors: bool = True  # whether its nine recolourings look right


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A cut-out on its way across the stage."""

    noun: str
    color: Color | None = None  # None: as drawn
    action: str = "stand"
    direction: Direction = "none"
    x: float  # centre at time 0, picture widths
    y: float  # feet (lower edge of the cut-out) at time 0, picture heights
    height: float  # picture heights
    speed: float = 0.0  # picture widths a second along the direction (towards, away: relative growth a second)
    phase: float = 0.0  # 0..1, where in its gait the puppet starts

    def __post_init__(self) -> None:
        check_name("action", self.action, ACTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything that is seen in one take."""

    seed: int  # of the stage's details: where trees, houses, flakes stand
    place: Place
    daytime: Daytime = "day"
    weather: str = "clear"
    camera: str = "static"
    style: str = "paper"
    actors: tuple[Actor, ...] = ()  # actors[0] is what the film is about; copies of it (a count) come directly after
    count: int = 1  # how many of the first actors share one noun and colour (1..4)
    relation: Relation | None = None  # of actors[0] to actors[1], where count == 1 and there are two
    occluder: bool = False  # something stands before the stage that actors[0] passes behind

    def __post_init__(self) -> None:
        check_name("weather", self.weather, WEATHERS)
        check_name("camera move", self.camera, CAMERAS)
        check_name("style", self.style, STYLES)
