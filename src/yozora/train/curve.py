"""The losses of a run: a line every few seconds in `losses.jsonl`, and a picture of them.

Knows nothing of models and tasks. The picture is drawn with numpy: a machine that trains need have no library for it.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yozora.films.letters import ADVANCE, LINE, write
from yozora.films.sheet import Frames

Floats = NDArray[np.float64]

WIDTH, HEIGHT = 1280, 720
LEFT, RIGHT, TOP, BOTTOM = 112, 40, 64, 84  # margins of the plot
LETTERS = 2  # pixels of a dot of the letters
MOST = 1000  # points of a curve
INK, PALE, GRID = (40, 44, 52), (110, 116, 126), (228, 231, 236)
COLORS = (  # Okabe and Ito's, which people with any colour vision tell apart
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (230, 159, 0),
    (86, 180, 233),
    (90, 90, 90),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Means over some steps up to `step`. `seconds` is what the run's clock showed; `values` has the loss first."""

    step: int
    seconds: float
    values: dict[str, float]


class Losses:
    """A file of points. Every run in a folder goes on with the same file."""

    def __init__(self, path: Path, step: int | None, every: float = 10.0) -> None:
        """`step` is where the run goes on: later points are of steps that are done again, and are removed. None: the
        run begins with weights alone, and its steps are counted on from the last point.
        """
        points = read(path)
        self.path, self.every = path, every
        self.before = points[-1].step if step is None and points else 0
        self.points = points if step is None else [point for point in points if point.step <= step]
        beside = path.with_name(f"{path.name}.new")
        beside.write_text("".join(line(point) for point in self.points))
        beside.replace(path)
        self.told: list[dict[str, float]] = []
        self.written: float | None = None

    def add(self, step: int, seconds: float, loss: float, facts: dict[str, float]) -> None:
        """Remember a step; write a point where the last one is `every` seconds ago."""
        self.told.append({"loss": loss, **facts})
        self.written = seconds if self.written is None else self.written
        if seconds - self.written >= self.every:
            self.write(step, seconds)

    def write(self, step: int, seconds: float) -> None:
        """Write a point of the steps since the last one, if there were any."""
        if not self.told:
            return
        names = dict.fromkeys(name for values in self.told for name in values)
        means = {name: [values[name] for values in self.told if name in values] for name in names}
        values = {name: sum(found) / len(found) for name, found in means.items()}
        self.points.append(Point(step=self.before + step, seconds=seconds, values=values))
        with self.path.open("a") as file:
            file.write(line(self.points[-1]))
        self.told, self.written = [], seconds


def line(point: Point) -> str:
    """A point as a line of JSON. What is not finite is left out: JSON has no word for it."""
    values = {name: float(f"{value:.6g}") for name, value in point.values.items() if math.isfinite(value)}
    return json.dumps({"step": point.step, "seconds": round(point.seconds, 2), **values}) + "\n"


def read(path: Path) -> list[Point]:
    """The points of a file in order; none where there is no file. A last line that was cut short is left out."""
    points = []
    for text in path.read_text().splitlines() if path.exists() else ():
        try:
            said = json.loads(text)
        except ValueError:
            continue
        points.append(Point(step=said.pop("step"), seconds=said.pop("seconds"), values=said))
    return points


# --- the picture


