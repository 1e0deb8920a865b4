"""The camera: what each move does to the world, and that sheets are made large enough for it."""

from dataclasses import replace

import numpy as np
import pytest

from yozora.world.cameras import CAMERAS, PAN, TILT, ZOOM
from yozora.world.light import light_of
from yozora.world.puppets import unit
from yozora.world.scene import PLACES, Actor, Direction, Place, Scene
from yozora.world.stages import GROUND
from yozora.world.view import FOCUS, View, camera, stage, view

SECONDS = np.arange(0, 3, 0.25, dtype=np.float32)
WAYS: dict[str, tuple[float, float]] = {
    "static": (0.0, 0.0),
    "pan left": (-PAN, 0.0),
    "pan right": (PAN, 0.0),
    "tilt up": (0.0, -TILT),
    "tilt down": (0.0, TILT),
    "zoom in": (0.0, 0.0),
    "zoom out": (0.0, 0.0),
}


def seen(kind: str = "static", size: tuple[int, int] = (160, 90), place: Place = "park") -> View:
    return view(Scene(seed=1, place=place, camera=kind), *size, SECONDS)


def test_moves_have_their_paces() -> None:
    paces = {name: (CAMERAS[name].pan, CAMERAS[name].tilt) for name in WAYS}
    assert paces == WAYS
    assert (CAMERAS["zoom in"].zoom, CAMERAS["zoom out"].zoom) == (ZOOM, -ZOOM)


@pytest.mark.parametrize("kind", CAMERAS)
def test_a_move_goes_its_way_at_its_pace(kind: str) -> None:
    shift_T2, zoom_T = camera(kind, SECONDS)
    pace = np.diff(shift_T2, axis=0) / 0.25
    assert np.allclose(pace, (CAMERAS[kind].pan, CAMERAS[kind].tilt), atol=1e-5)
    growth = np.diff(np.log(zoom_T)) / 0.25
    assert growth == pytest.approx(CAMERAS[kind].zoom, abs=1e-5)


@pytest.mark.parametrize("kind", CAMERAS)
def test_a_move_passes_its_middle_after_a_second(kind: str) -> None:
    shift_T2, zoom_T = camera(kind, np.array([1.0, 2.0, 0.0], np.float32))
    assert np.allclose(shift_T2[0], 0.0)
    assert np.allclose(shift_T2[1], -shift_T2[2], atol=1e-6)
    if not CAMERAS[kind].zoom:
        assert (zoom_T == 1).all()


def test_zooming_out_is_zooming_in_backwards() -> None:
    _, closer = camera("zoom in", SECONDS)
    _, wider = camera("zoom out", 2.0 - SECONDS)
    assert np.allclose(closer, wider, atol=1e-5)
    _, late = camera("zoom out", np.array([10.0, 20.0], np.float32))
    assert late[0] == late[1]  # it does not go on for ever


@pytest.mark.parametrize("kind", CAMERAS)
def test_a_view_says_whether_its_camera_moves(kind: str) -> None:
    assert seen(kind).moves == (kind != "static")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("size", [(160, 90), (90, 160), (100, 100), (210, 90)])
def test_the_ground_line_is_where_the_place_has_it(place: Place, size: tuple[int, int]) -> None:
    """At rest, the world's origin is in the middle, on the ground, in pictures of every shape."""
    flat = seen("static", size, place)
    k_T, bx_T, by_T = flat.places(1.0).T
    assert bx_T == pytest.approx(size[0] / 2)
    assert by_T == pytest.approx(GROUND[place] * size[1], abs=1e-6)
    assert k_T == pytest.approx(unit(size[0] / size[1]) * size[1])


@pytest.mark.parametrize("kind", CAMERAS)
@pytest.mark.parametrize("parallax", [0.0, 0.15, 0.5, 1.0])
def test_all_that_a_frame_shows_is_in_the_box(kind: str, parallax: float) -> None:
    flat = seen(kind)
    x0, y0, x1, y1 = flat.seen(parallax)
    for k, bx, by in flat.places(parallax):
        for col, row in ((0, 0), (160, 0), (0, 90), (160, 90)):
            x, y = (col - bx) / k, (row - by) / k
            assert x0 - 1e-9 <= x <= x1 + 1e-9
            assert y0 - 1e-9 <= y <= y1 + 1e-9


@pytest.mark.parametrize("kind", ["pan left", "pan right", "tilt up", "tilt down"])
def test_what_is_far_moves_less_by_its_parallax(kind: str) -> None:
    near, half, never = (seen(kind).places(parallax)[:, 1:] for parallax in (1.0, 0.5, 0.0))
    way = near - near[4]
    assert np.allclose(half - half[4], way / 2, atol=1e-6)
    assert np.allclose(never, never[0], atol=1e-6)


@pytest.mark.parametrize("kind", ["zoom in", "zoom out"])
@pytest.mark.parametrize("parallax", [0.0, 0.5, 1.0])
def test_a_zoom_keeps_its_focus_in_place(kind: str, parallax: float) -> None:
    flat = seen(kind)
    rows = [k * FOCUS + by for k, _, by in flat.places(parallax)]
    cols = [bx for _, bx, _ in flat.places(parallax)]
    assert np.allclose(rows, rows[0], atol=1e-4)
    assert np.allclose(cols, 80.0)


def test_sheets_are_sharp_for_the_middle_of_a_zoom() -> None:
    for kind in CAMERAS:
        flat = seen(kind)
        assert flat.zoom_T.min() <= flat.sharp <= flat.zoom_T.max()
        assert flat.sharp**2 == pytest.approx(float(flat.zoom_T.min() * flat.zoom_T.max()), rel=1e-5)


def test_places_are_counted_once_and_cannot_be_changed() -> None:
    flat = seen("pan left")
    assert flat.places(0.5) is flat.places(0.5)
    with pytest.raises(ValueError, match="read-only"):
        flat.places(0.5)[0, 0] = 1.0


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("way", ["left", "right"])
def test_an_occluder_stands_where_its_actor_is_after_a_second(place: Place, way: Direction) -> None:
    heading = 1 if way == "right" else -1
    walker = Actor(noun="dog", action="walk", x=0.5 - 0.27 * heading, y=GROUND[place], height=0.3, speed=0.27)
    walker = replace(walker, direction=way)
    scene = Scene(seed=1, place=place, actors=(walker,), occluder=True)
    layers = stage(scene, view(scene, 160, 90, SECONDS), light_of("day", "clear"))
    hides = [layer for layer in layers if layer.before > 1.0]
    assert len(hides) == 1
    paper = hides[0].sheet
    assert (paper.x_W[0] + paper.x_W[-1]) / 2 == pytest.approx(0.0, abs=0.1)
    alone = stage(Scene(seed=1, place=place), view(scene, 160, 90, SECONDS), light_of("day", "clear"))
    assert all(layer.before <= 1.0 for layer in alone)
