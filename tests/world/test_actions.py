"""Actions: one entry each; a new one is drawn for a noun that lists it, and moves as its entry says."""

from dataclasses import replace

import numpy as np
import pytest

from yozora.world import choices
from yozora.world.actions import ACTIONS, Action
from yozora.world.distributions import SceneDistribution
from yozora.world.nouns import NOUNS
from yozora.world.puppets import move
from yozora.world.scene import Actor

SECONDS = np.arange(0, 2, 0.25, dtype=np.float32)
GLIDE = Action(gait="yozora.world.gaits:sail", medium="air", speeds=(0.3, 0.3), aloft=True)


def test_each_is_done_somewhere_and_is_some_nouns() -> None:
    done = {action for noun in NOUNS.values() for action in noun.actions}
    assert done == set(ACTIONS)
    assert all(action.on_land or action.on_sea for action in ACTIONS.values())
    assert all(action.on_sea and not action.on_land for action in ACTIONS.values() if action.medium == "water")


def test_what_only_goes_can_go() -> None:
    for action in ACTIONS.values():
        assert not (action.only_going or action.in_depth or action.hides) or action.speeds is not None
        assert action.speeds is None or 0 < action.speeds[0] <= action.speeds[1] < 0.5
        assert not action.only_going or not action.calm


def test_runners_are_faster_than_walkers_and_count_as_fast() -> None:
    walk, run = ACTIONS["walk"], ACTIONS["run"]
    assert walk.speeds is not None
    assert run.speeds is not None
    assert walk.speeds[1] < run.speeds[0]
    assert run.fast > walk.fast


def test_a_new_action_is_drawn_and_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ACTIONS, "glide", GLIDE)
    rng, everything = np.random.default_rng(1), SceneDistribution()
    bird = replace(NOUNS["bird"], actions=("glide",))
    assert choices.action(rng, bird, "park") == "glide"
    assert choices.action(rng, bird, "sea") == "stand"  # its entry says so
    assert choices.direction(rng, everything, "glide") in ("left", "right")
    assert choices.speed(everything, "glide", 0.7) == pytest.approx(0.3)
    glider = Actor(noun="bird", action="glide", direction="right", x=0.2, y=0.5, height=0.3, speed=0.3)
    motion = move(glider, bird, "park", SECONDS, 16 / 9)
    assert np.diff(motion.ground_T2[:, 0]) == pytest.approx(0.3 * 16 / 9 * 0.25, rel=1e-3)
    assert (motion.lift_T > 0.1).all()  # aloft
