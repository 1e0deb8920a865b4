"""What is measured of a film that was made out of others: plain measures on pixels, and how cases add up to figures.

Knows no engine, no parser and no scenes: it takes frames and answers.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.box import SIMPLE_HEAD
from rich.table import Table

from yozora.evaluate.journal import packed, unpacked
from yozora.evaluate.metrics import Z95, Score, mean_score, share_right, two_decimals, wilson
from yozora.films.letters import write
from yozora.films.sheet import strip

Frames = NDArray[np.uint8]
Floats = NDArray[np.float32]

LEAST_STEP = 0.25  # of 255: a smaller step from frame to frame is rest
COARSE, FINE = 16, 8  # pixels of a cell: of pictures that are compared as a whole, and of edges
SHOTS = 6  # frames of a film on the sheet
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


# --- pixels


def steps(frames_THWC: Frames) -> Floats:
    """Mean absolute difference from each frame to the next, `[T - 1]`, 0..255."""
    pairs = pairwise(frames_THWC)
    return np.array([np.abs(b.astype(np.int16) - a).mean() for a, b in pairs], np.float32)


def join_ratio(frames_THWC: Frames, at: int, every: int = 1) -> float:
    """The step onto frame `at` over the median of the film's other steps; 1 is as smooth as the rest.

    Where `at` is 0 it is the step from the last frame to the first. With `every` it is compared only with the steps
    that are a multiple of so many frames from it. A median below `LEAST_STEP` counts as that.
    """
    inside, onto = steps(frames_THWC), np.arange(1, len(frames_THWC))
    step = float(inside[at - 1] if at else steps(frames_THWC[[-1, 0]])[0])
    others = inside[(onto % every == at % every) & (onto != at)]
    return max(step, LEAST_STEP) / max(float(np.median(others)), LEAST_STEP)


def crossing(film_THWC: Frames, a_THWC: Frames, b_THWC: Frames) -> Floats:
    """How far each frame has come from A to B, `[T]`, 0..1, with the frames of A and B of the same moment.

    It is the distance to A over the sum of the distances to both; a distance is the mean absolute difference of the
    pictures in cells of `COARSE` pixels.
    """
    film, a, b = (_cells(frames.astype(np.float32), COARSE) for frames in (film_THWC, a_THWC, b_THWC))
    from_a, from_b = (np.abs(film - end).mean((1, 2, 3)) for end in (a, b))
    position_T: Floats = from_a / np.maximum(from_a + from_b, 1e-6)
    return position_T


def setback(position_T: Floats) -> float:
    """How far a crossing ever falls behind what it had reached; 0 where it is monotone."""
    return float((np.maximum.accumulate(position_T) - position_T).max())


def likeness(a_THWC: Frames, b_THWC: Frames, every: int = 4) -> float:
    """How alike the layout of two films of one size is, -1..1: the correlation of their edges, mean over frames.

    Edges are the magnitude of the gradient of the luma, blurred by averaging over cells of `FINE` pixels.
    """
    pairs = list(zip(_edges(a_THWC[::every]), _edges(b_THWC[::every]), strict=False))
    return float(np.mean([_correlation(a, b) for a, b in pairs]))


def qualities(frame_HWC: Frames) -> tuple[float, float, float]:
    """Colour (mean chroma: largest less smallest channel), contrast (deviation of the luma) and sharpness (mean
    magnitude of its gradient) of one frame, each 0..255."""
    luma_HW = frame_HWC @ LUMA
    down, right = np.gradient(luma_HW)
    chroma = np.ptp(frame_HWC, axis=-1).mean()
    return float(chroma), float(luma_HW.std()), float(np.hypot(down, right).mean())


def drift(quality_T: NDArray[np.float64], share: float = 0.15) -> float:
    """Relative change of a quality from the first share of a film to the last."""
    edge = max(1, round(share * len(quality_T)))
    first, last = float(quality_T[:edge].mean()), float(quality_T[-edge:].mean())
    return abs(last - first) / max(abs(first), 1e-6)


def _cells(frames: Floats, size: int) -> Floats:
    """Means over cells: `[T, H, W, C]` to `[T, H / size, W / size, C]`."""
    T, H, W, C = frames.shape
    shrunk: Floats = frames.reshape(T, H // size, size, W // size, size, C).mean((2, 4))
    return shrunk


def _edges(frames_THWC: Frames) -> Floats:
    down, right = np.gradient(frames_THWC @ LUMA, axis=(1, 2))
    return _cells(np.hypot(down, right)[..., None], FINE)[..., 0]


def _correlation(a_HW: Floats, b_HW: Floats) -> float:
    a, b = a_HW - a_HW.mean(), b_HW - b_HW.mean()
    return float((a * b).mean() / max(float(a.std() * b.std()), 1e-6))


# --- cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was read, and what is right."""

    told: str
    asked: str

    @property
    def right(self) -> bool:
        return self.told == self.asked


