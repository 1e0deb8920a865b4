"""How puppets move: what is true of every action, whoever does it, at any hour of the film."""

from dataclasses import replace

import numpy as np
import pytest

from yozora.world.actions import ACTIONS
from yozora.world.gaits import HOP_SECONDS
from yozora.world.nouns import NOUNS
from yozora.world.puppets import BOB, GRAVITY, RISE, Motion, bouncing, move, unit
from yozora.world.scene import PLACES, Actor, Direction, Noun, Place
from yozora.world.stages import GROUND, HORIZON

ASPECT = 16 / 9
SECONDS = np.arange(0, 4, 1 / 16, dtype=np.float32)
WHEELS: tuple[str, ...] = ("drive", "ride")
KINDS = sorted({noun.kind for noun in NOUNS.values()})


def restitution_of(action: str) -> float:
    bounces = ACTIONS[action].bounces
    assert bounces is not None
    return bounces[0]


def actor(action: str = "walk", **changes: object) -> Actor:
    height = 0.25 if ACTIONS[action].medium == "air" else -0.03
    made = Actor(noun="dog", action=action, x=0.4, y=GROUND["park"] - height, height=0.4)
    return replace(made, **changes)  # type: ignore[arg-type]


def moved(who: Actor, place: Place = "park", seconds: np.ndarray = SECONDS, aspect: float = ASPECT) -> Motion:
    return move(who, NOUNS[who.noun], place, seconds, aspect)


def of_kind(kind: str) -> Noun:
    return next(noun for noun in NOUNS.values() if noun.kind == kind)


def feet(motion: Motion) -> np.ndarray:
    """Where the middle of the feet is, in world units [T, 2]."""
    return np.asarray(motion.matrix_T23[:, :, 2])


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_out_stays_a_cut_out(action: str, kind: str) -> None:
    """It is never flattened, torn or turned inside out: its area is that of its size, and finite."""
    motion = moved(actor(action, noun=of_kind(kind).key, direction="right", speed=0.2))
    assert np.isfinite(motion.matrix_T23).all()
    (a, b), (c, d) = motion.matrix_T23[:, :, :2].transpose(1, 2, 0)
    area_T = np.abs(a * d - b * c) / motion.size_T**2
    assert area_T == pytest.approx(1.0, abs=0.30)
    assert len(set(np.sign(a * d - b * c))) == 1  # it does not turn its other side within a take


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_without_a_way_leaves_his_place(action: str) -> None:
    motion = moved(actor(action, direction="none", speed=0.0))
    assert np.abs(feet(motion)[:, 0] - feet(motion)[0, 0]).max() < 0.12


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("way", ["left", "right"])
def test_a_second_takes_everybody_as_far_as_his_speed(action: str, way: Direction) -> None:
    """Over whole seconds: within one a hop waits and flies, and a dancer sways."""
    motion = moved(actor(action, direction=way, speed=0.2), seconds=np.array([0.0, 10.0], np.float32))
    widths = (feet(motion)[1, 0] - feet(motion)[0, 0]) / ASPECT
    assert widths == pytest.approx(2.0 if way == "right" else -2.0, abs=0.06)


@pytest.mark.parametrize("action", [action for action in ACTIONS if action not in ("roll", *WHEELS)])
def test_a_phase_is_a_time(action: str) -> None:
    """Whoever starts in the middle of his gait does what others do later: only so are two walkers not in step."""
    one = moved(actor(action, phase=0.0, direction="none"))
    other = moved(actor(action, phase=0.5, direction="none"))
    still = np.abs(np.diff(one.matrix_T23, axis=0)).max() < 1e-6
    assert np.allclose(one.matrix_T23, other.matrix_T23) == (still or action in ("bounce", "fall"))


@pytest.mark.parametrize("action", [name for name, action in ACTIONS.items() if action.medium == "ground"])
@pytest.mark.parametrize("kind", KINDS)
def test_who_is_on_the_ground_stays_about_there(action: str, kind: str) -> None:
    """Nobody sinks into it or floats: lowest where the floor is, and no higher than his gait lifts him."""
    who = actor(action, noun=of_kind(kind).key, direction="none")
    motion = moved(who)
    floor = who.y - GROUND["park"]
    low_T = feet(motion)[:, 1] - floor
    assert low_T.max() < (BOB + 0.02) * who.height
    assert low_T.min() > -0.40 * who.height
    assert (motion.lift_T >= -1e-6).all()
    assert motion.ground_T2[:, 1] == pytest.approx(floor, abs=1e-5)


def test_a_leap_is_a_parabola_under_one_gravity() -> None:
    """Its height changes by a constant second difference while it is in the air."""
    seconds = np.linspace(0.3, 0.95, 40).astype(np.float32) * HOP_SECONDS
    lift_T = moved(actor("hop", noun="rabbit", direction="none"), seconds=seconds).lift_T.astype(np.float64)
    bend = np.diff(lift_T, 2)
    assert bend == pytest.approx(bend.mean(), rel=0.05)
    assert bend.mean() < 0


