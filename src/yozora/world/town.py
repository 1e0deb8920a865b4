"""The two stages that people built: a city street and a room.

World coordinates as in paint.py: the actors' ground line is Y = 0.
"""

from collections.abc import Callable

import numpy as np

from yozora.world.paint import RGB, Box, Sheet, mix, paint, rgb, sheet, times
from yozora.world.scenery import Stage, StageLayer, StageView, sky, spread, tree, wavy


def city(bench: StageView) -> Stage:
    """A street before a row of houses; windows and lamps are lit at dusk, and a wet street mirrors them."""
    lit = bench.light
    layers = [sky(bench, -0.20, skyline=-0.52)]
    far = bench.paper(0.45, -0.80)
    for k, x, size in spread(bench, 0.45, 0.17, 30):
        tone = lit.on("#9aa6bd", 0.65)
        far.box(x - 0.085, -0.36 - 0.24 * size, x + 0.085, 0.3, mix(tone, lit.haze, 0.2 * bench.roll(32, k)))
        if lit.night:
            far.panes(
                (x - 0.07, -0.33 - 0.24 * size, x + 0.07, -0.15),
                3,
                6,
                (tone, rgb("#b9a67a")),
                [int(bench.roll(33, k, j) < 0.3) for j in range(18)],
            )
    layers.append(StageLayer(sheet=far, parallax=0.45))
    row = bench.paper(0.8, -0.82)
    step = 0.345
    x0, _, x1, _ = bench.seen(0.8)
    for k in range(int(np.floor(x0 / step)) - 1, int(np.ceil(x1 / step)) + 1):
        _house(bench, row, (k + 0.5 + 0.3 * (bench.roll(34) - 0.5)) * step, step, k)
    layers.append(StageLayer(sheet=row, parallax=0.8))
    street = bench.paper(1.0, -0.78)
    street.land(-0.135, lit.on("#cfc8bd", cover=0.8), lit.on("#c3bcb2", cover=0.8), depth=0.1, shadow=0.25)
    _lamps(bench, street)
    street.land(-0.072, lit.on("#a9a39c", cover=0.6), lit.on("#a9a39c", cover=0.6), shadow=0.0)
    street.land(-0.054, lit.on("#8c8a93", cover=0.45), lit.on("#7b7a85", cover=0.45), depth=0.3, shadow=0.2)
    for _, x, _ in spread(bench, 1.0, 0.36, 70):
        street.polygon(
            ((x - 0.088, 0.118), (x - 0.080, 0.100), (x + 0.092, 0.100), (x + 0.088, 0.118)),
            lit.on("#d9d4c4"),
            alpha=0.75,
        )
    if lit.weather.wet:
        _puddle(street, row)
    layers.append(StageLayer(sheet=street, parallax=1.0))
    return layers


def _puddle(street: Sheet, row: Sheet) -> None:
    """The wet street mirrors the houses, softly and drawn out."""
    below = np.flatnonzero(street.y_H > -0.05)
    if not len(below):
        return
    up_H = -0.135 - 1.9 * (street.y_H[below] + 0.05)
    rows = np.clip(np.round(up_H * row.scale + row.offset_y - row.top - 0.5), 0, row.image_4HW.shape[1] - 1).astype(
        np.intp
    )
    cols = np.round(street.x_W * row.scale + row.offset_x - row.left - 0.5).astype(np.intp)
    mirrored = row.image_4HW[:, rows][:, :, np.clip(cols, 0, row.image_4HW.shape[2] - 1)]
    reach = max(1, round(0.03 * row.scale))
    total = np.cumsum(np.pad(mirrored, ((0, 0), (reach + 1, reach), (0, 0)), mode="edge"), axis=1)
    soft = (total[:, 2 * reach + 1 :] - total[:, : -2 * reach - 1]) / np.float32(2 * reach + 1)
    strength = np.float32(0.42) * soft[3] * np.clip(1.15 - (street.y_H[below] + 0.05) * 3.2, 0.25, 1)[:, None]
    soft[:3] /= np.maximum(soft[3], 1e-3)
    soft[3] = 1.0
    paint(street.image_4HW[:, below[0] : below[-1] + 1], strength, soft)


_FACADES = ("#cfa08c", "#d9c296", "#9fb3bf", "#c7b3a4", "#b9a3b5", "#a8b8a0", "#dccdb5")


