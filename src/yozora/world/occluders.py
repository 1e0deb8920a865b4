"""What stands before a stage, so that an actor passes behind it: a trunk, a rock or a pillar. Knows no actors."""

from yozora.world.paint import mix, sheet
from yozora.world.scene import Place
from yozora.world.scenery import StageLayer, StageView

OCCLUDERS: dict[Place, tuple[str, str]] = {  # kind, colour
    "park": ("trunk", "#8a6a52"),
    "beach": ("rock", "#a59a8f"),
    "city": ("pillar", "#a59c94"),
    "snow": ("trunk", "#7d6455"),
    "desert": ("rock", "#b58467"),
    "sea": ("rock", "#7d8791"),
    "mountains": ("rock", "#9aa0a4"),
    "room": ("pillar", "#c8b6a4"),
}


def occluder(place: Place, bench: StageView, x: float, width: float) -> StageLayer:
    """A trunk, a rock or a pillar about X = x, `width` units wide, that stands before everything."""
    kind, color = OCCLUDERS[place]
    lit = bench.light
    stone = lit.on(color, cover=0.3)
    y0, y1 = bench.seen(1.0)[1], bench.seen(1.0)[3]
    half = width / 2
    paper = sheet((x - half * 1.5, y0, x + half * 1.5, y1), bench.scale, bench.origin, bench.ink)
    if kind == "rock":
        top = -0.62
        paper.polygon(
            (
                (x - half * 1.35, y1 + 0.1),
                (x - half * 0.95, top + 0.12),
                (x - half * 0.45, top),
                (x + half * 0.5, top + 0.03),
                (x + half * 0.98, top + 0.16),
                (x + half * 1.35, y1 + 0.1),
            ),
            stone,
            shade=0.14,
        )
        paper.polygon(
            ((x - half * 0.95, top + 0.12), (x - half * 0.45, top), (x - half * 0.2, y1), (x - half * 1.2, y1)),
            mix(stone, (1, 1, 1), 0.16),
            alpha=0.7,
        )
    else:
        paper.box(x - half, y0 - 0.5, x + half, y1 + 0.5, stone)
        if not bench.ink:
            paper.box(x - half * 0.8, y0 - 0.5, x - half * 0.35, y1 + 0.5, mix(stone, (1, 1, 1), 0.25), alpha=0.6)
            paper.box(x + half * 0.45, y0 - 0.5, x + half, y1 + 0.5, mix(stone, (0.1, 0.1, 0.2), 0.25), alpha=0.5)
    return StageLayer(sheet=paper, parallax=1.0, before=9.0)
