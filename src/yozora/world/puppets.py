"""Puppets: how a cut-out moves, as one affine matrix per frame.

Knows no pixels: a cut-out's own coordinates are u (to the right of its middle) and v (upwards negative, 0 at its feet),
both in heights of the cut-out; the matrices carry them to world coordinates (see paint.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from yozora.world.paint import Floats
from yozora.world.scene import Action, Actor, Kind, Noun, Place
from yozora.world.stages import GROUND, HORIZON

GRAVITY = 2.4  # units / s^2
RESTITUTION = {"bounce": 0.78, "fall": 0.30}  # speed after / speed before a bounce
RISE = 0.24  # units / s of what rises with no speed of its own
AIRBORNE: tuple[Action, ...] = ("fly", "rise", "fall", "bounce")


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """A cut-out's way through the takes' frames."""

    matrix_T23: Floats  # (u, v, 1) -> (X, Y)
    ground_T2: Floats  # where its contact shadow lies
    lift_T: Floats  # height of the feet above that, in units
    size_T: Floats  # height of the cut-out in units


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


def _wave(t_T: Floats, hertz: float, phase: float) -> Floats:
    turns_T: Floats = t_T * np.float32(hertz) + np.float32(phase)
    turns_T *= np.float32(2 * np.pi)
    return np.sin(turns_T)


def _steps(hertz: float, hop: float, tilt: float, lean: float) -> Callable[[Floats, float, Kind], Gait]:
    def gait(t_T: Floats, phase: float, kind: Kind) -> Gait:
        swing = _wave(t_T, hertz, phase)
        lifted = np.abs(swing)
        press = 1.0 - 0.05 * np.clip(1.0 - lifted * 3.0, 0, 1)
        return Gait(
            dy=-hop * lifted, angle=tilt * _wave(t_T, hertz, phase + 0.25), lean=lean, wide=2.0 - press, tall=press
        )

    return gait


def _stand(t_T: Floats, phase: float, kind: Kind) -> Gait:
    breath = _wave(t_T, 0.5, phase) * (0.018 if kind not in ("thing", "vehicle", "ball") else 0.0)
    return Gait(tall=1.0 + breath, wide=1.0 - 0.5 * breath)


def _hop(t_T: Floats, phase: float, kind: Kind) -> Gait:
    cycle = np.mod(2.0 * t_T + phase, 1.0)
    arc = np.clip(4 * (cycle - 0.12) * (1.0 - cycle) / 0.7744, 0, None)
    squash = 0.16 * np.exp(-(((cycle + 0.5) % 1.0 - 0.56) ** 2) / 0.006)
    return Gait(dy=-0.30 * arc, tall=1.0 - squash, wide=1.0 + 0.7 * squash)


def _dance(t_T: Floats, phase: float, kind: Kind) -> Gait:
    beat = np.abs(_wave(t_T, 1.0, phase))
    return Gait(
        dx=0.12 * _wave(t_T, 1.0, phase),
        dy=-0.05 * beat,
        angle=0.24 * _wave(t_T, 1.0, phase + 0.02),
        tall=1.0 + 0.07 * (beat - 0.5),
        wide=1.0 - 0.06 * (beat - 0.5),
    )


def _fly(t_T: Floats, phase: float, kind: Kind) -> Gait:
    if kind in ("aircraft", "balloon", "vehicle", "thing"):
        return Gait(dy=0.05 * _wave(t_T, 0.5, phase), angle=0.035 * _wave(t_T, 0.5, phase + 0.3), pivot=0.5)
    flap = _wave(t_T, 2.0, phase)
    return Gait(
        dy=0.09 * _wave(t_T, 2.0, phase - 0.2) + 0.06 * _wave(t_T, 0.5, phase),
        tall=1.0 + 0.16 * flap,
        wide=1.0 - 0.05 * flap,
        angle=0.05 * _wave(t_T, 1.0, phase),
        pivot=0.5,
    )


def _rumble(t_T: Floats, phase: float, kind: Kind) -> Gait:
    shake = _wave(t_T, 4.0, phase)
    return Gait(dy=-0.012 * np.abs(shake), angle=0.014 * _wave(t_T, 2.0, phase))


def _sail(t_T: Floats, phase: float, kind: Kind) -> Gait:
    return Gait(dy=0.035 * _wave(t_T, 0.5, phase), angle=0.085 * _wave(t_T, 0.5, phase + 0.22), pivot=0.15)


def _swim(t_T: Floats, phase: float, kind: Kind) -> Gait:
    return Gait(
        dy=0.05 * _wave(t_T, 1.0, phase),
        angle=0.12 * _wave(t_T, 1.0, phase),
        wide=1.0 + 0.05 * _wave(t_T, 1.0, phase + 0.25),
        pivot=0.5,
    )


def _drift(t_T: Floats, phase: float, kind: Kind) -> Gait:
    return Gait(dx=0.05 * _wave(t_T, 0.5, phase), angle=0.06 * _wave(t_T, 0.5, phase + 0.25), pivot=0.5)


def _still(t_T: Floats, phase: float, kind: Kind) -> Gait:
    return Gait()


GAITS: dict[Action, Callable[[Floats, float, Kind], Gait]] = {
    "stand": _stand,
    "walk": _steps(1.0, 0.07, 0.10, 0.0),
    "run": _steps(2.0, 0.13, 0.15, 0.10),
    "hop": _hop,
    "dance": _dance,
    "fly": _fly,
    "drive": _rumble,
    "ride": _rumble,
    "sail": _sail,
    "swim": _swim,
    "roll": _still,
    "bounce": _still,
    "rise": _drift,
    "fall": _still,
}


def bouncing(t_T: Floats, drop: float, restitution: float) -> tuple[Floats, Floats]:
    """Height above the ground, and seconds to the nearest impact, of a thing let go at height `drop` under GRAVITY."""
    first = float(np.sqrt(2 * max(drop, 0.0) / GRAVITY))
    height_T = np.maximum(drop - 0.5 * GRAVITY * t_T * t_T, 0.0) * (t_T < first)
    near_T = np.abs(t_T - first)
    start, speed = first, restitution * GRAVITY * first
    for _ in range(12):
        span = 2 * speed / GRAVITY
        local_T = t_T - start
        inside = (local_T >= 0) & (local_T < span)
        height_T = np.where(inside, local_T * speed - 0.5 * GRAVITY * local_T * local_T, height_T)
        start += span
        near_T = np.minimum(near_T, np.abs(t_T - start))
        speed *= restitution
        if speed < 0.02:
            break
    return height_T.astype(np.float32), near_T.astype(np.float32)


def move(actor: Actor, noun: Noun, place: Place, seconds_T: Floats, aspect: float) -> Motion:
    """The motion of an actor at the given seconds, for a picture `aspect` times as wide as high."""
    t_T = np.asarray(seconds_T, np.float32)
    widths = aspect / unit(aspect)  # world units a picture width
    heading = {"left": -1.0, "right": 1.0}.get(actor.direction, 0.0)
    floor = max(0.0, actor.y - GROUND[place]) if actor.action in AIRBORNE else actor.y - GROUND[place]
    x_T = np.float32((actor.x - 0.5) * widths) + np.float32(heading * actor.speed * widths) * t_T
    size_T = np.full_like(t_T, actor.height)
    feet_T = np.full_like(t_T, floor)
    if actor.direction in ("towards", "away"):
        growth_T = 1.0 + np.abs(np.float32(actor.speed)) * t_T
        growth_T = growth_T if actor.direction == "towards" else 1.0 / growth_T
        feet_T = HORIZON[place] + (feet_T - HORIZON[place]) * growth_T
        x_T = x_T * growth_T
        size_T = size_T * growth_T
    gait, lift_T = _gait(actor, noun, t_T, floor - (actor.y - GROUND[place]), x_T)
    mirrored = (heading < 0 and noun.faces == "right") or (heading > 0 and noun.faces == "left")
    lift_T = lift_T - np.minimum(gait.dy, 0.0) * size_T if actor.action not in AIRBORNE else lift_T
    matrix_T23 = _matrix(
        gait, x_T, feet_T - (lift_T if actor.action in AIRBORNE else 0.0), size_T, -1.0 if mirrored else 1.0, heading
    )
    return Motion(
        matrix_T23=matrix_T23,
        ground_T2=np.stack((x_T + gait.dx * size_T, feet_T), axis=1).astype(np.float32),
        lift_T=np.broadcast_to(lift_T, t_T.shape).astype(np.float32),
        size_T=size_T,
    )


def unit(aspect: float) -> float:
    """Picture heights a world unit: 1 at 16:9 and wider, less in narrower pictures."""
    return min(1.0, float(np.sqrt(aspect / (16 / 9))))


def _gait(actor: Actor, noun: Noun, t_T: Floats, drop: float, x_T: Floats) -> tuple[Gait, Floats]:
    """The gait, and the height of the feet above the floor that gravity or flight gives."""
    zero_T = np.zeros_like(t_T)
    if actor.action in ("bounce", "fall"):
        height_T, near_T = bouncing(t_T, drop, RESTITUTION[actor.action])
        soft = (0.24 if actor.action == "bounce" else 0.12) * np.exp(-((near_T / 0.06) ** 2)) * (height_T < 0.25)
        return Gait(tall=1.0 - soft, wide=1.0 + 0.7 * soft), height_T
    if actor.action == "rise":
        speed = actor.speed if actor.speed and actor.direction == "none" else RISE
        return _drift(t_T, actor.phase, noun.kind), (drop + np.float32(speed) * t_T).astype(np.float32)
    if actor.action == "roll":
        return Gait(angle=(x_T - x_T[0]) / (0.5 * actor.height) + 0.0, pivot=0.5), zero_T
    gait = GAITS[actor.action](t_T, actor.phase, noun.kind)
    return gait, zero_T + np.float32(drop if actor.action == "fly" else 0.0)


def _matrix(gait: Gait, x_T: Floats, y_T: Floats, size_T: Floats, mirror: float, heading: float) -> Floats:
    """Scale about the feet, turn about the pivot, put in place. Positive angles turn clockwise as seen."""
    lean = np.broadcast_to(np.asarray(gait.angle, np.float32), x_T.shape) + np.float32(heading * gait.lean)
    cos_T, sin_T = np.cos(lean), np.sin(lean)
    wide_T, tall_T = size_T * gait.wide * mirror, size_T * gait.tall
    pivot_T = -gait.pivot * tall_T
    out = np.empty((len(x_T), 2, 3), np.float32)
    out[:, 0, 0], out[:, 0, 1] = cos_T * wide_T, -sin_T * tall_T
    out[:, 1, 0], out[:, 1, 1] = sin_T * wide_T, cos_T * tall_T
    out[:, 0, 2] = x_T + gait.dx * size_T + sin_T * pivot_T
    out[:, 1, 2] = y_T + gait.dy * size_T + pivot_T - cos_T * pivot_T
    return out