def _house(bench: StageView, paper: Sheet, x: float, step: float, key: int) -> None:
    lit = bench.light
    rows = 2 + int(bench.roll(35, key) * 2.4)
    floor = 0.098
    top, half = -0.13 - 0.135 - rows * floor, step / 2 - 0.004
    wall = lit.on(_FACADES[int(bench.roll(36, key) * 7)], 0.12)
    roof = lit.on(("#8d6a66", "#737a8c", "#7d7368")[key % 3], 0.1, cover=0.85)
    if bench.roll(37, key) < 0.55:
        paper.polygon(
            (
                (x - half - 0.012, top),
                (x - half * 0.62, top - 0.085),
                (x + half * 0.62, top - 0.085),
                (x + half + 0.012, top),
            ),
            roof,
            shade=0.05,
        )
    else:
        paper.box(x - half - 0.01, top - 0.026, x + half + 0.01, top + 0.004, roof)
    paper.box(x - half, top, x + half, -0.1, wall)
    glass = lit.on("#8fa6b5", 0.1)
    warm = rgb("#ffd67a") if lit.night else rgb("#ffd99a") if lit.sunset else mix(glass, (1, 1, 1), 0.3)
    lit_share = 0.62 if lit.night else 0.35
    paper.panes(
        (x - half + 0.012, top + 0.016, x + half - 0.012, top + rows * floor + 0.012),
        4,
        rows,
        (glass if not lit.night else mix(glass, (0, 0, 0), 0.35), warm, mix(warm, rgb("#f2a65a"), 0.45)),
        [
            (1 + int(bench.roll(39, key, j) < 0.35)) if bench.roll(38, key, j) < lit_share else 0
            for j in range(4 * rows)
        ],
    )
    awning = lit.on(("#c98f86", "#93aaa0", "#d0b489")[int(bench.roll(40, key) * 3)], 0.05, cover=0.5)
    shop = rgb("#ffcf7a") if lit.night else lit.on("#a8bac0", 0.1)
    paper.box(x - half + 0.03, -0.225, x + half - 0.12, -0.14, shop)
    paper.box(x + half - 0.095, -0.232, x + half - 0.035, -0.10, lit.on("#7a6258", 0.05))
    paper.box(x - half + 0.015, -0.258, x + half - 0.11, -0.225, awning)


def _lamps(bench: StageView, paper: Sheet) -> None:
    lit = bench.light
    for _, x, _ in spread(bench, 1.0, 1.1, 42):
        post = lit.on("#59606b")
        paper.box(x - 0.007, -0.56, x + 0.007, -0.085, post)
        paper.box(x - 0.018, -0.10, x + 0.018, -0.08, post, radius=0.006)
        if lit.night or lit.sunset:
            paper.glow(x, -0.575, 0.15, rgb("#ffdd90"), 0.6 if lit.night else 0.35)
        paper.ellipse(x, -0.575, 0.030, 0.034, rgb("#fff0bf") if lit.night or lit.sunset else lit.on("#f4efe2"))
        paper.box(x - 0.026, -0.618, x + 0.026, -0.602, post, radius=0.006)


def room(bench: StageView) -> Stage:
    """A room with a window that shows the hour and the weather."""
    lit = bench.light
    lamp: RGB = (0.80, 0.66, 0.52) if lit.night else (1.0, 0.86, 0.74) if lit.sunset else (1.0, 1.0, 1.0)
    if not lit.night and lit.weather.dim:
        lamp = times(lamp, (0.90, 0.92, 0.96))

    def on(color: str) -> RGB:
        return times(rgb(color), lamp)

    layers = [sky(bench, -0.34, sun_x=-0.30), _garden(bench)]
    half = (bench.seen(1.0)[2] - bench.seen(1.0)[0]) / 2
    side = -1.0 if bench.roll(15) < 0.5 else 1.0
    wx, wy, ww, wh = side * min(0.40, half * 0.45), -0.50, min(0.27, half * 0.36), 0.19
    paper = bench.paper(1.0)
    paper.gradient((on("#e6d8c6"), on("#e0cdb8"), on("#d6c0aa")), (-0.84, -0.5, -0.14))
    for k, _, _ in spread(bench, 1.0, 0.16, 90):
        paper.box((k + 0.45) * 0.16, -2.0, (k + 0.55) * 0.16, -0.13, on("#ddc8b2"), alpha=0.5)
    if lit.night:
        paper.glow(-wx * 0.9, -0.62, 0.75, rgb("#ffcf8a"), 0.32)
    _window(paper, (wx, wy, ww, wh), on)
    _picture(bench, paper, -wx * 1.05, -0.52, on)
    paper.land(-0.15, on("#f0e7da"), on("#f0e7da"), shadow=0.12)
    paper.land(-0.115, on("#c9a27e"), on("#b48a68"), depth=0.3, shadow=0.2)
    for y in (-0.05, 0.04):
        paper.box(-9.0, y, 9.0, y + 0.006, on("#b08763"), alpha=0.6)
    paper.ellipse(0.0, 0.045, 0.62, 0.085, on("#93a3b5"))
    paper.ellipse(0.0, 0.045, 0.55, 0.070, on("#c5ccd2"))
    paper.ellipse(0.0, 0.045, 0.50, 0.060, on("#a7b4c2"))
    layers.append(StageLayer(sheet=paper, parallax=1.0))
    pane = sheet((wx - ww, wy - wh, wx + ww, wy + wh), bench.scale, bench.origin)
    pane.box(wx - ww, wy - wh, wx + ww, wy + wh, (1, 1, 1))
    pane.box(wx - 0.010, wy - wh, wx + 0.010, wy + wh, (0, 0, 0))
    layers.append(StageLayer(sheet=pane, parallax=1.0, window=True))
    return layers


