"""Parts by kind: legs, wings, tails, fins and wheels, as `joints` wants them, from a few numbers.

Knows no nouns (see `figures`). Places are fractions of the tight cut-out, which looks left.
"""

from dataclasses import replace

from yozora.world.joints import Disc, Figure, PartKind, Point, PuppetPart

Polygon = tuple[Point, ...]


def outline(text: str) -> Polygon:
    """A polygon of points "x y, x y, ..." in hundredths of the cut-out's width and height."""
    pairs = (point.split() for point in text.split(","))
    return tuple((float(x) / 100, float(y) / 100) for x, y in pairs)


def box(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


BOTTOM, HIP = 1.03, 0.07  # where legs end, and how far above their top they begin


def leg(
    x0: float,
    x1: float,
    top: float,
    phase: float,
    foot: Point | None = None,
    *,
    swing: float = 0.36,
    bend: float = 0.7,
) -> PuppetPart:
    """A leg that hangs down: from x0 to x1 where it leaves the body at height `top`, and as wide as `foot` below."""
    f0, f1 = foot or (x0, x1)
    middle, end = (x0 + x1) / 2, (f0 + f1) / 2
    level = top + 0.42 * (BOTTOM - top)
    return PuppetPart(
        kind="leg",
        shape=((x0, top - HIP), (x1, top - HIP), (x1, top), (f1, BOTTOM), (f0, BOTTOM), (x0, top)),
        pivot=(middle, top - HIP / 2),
        phase=phase,
        swing=swing,
        knee=(middle + 0.42 * (end - middle), level) if bend else None,
        bend=bend,
        behind=True,
        cut=top,
        hole=True,
    )


def far(near: PuppetPart, shift: Point, shade: float) -> PuppetPart:
    """A leg on the other side: darker, beside its place, and nothing is cut out for it."""
    return replace(near, shift=shift, shade=shade, hole=shift == (0.0, 0.0))


def limb(
    kind: PartKind,
    shape: Polygon,
    pivot: Point,
    swing: float,
    phase: float = 0.0,
    *,
    knee: tuple[Point, float] | None = None,
    behind: bool = False,
    hole: bool = True,
) -> PuppetPart:
    """Any other piece that swings; `knee`: where it bends, and how far."""
    where, bend = knee or (None, 0.0)
    return PuppetPart(
        kind=kind,
        shape=shape,
        pivot=pivot,
        swing=swing,
        phase=phase,
        knee=where,
        bend=bend,
        behind=behind,
        hole=hole,
    )


def wheels(radius: float, *hubs: tuple[float, float, float], spokes: int = 3) -> Figure:
    """Wheels of one radius; (x, y, radius) of each hub, on which spokes are painted."""
    return Figure(
        radius=radius,
        parts=tuple(
            PuppetPart(
                kind="wheel",
                shape=Disc(middle=(x, y), radius=size),
                pivot=(x, y),
                turns=1 / spokes,
                spokes=spokes,
                hub=True,
            )
            for x, y, size in hubs
        ),
    )


def legs(
    *parts: PuppetPart,
    tail: PuppetPart | None = None,
    more: tuple[PuppetPart, ...] = (),
    gone: tuple[Polygon, ...] = (),
) -> Figure:
    return Figure(parts=(*((tail,) if tail else ()), *parts, *more), gone=gone)


def tail(shape: Polygon, pivot: Point, swing: float = 0.18, *, behind: bool = False) -> PuppetPart:
    return limb("tail", shape, pivot, swing, behind=behind)


def wing(
    shape: Polygon, pivot: Point, swing: float, squeeze: Point = (1.0, 1.0), phase: float = 0.0, *, behind: bool = False
) -> PuppetPart:
    return PuppetPart(kind="wing", shape=shape, pivot=pivot, swing=swing, squeeze=squeeze, phase=phase, behind=behind)


def folded(shape: Polygon, pivot: Point, stretch: float = 1.8) -> PuppetPart:
    """A wing that is folded on the body and swings up from it."""
    return PuppetPart(kind="wing", shape=shape, pivot=pivot, squeeze=(1.0, -stretch), hole=False)


def fin(
    shape: Polygon, pivot: Point, squeeze: Point = (1.0, 1.0), swing: float = 0.0, phase: float = 0.0
) -> PuppetPart:
    return PuppetPart(kind="fin", shape=shape, pivot=pivot, squeeze=squeeze, swing=swing, phase=phase)


def cycle(radius: float, *middles: Point) -> Figure:
    """Wheels that one sees through: spokes behind the frame."""
    return Figure(
        radius=radius,
        parts=tuple(
            PuppetPart(
                kind="wheel",
                shape=Disc(middle=at, radius=radius),
                pivot=at,
                turns=1 / 3,
                spokes=3,
                behind=True,
                hole=False,
            )
            for at in middles
        ),
    )
