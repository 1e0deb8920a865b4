"""The joints of people, who have a cut-out for each pose: "noun/pose" -> figure. Placed by eye; see `joints`."""

from collections.abc import Callable
from dataclasses import replace

from yozora.world.joints import Disc, Figure, Fill, Point, PuppetPart
from yozora.world.limbs import Polygon, box, limb, outline


def _mapped(figure: Figure, at: Callable[[Point], Point]) -> Figure:
    """The same figure on a cut-out of other proportions."""

    def shape(points: Polygon) -> Polygon:
        return tuple(at(point) for point in points)

    def fills(some: tuple[Fill, ...]) -> tuple[Fill, ...]:
        return tuple((shape(points), at(spot)) for points, spot in some)

    def mapped(part: PuppetPart) -> PuppetPart:
        assert not isinstance(part.shape, Disc)
        knee = None if part.knee is None else at(part.knee)
        return replace(part, shape=shape(part.shape), pivot=at(part.pivot), knee=knee, fills=fills(part.fills))

    parts = tuple(mapped(part) for part in figure.parts)
    return replace(figure, parts=parts, gone=tuple(map(shape, figure.gone)), fills=fills(figure.fills))


def _young(figure: Figure) -> Figure:
    """The figure on a child, whose body below the head is three fifths as long (see make_atlas.py)."""

    def at(point: Point) -> Point:
        x, y = point
        return x, (y if y < 0.30 else 0.30 + 0.6 * (y - 0.30)) / 0.72

    return _mapped(figure, at)


def _caned(figure: Figure) -> Figure:
    """The legs of a person with a cane, whose cut-out is wider by the cane; the arms do not move."""
    legs = tuple(part for part in figure.parts if part.kind == "leg")
    wider = _mapped(replace(figure, parts=legs, fills=()), lambda point: (0.435 + 0.565 * point[0], point[1]))
    hem = figure.gone[0][0][1]
    return replace(wider, gone=(((0.50, hem), (1.1, hem), (1.1, 1.1), (0.42, 1.1), (0.42, hem + 0.1)),))


def _both(leg: PuppetPart, shift: Point) -> tuple[PuppetPart, PuppetPart]:
    """A leg, and a darker copy behind it that takes the other step."""
    return replace(leg, phase=leg.phase + 0.5, shade=0.8, shift=shift, hole=False), leg