def draw(points: Sequence[Point], title: str) -> Frames:
    """The loss and every fact over the steps, uint8 `[HEIGHT, WIDTH, 3]`: pale as measured, strong when smoothed. The
    scale is logarithmic, so values of 0 and below are left out.
    """
    picture = np.full((HEIGHT, WIDTH, 3), 255.0)
    curves = curves_of(points)
    whole = [values for _, values in curves.values()]
    x0, x1 = span([steps for steps, _ in curves.values()], least=1.0)
    x0 = x0 if x0 > 0.1 * x1 else 0.0
    y0, y1 = (math.log10(y) for y in span(whole, least=1e-12))
    y0, y1 = y0 - max(0.04 * (y1 - y0), 0.03), y1 + max(0.04 * (y1 - y0), 0.03)
    across = Scale(x0, x1, LEFT, WIDTH - RIGHT)
    up = Scale(y0, y1, HEIGHT - BOTTOM, TOP)
    frame(picture, across, up)
    for number, (steps, values) in enumerate(curves.values()):
        color = COLORS[number % len(COLORS)]
        x, y = across.pixel(steps), np.log10(values)
        stroke(picture, x, up.pixel(y), color, width=1.2, opacity=0.3)
        stroke(picture, x, up.pixel(smooth(y)), color, width=2.6, opacity=1.0)
    label(picture, title, LEFT, 20, INK)
    label(picture, "steps", (LEFT + WIDTH - RIGHT) // 2, HEIGHT - 36, PALE, align=0.5)
    upright = np.rot90(picture, -1)  # a view: its rows are the columns of the picture
    label(upright, "value (logarithmic)", HEIGHT - (TOP + HEIGHT - BOTTOM) // 2, 10, PALE, align=0.5)
    legend(picture, {name: float(10 ** smooth(np.log10(values))[-1]) for name, (_, values) in curves.items()})
    return picture.round().astype(np.uint8)


def curves_of(points: Sequence[Point]) -> dict[str, tuple[Floats, Floats]]:
    """Steps and values of each name, where they can be drawn on a logarithmic scale; of long runs the means of
    neighbours, `MOST` or less.
    """
    names = dict.fromkeys(name for point in points for name in point.values)
    found = {}
    for name in names:
        pairs = [(p.step, p.values[name]) for p in points if 0 < p.values.get(name, 0.0) < math.inf]
        if pairs:
            starts = np.arange(0, len(pairs), -(-len(pairs) // MOST))
            sums_N2 = np.add.reduceat(np.array(pairs, float), starts)
            steps, values = (sums_N2 / np.diff([*starts, len(pairs)])[:, None]).T
            found[name] = (steps, values)
    return found


def span(parts: Sequence[Floats], least: float) -> tuple[float, float]:
    """Smallest and largest of all, `least` apart at least; 1 and 2 of nothing."""
    if not parts:
        return 1.0, 2.0
    low, high = min(float(part.min()) for part in parts), max(float(part.max()) for part in parts)
    return low, max(high, low + least)


def smooth(values: Floats) -> Floats:
    """The mean of each value's neighbourhood, by a Gaussian as wide as a sixtieth of the curve, and narrower at its
    start, where curves are steep.
    """
    places = np.arange(len(values))
    widths = np.clip(places / 8, 0.3, max(1.0, len(values) / 60))
    weights = np.exp(-0.5 * ((places - places[:, None]) / widths[:, None]) ** 2)
    found: Floats = weights @ values / weights.sum(1)
    return found


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` as pixels from `start` to `stop`."""

    low: float
    high: float
    start: int
    stop: int

    def pixel(self, values: Floats) -> Floats:
        return self.start + (np.asarray(values) - self.low) / (self.high - self.low) * (self.stop - self.start)


def ticks(low: float, high: float, most: int = 8, least: float = 0.0) -> list[float]:
    """Round numbers between two, 1, 2 or 5 times a power of ten apart, and `least` or more."""
    rough = max((high - low) / most, least)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough)
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Round numbers between 10 to the `low` and 10 to the `high`: powers of ten, with 2 and 5 times them, or evenly
    spaced ones where all is close together.
    """
    decades = range(math.floor(low), math.ceil(high) + 1)
    for parts in ((1,), (1, 2, 5)):
        found = [part * 10.0**k for k in decades for part in parts if low <= math.log10(part) + k <= high]
        if len(found) >= 4:
            return found[:: -(-len(found) // 10)]
    return ticks(10.0**low, 10.0**high, 6)


def plain(value: float) -> str:
    """A number with its digits and no more: 12k, 0.05, 1.5m."""
    for size, unit in ((1e6, "m"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.4g}{unit}"
    return f"{value:.4g}" if value >= 1e-4 or value == 0 else f"{value:.0e}"


def frame(picture: Floats, across: Scale, up: Scale) -> None:
    """Grid, the numbers at it, and the two axes."""
    for value in ticks(across.low, across.high, least=1.0):
        x = round(float(across.pixel(np.array(value))))
        picture[TOP : HEIGHT - BOTTOM, x] = GRID
        label(picture, plain(value), x, HEIGHT - BOTTOM + 12, PALE, align=0.5)
    for value in log_ticks(up.low, up.high):
        y = round(float(up.pixel(np.log10(np.array(value)))))
        picture[y, LEFT : WIDTH - RIGHT] = GRID
        label(picture, plain(value), LEFT - 12, y - LETTERS * 5, PALE, align=1.0)
    picture[HEIGHT - BOTTOM, LEFT : WIDTH - RIGHT] = PALE
    picture[TOP : HEIGHT - BOTTOM + 1, LEFT] = PALE


def stroke(picture: Floats, x: Floats, y: Floats, color: tuple[int, int, int], *, width: float, opacity: float) -> None:
    """A line through points whose x grows, with soft edges; a single point is a dot."""
    columns = np.arange(max(LEFT, math.floor(x[0])), min(WIDTH - RIGHT, math.ceil(x[-1])) + 1)
    if len(x) == 1:
        columns = np.arange(round(x[0]) - 3, round(x[0]) + 4)
    middle, ends = np.interp(columns, x, y), np.interp([columns - 0.5, columns + 0.5], x, y)
    low, high = np.minimum(ends.min(0), middle), np.maximum(ends.max(0), middle)
    rows = np.arange(HEIGHT)[:, None]
    thick = width / 2 * np.sqrt(1 + np.clip(high - low, 0, 3) ** 2) - (high - low).clip(0, 3) / 2
    away = np.maximum(low - rows, rows - high).clip(0)
    cover = np.clip(thick + 0.5 - away, 0, 1)[..., None] * opacity
    picture[:, columns] += cover * (np.array(color) - picture[:, columns])


def label(picture: Floats, text: str, x: float, y: int, color: tuple[int, int, int], *, align: float = 0.0) -> None:
    """A line of text whose top is at `y`; `x` is its left (align 0), its middle (0.5) or its right (1)."""
    dots = write(text, 2 + len(text) * ADVANCE, (0, 0, 0))[..., 0] == 0
    dots = dots.repeat(LETTERS, 0).repeat(LETTERS, 1)
    left = max(0, round(x - align * dots.shape[1]))
    part = picture[y : y + LINE * LETTERS, left : left + dots.shape[1]]
    part[dots[: part.shape[0], : part.shape[1]]] = color


def legend(picture: Floats, last: dict[str, float]) -> None:
    """Names of the curves with where they ended, in their colours, at the upper right."""
    texts = [f"{name} {value:.4g}" for name, value in last.items()]
    wide = max((len(text) for text in texts), default=0) * ADVANCE * LETTERS
    left, high = WIDTH - RIGHT - wide - 66, 28
    box = picture[TOP + 10 : TOP + 22 + high * len(texts), left : WIDTH - RIGHT - 10]
    box += 0.85 * (255 - box)
    for number, text in enumerate(texts):
        y = TOP + 18 + number * high
        picture[y + 7 : y + 11, left + 10 : left + 38] = COLORS[number % len(COLORS)]
        label(picture, text, left + 48, y, INK)
