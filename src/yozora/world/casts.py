"""The casts of `mini`'s second recipe: sixty nouns, one actor to three, in any size and place. Knows no pixels."""

from dataclasses import replace

from yozora.world.draw import CORE_CAST
from yozora.world.lots import Cast, Name, Weights
from yozora.world.nouns import CORE, NOUNS
from yozora.world.scene import CAMERAS, STYLES

_MORE = (
    *("person", "boy", "girl", "motorcycle", "train", "truck", "sheep", "cow", "bear", "zebra", "giraffe", "backpack"),
    *("handbag", "kite", "skateboard", "bottle", "cup", "banana", "apple", "orange", "pizza", "cake", "couch", "bed"),
    *("tv", "laptop", "book", "teddy bear", "ball", "duck", "penguin", "lion", "rocket", "robot", "flower", "snowman"),
    *("castle", "helicopter"),
)
STARS: tuple[str, ...] = tuple(noun for noun in dict.fromkeys((*CORE, *_MORE)) if noun in NOUNS)
"""The nouns that the second recipe is trained on."""


def shares(first: Name, share: float, others: tuple[Name, ...]) -> Weights[Name]:
    """The first with its share, and the rest for the others alike."""
    return ((first, share), *((name, (1 - share) / len(others)) for name in others))


_CAMERAS = shares("static", 0.75, CAMERAS[1:])
_STYLES = shares("paper", 0.80, STYLES[1:])

LONE_CAST = replace(
    CORE_CAST,
    rail=False,
    position_jitter=0.6,
    height_jitter=0.1,
    heights=(0.40, 0.58),
    max_actors=2,
    counts=0.08,
    pairs=0.10,
    cameras=_CAMERAS,
    styles=_STYLES,
)
"""The core vocabulary, mostly one actor, large."""

LIVELY_CAST = Cast(
    nouns=STARS,
    cameras=_CAMERAS,
    styles=_STYLES,
    heights=(0.36, 0.58),
    counts=0.16,
    pairs=0.2,
    max_actors=3,
    company=0.08,
)
"""All of `STARS`, up to three actors."""


def filmed_by(cast: Cast, moving: float) -> Cast:
    """The cast with a camera that moves in this share of the films."""
    return replace(cast, cameras=shares("static", 1 - moving, CAMERAS[1:]))
