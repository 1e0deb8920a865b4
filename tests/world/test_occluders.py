"""What stands before a stage."""

import numpy as np
import pytest

from yozora.world import occluders
from yozora.world.light import light_of
from yozora.world.scene import PLACES, Place, Scene
from yozora.world.scenery import StageView
from yozora.world.view import bench, view

SECONDS = np.array([0.0, 1.0, 2.0], np.float32)


def bench_of(scene: Scene, width: int = 96, height: int = 54) -> StageView:
    light = light_of(scene.daytime, scene.weather, indoors=scene.place == "room")
    return bench(scene, view(scene, width, height, SECONDS), light)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("x", [-0.5, 0.0, 0.6])
def test_an_occluder_hides_all_that_is_behind_its_middle(place: Place, x: float) -> None:
    table = bench_of(Scene(seed=2, place=place))
    layer = occluders.occluder(place, table, x, 0.3)
    paper = layer.sheet
    middle = np.abs(paper.x_W - x) < 0.09
    standing = (paper.y_H > -0.4) & (paper.y_H < 0.1)
    assert paper.image_4HW[3][np.ix_(standing, middle)].min() > 0.99
    assert paper.x_W[0] > x - 0.35
    assert paper.x_W[-1] < x + 0.35
    assert layer.before > 1.0  # before everybody
