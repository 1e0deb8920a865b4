"""Sounds laid on one timeline. Knows neither files nor pictures."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from yozora.films.film import MAX_RATE, Sound
from yozora.media.sound import resampled

FADE = 0.005  # seconds in which a piece comes and goes, so that its ends do not click


def mixed(parts: Sequence[tuple[float, Sound]], seconds: float) -> Sound | None:
    """Pieces laid on a timeline of `seconds`, each from its own start on; the rest is silent, and none is None.

    Pieces that overlap add up. Each fades in and out within 5 ms, also where the timeline cuts it. The rate is the
    highest among them, 48 kHz at most; it is stereo where one of them is.
    """
    parts = [(start, sound) for start, sound in parts if len(sound.samples)]
    if not parts:
        return None
    rate = min(MAX_RATE, max(sound.rate for _, sound in parts))
    channels = max(sound.samples.shape[1] for _, sound in parts)
    timeline = np.zeros((round(seconds * rate), channels), np.float32)
    for start, sound in parts:
        inside = sound.cut(-start, seconds - start)
        if not len(inside.samples):
            continue
        first = round(max(0.0, start) * rate)
        room = timeline[first:]
        piece = (inside if inside.rate == rate else resampled(inside, rate)).samples[: len(room)]
        room[: len(piece)] += piece * _fades(len(piece), rate)[:, None]
    return Sound(samples=timeline.clip(-1, 1), rate=rate)


def _fades(count: int, rate: int) -> NDArray[np.float32]:
    """How loud each of a piece's samples is, 0 to 1."""
    length = max(1, round(FADE * rate))
    steps = np.arange(count)
    edge = np.minimum(steps, steps[::-1]) / length
    return edge.clip(0, 1).astype(np.float32)
