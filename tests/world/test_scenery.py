"""What stages are made of: skies, trees, hills, and things that stand where they stand."""

from itertools import pairwise

import numpy as np
import pytest

from yozora.world.light import light_of
from yozora.world.paint import sheet
from yozora.world.scene import DAYTIMES, Daytime, Scene
from yozora.world.scenery import StageView, fir, ridge, sky, spread, tree, wavy
from yozora.world.view import bench, view
from yozora.world.weathers import WEATHERS

SECONDS = np.array([0.0, 1.0, 2.0], np.float32)


def bench_of(scene: Scene, width: int = 96, height: int = 54) -> StageView:
    light = light_of(scene.daytime, scene.weather, indoors=scene.place == "room")
    return bench(scene, view(scene, width, height, SECONDS), light)


@pytest.mark.parametrize("hour", DAYTIMES)
@pytest.mark.parametrize("weather", WEATHERS)
def test_the_sky_is_opaque_and_of_its_hour(hour: Daytime, weather: str) -> None:
    table = bench_of(Scene(seed=2, place="park", daytime=hour, weather=weather))
    image = sky(table, -0.24).sheet.image_4HW
    assert image[3].min() > 0.99
    top = image[:3, 2].mean(axis=1)
    assert top == pytest.approx(table.light.sky[0], abs=0.25)


def test_the_sun_is_where_it_is_told_and_stars_come_out_on_clear_nights() -> None:
    table = bench_of(Scene(seed=2, place="park"))
    for x in (-0.5, 0.5):
        paper = sky(table, -0.24, sun_x=x).sheet
        bright_W = paper.image_4HW[0, : len(paper.y_H) // 2].max(axis=0)
        assert np.sign(paper.x_W[int(bright_W.argmax())]) == np.sign(x)
    clear, rainy = (bench_of(Scene(seed=2, place="park", daytime="night", weather=kind)) for kind in ("clear", "rain"))
    contrast = [float(np.abs(np.diff(sky(each, -0.24).sheet.image_4HW[:3], axis=2)).max()) for each in (clear, rainy)]
    assert contrast[0] > contrast[1]


@pytest.mark.parametrize("key", range(4))
def test_trees_stand_on_their_foot(key: int) -> None:
    table = bench_of(Scene(seed=2, place="park"), 320, 180)
    for draw in (
        lambda paper: tree(table, paper, 0.1, -0.1, 0.5, 0.0, key),
        lambda paper: fir(table, paper, 0.1, -0.1, 0.5, 0.0, key % 2 == 0),
    ):
        paper = sheet((-1.0, -1.0, 1.0, 0.3), table.scale, table.origin)
        draw(paper)
        rows, cols = np.nonzero(paper.image_4HW[3] > 0.5)
        assert paper.y_H[rows.max()] == pytest.approx(-0.1, abs=0.03)
        assert paper.y_H[rows.min()] == pytest.approx(-0.6, abs=0.06)
        assert (paper.x_W[cols.min()] + paper.x_W[cols.max()]) / 2 == pytest.approx(0.1, abs=0.06)


def test_snow_lies_on_firs_in_the_snow() -> None:
    table = bench_of(Scene(seed=2, place="snow"), 320, 180)
    light = {}
    for snowy in (False, True):
        paper = sheet((-0.3, -0.7, 0.3, 0.0), table.scale, table.origin)
        fir(table, paper, 0.0, -0.1, 0.5, 0.0, snowy)
        light[snowy] = paper.image_4HW[:3].sum()
    assert light[True] > 1.1 * light[False]


@pytest.mark.parametrize("camera", ["static", "pan left", "zoom out"])
@pytest.mark.parametrize("step", [0.2, 0.5])
def test_things_stand_where_they_stand_however_much_is_seen(camera: str, step: float) -> None:
    still = {k: x for k, x, _ in spread(bench_of(Scene(seed=2, place="park")), 1.0, step, 30)}
    seen = {k: x for k, x, _ in spread(bench_of(Scene(seed=2, place="park", camera=camera)), 1.0, step, 30)}
    assert {k: seen[k] for k in still if k in seen} == {k: x for k, x in still.items() if k in seen}
    assert len(seen) >= len(still)
    places = sorted(seen.values())
    assert min(b - a for a, b in pairwise(places)) > 0.3 * step
    assert len(set(places)) == len(places)


def test_hills_are_smooth_and_ridges_have_peaks() -> None:
    x_W = np.linspace(-1, 1, 401).astype(np.float32)
    hills = wavy(-0.3, (0.05, 2.0, 0.0))(x_W)
    assert hills == pytest.approx(-0.3, abs=0.0501)
    assert np.abs(np.diff(hills)).max() < 0.05 * 2.0 * (x_W[1] - x_W[0]) * 1.01
    line = ridge(bench_of(Scene(seed=2, place="mountains")), -0.2, 0.4, 0.5, 80)(x_W)
    assert -0.6 <= line.min() < -0.4
    assert line.max() < -0.2
    turns = int((np.diff(np.sign(np.diff(line))) != 0).sum())
    assert 4 <= turns <= 12
