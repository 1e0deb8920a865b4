"""Puppets: how a cut-out moves, as one affine matrix per frame.

A cut-out's own coordinates are u (to the right of its middle) and v (upwards negative, 0 at its feet as drawn), both in
heights of the cut-out; the matrices carry them to world coordinates (see paint.py). Knows nothing of pixels but where
the soles of a posed cut-out are.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yozora.world.figures import figure
from yozora.world.joints import STEPS, Figure
from yozora.world.paint import Floats
from yozora.world.scene import Action, Actor, Kind, Noun, Place
from yozora.world.sprites import soles
from yozora.world.stages import GROUND, HORIZON

GRAVITY = 2.4  # units / s^2
RESTITUTION = {"bounce": 0.78, "fall": 0.30}  # speed after / speed before a bounce
RISE = 0.24  # units / s of what rises with no speed of its own
HOP_SECONDS = 1.0
BOB = 0.05  # heights that a body rises and sinks by at most, about its mean, to have its feet on the ground
RATES: dict[Action, float] = {  # cycles of the joints a second, where no way tells
    "stand": 0.6,
    "walk": 0.8,
    "run": 1.1,
    "hop": 1.0,
    "dance": 0.55,
    "fly": 1.5,
    "drive": 0.0,
    "ride": 0.0,
    "sail": 0.0,
    "swim": 0.9,
    "roll": 0.0,
    "bounce": 0.0,
    "rise": 1.5,
    "fall": 0.0,
}
FASTEST: dict[Action, float] = {"walk": 1.25, "run": 1.6}  # cycles of the legs a second
AIRBORNE: tuple[Action, ...] = ("fly", "rise", "fall", "bounce")


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """A cut-out's way through the takes' frames."""

    matrix_T23: Floats  # (u, v, 1) -> (X, Y)
    ground_T2: Floats  # where its contact shadow lies
    lift_T: Floats  # height of the feet above that, in units
    size_T: Floats  # height of the cut-out in units
    step_T: NDArray[np.int64]  # of its joints' cycle, see `joints`; -1: as drawn


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
class _Going:
    """What a gait depends on."""

    t_T: Floats  # seconds
    phase: float
    kind: Kind
    cycles_T: Floats  # of its joints, `phase` included
    figure: Figure | None  # the joints that move
    soles_S: Floats  # see `_sole_heights`; empty without legs
    speed: float  # heights of the cut-out a second to the right


def _wave(t_T: Floats, hertz: float, phase: float) -> Floats:
    turns_T: Floats = t_T * np.float32(hertz) + np.float32(phase)
    turns_T *= np.float32(2 * np.pi)
    return np.sin(turns_T)


def _on_legs(hop: float, lean: float) -> Callable[[_Going], Gait]:
    """On jointed legs: a foot is on the ground; `hop`: and in the air, when the legs are spread."""

    def gait(going: _Going) -> Gait:
        turn_T = np.mod(going.cycles_T, 1.0) * STEPS
        level = np.interp(turn_T, np.arange(STEPS), going.soles_S, period=STEPS).astype(np.float32)
        spread = _wave(going.cycles_T, 1.0, 0.0) ** 2
        return Gait(dy=-level - hop * spread, angle=0.012 * _wave(going.cycles_T, 2.0, 0.1), lean=lean)

    return gait


def _sole_heights(noun: str, action: Action) -> Floats:
    """Where the soles are at each step [STEPS], smooth, and never so far apart that the body would be tossed."""
    drawn_S = soles(noun, action)
    smooth_S: Floats = (np.roll(drawn_S, 1) + 2 * drawn_S + np.roll(drawn_S, -1)) / 4
    middle, reach = (smooth_S.max() + smooth_S.min()) / 2, (smooth_S.max() - smooth_S.min()) / 2
    level_S: Floats = middle + (smooth_S - middle) * min(1.0, BOB / max(float(reach), 1e-6))
    return level_S


def _waddle(hertz: float, hop: float, tilt: float, lean: float) -> Callable[[_Going], Gait]:
    """Without legs: a hop to the left, a hop to the right."""

    def gait(going: _Going) -> Gait:
        share = np.mod(2.0 * (going.t_T * np.float32(hertz) + np.float32(going.phase)), 1.0)
        arc = 4.0 * share * (1.0 - share)
        press = 1.0 - 0.04 * np.clip(1.0 - arc * 3.0, 0, 1)
        tilted = tilt * _wave(going.t_T, hertz, going.phase)
        return Gait(dy=-hop * arc, angle=tilted, lean=lean, wide=2.0 - press, tall=press)

    return gait


def _stand(going: _Going) -> Gait:
    lives = going.kind not in ("thing", "vehicle", "ball")
    breath = _wave(going.t_T, 0.4, going.phase) * (0.015 if lives else 0.0)
    return Gait(tall=1.0 + breath, wide=1.0 - 0.5 * breath)


def _hop(going: _Going) -> Gait:
    """A leap a second: on the ground for a quarter of it, where it crouches and stands still, then a parabola."""
    share = np.mod(going.t_T / HOP_SECONDS + going.phase, 1.0)
    flight = np.clip((share - 0.25) / 0.75, 0.0, 1.0)
    squash = 0.13 * np.exp(-((share - 0.12) ** 2) / 0.006)
    waits = (flight - share + 0.125) * HOP_SECONDS * going.speed
    return Gait(dx=waits, dy=-1.2 * flight * (1.0 - flight), tall=1.0 - squash, wide=1.0 + 0.6 * squash)


def _dance(going: _Going) -> Gait:
    beat = np.abs(_wave(going.t_T, 0.55, going.phase))
    return Gait(
        dx=0.10 * _wave(going.t_T, 0.55, going.phase),
        dy=-0.04 * beat,
        angle=0.20 * _wave(going.t_T, 0.55, going.phase + 0.02),
        tall=1.0 + 0.06 * (beat - 0.5),
        wide=1.0 - 0.05 * (beat - 0.5),
    )


def _fly(going: _Going) -> Gait:
    if going.kind in ("aircraft", "balloon", "vehicle", "thing", "person", "ball"):
        tilt = 0.035 * _wave(going.t_T, 0.5, going.phase + 0.3)
        return Gait(dy=0.05 * _wave(going.t_T, 0.5, going.phase), angle=tilt, pivot=0.5)
    flap = _wave(going.cycles_T, 1.0, 0.0) * (0.0 if going.figure else 1.0)
    return Gait(
        dy=0.05 * _wave(going.cycles_T, 1.0, -0.2) + 0.05 * _wave(going.t_T, 0.5, going.phase),
        tall=1.0 + 0.13 * flap,
        wide=1.0 - 0.04 * flap,
        angle=0.04 * _wave(going.t_T, 0.5, going.phase),
        pivot=0.5,
    )


def _rumble(going: _Going) -> Gait:
    shake = _wave(going.t_T, 0.55, going.phase)
    return Gait(dy=-0.006 * np.abs(shake), angle=0.006 * _wave(going.t_T, 0.7, going.phase))


def _sail(going: _Going) -> Gait:
    tilt = 0.085 * _wave(going.t_T, 0.5, going.phase + 0.22)
    return Gait(dy=0.035 * _wave(going.t_T, 0.5, going.phase), angle=tilt, pivot=0.15)


def _swim(going: _Going) -> Gait:
    return Gait(
        dy=0.05 * _wave(going.t_T, 0.6, going.phase),
        angle=0.09 * _wave(going.t_T, 0.6, going.phase),
        wide=1.0 + 0.03 * _wave(going.t_T, 0.6, going.phase + 0.25),
        pivot=0.5,
    )


def _drift(going: _Going) -> Gait:
    tilt = 0.06 * _wave(going.t_T, 0.5, going.phase + 0.25)
    return Gait(dx=0.05 * _wave(going.t_T, 0.5, going.phase), angle=tilt, pivot=0.5)


def _idle_gait(going: _Going) -> Gait:
    return Gait()


GAITS: dict[Action, Callable[[_Going], Gait]] = {
    "stand": _stand,
    "walk": _waddle(0.5, 0.05, 0.07, 0.0),
    "run": _waddle(0.55, 0.09, 0.09, 0.08),
    "hop": _hop,
    "dance": _dance,
    "fly": _fly,
    "drive": _rumble,
    "ride": _rumble,
    "sail": _sail,
    "swim": _swim,
    "roll": _idle_gait,
    "bounce": _idle_gait,
    "rise": _drift,
    "fall": _idle_gait,
}
LEGGED: dict[Action, Callable[[_Going], Gait]] = {"walk": _on_legs(0.0, 0.0), "run": _on_legs(0.04, 0.03)}
"""The gaits of those who have jointed legs."""


def _cycles(actor: Actor, figure: Figure | None, t_T: Floats, x_T: Floats, speed: float) -> Floats:
    """Cycles that the joints have gone through, from the actor's phase on: legs and wheels as far as it goes.

    Nothing goes faster than FASTEST cycles a second; feet slide rather than scurry.
    """
    rate, fastest = RATES[actor.action], FASTEST.get(actor.action, 0.0)
    sideways = actor.direction in ("left", "right")
    if figure is not None and figure.radius and sideways:
        turns_T: Floats = np.abs(x_T - x_T[0]) / np.float32(2 * np.pi * figure.radius * actor.height)
        return turns_T * np.float32(figure.fold) + np.float32(actor.phase)
    if figure is not None and figure.stride and fastest and sideways:
        rate = min(fastest, abs(speed) / figure.stride)
    return t_T * np.float32(rate) + np.float32(actor.phase)


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
    parts = figure(noun.key, actor.action)
    speed = heading * actor.speed * widths / actor.height
    legged = parts is not None and parts.leg[0] > 0.0 and actor.action in LEGGED
    going = _Going(
        t_T=t_T,
        phase=actor.phase,
        kind=noun.kind,
        cycles_T=_cycles(actor, parts, t_T, x_T, speed),
        figure=parts,
        soles_S=_sole_heights(noun.key, actor.action) if legged else np.zeros(0, np.float32),
        speed=speed,
    )
    gait, lift_T = _gait(actor, noun, going, floor - (actor.y - GROUND[place]), x_T)
    mirrored = (heading < 0 and noun.faces == "right") or (heading > 0 and noun.faces == "left")
    lift_T = lift_T - np.minimum(gait.dy, 0.0) * size_T if actor.action not in AIRBORNE else lift_T
    matrix_T23 = _pose_matrix(
        gait, x_T, feet_T - (lift_T if actor.action in AIRBORNE else 0.0), size_T, -1.0 if mirrored else 1.0, heading
    )
    return Motion(
        matrix_T23=matrix_T23,
        ground_T2=np.stack((x_T + gait.dx * size_T, feet_T), axis=1).astype(np.float32),
        lift_T=np.broadcast_to(lift_T, t_T.shape).astype(np.float32),
        size_T=size_T,
        step_T=_step(going),
    )


def _step(going: _Going) -> NDArray[np.int64]:
    if going.figure is None:
        return np.full(len(going.t_T), -1, np.int64)
    step_T: NDArray[np.int64] = np.floor(going.cycles_T * STEPS + 0.5).astype(np.int64) % STEPS
    return step_T


def unit(aspect: float) -> float:
    """Picture heights a world unit: 1 at 16:9 and wider, less in narrower pictures."""
    return min(1.0, float(np.sqrt(aspect / (16 / 9))))


def _gait(actor: Actor, noun: Noun, going: _Going, drop: float, x_T: Floats) -> tuple[Gait, Floats]:
    """The gait, and the height of the feet above the floor that gravity or flight gives."""
    t_T, zero_T = going.t_T, np.zeros_like(going.t_T)
    if actor.action in ("bounce", "fall"):
        height_T, near_T = bouncing(t_T, drop, RESTITUTION[actor.action])
        soft = (0.24 if actor.action == "bounce" else 0.12) * np.exp(-((near_T / 0.06) ** 2)) * (height_T < 0.25)
        return Gait(tall=1.0 - soft, wide=1.0 + 0.7 * soft), height_T
    if actor.action == "rise":
        speed = actor.speed if actor.speed and actor.direction == "none" else RISE
        return _drift(going), (drop + np.float32(speed) * t_T).astype(np.float32)
    if actor.action == "roll":  # what looks to a side rolls on its wheels
        turned = (x_T - x_T[0]) / (0.5 * actor.height) if noun.faces == "front" else zero_T
        return Gait(angle=turned, pivot=0.5), zero_T
    gait = (LEGGED if len(going.soles_S) else GAITS)[actor.action](going)
    return gait, zero_T + np.float32(drop if actor.action == "fly" else 0.0)


def _pose_matrix(gait: Gait, x_T: Floats, y_T: Floats, size_T: Floats, mirror: float, heading: float) -> Floats:
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
