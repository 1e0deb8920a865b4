"""Stages: what is true of the sheets of every place, at every hour, in every weather, however the camera moves."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from yozora.world import occluders, stages
from yozora.world.cameras import CAMERAS
from yozora.world.captions import OCCLUDERS
from yozora.world.light import light_of
from yozora.world.scene import DAYTIMES, PLACES, Daytime, Place, Scene
from yozora.world.scenery import StageLayer, StageView
from yozora.world.view import bench, stage, view
from yozora.world.weathers import WEATHERS

SECONDS = np.array([0.0, 1.0, 2.0], np.float32)


def bench_of(scene: Scene, width: int = 96, height: int = 54) -> StageView:
    light = light_of(scene.daytime, scene.weather, indoors=scene.place == "room")
    return bench(scene, view(scene, width, height, SECONDS), light)


def built(place: Place, seed: int = 2, **changes: object) -> list[StageLayer]:
    scene = Scene(seed=seed, place=place, **changes)  # type: ignore[arg-type]
    return stages.build(place, bench_of(scene))


def test_every_place_has_all_that_a_place_needs() -> None:
    for table in (stages.GROUND, stages.HORIZON, stages.PLACES_DRAWN, occluders.OCCLUDERS, OCCLUDERS):
        assert set(table) == set(PLACES)


@pytest.mark.parametrize("place", PLACES)
def test_people_stand_low_in_the_picture_and_the_horizon_is_above_them(place: Place) -> None:
    assert 0.75 < stages.GROUND[place] < 0.95
    assert -0.4 < stages.HORIZON[place] < -0.1


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("weather", WEATHERS)
@pytest.mark.parametrize("hour", DAYTIMES)
def test_sheets_are_pictures(place: Place, weather: str, hour: Daytime) -> None:
    """Premultiplied: opacity is in 0..1 and no colour is brighter than it allows."""
    layers = built(place, weather=weather, daytime=hour)
    for layer in layers:
        image = layer.sheet.image_4HW
        assert np.isfinite(image).all()
        assert image.min() >= -1e-4
        assert image[3].max() <= 1 + 1e-4
        assert (image[:3] <= image[3] * 1.15 + 1e-3).all()  # shaded shapes are a little brighter than their colour
    assert any(layer.sheet.image_4HW[3].max() > 0.99 for layer in layers)


@pytest.mark.parametrize("place", PLACES)
def test_sheets_stand_far_to_near(place: Place) -> None:
    """What does not hang before the actors moves the faster the later it is laid, and the ground moves with them."""
    layers = [layer for layer in built(place) if layer.before == -1.0 and not layer.window]
    assert all(a.parallax <= b.parallax for a, b in pairwise(layers))
    assert layers[0].parallax < 0.5 or place == "room"
    assert layers[-1].parallax == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("camera", CAMERAS)
def test_the_farthest_sheet_fills_what_the_camera_sees(place: Place, camera: str) -> None:
    scene = Scene(seed=2, place=place, camera=camera)
    table = bench_of(scene)
    first = stages.build(place, table)[0]
    x0, y0, x1, y1 = table.seen(first.parallax)
    paper, tall = first.sheet, 2 / table.scale
    assert paper.x_W[0] <= x0 + tall
    assert paper.x_W[-1] >= x1 - tall
    assert paper.y_H[0] <= y0 + tall
    assert paper.image_4HW[3].min() > 0.99
    assert y1 > y0


@pytest.mark.parametrize("place", PLACES)
def test_a_stage_belongs_to_its_seed(place: Place) -> None:
    one, again, other = (built(place, seed=seed) for seed in (2, 2, 3))
    assert all(np.array_equal(a.sheet.image_4HW, b.sheet.image_4HW) for a, b in zip(one, again, strict=True))
    assert len(one) == len(other)
    assert any(
        a.sheet.image_4HW.shape != b.sheet.image_4HW.shape or not np.array_equal(a.sheet.image_4HW, b.sheet.image_4HW)
        for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("place", PLACES)
def test_what_sways_comes_back(place: Place) -> None:
    swaying = [layer.sway for layer in built(place) if layer.sway is not None]
    assert bool(swaying) == (place in ("sea", "beach"))
    for sway in swaying:
        assert 1.0 < sway.period < 5.0
        assert 0 <= sway.phase <= 1
        assert 0 < abs(sway.x) + abs(sway.y) < 0.2


def test_only_a_room_has_a_window() -> None:
    for place in PLACES:
        assert sum(layer.window for layer in built(place)) == (place == "room")


@pytest.mark.parametrize("place", PLACES)
def test_inked_stages_are_drawn_with_lines(place: Place) -> None:
    """Cartoons have dark outlines, a few pixels wide in a large picture, where others have none."""

    def dark(style: str) -> float:
        scene = Scene(seed=2, place=place, style=style)
        layers = stages.build(place, bench_of(scene, 640, 360))
        images = [layer.sheet.image_4HW for layer in layers if not layer.window]
        return sum(float(((image[:3].max(axis=0) < 0.3) & (image[3] > 0.9)).sum()) for image in images)

    assert dark("cartoon") > dark("paper") + 200


@pytest.mark.parametrize("place", PLACES)
def test_a_camera_at_rest_needs_fewer_sheets(place: Place) -> None:
    def count(camera: str) -> int:
        scene = Scene(seed=2, place=place, camera=camera)
        light = light_of("day", "clear", indoors=place == "room")
        return len(stage(scene, view(scene, 96, 54, SECONDS), light))

    assert count("static") <= count("pan left")


def test_places_are_drawn_with_different_colours() -> None:
    means = {}
    for place in PLACES:
        ground = built(place)[-1].sheet.image_4HW
        opaque = ground[3] > 0.99
        means[place] = ground[:3][:, opaque].mean(axis=1)
    for one, other in combinations(PLACES, 2):
        assert np.abs(means[one] - means[other]).max() > 0.01, (one, other)
