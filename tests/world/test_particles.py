"""What falls and drifts: tiles that repeat without a seam and scroll as they say, and leaves that come down."""

from itertools import combinations

import numpy as np
import pytest

from yozora.world import particles, staging
from yozora.world.light import light_of
from yozora.world.scene import DAYTIMES, Daytime, Scene
from yozora.world.view import View, view
from yozora.world.weathers import WEATHERS, ScrollingTile

SECONDS = np.arange(0, 4, 1 / 8, dtype=np.float32)
CURTAINS = [(kind, curtain) for kind in WEATHERS for curtain in WEATHERS[kind].falling]
SIZE, SHAPE = 40, (60, 100)
BOX = (-0.9, -0.8, 0.9, 0.2)


def seen(scene: Scene, seconds: np.ndarray = SECONDS) -> View:
    return view(scene, 160, 90, seconds)


def test_something_falls_in_every_weather_but_the_clear() -> None:
    falls = {kind for kind, _ in CURTAINS} | {"leaves"}
    assert falls == set(WEATHERS) - {"clear"}


def test_weathers_with_curtains_have_one_before_and_one_behind_the_actors() -> None:
    for kind in WEATHERS:
        if WEATHERS[kind].falling:
            assert sorted(curtain.front for curtain in WEATHERS[kind].falling) == [False, True]


def test_no_two_curtains_are_alike() -> None:
    tiles = [particles.tile(curtain, 3, SIZE) for _, curtain in CURTAINS]
    for one, other in combinations(tiles, 2):
        assert np.abs(one - other).mean() > 0.005


@pytest.mark.parametrize(("kind", "curtain"), CURTAINS)
def test_a_tile_is_partly_covered_and_repeats(kind: str, curtain: ScrollingTile) -> None:
    tile = particles.tile(curtain, 3, SIZE)
    assert tile.shape == (SIZE + 1, SIZE + 1)
    assert np.array_equal(tile[-1], tile[0])
    assert np.array_equal(tile[:, -1], tile[:, 0])
    assert tile.min() >= 0
    assert 0.2 * curtain.alpha < tile.max() <= curtain.alpha + 1e-6
    holes = (tile == 0).mean()
    assert (holes < 0.05) if kind == "fog" else (holes > 0.5)


@pytest.mark.parametrize(("kind", "curtain"), CURTAINS)
def test_a_tile_belongs_to_its_seed(kind: str, curtain: ScrollingTile) -> None:
    del kind
    assert np.array_equal(particles.tile(curtain, 3, SIZE), particles.tile(curtain, 3, SIZE))
    assert not np.array_equal(particles.tile(curtain, 3, SIZE), particles.tile(curtain, 4, SIZE))
    assert np.array_equal(particles.tile(curtain, 3, SIZE), particles.tile(curtain, 19, SIZE))  # one of sixteen


@pytest.mark.parametrize(("kind", "curtain"), CURTAINS)
def test_a_curtain_comes_back_after_its_own_width_and_height(kind: str, curtain: ScrollingTile) -> None:
    del kind
    here = particles.veil(curtain, 3, SIZE, (4.25, 7.5), SHAPE)
    assert here.shape == SHAPE
    assert np.allclose(here[SIZE:], here[: SHAPE[0] - SIZE], atol=1e-6)
    assert np.allclose(here[:, SIZE:], here[:, : SHAPE[1] - SIZE], atol=1e-6)


@pytest.mark.parametrize(("kind", "curtain"), CURTAINS)
def test_scrolling_moves_the_picture_and_changes_nothing_else(kind: str, curtain: ScrollingTile) -> None:
    del kind
    here = particles.veil(curtain, 3, SIZE, (4.0, 7.0), SHAPE)
    right = particles.veil(curtain, 3, SIZE, (9.0, 7.0), SHAPE)
    below = particles.veil(curtain, 3, SIZE, (4.0, 10.0), SHAPE)
    assert np.allclose(right[:, :-5], here[:, 5:], atol=1e-6)
    assert np.allclose(below[:-3], here[3:], atol=1e-6)


@pytest.mark.parametrize(("kind", "curtain"), CURTAINS)
def test_it_scrolls_as_fast_as_it_says(kind: str, curtain: ScrollingTile) -> None:
    scene = Scene(seed=0, place="park", weather=kind)
    size = particles.period(curtain, seen(scene).scale)
    at_T2 = staging.scrolled(curtain, 0, size, seen(scene), SECONDS)
    assert (at_T2 >= 0).all()
    assert (at_T2 < size).all()
    down_T = np.diff(at_T2[:, 1])
    step = -curtain.speed[1] * (size / curtain.size) / 8
    off = (down_T - step + size / 2) % size - size / 2
    assert off == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("kind", ["snow", "rain"])
def test_nearer_flakes_are_larger_and_faster(kind: str) -> None:
    behind, front = sorted(WEATHERS[kind].falling, key=lambda curtain: curtain.front)
    assert front.grain > behind.grain
    assert front.speed[1] > behind.speed[1]
    assert front.alpha > behind.alpha


def test_rain_falls_faster_than_snow_and_fog_does_not_fall() -> None:
    down = {kind: min(curtain.speed[1] for curtain in WEATHERS[kind].falling) for kind in ("rain", "snow")}
    assert down["rain"] > 3 * down["snow"] > 0
    assert all(curtain.speed[1] == 0 for curtain in WEATHERS["fog"].falling)


@pytest.mark.parametrize("scale", [20.0, 90.0, 720.0])
def test_a_tile_is_as_large_as_its_part_of_the_world(scale: float) -> None:
    for _, curtain in CURTAINS:
        assert particles.period(curtain, scale) == max(8, round(curtain.size * scale))


# --- leaves


@pytest.mark.parametrize("hour", DAYTIMES)
@pytest.mark.parametrize("seed", range(3))
def test_leaves_come_down_within_their_box(hour: Daytime, seed: int) -> None:
    fallen = particles.leaves(seed, SECONDS, BOX, light_of(hour, "leaves"))
    x0, y0, x1, y1 = BOX
    assert fallen.x_TL.shape == (len(SECONDS), particles.LEAVES)
    assert (fallen.x_TL >= x0).all()
    assert (fallen.x_TL <= x1).all()
    assert (fallen.y_TL >= y0 - 0.1).all()
    assert (fallen.y_TL <= y1 + 0.1).all()
    down = np.diff(fallen.y_TL, axis=0)
    assert (down[down > -0.5] > 0).all()  # the others have begun again at the top
    assert 0.02 < down[down > 0].mean() * 8 < 0.6
    assert (fallen.wide_TL > 0).all()
    assert (fallen.high_TL > 0).all()
    assert (fallen.high_TL <= fallen.wide_TL).all()
    assert (fallen.color_L3 >= 0).all()
    assert (fallen.color_L3 <= 1).all()


def test_leaves_are_where_they_are_at_any_moment() -> None:
    light = light_of("day", "leaves")
    whole = particles.leaves(5, SECONDS, BOX, light)
    one = particles.leaves(5, SECONDS[9:10], BOX, light)
    assert np.allclose(one.x_TL[0], whole.x_TL[9])
    assert np.allclose(one.y_TL[0], whole.y_TL[9])
    assert not np.allclose(particles.leaves(6, SECONDS, BOX, light).x_TL, whole.x_TL)


def test_leaves_are_dimmer_at_night() -> None:
    day, night = (particles.leaves(5, SECONDS, BOX, light_of(hour, "leaves")) for hour in ("day", "night"))
    assert night.color_L3.mean() < day.color_L3.mean()