@pytest.mark.parametrize("action", ["bounce", "fall"])
@pytest.mark.parametrize("drop", [0.1, 0.3, 0.45])
def test_what_drops_loses_energy_and_never_gains_any(action: str, drop: float) -> None:
    seconds = np.linspace(0, 6, 6001).astype(np.float32)
    height_T, _ = bouncing(seconds, drop, restitution_of(action))
    tops = [height_T[k] for k in range(1, 6000) if height_T[k - 1] < height_T[k] >= height_T[k + 1]]
    assert height_T[0] == pytest.approx(drop)
    assert (height_T >= 0).all()
    assert all(later < sooner for sooner, later in zip([drop, *tops], tops, strict=False))
    assert height_T[-1] < 0.02


def test_it_reaches_the_ground_when_gravity_says() -> None:
    drop = 0.3
    seconds = np.linspace(0, 1, 10001).astype(np.float32)
    height_T, _ = bouncing(seconds, drop, restitution_of("bounce"))
    landed = seconds[np.flatnonzero(height_T < 1e-4)[0]]
    assert landed == pytest.approx(np.sqrt(2 * drop / GRAVITY), abs=1e-3)


def test_nothing_that_is_dropped_from_no_height_moves() -> None:
    height_T, _ = bouncing(SECONDS, 0.0, restitution_of("bounce"))
    assert not height_T.any()


@pytest.mark.parametrize("action", ["fly", "rise"])
def test_who_is_in_the_air_stays_above_the_ground(action: str) -> None:
    motion = moved(actor(action, noun="bird" if action == "fly" else "balloon"))
    assert (motion.lift_T > 0.15).all()
    assert (feet(motion)[:, 1] < -0.1).all()


def test_what_rises_does_so_at_its_own_pace() -> None:
    usual = moved(actor("rise", noun="balloon", direction="none"))
    slow = moved(actor("rise", noun="balloon", direction="none", speed=0.1))
    for motion, pace in ((usual, RISE), (slow, 0.1)):
        assert np.diff(motion.lift_T) * 16 == pytest.approx(pace, abs=1e-3)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("way", ["towards", "away"])
def test_the_way_into_the_picture_leads_to_its_horizon(place: Place, way: Direction) -> None:
    """Size, place and distance from the horizon change by the same share, as in a picture drawn in perspective."""
    who = actor("walk", direction=way, speed=0.45, x=0.6, y=GROUND[place] + 0.05)
    motion = moved(who, place)
    share_T = motion.size_T / who.height
    assert (np.sign(np.diff(share_T)) == (1 if way == "towards" else -1)).all()
    assert motion.ground_T2[:, 1] == pytest.approx(HORIZON[place] + (0.05 - HORIZON[place]) * share_T, abs=1e-4)
    assert motion.ground_T2[:, 0] == pytest.approx(0.1 * ASPECT * share_T, abs=1e-4)


@pytest.mark.parametrize("action", ["walk", "run", "fly", "drive", "swim"])
def test_left_is_right_in_a_mirror(action: str) -> None:
    """For who looks left as drawn: going right is going left, seen from behind the picture."""
    noun = next(each for each in NOUNS.values() if action in each.actions and each.faces == "left").key
    right = moved(actor(action, noun=noun, direction="right", speed=0.2, x=0.3))
    left = moved(actor(action, noun=noun, direction="left", speed=0.2, x=0.7))
    assert np.linalg.det(right.matrix_T23[:, :, :2]).max() < 0 < np.linalg.det(left.matrix_T23[:, :, :2]).min()
    assert right.ground_T2[:, 0] == pytest.approx(-left.ground_T2[:, 0], abs=1e-4)
    assert right.lift_T == pytest.approx(left.lift_T, abs=1e-4)


@pytest.mark.parametrize("aspect", [16 / 9, 1.0, 9 / 16, 21 / 9])
@pytest.mark.parametrize("action", ["walk", "fly", "bounce"])
def test_places_are_shares_of_the_picture_of_any_shape(action: str, aspect: float) -> None:
    """Half across is the middle, and a height is one of the picture's, wide or narrow."""
    who = actor(action, x=0.5, direction="right", speed=0.25, noun="sports ball")
    motion = moved(who, seconds=np.array([0.0, 2.0], np.float32), aspect=aspect)
    edge = aspect / unit(aspect) / 2
    assert motion.ground_T2[0, 0] == pytest.approx(0.0, abs=0.02)
    assert motion.ground_T2[1, 0] == pytest.approx(edge, abs=0.03)
    assert motion.size_T == pytest.approx(who.height)


def test_a_unit_is_a_picture_height_in_wide_pictures_and_less_in_narrow_ones() -> None:
    assert unit(16 / 9) == unit(21 / 9) == 1.0
    assert unit(1.0) == pytest.approx(0.75)
    assert unit(9 / 16) < unit(1.0)


@pytest.mark.parametrize("action", ACTIONS)
def test_moments_do_not_depend_on_each_other(action: str) -> None:
    """A film of one moment shows what a long film shows then: windows of a film can be made one by one."""
    who = actor(action, direction="right", speed=0.2)
    whole = moved(who, seconds=SECONDS)
    some = moved(who, seconds=np.concatenate((SECONDS[:1], SECONDS[20:30])))
    assert np.allclose(some.matrix_T23[1:], whole.matrix_T23[20:30], atol=1e-5)
    assert np.array_equal(some.step_T[1:], whole.step_T[20:30])
