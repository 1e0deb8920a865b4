"""Scene distributions: what may happen on the stage, and how often. Knows no pixels.

`mini` is trained on these, and the evaluation asks for films of them. How often a camera move, a style and a weather
are drawn, their tables say: each entry has its weight by the name of the distribution ("general", "core", ...).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from yozora.errors import UserError
from yozora.world.cameras import CAMERAS
from yozora.world.nouns import CORE, NOUNS
from yozora.world.scene import COLORS, DAYTIMES, PLACES, RELATIONS, Color, Daytime, Place, Relation
from yozora.world.styles import STYLES
from yozora.world.tables import check_name, weights_of
from yozora.world.weathers import WEATHERS

Name = TypeVar("Name", bound=str)

Weights = tuple[tuple[Name, float], ...]


def _uniform_weights(names: Sequence[Name]) -> Weights[Name]:
    return tuple((name, 1.0) for name in names)


_PLACES, _DAYTIMES = _uniform_weights(PLACES), _uniform_weights(DAYTIMES)
_WEATHERS, _CAMERAS, _STYLES = (weights_of(table, "general") for table in (WEATHERS, CAMERAS, STYLES))


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneDistribution:
    """How scenes are drawn. Weights need not add up to one; chances are in 0..1."""

    nouns: tuple[str, ...] = tuple(NOUNS)
    colors: tuple[Color, ...] = COLORS
    natural: float = 0.4  # chance that a thing keeps its own colours
    places: Weights[Place] = _PLACES
    daytimes: Weights[Daytime] = _DAYTIMES
    weathers: Weights[str] = _WEATHERS
    cameras: Weights[str] = _CAMERAS
    styles: Weights[str] = _STYLES
    max_actors: int = 4
    counts: float = 0.22  # chance of two to four alike
    pairs: float = 0.25  # chance of two different actors
    company: float = 0.15  # chance that another actor joins those that are alike
    relations: tuple[Relation, ...] = RELATIONS
    related: float = 0.75  # chance that two different actors have a relation
    occluder: float = 0.05
    empty: float = 0.04  # chance of a stage without actors
    depth: float = 0.10  # chance of moving towards or away instead of left or right
    heights: tuple[float, float] = (0.30, 0.58)  # of a lone actor, picture heights
    height_jitter: float = 0.15  # relative
    position_jitter: float = 1.0  # 1: wherever there is room; 0: always in the same place
    rail: bool = False  # feet on one line, gaits in step, one pace an action: see `RAIL`

    def __post_init__(self) -> None:
        unknown = [noun for noun in self.nouns if noun not in NOUNS]
        if unknown or not self.nouns:
            raise UserError(
                f"These nouns are not known: {', '.join(unknown) or 'none are given'}.",
                f"Use some of: {', '.join(NOUNS)}.",
                code="unknown_nouns",
            )
        for kind, weights, table in (
            ("camera move", self.cameras, CAMERAS),
            ("style", self.styles, STYLES),
            ("weather", self.weathers, WEATHERS),
        ):
            for name, _ in weights:
                check_name(kind, name, table)
        if not 0 <= self.max_actors <= 5:
            raise UserError(
                f"max_actors {self.max_actors} is out of range.", "Use 0 to 5.", code="actor_count_out_of_range"
            )


def shares(first: Name, share: float, others: tuple[Name, ...]) -> Weights[Name]:
    """The first with its share, and the rest for the others alike."""
    return ((first, share), *((name, (1 - share) / len(others)) for name in others))


CORE_SCENES = SceneDistribution(
    nouns=CORE,
    natural=0.3,
    cameras=weights_of(CAMERAS, "core"),
    styles=weights_of(STYLES, "core"),
    max_actors=2,
    counts=0.04,
    pairs=0.02,
    company=0.0,
    occluder=0.0,
    empty=0.02,
    depth=0.03,
    heights=(0.42, 0.55),
    height_jitter=0.0,
    position_jitter=0.0,
    rail=True,
)
"""Few things, large, each always of one size and on one rail: what a CPU can teach in hours."""

ROVING_SCENES = replace(CORE_SCENES, cameras=weights_of(CAMERAS, "roving"))
"""The same with a camera that moves oftener: how a film goes on is harder to learn there."""

_MORE = (
    *("person", "boy", "girl", "motorcycle", "train", "truck", "sheep", "cow", "bear", "zebra", "giraffe", "backpack"),
    *("handbag", "kite", "skateboard", "bottle", "cup", "banana", "apple", "orange", "pizza", "cake", "couch", "bed"),
    *("tv", "laptop", "book", "teddy bear", "ball", "duck", "penguin", "lion", "rocket", "robot", "flower", "snowman"),
    *("castle", "helicopter"),
)
LIVELY_NOUNS: tuple[str, ...] = tuple(noun for noun in dict.fromkeys((*CORE, *_MORE)) if noun in NOUNS)
"""The nouns that the second recipe is trained on."""

LONE_SCENES = replace(
    CORE_SCENES,
    rail=False,
    position_jitter=0.6,
    height_jitter=0.1,
    heights=(0.40, 0.58),
    max_actors=2,
    counts=0.08,
    pairs=0.10,
    cameras=weights_of(CAMERAS, "lone"),
    styles=weights_of(STYLES, "lone"),
)
"""The core vocabulary, mostly one actor, large."""

LIVELY_SCENES = SceneDistribution(
    nouns=LIVELY_NOUNS,
    cameras=weights_of(CAMERAS, "lively"),
    styles=weights_of(STYLES, "lively"),
    heights=(0.36, 0.58),
    counts=0.16,
    pairs=0.2,
    max_actors=3,
    company=0.08,
)
"""All of `LIVELY_NOUNS`, up to three actors."""


def with_moving_camera(distribution: SceneDistribution, share: float) -> SceneDistribution:
    """The distribution with a camera that moves, in any of its ways alike, in this share of the films."""
    moves = [name for name, _ in distribution.cameras if name != "static"]
    moves = moves or [name for name, _ in _CAMERAS if name != "static"]
    return replace(distribution, cameras=shares("static", 1 - share, tuple(moves)))
