"""Figures of a track: how something falls, bounces, goes on, and when it is seen again.

Knows no films: a track is `[T, 2]`, x and y of a centre in widths and heights of the picture (y downwards), NaN where
nothing is seen.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GROUNDED = 0.25  # of the height that it fell from: what is as near to the ground is about to touch it
CONTACT = 0.2  # seconds in which it does


def acceleration(y_T: Floats, t_T: Floats) -> float:
    """Of y, per second squared: the least squares fit of y0 + a t^2 / 2, which was at rest at 0; NaN of too little."""
    seen = np.isfinite(y_T)
    if seen.sum() < 3:
        return float("nan")
    design = np.stack([np.ones(seen.sum()), 0.5 * t_T[seen] ** 2], axis=1)
    return float(np.linalg.lstsq(design, y_T[seen], rcond=None)[0][1])


def pace(x_T: Floats, t_T: Floats) -> float:
    """Of x, per second: the slope of its least squares line; NaN of too little."""
    seen = np.isfinite(x_T)
    if seen.sum() < 3:
        return float("nan")
    return float(np.polyfit(t_T[seen], x_T[seen], 1)[0])


def rebound(y_T: Floats, t_T: Floats) -> float:
    """The height that is reached after the first contact with the ground, over the height that it fell from; NaN of too
    little.

    The ground is the lowest place of the whole track. Later contacts may be a little lower than the first, when a frame
    happens to show them better; nothing before the first counts as coming back.
    """
    if not np.isfinite(y_T).any():
        return float("nan")
    floor, contact = float(np.nanmax(y_T)), first_contact(y_T, t_T)
    fallen = floor - float(np.nanmin(y_T[: contact + 1]))
    return (floor - float(np.nanmin(y_T[contact:]))) / fallen if fallen > 0.02 else float("nan")


def first_contact(y_T: Floats, t_T: Floats) -> int:
    """The frame in which a track is lowest when it first comes near its lowest place."""
    floor, begins = float(np.nanmax(y_T)), float(y_T[np.isfinite(y_T)][0])
    comes = int(np.flatnonzero(y_T >= floor - GROUNDED * max(0.0, floor - begins))[0])
    near = (t_T >= t_T[comes]) & (t_T <= t_T[comes] + CONTACT)
    return int(np.nanargmax(np.where(near, y_T, np.nan)))


def off(track_T2: Floats, true_T2: Floats, aspect: float) -> float:
    """How far a track is from the true one, mean over frames, in heights of the picture; what is not seen is as far off
    as it can be: half a width."""
    apart_T = np.hypot((track_T2[:, 0] - true_T2[:, 0]) * aspect, track_T2[:, 1] - true_T2[:, 1])
    return float(np.mean(np.where(np.isfinite(apart_T), apart_T, 0.5 * aspect)))


def returns(seen_T: NDArray[np.bool_], hidden_T: NDArray[np.bool_]) -> int | None:
    """The first frame after those in which something is hidden that it is seen in; None where it never is."""
    hidden = np.flatnonzero(hidden_T)
    if not len(hidden):
        return None
    later = np.flatnonzero(seen_T[hidden[-1] + 1 :])
    return int(hidden[-1] + 1 + later[0]) if len(later) else None
