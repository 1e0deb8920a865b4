"""Plans of scenes: what is drawn in which order, and what is kept from scene to scene."""

from typing import Any

import numpy as np
import pytest

from yozora.world.scene import Actor, Place, Scene
from yozora.world.torch_plan import Planner
from yozora.world.torch_strokes import ACTORS, AIR, BACK, FRONT, MIRROR, OUTSIDE, SHADOWS, StrokePlan

SECONDS = np.arange(3, dtype=np.float32) / 2
DOG = Actor(noun="dog", action="walk", direction="right", x=0.3, y=0.88, height=0.4, speed=0.2)
BALL = Actor(noun="ball", x=0.7, y=0.9, height=0.3)


class Kept(list[np.ndarray]):
    """Pictures that a planner has handed out, by number."""

    def __call__(self, picture: np.ndarray) -> int:
        self.append(picture)
        return len(self) - 1


def plan(place: Place = "park", planner: Planner | None = None, **changes: Any) -> StrokePlan:
    scene = Scene(**{"seed": 3, "place": place, "actors": (DOG, BALL), **changes})
    return (planner or Planner(Kept())).plan(scene, 96, 54, SECONDS)


def test_all_numbers_have_a_row_a_frame() -> None:
    made = plan(weather="rain")
    for strokes in made.strokes.values():
        for stroke in strokes:
            assert len(stroke.numbers_TF) == len(stroke.bounds_T4) == 3
            assert np.isfinite(stroke.numbers_TF).all()
    assert made.matrices_AT23.shape == (2, 3, 2, 3)
    assert len(made.sprites_A) == len(made.depth_A) == 2


def test_every_actor_has_a_shadow_on_land_and_a_reflection_at_sea() -> None:
    assert len(plan().strokes[SHADOWS, "shadow"]) == 2
    sea = plan("sea", actors=(Actor(noun="boat", action="sail", x=0.5, y=0.7, height=0.3),))
    assert (SHADOWS, "shadow") not in sea.strokes
    assert len(sea.strokes[MIRROR, "quad"]) == 1


@pytest.mark.parametrize("weather", ["snow", "rain", "fog"])
def test_what_falls_is_behind_and_before_the_actors(weather: str) -> None:
    steps = {step for step, kind in plan(weather=weather).strokes if kind == "curtain"}
    assert steps == {AIR, FRONT}
    assert not any(kind == "curtain" for _, kind in plan(weather="clear").strokes)


def test_indoors_it_falls_outside_the_window() -> None:
    made = plan("room", weather="snow")
    assert {step for step, kind in made.strokes if kind == "curtain"} == {AIR, OUTSIDE}
    assert all(stroke.pane is not None for stroke in made.strokes[OUTSIDE, "curtain"])


def test_one_leaf_in_three_is_behind_the_actors() -> None:
    strokes = plan(weather="leaves").strokes
    behind, before = len(strokes[AIR, "leaf"]), len(strokes[FRONT, "leaf"])
    assert before == pytest.approx(2 * behind, abs=2)


def test_a_stage_is_drawn_once_for_all_scenes_that_share_it() -> None:
    kept = Kept()
    planner = Planner(kept, variety=2)
    first = plan(planner=planner)
    count = len(kept)
    again = plan(planner=planner, seed=5, actors=(BALL,))  # the same stage of two
    assert len(kept) == count
    assert len(again.strokes[BACK, "quad"]) == len(first.strokes[BACK, "quad"])
    plan(planner=planner, seed=4)
    assert len(kept) > count


def test_the_style_of_pixels_is_drawn_small() -> None:
    assert plan(style="pixel").size == (85, 48)
    assert plan().size == (96, 54)


def test_actors_are_drawn_far_to_near() -> None:
    near = Actor(noun="cat", x=0.5, y=0.99, height=0.4)
    made = plan(actors=(near, BALL))
    assert made.depth_A.tolist() == [1, 0]
    assert len(made.strokes[ACTORS, "quad"]) == 2
