"""Gaits: how a cut-out moves while it does something. `actions` names them.

A gait takes a `Course` (what it depends on) and says what is added to a straight path. Knows no pixels and no places.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from yozora.world.joints import STEPS, Figure
from yozora.world.paint import Floats

HOP_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gait:
    """What an action adds to a straight way; all [T]; angles in radians, shifts in heights of the cut-out."""

    dx: Floats | float = 0.0
    dy: Floats | float = 0.0
    angle: Floats | float = 0.0
    wide: Floats | float = 1.0
    tall: Floats | float = 1.0
    lean: float = 0.0  # forwards, where it heads
    pivot: float = 0.0  # height of the point that it turns about, in heights of the cut-out


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What a gait depends on."""

    t_T: Floats  # seconds
    phase: float
    kind: str  # of its noun: animal, person, ...
    cycles_T: Floats  # of its joints, `phase` included
    figure: Figure | None  # the joints that move
    soles_S: Floats  # heights of the soles at each step of the joints; empty without legs
    speed: float  # heights of the cut-out a second to the right


def _wave(t_T: Floats, hertz: float, phase: float) -> Floats:
    turns_T: Floats = t_T * np.float32(hertz) + np.float32(phase)
    turns_T *= np.float32(2 * np.pi)
    return np.sin(turns_T)


def _on_legs(hop: float, lean: float) -> Callable[[Course], Gait]:
    """On jointed legs: a foot is on the ground; `hop`: and in the air, when the legs are spread."""

    def gait(course: Course) -> Gait:
        turn_T = np.mod(course.cycles_T, 1.0) * STEPS
        level = np.interp(turn_T, np.arange(STEPS), course.soles_S, period=STEPS).astype(np.float32)
        spread = _wave(course.cycles_T, 1.0, 0.0) ** 2
        return Gait(dy=-level - hop * spread, angle=0.012 * _wave(course.cycles_T, 2.0, 0.1), lean=lean)

    return gait


def _waddle(hertz: float, hop: float, tilt: float, lean: float) -> Callable[[Course], Gait]:
    """Without legs: a hop to the left, a hop to the right."""

    def gait(course: Course) -> Gait:
        share = np.mod(2.0 * (course.t_T * np.float32(hertz) + np.float32(course.phase)), 1.0)
        arc = 4.0 * share * (1.0 - share)
        press = 1.0 - 0.04 * np.clip(1.0 - arc * 3.0, 0, 1)
        tilted = tilt * _wave(course.t_T, hertz, course.phase)
        return Gait(dy=-hop * arc, angle=tilted, lean=lean, wide=2.0 - press, tall=press)

    return gait


def stand(course: Course) -> Gait:
    lives = course.kind not in ("thing", "vehicle", "ball")
    breath = _wave(course.t_T, 0.4, course.phase) * (0.015 if lives else 0.0)
    return Gait(tall=1.0 + breath, wide=1.0 - 0.5 * breath)


def hop(course: Course) -> Gait:
    """A leap a second: on the ground for a quarter of it, where it crouches and stands still, then a parabola."""
    share = np.mod(course.t_T / HOP_SECONDS + course.phase, 1.0)
    flight = np.clip((share - 0.25) / 0.75, 0.0, 1.0)
    squash = 0.13 * np.exp(-((share - 0.12) ** 2) / 0.006)
    waits = (flight - share + 0.125) * HOP_SECONDS * course.speed
    return Gait(dx=waits, dy=-1.2 * flight * (1.0 - flight), tall=1.0 - squash, wide=1.0 + 0.6 * squash)


def dance(course: Course) -> Gait:
    beat = np.abs(_wave(course.t_T, 0.55, course.phase))
    return Gait(
        dx=0.10 * _wave(course.t_T, 0.55, course.phase),
        dy=-0.04 * beat,
        angle=0.20 * _wave(course.t_T, 0.55, course.phase + 0.02),
        tall=1.0 + 0.06 * (beat - 0.5),
        wide=1.0 - 0.05 * (beat - 0.5),
    )


def fly(course: Course) -> Gait:
    if course.kind in ("aircraft", "balloon", "vehicle", "thing", "person", "ball"):
        tilt = 0.035 * _wave(course.t_T, 0.5, course.phase + 0.3)
        return Gait(dy=0.05 * _wave(course.t_T, 0.5, course.phase), angle=tilt, pivot=0.5)
    flap = _wave(course.cycles_T, 1.0, 0.0) * (0.0 if course.figure else 1.0)
    return Gait(
        dy=0.05 * _wave(course.cycles_T, 1.0, -0.2) + 0.05 * _wave(course.t_T, 0.5, course.phase),
        tall=1.0 + 0.13 * flap,
        wide=1.0 - 0.04 * flap,
        angle=0.04 * _wave(course.t_T, 0.5, course.phase),
        pivot=0.5,
    )


def rumble(course: Course) -> Gait:
    shake = _wave(course.t_T, 0.55, course.phase)
    return Gait(dy=-0.006 * np.abs(shake), angle=0.006 * _wave(course.t_T, 0.7, course.phase))


def sail(course: Course) -> Gait:
    tilt = 0.085 * _wave(course.t_T, 0.5, course.phase + 0.22)
    return Gait(dy=0.035 * _wave(course.t_T, 0.5, course.phase), angle=tilt, pivot=0.15)


def swim(course: Course) -> Gait:
    return Gait(
        dy=0.05 * _wave(course.t_T, 0.6, course.phase),
        angle=0.09 * _wave(course.t_T, 0.6, course.phase),
        wide=1.0 + 0.03 * _wave(course.t_T, 0.6, course.phase + 0.25),
        pivot=0.5,
    )


def drift(course: Course) -> Gait:
    tilt = 0.06 * _wave(course.t_T, 0.5, course.phase + 0.25)
    return Gait(dx=0.05 * _wave(course.t_T, 0.5, course.phase), angle=tilt, pivot=0.5)


def idle(course: Course) -> Gait:
    return Gait()


walk, run = _waddle(0.5, 0.05, 0.07, 0.0), _waddle(0.55, 0.09, 0.09, 0.08)
walk_on_legs, run_on_legs = _on_legs(0.0, 0.0), _on_legs(0.04, 0.03)
