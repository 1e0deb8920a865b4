"""The joints of every noun that has some, placed by eye on its cut-out; see `joints` for what the numbers mean.

Adding a noun is adding a line here. Knows no pixels and no seconds.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Final

from yozora.world.joints import Disc, Figure, Part, PartKind, Point
from yozora.world.scene import Action

Polygon = tuple[Point, ...]


def _box(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def _leg(
    x0: float,
    x1: float,
    top: float,
    phase: float,
    foot: Point | None = None,
    *,
    bottom: float = 1.03,
    hip: float = 0.07,
    swing: float = 0.36,
    bend: float = 0.7,
    shift: Point = (0.0, 0.0),
    shade: float = 1.0,
) -> Part:
    """A leg that hangs down: between x0 and x1 where it leaves the body at height `top`, and between the `foot` below."""
    f0, f1 = foot or (x0, x1)
    middle, end = (x0 + x1) / 2, (f0 + f1) / 2
    level = top + 0.42 * (bottom - top)
    copied = shift != (0.0, 0.0)
    return Part(
        kind="leg",
        shape=((x0, top - hip), (x1, top - hip), (x1, top), (f1, bottom), (f0, bottom), (x0, top)),
        pivot=(middle, top - hip / 2),
        phase=phase,
        swing=swing,
        knee=(middle + 0.42 * (end - middle), level) if bend else None,
        bend=bend,
        behind=True,
        shade=shade,
        shift=shift,
        cut=top,
        hole=not copied,
    )


def _limb(
    kind: PartKind,
    shape: Polygon,
    pivot: Point,
    swing: float,
    phase: float = 0.0,
    *,
    knee: Point | None = None,
    bend: float = 0.0,
    behind: bool = False,
    hole: bool = True,
) -> Part:
    """Any other piece that swings."""
    return Part(
        kind=kind,
        shape=shape,
        pivot=pivot,
        swing=swing,
        phase=phase,
        knee=knee,
        bend=bend,
        behind=behind,
        hole=hole,
    )


def _wheels(radius: float, *hubs: tuple[float, float, float], spokes: int = 3, hub: float = 0.9) -> Figure:
    """Wheels of one radius; (x, y, radius) of each hub, on which spokes are painted."""
    return Figure(
        radius=radius,
        parts=tuple(
            Part(
                kind="wheel",
                shape=Disc(middle=(x, y), radius=size),
                pivot=(x, y),
                turns=1 / spokes,
                spokes=spokes,
                hub=hub,
            )
            for x, y, size in hubs
        ),
    )


def _legs(*parts: Part, tail: Part | None = None, more: tuple[Part, ...] = (), gone: tuple[Polygon, ...] = ()) -> Figure:
    return Figure(parts=(*((tail,) if tail else ()), *parts, *more), gone=gone)


def _tail(shape: Polygon, pivot: Point, swing: float = 0.18, *, behind: bool = False) -> Part:
    return _limb("tail", shape, pivot, swing, behind=behind)


# -------------------------------------------------------------------- people


def _young(figure: Figure) -> Figure:
    """The same figure on a child, whose body below the head is three fifths as long (see make_atlas.py)."""

    def at(point: Point) -> Point:
        x, y = point
        return x, (y if y < 0.30 else 0.30 + 0.6 * (y - 0.30)) / 0.72

    def shape(points: Polygon) -> Polygon:
        return tuple(at(point) for point in points)

    def young(part: Part) -> Part:
        assert not isinstance(part.shape, Disc)
        return replace(
            part,
            shape=shape(part.shape),
            pivot=at(part.pivot),
            knee=at(part.knee) if part.knee else None,
            fills=tuple((shape(points), at(spot)) for points, spot in part.fills),
            cut=at((0.0, part.cut))[1] if part.cut else 0.0,
        )

    return Figure(
        parts=tuple(young(part) for part in figure.parts),
        gone=tuple(shape(points) for points in figure.gone),
        fills=tuple((shape(points), at(spot)) for points, spot in figure.fills),
        rise=figure.rise * 0.6 / 0.72,
    )


def _both(leg: Part, shift: Point) -> tuple[Part, Part]:
    """A leg, and a darker copy behind it that takes the other step."""
    return replace(leg, phase=leg.phase + 0.5, shade=0.8, shift=shift, hole=False), leg


_ARM = ((0.40, 0.28), (0.50, 0.255), (0.60, 0.29), (0.585, 0.48), (0.50, 0.60), (0.45, 0.66), (0.22, 0.66), (0.22, 0.56),
        (0.40, 0.40))  # fmt: skip
_HAND = (_box(0.20, 0.565, 0.52, 0.67), (0.24, 0.70))
_WALKING = Figure(
    parts=(
        *_both(
            Part(
                kind="leg",
                shape=((0.17, 0.575), (0.56, 0.575), (0.56, 0.64), (0.44, 0.70), (0.385, 0.80), (0.345, 0.92), (0.36, 1.03),
                       (-0.05, 1.03), (-0.05, 0.915), (0.12, 0.90), (0.12, 0.70)),
                pivot=(0.37, 0.60),
                swing=0.40,
                knee=(0.27, 0.77),
                bend=0.65,
                behind=True,
                fills=(_HAND,),
            ),
            (0.02, 0.0),
        ),
        _limb("arm", _ARM, (0.49, 0.30), 0.42, 0.5, hole=False),
    ),
    gone=(_box(-0.1, 0.635, 1.1, 1.1),),
    fills=((_ARM, (0.33, 0.45)), _HAND),
)  # fmt: skip
_SKIRTED = Figure(
    parts=(
        *_both(
            Part(
                kind="leg",
                shape=((0.17, 0.70), (0.43, 0.70), (0.40, 0.77), (0.36, 0.92), (0.37, 1.03), (-0.05, 1.03), (-0.05, 0.915),
                       (0.12, 0.90), (0.12, 0.77)),
                pivot=(0.36, 0.60),
                swing=0.34,
                knee=(0.27, 0.80),
                bend=0.5,
                behind=True,
                fills=((_box(0.13, 0.60, 0.43, 0.775), (0.27, 0.80)),),
            ),
            (0.08, 0.0),
        ),
        _limb("arm", _ARM, (0.49, 0.30), 0.34, 0.5, hole=False),
    ),
    gone=(_box(-0.1, 0.757, 1.1, 1.1),),
    fills=((_ARM, (0.33, 0.45)),),
)  # fmt: skip
_RUN_ARM = ((0.43, 0.29), (0.50, 0.27), (0.62, 0.29), (0.65, 0.35), (0.73, 0.42), (0.66, 0.50), (0.54, 0.57), (0.41, 0.55),
            (0.40, 0.47), (0.50, 0.44), (0.55, 0.40), (0.44, 0.38))  # fmt: skip
_ELBOW = ((0.57, 0.27), (0.80, 0.30), (0.80, 0.50), (0.57, 0.57))
_FIST = ((0.0, 0.24), (0.18, 0.24), (0.24, 0.34), (0.30, 0.33), (0.33, 0.46), (0.24, 0.50), (0.0, 0.40))
_RUNNING = Figure(
    parts=(
        _limb("arm", _FIST, (0.31, 0.39), 0.30, behind=True),
        *_both(
            Part(
                kind="leg",
                shape=((0.33, 0.55), (0.60, 0.53), (0.61, 0.60), (0.50, 0.685), (0.36, 0.75), (0.28, 0.85), (0.235, 0.93),
                       (0.25, 1.03), (-0.05, 1.03), (-0.05, 0.905), (0.12, 0.90), (0.17, 0.80), (0.20, 0.72), (0.27, 0.65)),
                pivot=(0.47, 0.59),
                swing=0.62,
                rest=-0.42,
                knee=(0.275, 0.73),
                bend=1.1,
                behind=True,
                fills=((_box(0.30, 0.555, 0.62, 0.58), (0.42, 0.62)),),
            ),
            (0.03, 0.0),
        ),
        _limb("arm", _RUN_ARM, (0.51, 0.31), 0.38, 0.5, hole=False),
    ),
    gone=(_box(-0.1, 0.625, 1.1, 1.1), _ELBOW),
    rise=0.07,
    fills=((_RUN_ARM, (0.37, 0.42)),),
)  # fmt: skip
_SKIRT_RUNNING = Figure(
    parts=(
        _limb("arm", _FIST, (0.31, 0.39), 0.30, behind=True),
        *_both(
            Part(
                kind="leg",
                shape=((0.26, 0.64), (0.50, 0.64), (0.35, 0.765), (0.28, 0.85), (0.235, 0.93), (0.25, 1.03), (-0.05, 1.03),
                       (-0.05, 0.905), (0.12, 0.90), (0.17, 0.80), (0.175, 0.765)),
                pivot=(0.44, 0.60),
                swing=0.52,
                rest=-0.40,
                knee=(0.26, 0.775),
                bend=0.9,
                behind=True,
                fills=((_box(0.1, 0.60, 0.60, 0.785), (0.24, 0.80)),),
            ),
            (0.06, 0.0),
        ),
        _limb("arm", _RUN_ARM, (0.51, 0.31), 0.38, 0.5, hole=False),
    ),
    gone=(
        ((-0.1, 0.757), (0.67, 0.757), (0.62, 0.66), (0.57, 0.60), (1.1, 0.50), (1.1, 1.1), (-0.1, 1.1)),
        _ELBOW,
    ),
    rise=0.06,
    fills=((_RUN_ARM, (0.37, 0.42)),),
)  # fmt: skip
_DANCING = Figure(
    parts=(_limb("arm", ((0.66, -0.03), (1.05, -0.03), (1.05, 0.18), (0.88, 0.36), (0.70, 0.40), (0.62, 0.31), (0.70, 0.14)),
                 (0.68, 0.35), 0.22),)
)  # fmt: skip
_SKIRT_DANCING = Figure(
    parts=(_limb("arm", ((0.56, -0.03), (0.80, -0.03), (0.78, 0.34), (0.56, 0.40), (0.53, 0.33), (0.62, 0.26)),
                 (0.58, 0.36), 0.22),)
)  # fmt: skip


def _caned(figure: Figure) -> Figure:
    """The legs of somebody who walks with a cane, whose cut-out is wider by the cane."""

    def at(point: Point) -> Point:
        return 0.435 + 0.565 * point[0], point[1]

    legs = [part for part in figure.parts if part.kind == "leg" and not isinstance(part.shape, Disc)]
    parts = tuple(
        replace(
            part,
            shape=tuple(at(p) for p in part.shape if not isinstance(p, float)),  # type: ignore[union-attr]
            pivot=at(part.pivot),
            knee=at(part.knee) if part.knee else None,
            shift=(0.565 * part.shift[0], 0.0),
            fills=tuple((tuple(at(p) for p in points), at(spot)) for points, spot in part.fills if points != _HAND[0]),
        )
        for part in legs
    )
    below = max(y for _, y in figure.gone[0][:1])
    return Figure(parts=parts, gone=(_box(0.42, below, 1.1, 1.1),))


_PEOPLE: dict[str, Figure] = {
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

# -------------------------------------------------------------------- animals

_GALLOP = _legs(
    _limb("leg", ((0.34, 0.52), (0.22, 0.55), (0.09, 0.57), (0.03, 0.70), (0.01, 0.86), (0.15, 0.87), (0.14, 0.74),
                  (0.20, 0.655), (0.34, 0.72)), (0.30, 0.60), 0.36, 0.08, knee=(0.12, 0.62), bend=0.5, behind=True),
    _limb("leg", ((0.57, 0.55), (0.64, 0.52), (0.67, 0.64), (0.60, 0.755), (0.505, 0.80), (0.50, 0.90), (0.40, 0.90),
                  (0.41, 0.80), (0.46, 0.755), (0.55, 0.70)), (0.63, 0.60), 0.40, 0.58, behind=True),
    replace(
        _limb("leg", ((0.24, 0.55), (0.40, 0.55), (0.42, 0.68), (0.31, 0.765), (0.32, 0.825), (0.40, 0.88), (0.40, 0.94),
                      (0.27, 0.94), (0.20, 0.80), (0.21, 0.73), (0.28, 0.66)), (0.34, 0.62), 0.36, 0.0, behind=True),
        cut=0.685,
    ),
    replace(
        _limb("leg", ((0.60, 0.55), (0.80, 0.50), (0.84, 0.62), (0.74, 0.72), (0.69, 0.82), (0.60, 0.90), (0.53, 1.03),
                      (0.40, 1.03), (0.47, 0.87), (0.55, 0.80), (0.60, 0.73), (0.64, 0.66)), (0.72, 0.56), 0.40, 0.5,
              behind=True),
        cut=0.69,
    ),
    tail=_tail(((0.81, 0.40), (0.90, 0.46), (1.03, 0.55), (1.03, 0.66), (0.90, 0.72), (0.79, 0.64), (0.83, 0.56)),
               (0.83, 0.47), 0.22),
)  # fmt: skip

_ANIMALS: dict[str, Figure] = {
    "cat": _legs(
        _leg(0.29, 0.40, 0.79, 0.5, (0.27, 0.385)), _leg(0.62, 0.72, 0.79, 0.0, (0.60, 0.71)),
        _leg(0.375, 0.51, 0.80, 0.0), _leg(0.70, 0.83, 0.79, 0.5, (0.67, 0.83)),
        tail=_tail(((0.83, 0.24), (1.03, 0.24), (1.03, 0.56), (0.88, 0.63), (0.79, 0.60), (0.80, 0.50), (0.90, 0.44)),
                   (0.82, 0.55)),
    ),
    "dog": _legs(
        _leg(0.70, 0.86, 0.79, 0.5, shift=(-0.14, 0.03), shade=0.8), _leg(0.70, 0.87, 0.76, 0.0, (0.67, 0.87)),
        _leg(0.22, 0.40, 0.76, 0.5, (0.19, 0.39)), _leg(0.435, 0.61, 0.76, 0.0, (0.42, 0.62)),
        tail=_tail(((0.82, 0.40), (1.03, 0.40), (1.03, 0.58), (0.87, 0.62), (0.82, 0.58)), (0.84, 0.54), 0.3),
    ),
    "golden retriever": _legs(
        _leg(0.27, 0.38, 0.69, 0.5, (0.24, 0.34)), _leg(0.62, 0.75, 0.69, 0.0, (0.61, 0.72)),
        _leg(0.405, 0.53, 0.69, 0.0, (0.40, 0.51)), _leg(0.76, 0.90, 0.69, 0.5, (0.81, 0.93)),
        tail=_tail(((0.85, 0.10), (1.03, 0.10), (1.03, 0.30), (0.95, 0.45), (0.87, 0.42), (0.90, 0.30)), (0.90, 0.38), 0.3),
    ),
    "horse": _GALLOP,
    "zebra": _GALLOP,
    "sheep": _legs(
        _leg(0.21, 0.31, 0.87, 0.5), _leg(0.60, 0.70, 0.88, 0.0), _leg(0.375, 0.49, 0.88, 0.0), _leg(0.74, 0.87, 0.87, 0.5),
    ),
    "ram": _legs(
        _leg(0.21, 0.34, 0.86, 0.5), _leg(0.59, 0.71, 0.85, 0.0), _leg(0.38, 0.53, 0.87, 0.0), _leg(0.75, 0.88, 0.85, 0.5),
    ),
    "cow": _legs(
        _leg(0.39, 0.505, 0.69, 0.5), _leg(0.68, 0.77, 0.76, 0.0), _leg(0.52, 0.64, 0.70, 0.0, (0.53, 0.64)),
        _leg(0.755, 0.89, 0.70, 0.5, (0.74, 0.85)),
        tail=_tail(((0.93, 0.45), (0.98, 0.44), (1.03, 0.60), (1.03, 0.84), (0.90, 0.74), (0.90, 0.58)), (0.955, 0.47)),
    ),
    "ox": _legs(
        _leg(0.28, 0.39, 0.72, 0.5, (0.26, 0.375)), _leg(0.68, 0.78, 0.73, 0.0), _leg(0.415, 0.53, 0.73, 0.0),
        _leg(0.785, 0.91, 0.72, 0.5, (0.77, 0.89)),
    ),
    "buffalo": _legs(
        _leg(0.33, 0.43, 0.71, 0.5, (0.31, 0.43)), _leg(0.68, 0.79, 0.70, 0.0), _leg(0.465, 0.58, 0.70, 0.0),
        _leg(0.82, 0.94, 0.68, 0.5),
    ),
    "camel": _legs(
        _leg(0.41, 0.515, 0.70, 0.5, (0.36, 0.47)), _leg(0.70, 0.805, 0.70, 0.0, (0.67, 0.77)),
        _leg(0.53, 0.655, 0.70, 0.0, (0.49, 0.61)), _leg(0.82, 0.94, 0.70, 0.5, (0.78, 0.90)),
    ),
    "elephant": _legs(
        _leg(0.27, 0.46, 0.76, 0.5, (0.25, 0.41), shift=(0.09, -0.02), shade=0.72), _leg(0.50, 0.655, 0.74, 0.0),
        _leg(0.27, 0.445, 0.76, 0.0, (0.25, 0.41), bend=0.4), _leg(0.655, 0.81, 0.74, 0.5, (0.69, 0.85), bend=0.4),
        tail=_tail(((0.81, 0.50), (0.86, 0.52), (1.03, 0.66), (1.03, 0.76), (0.86, 0.66), (0.80, 0.58)), (0.815, 0.54)),
        more=(_limb("head", ((0.04, 0.55), (0.165, 0.55), (0.17, 0.72), (0.26, 0.72), (0.26, 0.88), (0.08, 0.90),
                             (0.04, 0.74)), (0.11, 0.56), 0.14),),
        gone=(((0.43, 0.765), (0.50, 0.765), (0.50, 0.94), (0.40, 0.94)),),
    ),
    "mammoth": _legs(
        _leg(0.26, 0.43, 0.78, 0.5), _leg(0.455, 0.635, 0.80, 0.0), _leg(0.79, 0.97, 0.78, 0.5),
    ),
    "giraffe": _legs(
        _leg(0.325, 0.425, 0.66, 0.5, (0.31, 0.415)), _leg(0.77, 0.85, 0.72, 0.0, (0.76, 0.87)),
        _leg(0.43, 0.545, 0.67, 0.0, (0.43, 0.55)), _leg(0.655, 0.79, 0.68, 0.5, (0.61, 0.72)),
        tail=_tail(((0.82, 0.52), (0.88, 0.54), (1.03, 0.68), (1.03, 0.80), (0.92, 0.80), (0.88, 0.64)), (0.845, 0.55)),
    ),
    "deer": _legs(
        _leg(0.285, 0.39, 0.69, 0.5, (0.23, 0.34)), _leg(0.58, 0.75, 0.69, 0.0, (0.58, 0.71)),
        _leg(0.385, 0.51, 0.69, 0.0, (0.35, 0.46)), _leg(0.79, 0.97, 0.69, 0.5, (0.85, 0.98)),
    ),
    "llama": _legs(
        _leg(0.45, 0.53, 0.80, 0.5), _leg(0.80, 0.89, 0.80, 0.0), _leg(0.34, 0.45, 0.80, 0.0), _leg(0.70, 0.80, 0.80, 0.5),
    ),
    "pig": _legs(
        _leg(0.125, 0.265, 0.80, 0.5), _leg(0.73, 0.885, 0.77, 0.5, shift=(-0.17, 0.02), shade=0.8),
        _leg(0.345, 0.49, 0.82, 0.0), _leg(0.725, 0.885, 0.77, 0.0),
        tail=_tail(((0.84, -0.03), (1.03, -0.03), (1.03, 0.20), (0.93, 0.20), (0.85, 0.10)), (0.93, 0.18), 0.2),
    ),
    "rhinoceros": _legs(
        _leg(0.36, 0.52, 0.72, 0.5), _leg(0.715, 0.84, 0.72, 0.0), _leg(0.50, 0.70, 0.80, 0.0, (0.47, 0.68), bend=0.3),
        _leg(0.84, 1.01, 0.76, 0.5, (0.80, 1.02), bend=0.3),
    ),
    "hippopotamus": _legs(
        _leg(0.31, 0.445, 0.74, 0.5, (0.28, 0.43)), _leg(0.65, 0.80, 0.71, 0.0), _leg(0.455, 0.61, 0.76, 0.0, (0.43, 0.60)),
        _leg(0.82, 0.95, 0.70, 0.5, (0.79, 0.92)),
    ),
    "tiger": _legs(
        _leg(0.14, 0.29, 0.70, 0.5, (0.08, 0.22)), _leg(0.55, 0.68, 0.73, 0.0), _leg(0.30, 0.44, 0.74, 0.0, (0.27, 0.42)),
        _leg(0.63, 0.785, 0.72, 0.5),
        tail=_tail(((0.80, 0.50), (0.90, 0.52), (0.92, 0.44), (1.03, 0.44), (1.03, 0.74), (0.82, 0.74)), (0.81, 0.60)),
    ),
    "leopard": _legs(
        _leg(0.18, 0.31, 0.70, 0.5, (0.11, 0.25)), _leg(0.58, 0.68, 0.74, 0.0, (0.55, 0.66)),
        _leg(0.32, 0.46, 0.76, 0.0, (0.28, 0.43)), _leg(0.645, 0.785, 0.74, 0.5, (0.62, 0.77)),
        tail=_tail(((0.80, 0.55), (0.88, 0.58), (0.90, 0.48), (1.03, 0.48), (1.03, 0.76), (0.81, 0.76)), (0.81, 0.64)),
    ),
    "goat": _legs(
        _leg(0.82, 1.01, 0.76, 0.5, shift=(-0.14, 0.03), shade=0.75), _leg(0.81, 1.01, 0.76, 0.0),
        _leg(0.335, 0.53, 0.79, 0.5), _leg(0.54, 0.735, 0.77, 0.0),
    ),
    "dinosaur": _legs(
        _leg(0.16, 0.27, 0.84, 0.5, (0.11, 0.22), shift=(0.0, 0.0)),
        _leg(0.56, 0.74, 0.83, 0.5, (0.56, 0.75), shift=(-0.10, -0.01), shade=0.7, bend=0.3),
        _leg(0.225, 0.385, 0.84, 0.0, (0.20, 0.385), bend=0.3), _leg(0.565, 0.72, 0.83, 0.0, (0.54, 0.75), bend=0.3),
        tail=_tail(((0.80, 0.50), (1.03, 0.50), (1.03, 0.80), (0.84, 0.86), (0.76, 0.80), (0.80, 0.70), (0.90, 0.68)),
                   (0.78, 0.78), 0.14),
        more=(_limb("head", ((-0.03, -0.03), (0.36, -0.03), (0.36, 0.26), (0.16, 0.26), (0.15, 0.46), (-0.02, 0.46)),
                    (0.09, 0.44), 0.10),),
        gone=(_box(0.45, 0.865, 0.565, 0.95),),
    ),
    "tyrannosaurus": _legs(
        replace(_limb("leg", ((0.33, 0.55), (0.52, 0.58), (0.54, 0.66), (0.54, 0.86), (0.44, 1.0), (0.27, 1.0), (0.27, 0.86),
                              (0.40, 0.80), (0.32, 0.70)), (0.46, 0.60), 0.34, 0.5, behind=True), cut=0.665),
        _leg(0.50, 0.70, 0.70, 0.0, (0.48, 0.78), bend=0.5),
        tail=_tail(((0.74, 0.10), (1.03, 0.10), (1.03, 0.44), (0.84, 0.54), (0.78, 0.46), (0.74, 0.26)), (0.80, 0.42), 0.13),
        more=(_limb("arm", ((0.18, 0.38), (0.33, 0.38), (0.34, 0.50), (0.28, 0.62), (0.17, 0.62)), (0.30, 0.42), 0.2),),
    ),
    "crab": _legs(
        _limb("arm", ((0.18, -0.03), (0.43, -0.03), (0.42, 0.22), (0.34, 0.32), (0.30, 0.46), (0.20, 0.44)), (0.29, 0.44), 0.14),
        _limb("arm", ((0.57, -0.03), (0.82, -0.03), (0.80, 0.44), (0.70, 0.46), (0.66, 0.32), (0.58, 0.22)), (0.74, 0.44), 0.14, 0.5),
        *(
            _limb("leg", shape, pivot, 0.16, phase, behind=True)
            for shape, pivot, phase in (
                (((-0.03, 0.40), (0.20, 0.44), (0.26, 0.56), (-0.03, 0.70)), (0.24, 0.53), 0.0),
                (((-0.03, 0.70), (0.26, 0.58), (0.30, 0.72), (-0.03, 0.86)), (0.28, 0.66), 0.5),
                (((0.06, 0.87), (0.28, 0.70), (0.38, 0.80), (0.25, 1.03), (0.06, 1.03)), (0.32, 0.76), 0.0),
                (((1.03, 0.40), (0.82, 0.44), (0.76, 0.56), (1.03, 0.70)), (0.78, 0.53), 0.5),
                (((1.03, 0.70), (0.76, 0.58), (0.72, 0.72), (1.03, 0.86)), (0.74, 0.66), 0.0),
                (((0.94, 0.87), (0.74, 0.70), (0.64, 0.80), (0.77, 1.03), (0.94, 1.03)), (0.70, 0.76), 0.5),
            )
        ),
    ),
}  # fmt: skip

# -------------------------------------------------------------------- birds, fish and what else has wings or tails


def _wing(shape: Polygon, pivot: Point, swing: float, squeeze: Point = (1.0, 1.0), phase: float = 0.0, *,
          behind: bool = False) -> Part:  # fmt: skip
    return Part(kind="wing", shape=shape, pivot=pivot, swing=swing, squeeze=squeeze, phase=phase, behind=behind)


def _folded(shape: Polygon, pivot: Point, stretch: float = 1.8) -> Part:
    """A wing that lies on the body and is flung up from it."""
    return Part(kind="wing", shape=shape, pivot=pivot, squeeze=(1.0, -stretch), hole=False)


_DOVE = _legs(
    more=(
        _wing(((0.28, 0.03), (0.58, 0.03), (0.60, 0.28), (0.46, 0.46), (0.30, 0.46)), (0.40, 0.45), 0.30, (1.0, 0.75), 0.1,
              behind=True),
        _wing(((0.42, 0.40), (0.58, 0.22), (0.72, -0.03), (1.03, -0.03), (1.03, 0.36), (0.86, 0.56), (0.66, 0.66), (0.50, 0.58)),
              (0.54, 0.52), 0.38, (1.0, 0.8)),
    )
)  # fmt: skip
_BAT = ((-0.03, -0.03), (0.355, -0.03), (0.355, 0.28), (0.43, 0.37), (0.43, 0.74), (0.38, 0.86), (-0.03, 0.86))
_BIRDS: dict[str, Figure] = {
    "bird": _legs(
        more=(_folded(((0.34, 0.50), (0.62, 0.50), (0.79, 0.52), (0.80, 0.62), (0.74, 0.76), (0.60, 0.79), (0.44, 0.74),
                       (0.34, 0.62)), (0.45, 0.53)),),
    ),
    "seagull": _DOVE,
    "dove": _DOVE,
    "eagle": _legs(
        more=(
            _wing(((-0.03, 0.10), (0.22, -0.03), (0.34, 0.05), (0.42, 0.30), (0.43, 0.46), (0.34, 0.40), (0.20, 0.39),
                   (0.13, 0.48), (-0.03, 0.40)), (0.38, 0.44), 0.24, (1.0, 0.8), 0.05, behind=True),
            _wing(((0.44, 0.40), (0.48, 0.24), (0.60, 0.16), (1.03, 0.12), (1.03, 0.28), (0.92, 0.38), (0.76, 0.52),
                   (0.66, 0.64), (0.56, 0.68), (0.48, 0.58)), (0.52, 0.52), 0.34, (1.0, 0.85)),
        )
    ),
    "duck": _legs(
        _limb("leg", ((0.40, 0.77), (0.50, 0.77), (0.49, 0.90), (0.40, 0.95), (0.27, 0.95), (0.27, 0.84), (0.40, 0.86)),
              (0.46, 0.78), 0.32, 0.5, behind=True),
        _limb("leg", ((0.53, 0.76), (0.65, 0.76), (0.66, 1.03), (0.46, 1.03), (0.46, 0.91), (0.55, 0.90)),
              (0.59, 0.78), 0.32, behind=True),
        more=(_folded(((0.40, 0.52), (0.50, 0.455), (0.75, 0.46), (0.84, 0.50), (0.76, 0.66), (0.60, 0.70), (0.44, 0.66)),
                      (0.58, 0.49)),),
    ),
    "goose": _legs(
        _limb("leg", ((0.68, 0.80), (0.83, 0.80), (0.83, 1.03), (0.66, 1.03), (0.66, 0.93), (0.71, 0.90)), (0.76, 0.82), 0.3,
              0.5, behind=True),
        _limb("leg", ((0.40, 0.82), (0.54, 0.82), (0.54, 1.03), (0.28, 1.03), (0.28, 0.95), (0.42, 0.92)), (0.48, 0.83), 0.3,
              behind=True),
        more=(_folded(((0.42, 0.46), (0.62, 0.48), (0.88, 0.50), (0.80, 0.64), (0.62, 0.72), (0.44, 0.66)), (0.55, 0.50)),),
    ),
    "chick": _legs(
        _limb("leg", ((0.38, 0.76), (0.49, 0.76), (0.49, 0.93), (0.30, 0.93), (0.30, 0.85), (0.40, 0.85)), (0.45, 0.77), 0.34,
              0.5, behind=True),
        _limb("leg", ((0.52, 0.76), (0.63, 0.76), (0.63, 1.03), (0.43, 1.03), (0.43, 0.92), (0.53, 0.92)), (0.57, 0.77), 0.34,
              behind=True),
    ),
    "rooster": _legs(
        _limb("leg", ((0.18, 0.78), (0.36, 0.78), (0.36, 0.86), (0.26, 0.94), (0.07, 0.94), (0.07, 0.84)), (0.31, 0.80), 0.3,
              0.5, behind=True),
        _limb("leg", ((0.39, 0.79), (0.53, 0.79), (0.58, 1.03), (0.29, 1.03), (0.29, 0.94), (0.42, 0.93)), (0.48, 0.80), 0.3,
              behind=True),
        tail=_tail(((0.64, 0.17), (1.03, 0.17), (1.03, 0.56), (0.82, 0.56), (0.66, 0.44)), (0.66, 0.42), 0.10),
    ),
    "turkey": _legs(
        _limb("leg", ((0.30, 0.82), (0.445, 0.82), (0.445, 0.93), (0.40, 0.965), (0.22, 0.965), (0.22, 0.86)), (0.40, 0.83),
              0.28, 0.5, behind=True),
        _limb("leg", ((0.45, 0.82), (0.56, 0.82), (0.62, 1.03), (0.32, 1.03), (0.32, 0.96), (0.44, 0.94)), (0.50, 0.83), 0.28,
              behind=True),
        more=(_limb("head", ((-0.03, -0.03), (0.30, -0.03), (0.30, 0.16), (0.22, 0.32), (0.10, 0.46), (-0.03, 0.46)),
                    (0.18, 0.34), 0.08),),
    ),
    "penguin": _legs(
        more=(_limb("arm", ((0.60, 0.34), (0.80, 0.36), (0.93, 0.55), (1.03, 0.80), (1.03, 0.92), (0.90, 0.90), (0.74, 0.70)),
                    (0.72, 0.40), 0.16),),
    ),
    "butterfly": _legs(
        more=(
            Part(kind="wing", shape=((-0.03, 0.20), (0.48, 0.28), (0.55, 0.46), (0.54, 0.66), (0.46, 1.03), (0.26, 1.03),
                                     (-0.03, 0.60)), pivot=(0.545, 0.50), squeeze=(0.35, 1.0)),
            Part(kind="wing", shape=((1.03, -0.03), (1.03, 0.60), (0.97, 0.94), (0.68, 0.94), (0.60, 0.66), (0.575, 0.40),
                                     (0.64, 0.24), (0.80, -0.03)), pivot=(0.555, 0.50), squeeze=(0.35, 1.0)),
        ),
    ),
    "bat": _legs(
        more=(
            _wing(_BAT, (0.44, 0.46), 0.26, (0.86, 1.0), behind=True),
            _wing(tuple((1.0 - x, y) for x, y in _BAT), (0.56, 0.46), -0.26, (0.86, 1.0), behind=True),
        ),
    ),
    "bee": _legs(
        more=(
            _wing(((0.40, -0.03), (0.72, -0.03), (0.72, 0.20), (0.62, 0.52), (0.52, 0.44)), (0.60, 0.50), 0.3, behind=True),
            _wing(((0.60, 0.50), (0.68, 0.26), (0.80, 0.12), (1.03, 0.12), (1.03, 0.32), (0.76, 0.56)), (0.63, 0.52), 0.3,
                  (1.0, 1.0), 0.5, behind=True),
        ),
    ),
    "parrot": _legs(
        tail=_tail(((0.70, 0.72), (0.78, 0.70), (1.03, 0.82), (1.03, 0.94), (0.72, 0.90)), (0.73, 0.80), 0.10),
        more=(_folded(((0.34, 0.42), (0.46, 0.31), (0.56, 0.33), (0.76, 0.80), (0.60, 0.80), (0.38, 0.64)), (0.46, 0.38), 1.25),),
    ),
}  # fmt: skip


def _fin(shape: Polygon, pivot: Point, squeeze: Point = (1.0, 1.0), swing: float = 0.0, phase: float = 0.0) -> Part:
    return Part(kind="fin", shape=shape, pivot=pivot, squeeze=squeeze, swing=swing, phase=phase)


_FISH: dict[str, Figure] = {
    "fish": Figure(parts=(_fin(_box(0.82, 0.25, 1.03, 0.92), (0.82, 0.61), (0.40, 1.0)),)),
    "tropical fish": Figure(parts=(_fin(_box(0.82, 0.18, 1.03, 0.75), (0.83, 0.48), (0.40, 1.0)),)),
    "pufferfish": Figure(parts=(_fin(((0.82, 0.35), (0.90, 0.22), (1.03, 0.22), (1.03, 0.62), (0.90, 0.58), (0.82, 0.50)),
                                     (0.82, 0.42), (0.45, 1.0)),)),
    "shark": Figure(parts=(_fin(((0.10, 0.60), (0.62, 0.60), (0.66, 0.70), (0.62, 1.03), (0.10, 1.03)), (0.62, 0.66),
                                swing=0.2),)),
    "dolphin": Figure(parts=(_fin(((0.28, 0.72), (0.56, 0.72), (0.66, 0.82), (0.66, 1.03), (0.28, 1.03)), (0.60, 0.80),
                                  swing=0.24),)),
    "whale": Figure(parts=(_fin(((0.55, -0.03), (1.03, -0.03), (1.03, 0.36), (0.78, 0.36), (0.66, 0.24), (0.55, 0.24)),
                                (0.90, 0.36), swing=0.16),)),
    "octopus": Figure(parts=(
        _fin(((0.04, -0.03), (0.20, -0.03), (0.32, 0.40), (0.30, 0.48), (0.16, 0.44)), (0.29, 0.43), swing=0.16),
        _fin(((-0.03, 0.30), (0.12, 0.32), (0.26, 0.50), (0.27, 0.64), (-0.03, 0.68)), (0.27, 0.57), swing=0.16, phase=0.25),
        _fin(((0.08, 0.66), (0.26, 0.62), (0.36, 0.66), (0.40, 0.74), (0.30, 0.90), (0.08, 0.92)), (0.35, 0.68), swing=0.16,
             phase=0.5),
        _fin(((0.38, 0.76), (0.50, 0.74), (0.62, 0.80), (0.62, 1.03), (0.36, 1.03)), (0.46, 0.76), swing=0.16, phase=0.75),
        _fin(((0.58, 0.72), (0.70, 0.72), (0.80, 0.74), (1.0, 0.66), (1.0, 0.82), (0.80, 0.92), (0.64, 0.86)), (0.62, 0.74),
             swing=0.16, phase=0.0),
    )),
}  # fmt: skip

# -------------------------------------------------------------------- wheels and rotors


def _cycle(radius: float, *middles: Point) -> Figure:
    """Wheels that one sees through: spokes behind the frame."""
    return Figure(
        radius=radius,
        parts=tuple(
            Part(kind="wheel", shape=Disc(middle=at, radius=radius), pivot=at, turns=1 / 3, spokes=3, behind=True, hole=False)
            for at in middles
        ),
    )


_VEHICLES: dict[str, Figure] = {
    "car": _wheels(0.185, (0.244, 0.809, 0.10), (0.821, 0.809, 0.10)),
    "suv": _wheels(0.18, (0.216, 0.814, 0.10), (0.752, 0.814, 0.10)),
    "taxi": _wheels(0.165, (0.238, 0.832, 0.09), (0.820, 0.832, 0.09)),
    "police car": _wheels(0.175, (0.240, 0.822, 0.10), (0.817, 0.822, 0.10)),
    "bus": _wheels(0.145, (0.136, 0.850, 0.078), (0.792, 0.850, 0.078)),
    "minibus": _wheels(0.13, (0.177, 0.865, 0.069), (0.806, 0.865, 0.069)),
    "ambulance": _wheels(0.12, (0.216, 0.875, 0.063), (0.840, 0.875, 0.063)),
    "fire truck": _wheels(0.135, (0.280, 0.860, 0.077), (0.744, 0.860, 0.077)),
    "truck": _wheels(0.13, (0.254, 0.865, 0.075), (0.795, 0.865, 0.075)),
    "semi truck": _wheels(0.115, *((x, 0.880, 0.058) for x in (0.232, 0.552, 0.752, 0.896))),
    "pickup truck": _wheels(0.165, (0.226, 0.829, 0.089), (0.815, 0.829, 0.089)),
    "racing car": _wheels(0.205, (0.254, 0.735, 0.19), (0.802, 0.735, 0.19), hub=0.55),
    "rickshaw": _wheels(0.155, (0.145, 0.860, 0.07), (0.815, 0.840, 0.07)),
    "scooter": _wheels(0.15, (0.169, 0.846, 0.07), (0.850, 0.846, 0.08)),
    "motorcycle": _wheels(0.215, (0.161, 0.779, 0.15), (0.825, 0.779, 0.15)),
    "tractor": _wheels(0.255, (0.790, 0.736, 0.15), (0.234, 0.790, 0.12)),
    "train": _wheels(0.115, (0.600, 0.880, 0.10), (0.855, 0.880, 0.10), (0.245, 0.930, 0.05), (0.395, 0.930, 0.05)),
    "bicycle": _cycle(0.285, (0.202, 0.709), (0.798, 0.709)),
    "cyclist": _cycle(0.20, (0.205, 0.795), (0.790, 0.795)),
    "kick scooter": _cycle(0.11, (0.125, 0.885), (0.885, 0.885)),
    "helicopter": Figure(parts=(
        Part(kind="rotor", shape=_box(-0.03, 0.02, 0.40, 0.24), pivot=(0.42, 0.12), squeeze=(0.25, 1.0)),
        Part(kind="rotor", shape=_box(0.44, 0.02, 0.84, 0.24), pivot=(0.42, 0.12), squeeze=(0.25, 1.0)),
    )),
}  # fmt: skip

JOINTED: Final[dict[str, Figure]] = {**_PEOPLE, **_ANIMALS, **_BIRDS, **_FISH, **_VEHICLES}
"""By the noun's key, and where a noun has a cut-out for each pose by "key/pose"."""

_MOVING: Final[dict[Action, tuple[PartKind, ...]]] = {
    "stand": ("tail",),
    "walk": ("leg", "arm", "tail", "head"),
    "run": ("leg", "arm", "tail", "head"),
    "hop": ("tail", "fin"),
    "dance": ("arm", "wing", "tail"),
    "fly": ("wing", "rotor", "tail"),
    "drive": ("wheel",),
    "ride": ("wheel",),
    "sail": (),
    "swim": ("fin", "tail"),
    "roll": ("wheel",),
    "bounce": (),
    "rise": ("rotor", "wing"),
    "fall": (),
}


@lru_cache(maxsize=1024)
def figure(noun: str, action: str) -> Figure | None:
    """The parts of a noun that move in an action; None: it is moved as a whole."""
    whole = JOINTED.get(f"{noun}/{action}") or JOINTED.get(noun)
    kinds = _MOVING.get(action, ())  # type: ignore[call-overload]
    if whole is None or not any(part.kind in kinds for part in whole.parts):
        return None
    return replace(whole, parts=tuple(part for part in whole.parts if part.kind in kinds))
