"""Puppets: how a cut-out moves, as one affine matrix per frame.

A cut-out's own coordinates are u (to the right of its middle) and v (upwards negative, 0 at its feet as drawn), both in
heights of the cut-out; the matrices carry them to world coordinates (see paint.py). Knows nothing of pixels but where
the soles of a posed cut-out are.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yozora.world.actions import ACTIONS
from yozora.world.figures import figure
from yozora.world.gaits import Course, Gait
from yozora.world.joints import STEPS, Figure
from yozora.world.paint import Floats
from yozora.world.scene import Actor, Noun, Place
from yozora.world.sprites import soles
from yozora.world.stages import GROUND, HORIZON
from yozora.world.tables import function_of

GRAVITY = 2.4  # units / s^2
RISE = 0.24  # units / s of what rises with no speed of its own
BOB = 0.05  # heights that a body rises and sinks by at most, about its mean, to have its feet on the ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """A cut-out's way through the takes' frames."""

    matrix_T23: Floats  # (u, v, 1) -> (X, Y)
    ground_T2: Floats  # where its contact shadow is
    lift_T: Floats  # height of the feet above that, in units
    size_T: Floats  # height of the cut-out in units
    step_T: NDArray[np.int64]  # of its joints' cycle, see `joints`; -1: as drawn


def _sole_heights(noun: str, action: str) -> Floats:
    """Where the soles are at each step [STEPS], smooth, and never so far apart that the body would be tossed."""
    drawn_S = soles(noun, action)
    smooth_S: Floats = (np.roll(drawn_S, 1) + 2 * drawn_S + np.roll(drawn_S, -1)) / 4
    middle, reach = (smooth_S.max() + smooth_S.min()) / 2, (smooth_S.max() - smooth_S.min()) / 2
    level_S: Floats = middle + (smooth_S - middle) * min(1.0, BOB / max(float(reach), 1e-6))
    return level_S


def _cycles(actor: Actor, figure: Figure | None, t_T: Floats, x_T: Floats, speed: float) -> Floats:
    """Cycles that the joints have gone through, from the actor's phase on: legs and wheels as far as it goes.

    Legs go no faster than the action's `fastest`; feet slide rather than scurry.
    """
    rate, fastest = ACTIONS[actor.action].cycles, ACTIONS[actor.action].fastest
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


def _growth(actor: Actor, t_T: Floats) -> Floats:
    """How many times as large an actor has become that comes towards the camera or goes away from it."""
    nearer_T: Floats = 1.0 + np.abs(np.float32(actor.speed)) * t_T
    return nearer_T if actor.direction == "towards" else 1.0 / nearer_T


def move(actor: Actor, noun: Noun, place: Place, seconds_T: Floats, aspect: float) -> Motion:
    """The motion of an actor at the given seconds, for a picture `aspect` times as wide as high."""
    t_T = np.asarray(seconds_T, np.float32)
    widths = aspect / unit(aspect)  # world units a picture width
    heading = {"left": -1.0, "right": 1.0}.get(actor.direction, 0.0)
    airborne = ACTIONS[actor.action].medium == "air"
    floor = max(0.0, actor.y - GROUND[place]) if airborne else actor.y - GROUND[place]
    x_T: Floats = np.float32((actor.x - 0.5) * widths) + np.float32(heading * actor.speed * widths) * t_T
    size_T: Floats = np.full_like(t_T, actor.height)
    feet_T: Floats = np.full_like(t_T, floor)
    if actor.direction in ("towards", "away"):
        growth_T = _growth(actor, t_T)
        feet_T = HORIZON[place] + (feet_T - HORIZON[place]) * growth_T
        x_T, size_T = x_T * growth_T, size_T * growth_T
    parts = figure(noun.key, actor.action)
    speed = heading * actor.speed * widths / actor.height
    legged = parts is not None and parts.leg[0] > 0.0 and bool(ACTIONS[actor.action].on_legs)
    course = Course(
        t_T=t_T,
        phase=actor.phase,
        kind=noun.kind,
        cycles_T=_cycles(actor, parts, t_T, x_T, speed),
        figure=parts,
        soles_S=_sole_heights(noun.key, actor.action) if legged else np.zeros(0, np.float32),
        speed=speed,
    )
    gait, lift_T = _gait(actor, noun, course, floor - (actor.y - GROUND[place]), x_T)
    mirrored = (heading < 0 and noun.faces == "right") or (heading > 0 and noun.faces == "left")
    lift_T = lift_T - np.minimum(gait.dy, 0.0) * size_T if not airborne else lift_T
    y_T = feet_T - (lift_T if airborne else 0.0)
    matrix_T23 = _pose_matrix(gait, x_T, y_T, size_T, -1.0 if mirrored else 1.0, heading)
    return Motion(
        matrix_T23=matrix_T23,
        ground_T2=np.stack((x_T + gait.dx * size_T, feet_T), axis=1).astype(np.float32),
        lift_T=np.broadcast_to(lift_T, t_T.shape).astype(np.float32),
        size_T=size_T,
        step_T=_step(course),
    )


def _step(course: Course) -> NDArray[np.int64]:
    if course.figure is None:
        return np.full(len(course.t_T), -1, np.int64)
    step_T: NDArray[np.int64] = np.floor(course.cycles_T * STEPS + 0.5).astype(np.int64) % STEPS
    return step_T


def unit(aspect: float) -> float:
    """Picture heights a world unit: 1 at 16:9 and wider, less in narrower pictures."""
    return min(1.0, float(np.sqrt(aspect / (16 / 9))))


def _gait(actor: Actor, noun: Noun, course: Course, drop: float, x_T: Floats) -> tuple[Gait, Floats]:
    """The gait, and the height of the feet above the floor that gravity or flight gives."""
    t_T, zero_T, action = course.t_T, np.zeros_like(course.t_T), ACTIONS[actor.action]
    if action.bounces is not None:
        restitution, squash = action.bounces
        height_T, near_T = bouncing(t_T, drop, restitution)
        soft = squash * np.exp(-((near_T / 0.06) ** 2)) * (height_T < 0.25)
        return Gait(tall=1.0 - soft, wide=1.0 + 0.7 * soft), height_T
    if action.rolls:  # what looks to a side rolls on its wheels
        turned = (x_T - x_T[0]) / (0.5 * actor.height) if noun.faces == "front" else zero_T
        return Gait(angle=turned, pivot=0.5), zero_T
    gait: Gait = function_of(action.on_legs if len(course.soles_S) else action.gait)(course)
    if action.rises:
        speed = actor.speed if actor.speed and actor.direction == "none" else RISE
        return gait, (drop + np.float32(speed) * t_T).astype(np.float32)
    return gait, zero_T + np.float32(drop if action.aloft else 0.0)


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