_ARM = outline("40 28, 50 25.5, 60 29, 58.5 48, 50 60, 45 66, 22 66, 22 56, 40 40")
_HAND = (box(0.20, 0.565, 0.52, 0.67), (0.24, 0.70))
_WALKING = Figure(
    parts=(
        *_both(
            PuppetPart(
                kind="leg",
                shape=outline(
                    "17 57.5, 56 57.5, 56 64, 44 70, 38.5 80, 34.5 92, 36 103, -5 103, -5 91.5, 12 90, 12 70"
                ),
                pivot=(0.37, 0.60),
                swing=0.40,
                knee=(0.27, 0.77),
                bend=0.65,
                behind=True,
                fills=(_HAND,),
            ),
            (0.02, 0.0),
        ),
        limb("arm", _ARM, (0.49, 0.30), 0.42, 0.5, hole=False),
    ),
    gone=(box(-0.1, 0.635, 1.1, 1.1),),
    fills=((_ARM, (0.33, 0.45)), _HAND),
)
_SKIRTED = Figure(
    parts=(
        *_both(
            PuppetPart(
                kind="leg",
                shape=outline("17 70, 43 70, 40 77, 36 92, 37 103, -5 103, -5 91.5, 12 90, 12 77"),
                pivot=(0.36, 0.60),
                swing=0.34,
                knee=(0.27, 0.80),
                bend=0.5,
                behind=True,
                fills=((box(0.13, 0.60, 0.43, 0.775), (0.27, 0.80)),),
            ),
            (0.08, 0.0),
        ),
        limb("arm", _ARM, (0.49, 0.30), 0.34, 0.5, hole=False),
    ),
    gone=(box(-0.1, 0.757, 1.1, 1.1),),
    fills=((_ARM, (0.33, 0.45)),),
)
_RUN_ARM = outline("43 29, 50 27, 62 29, 65 35, 73 42, 66 50, 54 57, 41 55, 40 47, 50 44, 55 40, 44 38")
_ELBOW = outline("57 27, 80 30, 80 50, 57 57")
_FIST = outline("0 24, 18 24, 24 34, 30 33, 33 46, 24 50, 0 40")
_RUNNING = Figure(
    parts=(
        limb("arm", _FIST, (0.31, 0.39), 0.30, behind=True),
        *_both(
            PuppetPart(
                kind="leg",
                shape=outline(
                    "33 55, 60 53, 61 60, 50 68, 36 75, 28 85, 23 93, 25 103, -5 103, -5 90, 12 90, 17 80, 20 72, 27 65"
                ),
                pivot=(0.47, 0.59),
                swing=0.62,
                rest=-0.42,
                knee=(0.275, 0.73),
                bend=1.1,
                behind=True,
                fills=((box(0.30, 0.555, 0.62, 0.58), (0.42, 0.62)),),
            ),
            (0.03, 0.0),
        ),
        limb("arm", _RUN_ARM, (0.51, 0.31), 0.38, 0.5, hole=False),
    ),
    gone=(box(-0.1, 0.625, 1.1, 1.1), _ELBOW),
    fills=((_RUN_ARM, (0.37, 0.42)),),
)
_SKIRT_RUNNING = Figure(
    parts=(
        limb("arm", _FIST, (0.31, 0.39), 0.30, behind=True),
        *_both(
            PuppetPart(
                kind="leg",
                shape=outline(
                    "26 64, 50 64, 35 76.5, 28 85, 23.5 93, 25 103, -5 103, -5 90.5, 12 90, 17 80, 17.5 76.5"
                ),
                pivot=(0.44, 0.60),
                swing=0.52,
                rest=-0.40,
                knee=(0.26, 0.775),
                bend=0.9,
                behind=True,
                fills=((box(0.1, 0.60, 0.60, 0.785), (0.24, 0.80)),),
            ),
            (0.06, 0.0),
        ),
        limb("arm", _RUN_ARM, (0.51, 0.31), 0.38, 0.5, hole=False),
    ),
    gone=(
        outline("-10 75.7, 67 75.7, 62 66, 57 60, 110 50, 110 110, -10 110"),
        _ELBOW,
    ),
    fills=((_RUN_ARM, (0.37, 0.42)),),
)
_DANCING = Figure(
    parts=(limb("arm", outline("66 -3, 105 -3, 105 18, 88 36, 70 40, 62 31, 70 14"), (0.68, 0.35), 0.22),)
)
_SKIRT_DANCING = Figure(parts=(limb("arm", outline("56 -3, 80 -3, 78 34, 56 40, 53 33, 62 26"), (0.58, 0.36), 0.22),))


PEOPLE: dict[str, Figure] = {
    **{f"{who}/walk": _WALKING for who in ("person", "man")},
    **{f"{who}/run": _RUNNING for who in ("person", "man")},
    **{f"{who}/dance": _DANCING for who in ("person", "man", "old man")},
    **{f"{who}/walk": _young(_WALKING) for who in ("boy", "child")},
    **{f"{who}/run": _young(_RUNNING) for who in ("boy", "child")},
    **{f"{who}/dance": _young(_DANCING) for who in ("boy", "child")},
    "woman/walk": _SKIRTED,
    "woman/run": _SKIRT_RUNNING,
    "woman/dance": _SKIRT_DANCING,
    "old woman/dance": _SKIRT_DANCING,
    "girl/walk": _young(_SKIRTED),
    "girl/run": _young(_SKIRT_RUNNING),
    "girl/dance": _young(_SKIRT_DANCING),
    "old man/walk": _caned(_WALKING),
    "old woman/walk": _caned(_SKIRTED),
}