def _garden(bench: StageView) -> StageLayer:
    """What is seen through the window."""
    lit, outside = bench.light, bench.paper(0.5, -0.80)
    outside.land(
        wavy(-0.36, (0.02, 6.0, bench.roll(10) * 6)),
        lit.on("#a5c49a", 0.3, cover=0.9),
        lit.on("#8fb384", 0.2, cover=0.9),
    )
    for k, x, size in spread(bench, 0.5, 0.30, 92):
        tree(bench, outside, x, -0.31, 0.22 + 0.07 * size, 0.15, k)
    return StageLayer(sheet=outside, parallax=0.5)


def _window(paper: Sheet, pane: Box, on: Callable[[str], RGB]) -> None:
    """A window with curtains; pane: its middle, and half of its width and height."""
    wx, wy, ww, wh = pane
    paper.box(wx - ww - 0.035, wy - wh - 0.035, wx + ww + 0.035, wy + wh + 0.035, on("#f3ece0"), radius=0.012)
    _cut_hole(paper, (wx - ww, wy - wh, wx + ww, wy + wh))
    paper.box(wx - 0.010, wy - wh, wx + 0.010, wy + wh, on("#f3ece0"))
    paper.box(wx - ww, wy - 0.010, wx + ww, wy + 0.010, on("#f3ece0"))
    paper.box(wx - ww - 0.06, wy + wh + 0.02, wx + ww + 0.06, wy + wh + 0.05, on("#e6dccd"), radius=0.01)
    for way in (-1.0, 1.0):
        cx = wx + way * (ww + 0.05)
        paper.polygon(
            (
                (cx - 0.055, wy + wh + 0.09),
                (cx - 0.055, wy - wh - 0.07),
                (cx + 0.055, wy - wh - 0.07),
                (cx + 0.055, wy + wh + 0.09),
            ),
            on("#b7a9c2"),
            shade=0.06,
        )
    paper.box(wx - ww - 0.13, wy - wh - 0.085, wx + ww + 0.13, wy - wh - 0.065, on("#9b7f6a"), radius=0.01)


def _picture(bench: StageView, paper: Sheet, x: float, y: float, on: Callable[[str], RGB]) -> None:
    paper.box(x - 0.15, y - 0.115, x + 0.15, y + 0.115, on("#a8845f"), radius=0.006)
    paper.box(x - 0.128, y - 0.093, x + 0.128, y + 0.093, on("#efe6d2"))
    paper.box(x - 0.105, y - 0.072, x + 0.105, y + 0.072, on("#c4d5da"))
    paper.polygon(((x - 0.105, y + 0.072), (x - 0.03, y - 0.03), (x + 0.06, y + 0.072)), on("#8fa6a0"))
    paper.polygon(((x - 0.02, y + 0.072), (x + 0.05, y + 0.0), (x + 0.105, y + 0.072)), on("#a9b893"))
    paper.ellipse(x + 0.055, y - 0.035, 0.02, 0.02, on("#f0dba4"))


def _cut_hole(paper: Sheet, box: Box) -> None:
    """A hole in the paper."""
    a = np.clip(np.minimum(paper.x_W - box[0], box[2] - paper.x_W) * paper.scale + 0.5, 0, 1)
    b = np.clip(np.minimum(paper.y_H - box[1], box[3] - paper.y_H) * paper.scale + 0.5, 0, 1)
    paper.image_4HW[...] *= 1.0 - b[:, None] * a[None, :]
