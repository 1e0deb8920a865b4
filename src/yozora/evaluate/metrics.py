"""Figures of merit: shares with confidence intervals, chance, parity between languages, and plain measures on pixels.

Knows nothing of parsers, models or scenes: it takes answers, right answers and arrays.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.uint8]
Z95 = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One measured figure with its 95 % interval, and what it is to be compared with."""

    score: float
    low: float
    high: float
    n: int
    ceiling: float | None = None  # the same figure on renders
    chance: float | None = None  # the same figure where films and captions are shuffled

    def to_json(self) -> dict[str, float | int | None]:
        """`{score, low, high, ceiling, chance, n}`, rounded to four digits."""
        figures: dict[str, float | int | None] = {"score": self.score, "low": self.low, "high": self.high}
        figures |= {"ceiling": self.ceiling, "chance": self.chance}
        return {key: None if value is None else round(value, 4) for key, value in figures.items()} | {"n": self.n}


def two_decimals(value: float | None) -> str:
    """A figure as tables have it; nothing where there is none."""
    return "" if value is None else f"{value:.2f}"


def wilson(share: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Interval of a share seen in n independent trials (Wilson 1927, eq. 4); (0, 1) where n is 0."""
    if n <= 0:
        return 0.0, 1.0
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def trials(right: Sequence[bool], cluster: Sequence[int]) -> float:
    """How many independent trials these answers are worth: n over the design effect (Kish 1965).

    Answers that share a cluster (one scene told in four languages) tend to be right or wrong together.
    """
    n = len(right)
    by_cluster: dict[int, list[bool]] = {}
    for ok, key in zip(right, cluster, strict=True):
        by_cluster.setdefault(key, []).append(ok)
    share, m = sum(right) / n if n else 0.0, len(by_cluster)
    if m < 2 or m == n or not 0 < share < 1:
        return float(m)
    off = [sum(group) - share * len(group) for group in by_cluster.values()]
    variance = m / (m - 1) * sum(x * x for x in off) / (n * n)
    effect = variance / (share * (1 - share) / n)
    return n / min(max(effect, 1.0), n / m)


def share_right(told: Sequence[str], truth: Sequence[str], cluster: Sequence[int] | None = None) -> Score:
    """How often what was read is what was asked, with its Wilson interval and the chance of `chance`."""
    right = [a == b for a, b in zip(told, truth, strict=True)]
    n = len(right)
    share = sum(right) / n if n else 0.0
    low, high = wilson(share, n if cluster is None else trials(right, cluster))
    return Score(score=share, low=low, high=high, n=n, chance=chance(told, truth))


def chance(told: Sequence[str], truth: Sequence[str]) -> float | None:
    """Mean share of right answers over all ways to give film i the caption of another film j; None below two films."""
    n = len(told)
    if n < 2:
        return None
    seen, asked = Counter(told), Counter(truth)
    pairs = sum(count * asked[value] for value, count in seen.items())
    own = sum(a == b for a, b in zip(told, truth, strict=True))
    return (pairs - own) / (n * (n - 1))


def mean_score(values: Sequence[float], ceiling: float | None = None) -> Score:
    """A mean with its normal 95 % interval."""
    array = np.asarray(values, np.float64)
    if not len(array):
        return Score(score=math.nan, low=math.nan, high=math.nan, n=0, ceiling=ceiling)
    half = Z95 * float(array.std(ddof=1)) / math.sqrt(len(array)) if len(array) > 1 else 0.0
    mean = float(array.mean())
    return Score(score=mean, low=mean - half, high=mean + half, n=len(array), ceiling=ceiling)


def parity(right_by_language: dict[str, dict[int, bool]], draws: int = 1000, seed: int = 0) -> Score:
    """Largest difference between two languages' shares, over scenes told in every language (0 = even).

    `right_by_language[language][scene]`; the interval is a bootstrap over scenes (2.5 and 97.5 percentiles).
    """
    shared = sorted(set.intersection(*(set(of) for of in right_by_language.values()))) if right_by_language else []
    if not shared or len(right_by_language) < 2:
        return Score(score=0.0, low=0.0, high=1.0, n=0, ceiling=0.0)
    right_LS = np.array([[right_by_language[lang][s] for s in shared] for lang in right_by_language], np.float64)
    picks = np.random.default_rng(seed).integers(len(shared), size=(draws, len(shared)))
    gaps = np.ptp(right_LS[:, picks].mean(-1), axis=0)
    low, high = np.quantile(gaps, (0.025, 0.975))
    gap = float(np.ptp(right_LS.mean(-1)))
    return Score(score=gap, low=float(low), high=float(high), n=len(shared), ceiling=0.0)


def psnr(a_THWC: Frames, b_THWC: Frames) -> float:
    """Peak signal-to-noise ratio of two films in dB (100 where they are equal)."""
    error = float(np.mean((a_THWC.astype(np.float32) - b_THWC.astype(np.float32)) ** 2))
    return 100.0 if error == 0 else 10 * math.log10(255.0**2 / error)


def motion(frames_THWC: Frames) -> float:
    """Mean absolute difference of consecutive frames over all pixels, 0..255; 0 for a single frame."""
    return float(_changes(frames_THWC).mean()) if len(frames_THWC) > 1 else 0.0


def flicker(frames_THWC: Frames) -> float:
    """Median over pixels of their mean absolute change from frame to frame, 0..255.

    Where the camera rests and less than half of the picture moves, this is the unrest of the background.
    """
    return float(np.median(_changes(frames_THWC).mean(0))) if len(frames_THWC) > 1 else 0.0


def _changes(frames_THWC: Frames) -> NDArray[np.float32]:
    luma = frames_THWC.astype(np.float32).mean(-1)
    changes: NDArray[np.float32] = np.abs(np.diff(luma, axis=0))
    return changes