Value = bool | float | Comparison
Found = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What was found of one film, figure by figure, and of what it is compared with."""

    title: str
    made: Found
    true: Found = field(default_factory=dict)  # the same of a true render
    coded: Found = field(default_factory=dict)  # of the render through the autoencoder
    apart: Found = field(default_factory=dict)  # of what has nothing to do with the film, or nothing done to it
    group: int = 0  # cases of one group are right or wrong together
    shots: Frames | None = None  # a strip of the film, `[H, W, 3]`, for the sheet

    def to_json(self, *, shown: bool = False) -> dict[str, Any]:
        """All of it; the strip only where it is to be shown."""
        found = {side: _to_json(getattr(self, side)) for side in SIDES}
        shots = packed(self.shots) if shown and self.shots is not None else None
        return {"title": self.title, **found, "group": self.group, "shots": shots}


SIDES = ("made", "true", "coded", "apart")


def case_of(value: Mapping[str, Any]) -> Case:
    """The case that `to_json` wrote."""
    found = {side: {name: _of_json(one) for name, one in value[side].items()} for side in SIDES}
    shots = None if value["shots"] is None else unpacked(value["shots"])
    return Case(title=value["title"], group=value["group"], shots=shots, **found)


def _to_json(found: Found) -> dict[str, Any]:
    return {name: asdict(value) if isinstance(value, Comparison) else value for name, value in found.items()}


def _of_json(value: Any) -> Value:
    return Comparison(**value) if isinstance(value, dict) else value


def scores(cases: Sequence[Case]) -> dict[str, Score]:
    """Every figure: answers and truths as shares, numbers as means, those called ratios as medians.

    What was coded stands under `autoencoder/...`.
    """
    found: dict[str, Score] = {}
    for name in dict.fromkeys(name for case in cases for name in case.made):
        groups = [case.group for case in cases if name in case.made]
        made = _collect_values(name, [case.made for case in cases])
        true = _collect_values(name, [case.true for case in cases])
        coded = _collect_values(name, [case.coded for case in cases])
        apart = _collect_values(name, [case.apart for case in cases])
        ceiling = _score(name, true).score if true else None
        score = replace(_score(name, made, groups), ceiling=ceiling)
        found[name] = replace(score, chance=_score(name, apart).score) if apart else score
        if coded:
            found[f"autoencoder/{name}"] = replace(_score(name, coded), ceiling=ceiling)
    return found


def median_score(values: Sequence[float]) -> Score:
    """A median with its 95 % interval from the order of the values (binomial, normal approximation)."""
    ordered, n = sorted(values), len(values)
    half = Z95 * math.sqrt(n) / 2
    low, high = max(0, math.floor(n / 2 - half)), min(n - 1, math.ceil(n / 2 + half))
    return Score(score=float(np.median(ordered)), low=ordered[low], high=ordered[high], n=n)


def share_score(truths: Sequence[bool]) -> Score:
    """How often something is so, with its Wilson interval."""
    n = len(truths)
    share = sum(truths) / n if n else 0.0
    low, high = wilson(share, n)
    return Score(score=share, low=low, high=high, n=n)


def _score(name: str, values: Sequence[Value], groups: Sequence[int] | None = None) -> Score:
    answers = [value for value in values if isinstance(value, Comparison)]
    if answers:
        return share_right([answer.told for answer in answers], [answer.asked for answer in answers], groups)
    truths = [value for value in values if isinstance(value, bool)]
    if truths:
        return share_score(truths)
    numbers = [float(value) for value in values if isinstance(value, float)]
    return median_score(numbers) if name.endswith("ratio") else mean_score(numbers)


def _collect_values(name: str, found: Sequence[Found]) -> list[Value]:
    return [values[name] for values in found if name in values]


# --- what is shown


def table(found: Mapping[str, Score], goals: Mapping[str, tuple[str, float]], caption: str = "") -> Table:
    """The figures as a rich table, with what is aimed at; green where that is reached."""
    made = Table(box=SIMPLE_HEAD, padding=0, pad_edge=False, caption=caption, caption_justify="left")
    made.add_column("figure", no_wrap=True)
    for column in ("ceiling", "coded", "chance", "films", "95 %", "goal", "n"):
        made.add_column(column, justify="right", no_wrap=True)
    for name, score in found.items():
        if name.startswith("autoencoder/"):
            continue
        coded, goal = found.get(f"autoencoder/{name}"), goals.get(name)
        color = "" if goal is None else "green" if REACHED[goal[0]](score.score, goal[1]) else "red"
        made.add_row(
            name,
            two_decimals(score.ceiling),
            two_decimals(coded.score if coded else None),
            two_decimals(score.chance),
            f"[bold {color}]{score.score:.2f}[/]",
            f"{score.low:.2f}..{score.high:.2f}",
            "" if goal is None else f"{goal[0]} {goal[1]:g}",
            str(score.n),
        )
    return made


REACHED: dict[str, Callable[[float, float], bool]] = {">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b}


def card(case: Case) -> Frames | None:
    """A case for the sheet: its strip, its title, and what was not read as asked. None without a strip."""
    if case.shots is None:
        return None
    width = case.shots.shape[1]
    wrong = [
        f"{name} {value.told}" for name, value in case.made.items() if isinstance(value, Comparison) and not value.right
    ]
    wrong += [name for name, value in case.made.items() if value is False]
    ink = (190, 30, 30) if wrong else (20, 120, 50)
    said = write(case.title, width, (20, 20, 30))
    return np.concatenate([case.shots, said, write(", ".join(wrong) or "as asked", width, ink)])


def shots_of(film_THWC: Frames) -> Frames:
    """A film as a strip."""
    return strip(film_THWC, SHOTS)
