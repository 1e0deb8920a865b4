"""Gaits: what each adds to a straight path."""

from dataclasses import replace

import numpy as np
import pytest

from yozora.world import gaits
from yozora.world.actions import ACTIONS
from yozora.world.gaits import HOP_SECONDS, Course, Gait
from yozora.world.joints import STEPS
from yozora.world.tables import function_of

T = np.arange(0, 4, 1 / 32, dtype=np.float32)
COURSE = Course(
    t_T=T, phase=0.0, kind="animal", cycles_T=T, figure=None, soles_S=np.zeros(STEPS, np.float32), speed=0.5
)
PATHS = sorted({path for action in ACTIONS.values() for path in (action.gait, action.on_legs) if path})


@pytest.mark.parametrize("path", PATHS)
def test_a_gait_is_small_and_stays_where_it_is_on_the_whole(path: str) -> None:
    gait: Gait = function_of(path)(COURSE)
    for shift in (gait.dx, gait.dy):
        assert np.abs(shift).max() < 0.4
    assert np.abs(gait.angle).max() < 0.4
    assert np.asarray(gait.wide).min() > 0.8
    assert np.asarray(gait.tall).min() > 0.8
    assert np.max(gait.dy) <= 0.1  # nothing sinks into the ground


def test_a_hop_is_on_the_ground_for_a_quarter_of_its_time() -> None:
    lift = -np.asarray(gaits.hop(COURSE).dy)
    assert (lift < 1e-6).mean() == pytest.approx(0.25, abs=0.05)
    assert lift.max() == pytest.approx(0.3, abs=0.01)
    assert lift[: round(HOP_SECONDS * 32)] == pytest.approx(lift[round(HOP_SECONDS * 32) :][: round(HOP_SECONDS * 32)])


def test_things_do_not_breathe() -> None:
    assert np.ptp(gaits.stand(COURSE).tall) > 0.01
    assert np.ptp(np.broadcast_to(gaits.stand(replace(COURSE, kind="thing")).tall, T.shape)) == 0


def test_runners_lean_forwards_and_walkers_do_not() -> None:
    assert gaits.run(COURSE).lean > gaits.walk(COURSE).lean == 0
    assert gaits.run_on_legs(COURSE).lean > gaits.walk_on_legs(COURSE).lean == 0


def test_legs_that_are_longer_at_a_step_carry_the_body_higher() -> None:
    soles = np.sin(np.arange(STEPS) / STEPS * 2 * np.pi).astype(np.float32) * 0.05
    dy = np.asarray(gaits.walk_on_legs(replace(COURSE, soles_S=soles)).dy)
    assert np.ptp(dy) == pytest.approx(0.1, abs=0.02)
    assert np.ptp(np.broadcast_to(gaits.walk_on_legs(COURSE).dy, T.shape)) == 0


def test_idle_adds_nothing() -> None:
    assert gaits.idle(COURSE) == Gait()
